//! Who is told, and how: from the installer's configuration to one attempt.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::http::{self, Limits};
use super::{mail, secret};
use crate::config::outlets::{Mail, Outlets};
use crate::delivery::{Outcome, Secret};
use crate::events::{Outlet, Told};
use crate::store::Delivery;

/// How long a receiver has to answer (Standard Webhooks: "15 - 30 seconds" at most; a thread waits for it).
const WITHIN: Duration = Duration::from_secs(10);
/// Bytes of a push notice: ntfy makes a file of more (docs.ntfy.sh, "Limitations").
const PUSH_BYTES_MAX: usize = 4000;

/// Everybody who is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receivers(Vec<Receiver>);

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    limits: Limits,
    way: Way,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Webhook {
        url: String,
        secret_file: PathBuf,
    },
    Push {
        url: String,
        token_file: Option<PathBuf>,
    },
    Mail(mail::Mail),
}

impl Receivers {
    /// Those that the installer named.
    #[must_use]
    pub fn of(config: &Outlets) -> Self {
        Self::with_patience(config, WITHIN)
    }

    /// The same with another limit on each one's time.
    #[must_use]
    pub fn with_patience(config: &Outlets, within: Duration) -> Self {
        let limits = Limits {
            allow_private: config.allow_private,
            within,
        };
        let webhook = config
            .webhook
            .url
            .clone()
            .zip(config.webhook.secret_file.clone());
        let webhook = webhook.map(|(url, secret_file)| Way::Webhook { url, secret_file });
        let push = config.push.url.clone().map(|url| Way::Push {
            url,
            token_file: config.push.token_file.clone(),
        });
        let ways = [webhook, push, of_mail(&config.mail).map(Way::Mail)];
        let receivers = ways.into_iter().flatten();
        Self(receivers.map(|way| Receiver { limits, way }).collect())
    }

    /// Each with the outlet that it is.
    pub(super) fn each(&self) -> impl Iterator<Item = (Outlet, Receiver)> {
        let with_outlet = |receiver: &Receiver| (receiver.outlet(), receiver.clone());
        self.0.iter().map(with_outlet)
    }

    /// Each with a word that changes with where it leads and tells nothing about that.
    pub(super) fn targets(&self) -> Vec<(Outlet, String)> {
        let with_target = |receiver: &Receiver| (receiver.outlet(), receiver.target());
        self.0.iter().map(with_target).collect()
    }
}

fn of_mail(config: &Mail) -> Option<mail::Mail> {
    Some(mail::Mail {
        server: config.server.clone()?,
        port: config.port.unwrap_or(config.security.usual_port()),
        security: config.security,
        ca_file: config.ca_file.clone(),
        login: config.user.clone().zip(config.password_file.clone()),
        from: config.from.clone()?,
        to: config.to.clone()?,
    })
}

impl Receiver {
    fn outlet(&self) -> Outlet {
        match self.way {
            Way::Webhook { .. } => Outlet::Webhook,
            Way::Push { .. } => Outlet::Push,
            Way::Mail(_) => Outlet::Mail,
        }
    }

    fn target(&self) -> String {
        let leads_to = match &self.way {
            Way::Webhook { url, .. } | Way::Push { url, .. } => url.clone(),
            Way::Mail(mail) => format!("{} {} {}", mail.server, mail.port, mail.to),
        };
        short_hash(&leads_to)
    }

    /// Makes one attempt, at `now`. Blocks for as long as the receiver may take.
    pub(super) fn send(&self, delivery: &Delivery, now: Timestamp) -> Outcome {
        let sent = match &self.way {
            Way::Webhook { url, secret_file } => secret::read(secret_file).and_then(|text| {
                let secret = Secret::parse(&text)
                    .map_err(|error| format!("{} {error}", secret_file.display()))?;
                Ok(webhook(url, &secret, delivery, now, self.limits))
            }),
            Way::Push { url, token_file } => {
                let token = token_file.as_deref().map(secret::read).transpose();
                token.map(|token| push(url, token.as_deref(), delivery, self.limits))
            }
            Way::Mail(mail) => mail.send(delivery, self.limits),
        };
        // What the installer has to mend holds all back until he has.
        sent.unwrap_or_else(Outcome::Away)
    }
}

/// By Standard Webhooks 1.0.0, "Webhook headers".
fn webhook(
    url: &str,
    secret: &Secret,
    delivery: &Delivery,
    now: Timestamp,
    limits: Limits,
) -> Outcome {
    let Delivery { name, body, .. } = delivery;
    let seconds = now.as_second();
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", name.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", secret.sign(name, seconds, body)),
    ];
    http::post(url, &headers, body, limits)
}

/// By docs.ntfy.sh/publish. What callers wrote stands in the body alone, where no letter can be taken for a header.
fn push(url: &str, token: Option<&str>, delivery: &Delivery, limits: Limits) -> Outcome {
    let Some(message) = Told::from_json(&delivery.body).map(|told| told.message()) else {
        return unknown();
    };
    let mut headers = vec![("title", message.title.to_owned())];
    if message.urgent {
        headers.push(("priority", "high".to_owned()));
    }
    if let Some(token) = token {
        headers.push(("authorization", format!("Bearer {token}")));
    }
    let body = &message.body[..message.body.floor_char_boundary(PUSH_BYTES_MAX)];
    http::post(url, &headers, body, limits)
}

/// An event that a newer textback wrote has no words here.
pub(super) fn unknown() -> Outcome {
    Outcome::Refused("it was written by a newer textback".to_owned())
}

/// Sixteen characters that stand for a text without telling it.
pub(super) fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut hash = String::new();
    for byte in digest.iter().take(8) {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}
