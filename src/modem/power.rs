//! Whether a Raspberry Pi gets enough power, where the system tells: a modem that draws 2 A for a moment pulls the voltage down, and
//! then drops off USB as if it had been unplugged (gammu issues 438 and 467). Knows no AT.

use std::fs;
use std::path::Path;

/// The firmware's word: a hexadecimal number whose bit 0 is under-voltage now and bit 16 under-voltage since the start (Raspberry Pi
/// documentation, `vcgencmd get_throttled`).
const THROTTLED: &str = "devices/platform/soc/soc:firmware/get_throttled";
const NOW: u32 = 1;
const SINCE_START: u32 = 1 << 16;
/// The kernel's own sensor for it (`raspberrypi-hwmon`), whose alarm tells of its last poll, seconds ago.
const SENSOR: &str = "rpi_volt";
const ALARM: &str = "in0_lcrit_alarm";

/// What to tell people if there is, or was, too little power; `sys` is `/sys`.
pub(super) fn blame(sys: &Path) -> Option<&'static str> {
    let bits = throttled(sys).unwrap_or_default();
    // One sentence for both: it comes and goes by the second, and would be news each time.
    (bits & (NOW | SINCE_START) != 0 || alarm(sys)).then_some(
        "The Raspberry Pi gets too little power, now or at some time since its start, which makes modems drop off: use its own power supply, and a USB hub with a supply of its own for the modem.",
    )
}

fn throttled(sys: &Path) -> Option<u32> {
    let text = fs::read_to_string(sys.join(THROTTLED)).ok()?;
    let text = text.trim();
    u32::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok()
}

fn alarm(sys: &Path) -> bool {
    let sensors = fs::read_dir(sys.join("class/hwmon")).into_iter().flatten();
    sensors.flatten().any(|sensor| {
        let says = |file: &str, wanted: &str| {
            fs::read_to_string(sensor.path().join(file)).is_ok_and(|text| text.trim() == wanted)
        };
        says("name", SENSOR) && says(ALARM, "1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_power_is_told_as_the_firmware_or_the_sensor_has_it() {
        let sys = tempfile::tempdir().unwrap();
        assert_eq!(blame(sys.path()), None, "no Raspberry Pi");
        let firmware = sys.path().join(THROTTLED);
        fs::create_dir_all(firmware.parent().unwrap()).unwrap();
        for (bits, told) in [
            ("0\n", false),
            // Too hot, and slowed down.
            ("0x4\n", false),
            ("1\n", true),
            ("50005\n", true),
            ("0x50000\n", true),
            ("nonsense", false),
        ] {
            fs::write(&firmware, bits).unwrap();
            assert_eq!(blame(sys.path()).is_some(), told, "{bits}");
        }
        fs::write(&firmware, "0\n").unwrap();
        let sensor = sys.path().join("class/hwmon/hwmon1");
        fs::create_dir_all(&sensor).unwrap();
        fs::write(sensor.join(ALARM), "1\n").unwrap();
        fs::write(sensor.join("name"), "cpu_thermal\n").unwrap();
        assert_eq!(blame(sys.path()), None, "another sensor's");
        fs::write(sensor.join("name"), "rpi_volt\n").unwrap();
        assert!(blame(sys.path()).unwrap().contains("too little power"));
    }
}
