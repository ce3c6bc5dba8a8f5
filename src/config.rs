//! What the installer decides: the TOML file, its defaults and its mistakes, and the flags on top.
//!
//! It reads text that others have read from the disk. It does not open files, and does not know whether what a path
//! names is there.

pub mod outlets;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::settings::nearest;

/// Speeds a serial line is commonly set to, in baud (the rates that modems list for `AT+IPR=?`, ITU-T V.250 clause 6.2.10).
const BAUDS: [u32; 8] = [
    9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600,
];

/// Every key of the file.
const KEYS: [&str; 21] = [
    MODEM_PORT,
    MODEM_BAUD,
    MODEM_SIM_PIN_FILE,
    MODEM_RECORD,
    WEB_LISTEN,
    WEB_TLS,
    WEB_NAME,
    DATA_DIR,
    OUTLETS_ALLOW_PRIVATE,
    WEBHOOK_URL,
    WEBHOOK_SECRET_FILE,
    PUSH_URL,
    PUSH_TOKEN_FILE,
    MAIL_SERVER,
    MAIL_PORT,
    MAIL_SECURITY,
    MAIL_CA_FILE,
    MAIL_USER,
    MAIL_PASSWORD_FILE,
    MAIL_FROM,
    MAIL_TO,
];
const MODEM_PORT: &str = "modem.port";
const MODEM_BAUD: &str = "modem.baud";
const MODEM_SIM_PIN_FILE: &str = "modem.sim_pin_file";
const MODEM_RECORD: &str = "modem.record";
const WEB_LISTEN: &str = "web.listen";
const WEB_TLS: &str = "web.tls";
const WEB_NAME: &str = "web.name";
const DATA_DIR: &str = "data.dir";
const OUTLETS_ALLOW_PRIVATE: &str = "outlets.allow_private";
const WEBHOOK_URL: &str = "webhook.url";
const WEBHOOK_SECRET_FILE: &str = "webhook.secret_file";
const PUSH_URL: &str = "push.url";
const PUSH_TOKEN_FILE: &str = "push.token_file";
const MAIL_SERVER: &str = "mail.server";
const MAIL_PORT: &str = "mail.port";
const MAIL_SECURITY: &str = "mail.security";
const MAIL_CA_FILE: &str = "mail.ca_file";
const MAIL_USER: &str = "mail.user";
const MAIL_PASSWORD_FILE: &str = "mail.password_file";
const MAIL_FROM: &str = "mail.from";
const MAIL_TO: &str = "mail.to";

/// What the installer decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// The modem and its line.
    pub modem: Modem,
    /// The page.
    pub web: Web,
    /// What is kept.
    pub data: Data,
    /// The ways out besides the modem.
    pub outlets: outlets::Outlets,
}

/// `[modem]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modem {
    /// The port that answers AT.
    pub port: Port,
    /// Speed of the line in baud.
    pub baud: u32,
    /// The file with the SIM's PIN, where it asks for one.
    pub sim_pin_file: Option<PathBuf>,
    /// The file that what crosses the line is recorded in; nothing is recorded without.
    pub record: Option<PathBuf>,
}

/// `modem.port`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// Whatever modem is found.
    Auto,
    /// This device.
    Path(PathBuf),
}

/// `[web]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Where the page listens.
    pub listen: SocketAddr,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// The name before `.local` that the network finds it by; `None`: by its address alone.
    pub name: Option<String>,
}

/// `[data]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// Where the database lives.
    pub dir: PathBuf,
}

impl Default for Modem {
    fn default() -> Self {
        Self {
            port: Port::Auto,
            baud: 115_200,
            sim_pin_file: None,
            record: None,
        }
    }
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: false,
            name: Some("textback".to_owned()),
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("/var/lib/textback"),
        }
    }
}

/// Flags of the command line, as they were typed; each beats what the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--port`
    pub port: Option<String>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
}

/// All that is wrong with a file or with the flags, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct ConfigError {
    /// The file, or `None` for the command line.
    pub file: Option<String>,
    /// What is wrong; never empty.
    pub mistakes: Vec<Mistake>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line of the file, from 1.
    pub line: Option<usize>,
    /// What is wrong, and what would be good.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl ConfigError {
    fn text(&self) -> String {
        let place = self.file.as_deref().unwrap_or("the command line");
        let mistakes: Vec<String> = self.mistakes.iter().map(ToString::to_string).collect();
        match mistakes.as_slice() {
            [only] => format!("{place}: {only}"),
            all => format!(
                "{place} has {} mistakes:\n  {}",
                all.len(),
                all.join("\n  ")
            ),
        }
    }
}

