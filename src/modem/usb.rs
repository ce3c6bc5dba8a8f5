//! Which of a USB modem's serial ports speaks AT, by what sysfs tells of them: a modem shows several, and ttyUSB numbers move. Knows
//! no AT.

use std::fs;
use std::path::{Path, PathBuf};

use crate::at::family::{Family, Role};

/// A serial port as USB shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Such as `/dev/ttyUSB2`.
    pub(super) path: PathBuf,
    /// What it is.
    pub(super) role: Role,
    /// The same port has the same one wherever it is plugged in and whatever its number.
    pub(super) identity: Option<Identity>,
    /// The folder of its USB device in sysfs, which names the socket.
    pub(super) device: Option<PathBuf>,
}

impl Found {
    /// Whether it is the same port, perhaps under another name.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (&self.identity, &other.identity) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self.path == other.path,
        }
    }

    #[cfg(test)]
    pub(super) fn named(path: &str) -> Self {
        look_at(path.into(), Path::new("/nowhere"))
    }
}

/// What tells a port from all others, but for a second modem of the very same make that has no serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    vendor: String,
    product: String,
    serial: Option<String>,
    interface: u8,
}

/// The serial ports that USB modems show, the likeliest to speak AT first. `dev` and `sys` are `/dev` and `/sys`.
pub(super) fn serial_ports(dev: &Path, sys: &Path) -> Vec<Found> {
    let entries = fs::read_dir(dev).into_iter().flatten().flatten();
    let mut ports: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let usb = name.starts_with("ttyUSB") || name.starts_with("ttyACM");
            usb.then(|| look_at(entry.path(), sys))
        })
        .collect();
    ports.sort_by_cached_key(|port| (port.role, port.path.as_os_str().len(), port.path.clone()));
    ports
}

/// Why a modem that is plugged in shows no serial port, and what to do, if there is such a one. `sys` is `/sys`.
pub(super) fn without_port(sys: &Path) -> Option<&'static str> {
    let devices = fs::read_dir(sys.join("bus/usb/devices")).ok()?;
    devices.flatten().find_map(|device| {
        let read = |file| fs::read_to_string(device.path().join(file)).ok();
        let (vendor, product) = (read("idVendor")?, read("idProduct")?);
        Family::without_port(vendor.trim(), product.trim())
    })
}

/// The port beside `port` on the same modem that speaks AT too, on which some of what it says by itself may come.
pub(super) fn beside(port: &Path, dev: &Path, sys: &Path) -> Option<PathBuf> {
    // It may have been named by a link, such as those in /dev/serial/by-id.
    let port = fs::canonicalize(port).ok()?;
    let ports = serial_ports(dev, sys);
    let ours = ports.iter().find(|found| found.path == port)?;
    let speaks = |role| matches!(role, Role::At | Role::Second);
    let beside = ports.iter().find(|other| {
        other.path != port
            && other.device.is_some()
            && other.device == ours.device
            && speaks(other.role)
    });
    beside
        .filter(|_| speaks(ours.role))
        .map(|other| other.path.clone())
}

