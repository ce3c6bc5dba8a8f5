//! Good and bad configuration files, and what is said of them.

use proptest::prelude::*;

use super::*;

const SHIPPED: &str = include_str!("../../config/textback.toml");

fn refusal(text: &str) -> String {
    Config::parse(text, "t.toml").unwrap_err().to_string()
}

#[test]
fn the_file_we_ship_has_every_key_at_its_default() {
    assert_eq!(
        Config::parse(SHIPPED, "textback.toml"),
        Ok(Config::default())
    );
    assert_eq!(Config::parse("", "textback.toml"), Ok(Config::default()));
    // Each key stands there: with a value of the wrong kind in its place, it is complained about.
    let spoilt: String = SHIPPED
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some((key, _)) if !line.starts_with('#') => format!("{key} = []\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let mistakes = Config::parse(&spoilt, "").unwrap_err().mistakes;
    let named: Vec<&str> = mistakes
        .iter()
        .filter_map(|m| m.what.split('`').nth(1))
        .collect();
    assert_eq!(named, KEYS);
}

#[test]
fn the_file_beats_the_defaults_and_flags_beat_the_file() {
    let file = r#"
        modem = { port = "/dev/ttyUSB2", baud = 9600, sim_pin_file = "/etc/textback/pin", record = "/var/log/textback.line" }
        web = { listen = "[::1]:80", tls = true, name = "Office" }
        [data]
        dir = "/srv/textback"
    "#;
    let config = Config::parse(file, "t.toml").unwrap();
    let expected = Config {
        modem: Modem {
            port: Port::Path("/dev/ttyUSB2".into()),
            baud: 9600,
            sim_pin_file: Some("/etc/textback/pin".into()),
            record: Some("/var/log/textback.line".into()),
        },
        web: Web {
            listen: "[::1]:80".parse().unwrap(),
            tls: true,
            name: Some("office".to_owned()),
        },
        data: Data {
            dir: "/srv/textback".into(),
        },
        outlets: outlets::Outlets::default(),
    };
    assert_eq!(config, expected);
    assert_eq!(
        config.clone().with_overrides(Overrides::default()),
        Ok(expected.clone())
    );
    let flags = Overrides {
        port: Some("auto".to_owned()),
        listen: Some("127.0.0.1:0".to_owned()),
        data_dir: Some("here".into()),
    };
    let overridden = Config {
        modem: Modem {
            port: Port::Auto,
            ..expected.modem
        },
        web: Web {
            listen: "127.0.0.1:0".parse().unwrap(),
            ..config.web.clone()
        },
        data: Data { dir: "here".into() },
        outlets: outlets::Outlets::default(),
    };
    assert_eq!(config.with_overrides(flags), Ok(overridden));
}

#[test]
fn all_mistakes_are_told_at_once_by_key_and_line() {
    let file =
        "[modem]\nprot = 1\nbaud = \"fast\"\n\n[web]\nlisten = 8080\n[data]\ndir = \"here\"\n";
    assert_eq!(
        refusal(file),
        "t.toml has 4 mistakes:\n  \
         line 2: there is no key `modem.prot`; did you mean `modem.port`?\n  \
         line 3: `modem.baud` should be a whole number, such as 115200, and is text\n  \
         line 6: `web.listen` should be text in quotes, and is a whole number\n  \
         line 8: `data.dir` should be a path that begins with /, and is \"here\""
    );
}

#[test]
fn each_mistake_says_what_would_be_good() {
    for (file, what) in [
        (
            "port = \"auto\"",
            "line 1: there is no key `port`; did you mean `modem.port`?",
        ),
        (
            "\n[wep]\nlisten = \"x\"",
            "line 3: there is no key `wep.listen`; did you mean `web.listen`?",
        ),
        (
            "[web.cert]",
            "line 1: there is no key `web.cert`; did you mean `web.tls`?",
        ),
        (
            "web.tls = \"yes\"",
            "line 1: `web.tls` should be true or false without quotes, and is text",
        ),
        (
            "web.name = \"text back.local\"",
            "line 1: `web.name` should be letters, digits and hyphens, 60 at most, without .local, and is \"text back.local\"",
        ),
        (
            "modem = 3",
            "line 1: `modem` should be a section, written [modem]",
        ),
        (
            "[modem.port]\nx = 1",
            "line 1: `modem.port` should be text in quotes, and is a section",
        ),
        (
            "modem.port = \"ttyUSB2\"",
            "line 1: `modem.port` should be \"auto\" or the path of a device such as \"/dev/ttyUSB2\", and is \"ttyUSB2\"",
        ),
        (
            "modem.baud = 115201",
            "line 1: `modem.baud` should be one of 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, and is 115201",
        ),
        (
            "modem.sim_pin_file = \"pin\"",
            "line 1: `modem.sim_pin_file` should be a path that begins with /, and is \"pin\"",
        ),
        (
            "web.listen = \"localhost\"",
            "line 1: `web.listen` should be an address and a port such as \"127.0.0.1:8080\", and is \"localhost\"",
        ),
    ] {
        assert_eq!(refusal(file), format!("t.toml: {what}"), "{file}");
    }
    // Not TOML: the line is told, and nothing that the parser made of it.
    for file in ["[modem]\nbaud = fast\n", "[modem]\nport 3\n"] {
        let error = Config::parse(file, "t.toml").unwrap_err();
        assert!(error.mistakes.iter().all(|mistake| mistake.line == Some(2)));
        assert!(!error.to_string().contains("should be"), "{error}");
    }
}

#[test]
fn bad_flags_are_told_at_once() {
    let flags = Overrides {
        port: Some("usb".to_owned()),
        listen: Some("192.168.1.2".to_owned()),
        data_dir: Some(PathBuf::new()),
    };
    let error = Config::default().with_overrides(flags).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the command line has 3 mistakes:\n  \
         --port should be \"auto\" or the path of a device such as \"/dev/ttyUSB2\", and is \"usb\"\n  \
         --listen should be an address and a port such as \"127.0.0.1:8080\", and is \"192.168.1.2\"\n  \
         --data-dir should be a directory, and is empty"
    );
}