impl Config {
    /// Reads a configuration file; what it leaves out is at its default. `file_name` is for the error only.
    ///
    /// # Errors
    ///
    /// When anything in it is wrong: not TOML, an unknown key, a value of the wrong kind. All mistakes are in the error.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            text,
            config: Self::default(),
            mistakes: Vec::new(),
        };
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let span = error.span().unwrap_or_default();
            reader.mistake(&span, error.message().to_owned());
        }
        // What the parser guessed after a mistake would only add mistakes that nobody made.
        if errors.is_empty() {
            reader.table("", document.get_ref());
            // Of what was read, which must all be right for that.
            if reader.mistakes.is_empty() {
                for what in reader.config.outlets.mistakes() {
                    reader.mistakes.push(Mistake { line: None, what });
                }
            }
        }
        let Reader {
            config,
            mut mistakes,
            ..
        } = reader;
        if mistakes.is_empty() {
            return Ok(config);
        }
        mistakes.sort_by_key(|mistake| mistake.line);
        Err(ConfigError {
            file: Some(file_name.to_owned()),
            mistakes,
        })
    }

    /// Lets the flags beat what is there.
    ///
    /// # Errors
    ///
    /// When a flag has a bad value; all of them are in the error.
    pub fn with_overrides(mut self, flags: Overrides) -> Result<Self, ConfigError> {
        let mut mistakes = Vec::new();
        let mut bad = |flag: &str, expected: String| {
            mistakes.push(Mistake {
                line: None,
                what: format!("{flag} {expected}"),
            });
        };
        match flags.port.as_deref().map(port) {
            Some(Ok(port)) => self.modem.port = port,
            Some(Err(expected)) => bad("--port", expected),
            None => {}
        }
        match flags.listen.as_deref().map(listen) {
            Some(Ok(listen)) => self.web.listen = listen,
            Some(Err(expected)) => bad("--listen", expected),
            None => {}
        }
        match flags.data_dir {
            Some(dir) if dir.as_os_str().is_empty() => bad(
                "--data-dir",
                "should be a directory, and is empty".to_owned(),
            ),
            Some(dir) => self.data.dir = dir,
            None => {}
        }
        if mistakes.is_empty() {
            return Ok(self);
        }
        Err(ConfigError {
            file: None,
            mistakes,
        })
    }
}

struct Reader<'t> {
    text: &'t str,
    config: Config,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn mistake(&mut self, span: &Range<usize>, what: String) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        self.mistakes.push(Mistake {
            line: Some(before.matches('\n').count() + 1),
            what,
        });
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            let section = format!("{key}.");
            let is_section = KEYS.iter().any(|known| known.starts_with(&section));
            match value.get_ref() {
                DeValue::Table(inner) if is_section => self.table(&section, inner),
                _ if is_section => {
                    let what = format!("`{key}` should be a section, written [{key}]");
                    self.mistake(&name.span(), what);
                }
                DeValue::Table(inner) if !KEYS.contains(&key.as_str()) && !inner.is_empty() => {
                    // An unknown section: its keys are what was meant, and each has its nearest.
                    self.table(&section, inner);
                }
                _ => self.value(&key, name, value),
            }
        }
    }

    fn value(
        &mut self,
        key: &str,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let config = &mut self.config;
        let read = match key {
            MODEM_PORT => text(value)
                .and_then(port)
                .map(|port| config.modem.port = port),
            MODEM_BAUD => baud(value).map(|baud| config.modem.baud = baud),
            MODEM_SIM_PIN_FILE => optional(value).map(|path| config.modem.sim_pin_file = path),
            MODEM_RECORD => optional(value).map(|path| config.modem.record = path),
            WEB_LISTEN => text(value)
                .and_then(listen)
                .map(|listen| config.web.listen = listen),
            WEB_TLS => yes_or_no(value).map(|tls| config.web.tls = tls),
            WEB_NAME => text(value)
                .and_then(host_name)
                .map(|name| config.web.name = name),
            DATA_DIR => text(value)
                .and_then(absolute)
                .map(|dir| config.data.dir = dir),
            OUTLETS_ALLOW_PRIVATE => {
                yes_or_no(value).map(|allow| config.outlets.allow_private = allow)
            }
            WEBHOOK_URL => text(value)
                .and_then(outlets::url)
                .map(|url| config.outlets.webhook.url = url),
            WEBHOOK_SECRET_FILE => {
                optional(value).map(|path| config.outlets.webhook.secret_file = path)
            }
            PUSH_URL => text(value)
                .and_then(outlets::url)
                .map(|url| config.outlets.push.url = url),
            PUSH_TOKEN_FILE => optional(value).map(|path| config.outlets.push.token_file = path),
            MAIL_SERVER => text(value)
                .and_then(outlets::host)
                .map(|server| config.outlets.mail.server = server),
            MAIL_PORT => net_port(value).map(|port| config.outlets.mail.port = port),
            MAIL_SECURITY => text(value)
                .and_then(outlets::security)
                .map(|security| config.outlets.mail.security = security),
            MAIL_CA_FILE => optional(value).map(|path| config.outlets.mail.ca_file = path),
            MAIL_USER => text(value)
                .map(|user| config.outlets.mail.user = (!user.is_empty()).then(|| user.to_owned())),
            MAIL_PASSWORD_FILE => {
                optional(value).map(|path| config.outlets.mail.password_file = path)
            }
            MAIL_FROM => text(value)
                .and_then(outlets::address)
                .map(|from| config.outlets.mail.from = from),
            MAIL_TO => text(value)
                .and_then(outlets::address)
                .map(|to| config.outlets.mail.to = to),
            unknown => {
                let nearest = nearest(unknown, KEYS.into_iter());
                let what = format!("there is no key `{unknown}`; did you mean `{nearest}`?");
                return self.mistake(&name.span(), what);
            }
        };
        if let Err(expected) = read {
            self.mistake(&value.span(), format!("`{key}` {expected}"));
        }
    }
}

