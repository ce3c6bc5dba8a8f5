//! The ways out besides the modem: `[outlets]`, `[webhook]`, `[push]` and `[mail]`. What is secret is never in here, only the file
//! that holds it.

use std::path::PathBuf;

/// What the installer decided about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlets {
    /// `outlets.allow_private`: receivers may be in a private network, or on this computer.
    pub allow_private: bool,
    /// `[webhook]`
    pub webhook: Webhook,
    /// `[push]`
    pub push: Push,
    /// `[mail]`
    pub mail: Mail,
}

/// `[webhook]`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Webhook {
    /// Where events are posted; `None`: nowhere.
    pub url: Option<String>,
    /// The file with the secret they are signed with.
    pub secret_file: Option<PathBuf>,
}

/// `[push]`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Push {
    /// The topic on an ntfy server; `None`: no push.
    pub url: Option<String>,
    /// The file with the access token, where the server wants one.
    pub token_file: Option<PathBuf>,
}

/// `[mail]`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// The server that takes e-mail from us; `None`: no e-mail.
    pub server: Option<String>,
    /// Its port; `None`: the usual one.
    pub port: Option<u16>,
    /// How the way there is encrypted.
    pub security: Security,
    /// The file with the certificates that vouch for the server; `None`: the public ones.
    pub ca_file: Option<PathBuf>,
    /// Whom we sign in as; `None`: nobody.
    pub user: Option<String>,
    /// The file with the password.
    pub password_file: Option<PathBuf>,
    /// From whom.
    pub from: Option<String>,
    /// To whom.
    pub to: Option<String>,
}

/// `mail.security`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// Begins in the clear, and goes on only once it is encrypted (RFC 3207).
    #[default]
    StartTls,
    /// Encrypted from the first byte (RFC 8314).
    Tls,
    /// Not at all: to a server in the same house that wants no password.
    None,
}

impl Security {
    /// The usual port (RFC 6409, RFC 8314, RFC 5321).
    #[must_use]
    pub fn usual_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

impl Outlets {
    /// What is missing or does not go together.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let Self {
            webhook,
            push,
            mail,
            ..
        } = self;
        let mut mistakes = Vec::new();
        let mut check = |wrong: bool, what: &str| {
            if wrong {
                mistakes.push(what.to_owned());
            }
        };
        check(
            webhook.url.is_some() && webhook.secret_file.is_none(),
            "`webhook.url` is set, and `webhook.secret_file` is not: name the file with the secret that signs what is sent",
        );
        check(
            webhook.url.is_none() && webhook.secret_file.is_some(),
            "`webhook.secret_file` is set, and `webhook.url` is not: say where events are sent",
        );
        check(
            push.url.is_none() && push.token_file.is_some(),
            "`push.token_file` is set, and `push.url` is not: say which topic is told",
        );
        let any = mail.ca_file.is_some()
            || mail.user.is_some()
            || mail.password_file.is_some()
            || mail.from.is_some()
            || mail.to.is_some();
        check(
            mail.server.is_none() && any,
            "`mail.server` is not set, and other keys of [mail] are: say which server takes e-mail",
        );
        check(
            mail.server.is_some() && (mail.from.is_none() || mail.to.is_none()),
            "`mail.server` is set, so `mail.from` and `mail.to` must be: say from whom and to whom e-mail goes",
        );
        check(
            mail.user.is_some() != mail.password_file.is_some(),
            "`mail.user` and `mail.password_file` go together: set both, or neither",
        );
        check(
            mail.security == Security::None && mail.user.is_some(),
            "`mail.security` is \"none\", so a password would be sent in the clear: use \"starttls\" or \"tls\"",
        );
        check(
            mail.security == Security::None && mail.ca_file.is_some(),
            "`mail.security` is \"none\", so `mail.ca_file` vouches for nobody: leave it out, or use \"starttls\" or \"tls\"",
        );
        mistakes
    }
}

/// An address on the web, or nothing.
pub(super) fn url(text: &str) -> Result<Option<String>, String> {
    let rest = match text {
        "" => return Ok(None),
        text => text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://")),
    };
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    match host {
        Some(host)
            if !host.is_empty()
                && !host.contains('@')
                && text.chars().all(|c| c.is_ascii_graphic()) =>
        {
            Ok(Some(text.to_owned()))
        }
        // It may be a secret in itself, and is not repeated.
        _ => Err("should be an address such as \"https://example.com/calls\", without a name and a password in it".to_owned()),
    }
}

/// A name on the internet, or nothing.
pub(super) fn host(text: &str) -> Result<Option<String>, String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
    match text {
        "" => Ok(None),
        text if text.chars().all(good) => Ok(Some(text.to_owned())),
        other => Err(format!(
            "should be the name of a server such as \"smtp.example.com\", and is {other:?}"
        )),
    }
}

/// An e-mail address, or nothing.
pub(super) fn address(text: &str) -> Result<Option<String>, String> {
    let is_address = |text: &str| {
        let (name, host) = text.split_once('@')?;
        let good = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_graphic() && !"<>,;\"()[]@".contains(c))
        };
        (good(name) && good(host)).then_some(())
    };
    match text {
        "" => Ok(None),
        text if is_address(text).is_some() => Ok(Some(text.to_owned())),
        other => Err(format!(
            "should be one e-mail address such as \"box@example.com\", and is {other:?}"
        )),
    }
}

pub(super) fn security(text: &str) -> Result<Security, String> {
    match text {
        "starttls" => Ok(Security::StartTls),
        "tls" => Ok(Security::Tls),
        "none" => Ok(Security::None),
        other => Err(format!(
            "should be \"starttls\", \"tls\" or \"none\", and is {other:?}"
        )),
    }
}