#[test]
fn the_page_listens_where_the_installer_says() {
    for address in [
        "127.0.0.1:8080",
        "0.0.0.0:8080",
        "[::]:80",
        "192.168.1.20:8080",
    ] {
        let flags = Overrides {
            listen: Some(address.to_owned()),
            ..Overrides::default()
        };
        let config = Config::default().with_overrides(flags).unwrap();
        assert_eq!(config.web.listen.to_string(), address);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|\n|\\[modem\\]\n|port|baud|=|\"|\\[|\\{|[0-9]){0,30}") {
        if let Err(error) = Config::parse(&text, "t.toml") {
            prop_assert!(!error.mistakes.is_empty());
        }
    }
}

#[test]
fn the_ways_out_are_read_and_what_does_not_go_together_is_refused() {
    let file = r#"
        outlets.allow_private = true
        webhook = { url = "https://example.com/calls?x=1", secret_file = "/etc/textback/secret" }
        push = { url = "http://10.0.0.5/topic", token_file = "/etc/textback/token" }
        [mail]
        server = "smtp.example.com"
        port = 2525
        security = "tls"
        ca_file = "/etc/textback/mail-ca.pem"
        user = "box"
        password_file = "/etc/textback/password"
        from = "box@example.com"
        to = "owner@example.com"
    "#;
    let some = |text: &str| Some(text.to_owned());
    let expected = outlets::Outlets {
        allow_private: true,
        webhook: outlets::Webhook {
            url: some("https://example.com/calls?x=1"),
            secret_file: Some("/etc/textback/secret".into()),
        },
        push: outlets::Push {
            url: some("http://10.0.0.5/topic"),
            token_file: Some("/etc/textback/token".into()),
        },
        mail: outlets::Mail {
            server: some("smtp.example.com"),
            port: Some(2525),
            security: outlets::Security::Tls,
            ca_file: Some("/etc/textback/mail-ca.pem".into()),
            user: some("box"),
            password_file: Some("/etc/textback/password".into()),
            from: some("box@example.com"),
            to: some("owner@example.com"),
        },
    };
    assert_eq!(Config::parse(file, "t.toml").unwrap().outlets, expected);
    let server = "mail = { server = \"a\", from = \"a@b\", to = \"a@b\"";
    for (file, said) in [
        (
            "webhook.url = \"https://a/\"".to_owned(),
            "`webhook.secret_file` is not",
        ),
        (
            "webhook.secret_file = \"/a\"".to_owned(),
            "`webhook.url` is not",
        ),
        ("push.token_file = \"/a\"".to_owned(), "`push.url` is not"),
        ("mail.to = \"a@b\"".to_owned(), "`mail.server` is not set"),
        (
            "mail.server = \"a\"".to_owned(),
            "`mail.from` and `mail.to` must be",
        ),
        (format!("{server}, user = \"a\" }}"), "go together"),
        (
            format!("{server}, user = \"a\", password_file = \"/a\", security = \"none\" }}"),
            "in the clear",
        ),
        (
            "mail.ca_file = \"/a\"".to_owned(),
            "`mail.server` is not set",
        ),
        (
            format!("{server}, ca_file = \"/a\", security = \"none\" }}"),
            "vouches for nobody",
        ),
        (
            "webhook.url = \"ftp://a/\"".to_owned(),
            "should be an address such as",
        ),
        (
            "webhook.url = \"https:///a\"".to_owned(),
            "should be an address such as",
        ),
        (
            "webhook.url = \"https://me:pass@a/\"".to_owned(),
            "without a name and a password",
        ),
        (
            "push.url = \"https://a/b c\"".to_owned(),
            "should be an address such as",
        ),
        ("mail.server = \"a/b\"".to_owned(), "the name of a server"),
        ("mail.port = 65536".to_owned(), "from 0 to 65535"),
        (
            "mail.security = \"ssl\"".to_owned(),
            "\"starttls\", \"tls\" or \"none\"",
        ),
        ("mail.from = \"me\"".to_owned(), "one e-mail address"),
        (
            "mail.from = \"a@b\\r\\nBcc: c@d\"".to_owned(),
            "one e-mail address",
        ),
        (
            "outlets.allow_private = \"yes\"".to_owned(),
            "true or false",
        ),
    ] {
        assert!(refusal(&file).contains(said), "{file}: {}", refusal(&file));
    }
    // What may be a secret is not repeated.
    assert!(!refusal("webhook.url = \"https://me:hunter2@a/\"").contains("hunter2"));
}
