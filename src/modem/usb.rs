//! Which of a USB modem's serial ports speaks AT: a modem shows several, and ttyUSB numbers move. Knows no AT.

use std::fs;
use std::path::{Path, PathBuf};

/// USB id (vendor, product), and the number of the interface whose port speaks AT and rings with numbers. From ModemManager's
/// `77-mm-*-port-types.rules` and chan_dongle's `pdiscovery.c`; a table of whole families comes to stand here.
const AT_INTERFACES: &[(&str, &str, u8)] = &[
    ("2c7c", "0125", 2), // Quectel EC25, EG25
    ("2c7c", "0121", 2), // Quectel EC21
    ("2c7c", "0191", 2), // Quectel EG91
    ("2c7c", "0195", 2), // Quectel EG95
    ("2c7c", "0306", 2), // Quectel EG06, EP06
    ("2c7c", "0512", 2), // Quectel EG12
    ("1e0e", "9001", 2), // SIMCom SIM7600
    ("1e0e", "9011", 4), // SIMCom A7600, A7670
    ("12d1", "1001", 2), // Huawei E173 and its kin
    ("12d1", "140c", 3),
    ("12d1", "14ac", 4),
    ("12d1", "1436", 4),
    ("12d1", "1506", 3),
    ("1bc7", "1201", 4), // Telit LE910
    ("1bc7", "1031", 1),
    ("1bc7", "1101", 1),
    ("1546", "1102", 0), // u-blox TOBY, LARA
];

/// The serial ports that USB modems show, the likeliest first. `dev` and `sys` are `/dev` and `/sys`.
pub(super) fn serial_ports(dev: &Path, sys: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dev).into_iter().flatten().flatten();
    let mut ports: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let usb = name.starts_with("ttyUSB") || name.starts_with("ttyACM");
            usb.then(|| (rank(sys, &name), name.len(), entry.path()))
        })
        .collect();
    ports.sort();
    ports.into_iter().map(|(_, _, path)| path).collect()
}

/// 0 for the port the table names, 1 where it knows nothing of the modem, 2 for the modem's other ports.
fn rank(sys: &Path, tty: &str) -> u8 {
    let Ok(device) = fs::canonicalize(sys.join("class/tty").join(tty).join("device")) else {
        return 1;
    };
    // The interface is the device itself (ttyACM) or above it (ttyUSB), and the USB device above that.
    let read = |file: &str| {
        let mut found = device
            .ancestors()
            .filter_map(|at| fs::read_to_string(at.join(file)).ok());
        found.next().map(|text| text.trim().to_owned())
    };
    let (Some(vendor), Some(product)) = (read("idVendor"), read("idProduct")) else {
        return 1;
    };
    let known = AT_INTERFACES
        .iter()
        .find(|(v, p, _)| *v == vendor && *p == product);
    let interface = read("bInterfaceNumber").and_then(|n| u8::from_str_radix(&n, 16).ok());
    match known {
        None => 1,
        Some((_, _, at)) if Some(*at) == interface => 0,
        Some(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_port_that_speaks_at_comes_first_and_other_devices_not_at_all() {
        let root = tempfile::tempdir().unwrap();
        let (dev, sys) = (root.path().join("dev"), root.path().join("sys"));
        fs::create_dir_all(&dev).unwrap();
        for name in [
            "ttyS0", "null", "ttyUSB10", "ttyUSB2", "ttyUSB0", "ttyUSB1", "ttyACM0",
        ] {
            fs::write(dev.join(name), "").unwrap();
        }
        let modem = sys.join("devices/usb1/1-1");
        for (tty, interface) in [("ttyUSB0", "00"), ("ttyUSB1", "01"), ("ttyUSB10", "02")] {
            let port = modem.join(format!("1-1:1.{interface}")).join(tty);
            fs::create_dir_all(&port).unwrap();
            fs::write(
                port.parent().unwrap().join("bInterfaceNumber"),
                format!("{interface}\n"),
            )
            .unwrap();
            let class = sys.join("class/tty").join(tty);
            fs::create_dir_all(&class).unwrap();
            symlink(&port, class.join("device")).unwrap();
        }
        fs::write(modem.join("idVendor"), "2c7c\n").unwrap();
        fs::write(modem.join("idProduct"), "0125\n").unwrap();
        let found = serial_ports(&dev, &sys);
        let names: Vec<_> = found
            .iter()
            .map(|p| p.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(
            names,
            ["ttyUSB10", "ttyACM0", "ttyUSB2", "ttyUSB0", "ttyUSB1"]
        );
    }
}