fn look_at(path: PathBuf, sys: &Path) -> Found {
    let mut found = Found {
        path,
        role: Role::Unknown,
        identity: None,
        device: None,
    };
    let tty = found.path.file_name().unwrap_or_default();
    let Ok(interface) = fs::canonicalize(sys.join("class/tty").join(tty).join("device")) else {
        return found;
    };
    // The interface is the device itself (ttyACM) or above it (ttyUSB), and the USB device above that.
    let holds = |file: &str| interface.ancestors().find(|at| at.join(file).exists());
    let (Some(device), Some(interface)) = (holds("idVendor"), holds("bInterfaceNumber")) else {
        return found;
    };
    let read = |folder: &Path, file: &str| {
        let text = fs::read_to_string(folder.join(file)).ok()?;
        Some(text.trim().to_owned())
    };
    let number = |file: &str| u8::from_str_radix(&read(interface, file)?, 16).ok();
    let kind = || {
        Some([
            number("bInterfaceClass")?,
            number("bInterfaceSubClass")?,
            number("bInterfaceProtocol")?,
        ])
    };
    found.device = Some(device.to_owned());
    if let (Some(vendor), Some(product), Some(at)) = (
        read(device, "idVendor"),
        read(device, "idProduct"),
        number("bInterfaceNumber"),
    ) {
        found.role = Family::role_on_usb(&vendor, &product, at, kind());
        found.identity = Some(Identity {
            vendor,
            product,
            serial: read(device, "serial"),
            interface: at,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A `/dev` and a `/sys` made up of files.
    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new(ttys: &[&str]) -> Self {
            let machine = Self(tempfile::tempdir().unwrap());
            fs::create_dir_all(machine.dev()).unwrap();
            fs::create_dir_all(machine.sys()).unwrap();
            for tty in ttys {
                fs::write(machine.dev().join(tty), "").unwrap();
            }
            machine
        }

        fn dev(&self) -> PathBuf {
            self.0.path().join("dev")
        }

        fn sys(&self) -> PathBuf {
            self.0.path().join("sys")
        }

        /// A device in a USB socket, with its ports: name, interface, kind.
        fn plug(&self, socket: &str, ids: [&str; 3], ports: &[(&str, u8, [u8; 3])]) {
            let device = self.sys().join("devices/usb1").join(socket);
            for (tty, interface, kind) in ports {
                let interface_folder = device.join(format!("{socket}:1.{interface}"));
                let port = interface_folder.join(tty);
                fs::create_dir_all(&port).unwrap();
                let [class, subclass, protocol] = kind;
                for (file, value) in [
                    ("bInterfaceNumber", interface),
                    ("bInterfaceClass", class),
                    ("bInterfaceSubClass", subclass),
                    ("bInterfaceProtocol", protocol),
                ] {
                    fs::write(interface_folder.join(file), format!("{value:02x}\n")).unwrap();
                }
                let class = self.sys().join("class/tty").join(tty);
                fs::create_dir_all(&class).unwrap();
                symlink(&port, class.join("device")).unwrap();
            }
            fs::create_dir_all(&device).unwrap();
            let bus = self.sys().join("bus/usb/devices");
            fs::create_dir_all(&bus).unwrap();
            symlink(&device, bus.join(socket)).unwrap();
            for (file, value) in ["idVendor", "idProduct", "serial"].into_iter().zip(ids) {
                fs::write(device.join(file), format!("{value}\n")).unwrap();
            }
        }

        fn ports(&self) -> Vec<Found> {
            serial_ports(&self.dev(), &self.sys())
        }

        fn names(&self) -> String {
            let ports = self.ports();
            let names = ports
                .iter()
                .map(|it| it.path.file_name().unwrap().to_str().unwrap());
            names.collect::<Vec<_>>().join(" ")
        }

        fn beside(&self, tty: &str) -> Option<String> {
            let beside = beside(&self.dev().join(tty), &self.dev(), &self.sys())?;
            Some(beside.file_name()?.to_str()?.to_owned())
        }
    }

    const VENDOR_OWN: [u8; 3] = [0xff, 0xff, 0xff];

    #[test]
    fn trap_16_a_fixed_tty_number_for_the_port_that_speaks_at() {
        let machine = Machine::new(&[
            "ttyS0", "null", "ttyUSB10", "ttyUSB2", "ttyUSB0", "ttyUSB1", "ttyUSB3", "ttyACM0",
        ]);
        machine.plug(
            "1-1",
            ["2c7c", "0125", "x"],
            &[
                ("ttyUSB0", 0, VENDOR_OWN),
                ("ttyUSB1", 1, VENDOR_OWN),
                ("ttyUSB10", 2, VENDOR_OWN),
                ("ttyUSB3", 3, VENDOR_OWN),
            ],
        );
        assert_eq!(
            machine.names(),
            "ttyUSB10 ttyACM0 ttyUSB2 ttyUSB3 ttyUSB0 ttyUSB1"
        );
        assert_eq!(machine.beside("ttyUSB10").as_deref(), Some("ttyUSB3"));
        assert_eq!(machine.beside("ttyUSB3").as_deref(), Some("ttyUSB10"));
        for other in ["ttyUSB0", "ttyUSB2", "ttyACM0", "ttyS0", "gone"] {
            assert_eq!(machine.beside(other), None, "{other}");
        }
        let link = machine.dev().join("modem");
        symlink(machine.dev().join("ttyUSB10"), &link).unwrap();
        assert_eq!(machine.beside("modem").as_deref(), Some("ttyUSB3"));
    }

    #[test]
    fn a_huawei_stick_that_no_list_has_is_known_by_the_kinds_of_its_ports() {
        let machine = Machine::new(&["ttyUSB0", "ttyUSB1", "ttyUSB2"]);
        machine.plug(
            "1-1.4",
            ["12d1", "1c05", ""],
            &[
                ("ttyUSB0", 0, [0xff, 1, 1]),
                ("ttyUSB1", 1, [0xff, 1, 3]),
                ("ttyUSB2", 2, [0xff, 1, 2]),
            ],
        );
        assert_eq!(machine.names(), "ttyUSB2 ttyUSB1 ttyUSB0");
        assert_eq!(machine.beside("ttyUSB2").as_deref(), Some("ttyUSB0"));
    }

    #[test]
    fn a_stick_without_a_serial_port_says_why() {
        let machine = Machine::new(&[]);
        assert_eq!(without_port(&machine.sys()), None);
        machine.plug("usb1", ["1d6b", "0002", "x"], &[]);
        machine.plug("1-1", ["0424", "ec00", ""], &[]);
        assert_eq!(without_port(&machine.sys()), None);
        for (socket, product, why) in [
            ("1-2", "1f01", "poses as a CD drive"),
            ("1-3", "14db", "a router of its own"),
        ] {
            machine.plug(socket, ["12d1", product, ""], &[]);
            let said = without_port(&machine.sys()).unwrap();
            assert!(said.contains(why), "{said}");
            let device = machine.sys().join("devices/usb1").join(socket);
            fs::remove_dir_all(device).unwrap();
        }
    }

    #[test]
    fn two_modems_of_one_make_are_told_apart_and_one_is_known_in_another_socket() {
        let machine = Machine::new(&["ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyUSB3"]);
        let ports = |at, second| [(at, 2, VENDOR_OWN), (second, 3, VENDOR_OWN)];
        machine.plug("1-1", ["2c7c", "0125", "one"], &ports("ttyUSB0", "ttyUSB1"));
        machine.plug("1-2", ["2c7c", "0125", "two"], &ports("ttyUSB2", "ttyUSB3"));
        assert_eq!(machine.beside("ttyUSB0").as_deref(), Some("ttyUSB1"));
        assert_eq!(machine.beside("ttyUSB2").as_deref(), Some("ttyUSB3"));
        let [first, second, ..] = &machine.ports()[..] else {
            panic!("{:?}", machine.ports());
        };
        assert_ne!(first.identity, second.identity);
        let elsewhere = Machine::new(&["ttyUSB7"]);
        elsewhere.plug(
            "2-1",
            ["2c7c", "0125", "two"],
            &[("ttyUSB7", 2, VENDOR_OWN)],
        );
        assert_eq!(elsewhere.ports()[0].identity, second.identity);
    }
}
