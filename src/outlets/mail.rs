//! One e-mail over SMTP (RFC 5321) to the server that the installer named. All that is told about one number makes one thread.

use std::fs::File;
use std::io::Read;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, SmtpConnection, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;

use super::http::Limits;
use super::receiver::{short_hash, unknown};
use super::secret;
use crate::config::outlets::Security;
use crate::delivery::{Outcome, may_reach};
use crate::events::Told;
use crate::store::Delivery;

/// Below every e-mail.
const FOOTER: &str =
    "-- \r\nFrom the box that texts missed callers. Answers to this e-mail are not read.\r\n";

/// Bytes of a file with certificates: twice what those that a whole system believes take.
const CA_BYTES_MAX: u64 = 512 * 1024;
/// RFC 7468 5.1.
const PEM_BEGINS: &str = "-----BEGIN CERTIFICATE-----";

/// Where e-mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    pub(super) server: String,
    pub(super) port: u16,
    pub(super) security: Security,
    /// Whom to believe instead of the public authorities that who answers is the server.
    pub(super) ca_file: Option<PathBuf>,
    /// User, and the file with the password.
    pub(super) login: Option<(String, PathBuf)>,
    pub(super) from: String,
    pub(super) to: String,
}

impl Mail {
    /// Makes one attempt. Each step of it may take as long as the limits say.
    ///
    /// # Errors
    /// What the installer has to mend.
    pub(super) fn send(&self, delivery: &Delivery, limits: Limits) -> Result<Outcome, String> {
        let Some(told) = Told::from_json(&delivery.body) else {
            return Ok(unknown());
        };
        let message = self.compose(&told, delivery)?;
        let (from, to) = self.addresses()?;
        let envelope = Envelope::new(Some(from), vec![to]).map_err(|error| error.to_string())?;
        let login = match &self.login {
            None => None,
            Some((user, file)) => Some(Credentials::new(user.clone(), secret::read(file)?)),
        };
        let tls = self.tls()?;
        let sent = self.transmit(&envelope, &message, login.as_ref(), &tls, limits);
        Ok(sent.unwrap_or_else(|outcome| outcome))
    }

    fn addresses(&self) -> Result<(Address, Address), String> {
        let read = |text: &String| {
            text.parse()
                .map_err(|_| format!("{text} is no e-mail address"))
        };
        Ok((read(&self.from)?, read(&self.to)?))
    }

    fn compose(&self, told: &Told, delivery: &Delivery) -> Result<Vec<u8>, String> {
        let (from, to) = self.addresses()?;
        let message = told.message();
        let domain = from.domain();
        let thread = format!("<{}@{domain}>", short_hash(&delivery.conversation));
        let seconds = u64::try_from(told.timestamp.as_second()).unwrap_or_default();
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let body = message.body.replace('\n', "\r\n");
        let composed = Message::builder()
            .message_id(Some(format!("<{}@{domain}>", delivery.name)))
            .in_reply_to(thread.clone())
            .references(thread)
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .from(Mailbox::new(Some("textback".to_owned()), from))
            .to(Mailbox::new(None, to))
            // The same for the whole thread: some programs go by that.
            .subject(message.about)
            // RFC 3834: nobody's holiday notice answers it.
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{}\r\n\r\n{body}\r\n\r\n{FOOTER}", message.title));
        let composed =
            composed.map_err(|error| format!("the e-mail cannot be written: {error}"))?;
        Ok(composed.formatted())
    }

    /// Read at each attempt, as secrets are: what is mended counts at once.
    fn tls(&self) -> Result<TlsParameters, String> {
        let public = TlsParameters::builder(self.server.clone());
        let builder = match &self.ca_file {
            None => public,
            Some(file) => public
                .certificate_store(CertificateStore::None)
                .add_root_certificate(certificates(file)?),
        };
        builder.build().map_err(|error| match &self.ca_file {
            None => words(&error),
            Some(file) => format!("{}: {}", file.display(), words(&error)),
        })
    }

