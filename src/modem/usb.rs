//! Which of a USB modem's serial ports speaks AT: a modem shows several, and ttyUSB numbers move. Knows no AT.

use std::fs;
use std::path::{Path, PathBuf};

/// USB vendor and products, and the number of the interface whose port speaks AT and rings with numbers: the table of hardware.md,
/// from ModemManager's `77-mm-*-port-types.rules` and, for Huawei, chan_dongle's `pdiscovery.c`.
const AT_INTERFACES: &[(&str, &[&str], u8)] = &[
    // Quectel EC25, EC21, EG91, EG95, BG96, EG06 and EP06, EG12, RM500.
    (
        "2c7c",
        &[
            "0125", "0121", "0191", "0195", "0296", "0306", "0512", "0800",
        ],
        2,
    ),
    // SIMCom SIM7000, SIM7100, SIM7600; SIM7070, SIM7080, SIM7090; A7600.
    ("1e0e", &["9001", "9205", "9206"], 2),
    ("1e0e", &["9011"], 4),
    // Huawei.
    ("12d1", &["1001"], 2),
    ("12d1", &["140c", "1506"], 3),
    ("12d1", &["14ac", "1436"], 4),
    // Sierra.
    ("1199", &["9071", "9079", "9091", "68c0"], 3),
    ("1199", &["c001"], 0),
    // u-blox.
    ("1546", &["1102", "1104", "1107", "110a"], 0),
    ("1546", &["1010"], 6),
    // Telit.
    ("1bc7", &["1031", "1101"], 1),
    ("1bc7", &["1201", "1040", "1050", "7010"], 4),
    ("1bc7", &["7020"], 6),
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
        .find(|(v, products, _)| *v == vendor && products.contains(&product.as_str()));
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

    #[test]
    fn the_table_is_the_one_people_read() {
        let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/hardware.md")).unwrap();
        let mut told = Vec::new();
        for row in text.lines().filter(|line| line.starts_with("| ")) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            // `| 2c7c:0125, :0121 | … | if02 |`, and `| 1bc7:7010 / :7020 | … | if04 / if06 |`
            let Some((vendor, products)) = cells[1].split_once(':') else {
                continue;
            };
            let interfaces: Vec<u8> = cells
                .get(3)
                .into_iter()
                .flat_map(|cell| cell.split(" / "))
                .filter_map(|name| name.strip_prefix("if")?.parse().ok())
                .collect();
            for (at, product) in products.split([',', '/']).enumerate() {
                let product = product.trim().trim_start_matches(':');
                if let Some(at) = interfaces.get(at).or(interfaces.first()) {
                    told.push((vendor.to_owned(), product.to_owned(), *at));
                }
            }
        }
        told.sort();
        let mut known = Vec::new();
        for (vendor, products, at) in AT_INTERFACES {
            for product in *products {
                known.push(((*vendor).to_owned(), (*product).to_owned(), *at));
            }
        }
        known.sort();
        assert!(told.len() > 20, "{told:?}");
        assert_eq!(known, told);
    }
}
