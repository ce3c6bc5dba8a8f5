//! Style, script and icon, built into the program. Their address changes with their content, so a browser may keep them.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/page.js");
const ICON: &str = include_str!("assets/icon.svg");

/// Name, content type and content of each.
const ALL: [(&str, &str, &str); 3] = [
    ("style.css", "text/css; charset=utf-8", STYLE),
    ("page.js", "text/javascript; charset=utf-8", SCRIPT),
    ("icon.svg", "image/svg+xml", ICON),
];

/// Of all of them together.
const VERSION: u64 = fnv(fnv(fnv(FNV_OFFSET, STYLE), SCRIPT), ICON);

/// A year, the longest that is understood (RFC 9111 has no word for ever).
const KEEP: &str = "public, max-age=31536000, immutable";

/// Where a browser finds an asset.
pub(super) fn address(name: &str) -> String {
    format!("/assets/{VERSION:016x}/{name}")
}

/// `GET /assets/{version}/{name}`.
pub(super) async fn asset(Path((version, name)): Path<(String, String)>) -> Response {
    let known = ALL.iter().find(|(known, ..)| *known == name);
    match known {
        Some((_, content_type, content)) if version == format!("{VERSION:016x}") => (
            [
                (header::CONTENT_TYPE, *content_type),
                (header::CACHE_CONTROL, KEEP),
            ],
            *content,
        )
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

const fn fnv(mut hash: u64, content: &str) -> u64 {
    let bytes = content.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(FNV_PRIME);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_follows_the_content() {
        assert_eq!(fnv(FNV_OFFSET, ""), FNV_OFFSET);
        assert_eq!(fnv(FNV_OFFSET, "a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv(FNV_OFFSET, "foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_assets_are_light() {
        let bytes: usize = ALL.iter().map(|(.., content)| content.len()).sum();
        assert!(
            bytes < 40 * 1024,
            "{bytes} bytes; the whole page has 100 KiB"
        );
    }
}
