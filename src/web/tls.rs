//! The page over TLS, with a certificate that the box makes itself: nobody vouches for it, so a browser asks once, and `textback` says what it
//! should show then. Without, whoever listens in the office network reads along.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tracing::{info, warn};

const CERTIFICATE: &str = "page-certificate.pem";
const KEY: &str = "page-key.pem";
/// Days that a certificate holds: Apple's devices take none that holds longer than 825 (support.apple.com/103769).
const HOLDS_DAYS: i32 = 800;
/// A new one is made so many days before.
const RENEWED_DAYS: i32 = 30;
/// What stands before the date in the certificate's file, where PEM has room for people (RFC 7468, section 2).
const UNTIL: &str = "Of this box, made by textback; holds until ";
/// No clock of ours shows an earlier day and is right.
const BUILT: Date = date(2026, 1, 1);

/// What the page proves itself with; clones share it.
#[derive(Clone)]
pub struct Identity {
    acceptor: TlsAcceptor,
    /// SHA-256 of the certificate, as browsers show it: pairs of hexadecimal digits with colons.
    pub fingerprint: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Identity").field(&self.fingerprint).finish()
    }
}

/// Why the page cannot be served over TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No certificate could be made.
    #[error("making the page's certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// Ours cannot be used.
    #[error("using the page's certificate: {0}")]
    Use(String),
}

impl Identity {
    /// The one kept in `data_dir`, or a new one where there is none, it does not hold for long, or cannot be used; what cannot be used is
    /// left as it is. One that cannot be kept is used all the same: the next start makes another.
    ///
    /// # Errors
    /// When none can be made.
    pub fn of(data_dir: &Path, names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        let (certificate_file, key_file) = (data_dir.join(CERTIFICATE), data_dir.join(KEY));
        let (file, today) = (
            certificate_file.display(),
            now.to_zoned(TimeZone::UTC).date(),
        );
        let kept = fs::read_to_string(&certificate_file).ok();
        let kept = kept.filter(|text| holds(text, today));
        let kept = kept.zip(fs::read_to_string(&key_file).ok());
        match kept.map(|(certificate, key)| Self::from_pem(&certificate, &key)) {
            Some(Ok(identity)) => return Ok(identity),
            Some(Err(why)) => {
                warn!(%file, %why, "this and {KEY} beside it are no certificate and its key, and are left as they are: remove both, and new ones are made. Until then each start makes one of its own");
                let (certificate, key) = make(names, today)?;
                return Self::from_pem(&certificate, &key).map_err(TlsError::Use);
            }
            None => {}
        }
        let (certificate, key) = make(names, today)?;
        let written = write(&key_file, &key).and_then(|()| write(&certificate_file, &certificate));
        match written {
            Ok(()) => info!(%file, "a certificate for the page is made"),
            Err(error) => {
                warn!(%error, %file, "the page's certificate could not be kept; browsers will ask again after the next start");
            }
        }
        Self::from_pem(&certificate, &key).map_err(TlsError::Use)
    }

    fn from_pem(certificate: &str, key: &str) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|error| error.to_string())?;
        let key =
            PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| error.to_string())?;
        let fingerprint = fingerprint(&certificate);
        let in_words = |error: rustls::Error| error.to_string();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(in_words)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(in_words)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            fingerprint,
        })
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

/// Whether a kept certificate holds for a while. One whose day cannot be read is the owner's own.
fn holds(certificate: &str, today: Date) -> bool {
    let until = certificate
        .lines()
        .find_map(|line| line.strip_prefix(UNTIL)?.trim().parse::<Date>().ok());
    until.is_none_or(|until| today.saturating_add(RENEWED_DAYS.days()) < until)
}

fn make(names: &[String], today: Date) -> Result<(String, String), rcgen::Error> {
    let from = today.max(BUILT);
    let until = from.saturating_add(HOLDS_DAYS.days());
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    let moment =
        |day: Date| rcgen::date_time_ymd(day.year().into(), part(day.month()), part(day.day()));
    let key = KeyPair::generate()?;
    let mut wanted = CertificateParams::new(names.to_vec())?;
    wanted
        .distinguished_name
        .push(DnType::CommonName, "textback");
    // A day ago, for telephones whose clock is late.
    wanted.not_before = moment(from.saturating_sub(1.day()));
    wanted.not_after = moment(until);
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = wanted.self_signed(&key)?;
    let text = format!("{UNTIL}{until}\n{}", certificate.pem());
    Ok((text, key.serialize_pem()))
}

/// For this user alone, whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(part, path)
}

fn fingerprint(certificate: &[u8]) -> String {
    let digest = Sha256::digest(certificate);
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn identity(dir: &Path, when: &str) -> Result<Identity, TlsError> {
        let names = ["textback.local".to_owned(), "127.0.0.1".to_owned()];
        Identity::of(dir, &names, at(when))
    }

    #[test]
    fn a_certificate_is_made_once_kept_for_us_alone_and_renewed_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = identity(dir.path(), "2026-12-01T12:00:00Z").unwrap();
        assert_eq!(first.fingerprint.len(), 32 * 3 - 1);
        for file in [CERTIFICATE, KEY] {
            let mode = fs::metadata(dir.path().join(file))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let kept = fs::read_to_string(dir.path().join(CERTIFICATE)).unwrap();
        assert!(
            kept.starts_with("Of this box, made by textback; holds until 2029-02-08\n"),
            "{kept}"
        );
        for (when, same) in [
            ("1970-01-01T00:00:00Z", true),
            ("2029-01-08T12:00:00Z", true),
            ("2029-01-09T12:00:00Z", false),
        ] {
            let again = identity(dir.path(), when).unwrap();
            assert_eq!(again.fingerprint == first.fingerprint, same, "{when}");
        }
    }

    #[test]
    fn a_box_that_has_not_been_told_the_time_makes_one_that_holds() {
        let dir = tempfile::tempdir().unwrap();
        identity(dir.path(), "1970-01-01T00:00:00Z").unwrap();
        let kept = fs::read_to_string(dir.path().join(CERTIFICATE)).unwrap();
        assert!(kept.contains("holds until 2028-03-11"), "{kept}");
    }

    #[test]
    fn what_is_no_certificate_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(CERTIFICATE), "-----BEGIN NOTHING-----").unwrap();
        fs::write(dir.path().join(KEY), "no key").unwrap();
        identity(dir.path(), "2026-12-01T12:00:00Z").unwrap();
        let kept = fs::read_to_string(dir.path().join(KEY)).unwrap();
        assert_eq!(kept, "no key");
    }

    #[test]
    fn one_that_cannot_be_kept_is_used_all_the_same() {
        let gone = Path::new("/nowhere/at/all");
        assert!(identity(gone, "2026-12-01T12:00:00Z").is_ok());
    }
}