    fn transmit(
        &self,
        envelope: &Envelope,
        message: &[u8],
        login: Option<&Credentials>,
        tls: &TlsParameters,
        limits: Limits,
    ) -> Result<Outcome, Outcome> {
        let addresses = self.look_up(limits)?;
        // RFC 5321 4.1.4 wants a name that exists, and a box in an office has none; its sender's does.
        let domain = envelope.from().map_or("localhost", Address::domain);
        let hello = ClientId::Domain(domain.to_owned());
        let from_the_start = (self.security == Security::Tls).then_some(tls);
        let within = Some(limits.within);
        let mut connection =
            SmtpConnection::connect(&addresses[..], within, &hello, from_the_start, None)
                .map_err(|error| away(&error))?;
        if self.security == Security::StartTls {
            if !connection.can_starttls() {
                connection.abort();
                let why = "the server offers no encryption (STARTTLS)";
                return Err(Outcome::Away(why.to_owned()));
            }
            let begun = connection.starttls(tls, &hello);
            begun.map_err(|error| away(&error))?;
        }
        if let Some(login) = login {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], login)
                .map_err(|error| not_signed_in(&error))?;
        }
        connection
            .send(envelope, message)
            .map_err(|error| refused(&error))?;
        // It has the e-mail, whatever it says to this.
        let _ = connection.quit();
        Ok(Outcome::Taken)
    }

    /// The addresses that the connection is then made to, and none else.
    fn look_up(&self, limits: Limits) -> Result<Vec<SocketAddr>, Outcome> {
        let found = (self.server.as_str(), self.port)
            .to_socket_addrs()
            .map_err(|error| Outcome::Away(error.to_string()))?;
        let encrypted = self.security != Security::None;
        let mut refusal = "there is no such name".to_owned();
        let mut allowed = Vec::new();
        for address in found {
            match may_reach(address.ip(), encrypted, limits.allow_private) {
                Ok(()) => allowed.push(address),
                Err(why) => refusal = why.to_string(),
            }
        }
        match allowed.is_empty() {
            true => Err(Outcome::Away(refusal)),
            false => Ok(allowed),
        }
    }
}

fn certificates(file: &Path) -> Result<Certificate, String> {
    let name = file.display();
    let mut pem = String::new();
    File::open(file)
        .and_then(|file| file.take(CA_BYTES_MAX).read_to_string(&mut pem))
        .map_err(|error| format!("{name} cannot be read: {error}"))?;
    if !pem.contains(PEM_BEGINS) {
        return Err(format!(
            "{name} should hold a certificate that begins with {PEM_BEGINS}"
        ));
    }
    Certificate::from_pem(pem.as_bytes())
        .map_err(|_| format!("{name} holds something else than certificates, or a part of one"))
}

fn away(error: &Error) -> Outcome {
    Outcome::Away(words(error))
}

/// A refusal of user and password (RFC 4954 6) is the installer's to mend.
fn not_signed_in(error: &Error) -> Outcome {
    let said = words(error);
    Outcome::Away(match error.is_permanent() {
        true => format!("the server does not take mail.user and its password: {said}"),
        false => said,
    })
}

/// A server that answers about this e-mail knows of nothing else that waits.
fn refused(error: &Error) -> Outcome {
    match error.status() {
        Some(_) => Outcome::Refused(words(error)),
        None => away(error),
    }
}

fn words(error: &Error) -> String {
    let cause = std::error::Error::source(error);
    let said = match cause.map(ToString::to_string) {
        // Rustls' words, which lettre repeats in its own.
        Some(cause) if cause.contains("invalid peer certificate") => {
            format!(
                "nothing shows that this is the server ({cause}); mail.ca_file can name who vouches for a server of your own"
            )
        }
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    crate::wording::without_controls(&said)
        .chars()
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_of_certificates_is_said_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let mail = Mail {
            server: "mail.example.com".to_owned(),
            port: 587,
            security: Security::StartTls,
            ca_file: Some(file.clone()),
            login: None,
            from: "box@example.com".to_owned(),
            to: "owner@example.com".to_owned(),
        };
        let why = || mail.tls().map(drop).unwrap_err();
        assert!(why().contains("ca.pem cannot be read"), "{}", why());
        for (text, said) in [
            ("", "should hold a certificate"),
            (
                "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
                "something else",
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "ca.pem: ",
            ),
        ] {
            std::fs::write(&file, text).unwrap();
            assert!(why().contains(said), "{text}: {}", why());
        }
    }
}
