//! Switches a USB modem off and on by the kernel's `authorized` attribute (`Documentation/usb/authorization.rst`): its driver lets
//! go of it, and it is set up anew as if it had just been plugged in. Knows no AT.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Resets the USB device whose serial port is `port`. `sys` is `/sys`.
pub(super) fn reset(port: &Path, sys: &Path) -> io::Result<()> {
    let switch = device(port, sys)?.join("authorized");
    let explain = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => io::Error::new(
            io::ErrorKind::PermissionDenied,
            "textback may not reset USB ports: that takes root",
        ),
        kind => io::Error::new(kind, format!("its USB port cannot be reset: {error}")),
    };
    fs::write(&switch, "0").map_err(explain)?;
    fs::write(&switch, "1").map_err(explain)
}

/// The folder of the USB device. Its interfaces have an `authorized` of their own, but no `idVendor`.
fn device(port: &Path, sys: &Path) -> io::Result<PathBuf> {
    // It may have been named by a link, such as those in /dev/serial/by-id.
    let tty = fs::canonicalize(port).unwrap_or_else(|_| port.to_owned());
    let name = tty.file_name().unwrap_or_default();
    let interface = fs::canonicalize(sys.join("class/tty").join(name).join("device"));
    let found = interface.ok().and_then(|interface| {
        let mut folders = interface.ancestors();
        let usb = folders.find(|folder| folder.join("idVendor").exists());
        usb.map(Path::to_owned)
    });
    found.ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            "no USB device is behind the modem's port",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_device_is_switched_and_not_its_interface() {
        let root = tempfile::tempdir().unwrap();
        let (dev, sys) = (root.path().join("dev"), root.path().join("sys"));
        let modem = sys.join("devices/usb1/1-1");
        let tty = modem.join("1-1:1.2/ttyUSB2");
        fs::create_dir_all(&tty).unwrap();
        fs::create_dir_all(sys.join("class/tty/ttyUSB2")).unwrap();
        fs::create_dir_all(&dev).unwrap();
        fs::write(dev.join("ttyUSB2"), "").unwrap();
        symlink(&tty, sys.join("class/tty/ttyUSB2/device")).unwrap();
        symlink(dev.join("ttyUSB2"), dev.join("by-id")).unwrap();
        fs::write(modem.join("1-1:1.2/authorized"), "1").unwrap();
        fs::write(modem.join("idVendor"), "2c7c\n").unwrap();
        fs::write(modem.join("authorized"), "?").unwrap();
        reset(&dev.join("by-id"), &sys).unwrap();
        assert_eq!(fs::read(modem.join("authorized")).unwrap(), b"1");
        assert_eq!(
            fs::read(modem.join("1-1:1.2/authorized")).unwrap(),
            b"1",
            "the interface's"
        );
        assert!(reset(Path::new("/dev/ttyS0"), &sys).is_err());
    }
}
