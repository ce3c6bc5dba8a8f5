//! Notices of picture messages (MMS): a WAP push that says where the picture can be fetched, which takes a data connection of the
//! operator's that the box does not have. Knows as much of them as tells who sent the picture.

use super::Deliver;
use super::segment::Body;

/// The content type in words, and as WSP numbers it (WAP-230-WSP table 40: 0x3E, with the high bit of a short integer).
const CONTENT_TYPE: &[u8] = b"application/vnd.wap.mms-message";
const CONTENT_TYPE_SHORT: u8 = 0x3E | 0x80;
/// A push in WSP (WAP-230-WSP table 34), the second octet; the third is the length of the headers, the content type the first of them.
const PUSH: u8 = 0x06;
/// Behind a phone number in an address (OMA-TS-MMS_ENC clause 8).
const IS_A_NUMBER: &[u8] = b"/TYPE=PLMN";

/// Somebody has sent a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MmsNotice {
    /// His number as the notice says it; the notice itself comes from the operator. `None` where it does not say.
    pub from: Option<String>,
}

impl MmsNotice {
    /// The notice that these parts of one message are, in order, if they are one.
    #[must_use]
    pub fn of(parts: &[Deliver]) -> Option<Self> {
        let mut octets = Vec::new();
        for part in parts {
            match part.segment.body() {
                Body::Octets(these) => octets.extend(these),
                Body::Septets(_) | Body::Utf16(_) => return None,
            }
        }
        let is_push = octets.get(1) == Some(&PUSH);
        let is_notice =
            octets.get(3) == Some(&CONTENT_TYPE_SHORT) || position(&octets, CONTENT_TYPE).is_some();
        (is_push && is_notice).then(|| Self {
            from: sender(&octets),
        })
    }
}

fn sender(octets: &[u8]) -> Option<String> {
    let before = octets.get(..position(octets, IS_A_NUMBER)?)?;
    let is_digit = |octet: &&u8| octet.is_ascii_digit() || **octet == b'+';
    let digits: Vec<u8> = before.iter().rev().take_while(is_digit).copied().collect();
    let number: String = digits
        .iter()
        .rev()
        .map(|&octet| char::from(octet))
        .collect();
    (!number.is_empty()).then_some(number)
}

fn position(octets: &[u8], part: &[u8]) -> Option<usize> {
    octets.windows(part.len()).position(|window| window == part)
}
