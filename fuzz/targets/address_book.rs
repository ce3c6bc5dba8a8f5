//! Any file as one of contacts: no panic, and what is taken is whole and harmless.

#![no_main]

use libfuzzer_sys::fuzz_target;
use textback::address_book;
use textback::phone::Region;

fuzz_target!(|data: &[u8]| {
    for home in [Region::parse("US"), None] {
        let Ok(book) = address_book::read(data, home) else {
            continue;
        };
        assert!(
            !book.entries.is_empty(),
            "a file without a number is refused"
        );
        for entry in &book.entries {
            assert_eq!(address_book::name(&entry.name), entry.name);
        }
    }
});