/// Why a value does not do: "should be …, and is …".
type Expected = String;

/// A path, or nothing.
fn optional(value: &Spanned<DeValue<'_>>) -> Result<Option<PathBuf>, Expected> {
    match text(value)? {
        "" => Ok(None),
        path => absolute(path).map(Some),
    }
}

fn text<'v>(value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, Expected> {
    let value = value.get_ref();
    value
        .as_str()
        .ok_or_else(|| format!("should be text in quotes, and is {}", kind(value)))
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}

fn yes_or_no(value: &Spanned<DeValue<'_>>) -> Result<bool, Expected> {
    let value = value.get_ref();
    value.as_bool().ok_or_else(|| {
        format!(
            "should be true or false without quotes, and is {}",
            kind(value)
        )
    })
}

/// Characters of a name; room is left for the `-2` of a second box (RFC 1035 allows 63).
const LABEL_CHARS_MAX: usize = 60;

/// One label of a host name (RFC 1123, section 2.1), or none.
fn host_name(text: &str) -> Result<Option<String>, Expected> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_label = text.len() <= LABEL_CHARS_MAX
        && text.chars().all(fits)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if text.is_empty() {
        return Ok(None);
    }
    is_label.then(|| Some(text.to_ascii_lowercase())).ok_or_else(|| {
        format!("should be letters, digits and hyphens, {LABEL_CHARS_MAX} at most, without .local, and is {text:?}")
    })
}

/// A port of the internet's, or none for 0.
fn net_port(value: &Spanned<DeValue<'_>>) -> Result<Option<u16>, Expected> {
    let value = value.get_ref();
    let number = value.as_integer();
    number
        .and_then(|number| u16::from_str_radix(number.as_str(), number.radix()).ok())
        .map(|port| (port > 0).then_some(port))
        .ok_or_else(|| {
            format!(
                "should be a whole number from 0 to 65535, such as 587, and is {}",
                kind(value)
            )
        })
}

fn baud(value: &Spanned<DeValue<'_>>) -> Result<u32, Expected> {
    let value = value.get_ref();
    let Some(number) = value.as_integer() else {
        return Err(format!(
            "should be a whole number, such as 115200, and is {}",
            kind(value)
        ));
    };
    u32::from_str_radix(number.as_str(), number.radix())
        .ok()
        .filter(|baud| BAUDS.contains(baud))
        .ok_or_else(|| {
            let known = BAUDS.map(|baud| baud.to_string()).join(", ");
            format!("should be one of {known}, and is {number}")
        })
}

fn port(text: &str) -> Result<Port, Expected> {
    match text {
        "auto" => Ok(Port::Auto),
        path if path.contains('/') => Ok(Port::Path(PathBuf::from(path))),
        other => Err(format!(
            "should be \"auto\" or the path of a device such as \"/dev/ttyUSB2\", and is {other:?}"
        )),
    }
}

fn absolute(text: &str) -> Result<PathBuf, Expected> {
    let path = PathBuf::from(text);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(format!(
        "should be a path that begins with /, and is {text:?}"
    ))
}

fn listen(text: &str) -> Result<SocketAddr, Expected> {
    text.parse().map_err(|_| {
        format!("should be an address and a port such as \"127.0.0.1:8080\", and is {text:?}")
    })
}
