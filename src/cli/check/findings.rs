//! What a modem's state tells, a line each: what has been reached is well, what it stopped at is not, and what comes behind that could
//! not be looked at. Pure but for the PIN's file.

use serde::Serialize;

use crate::config::Port;
use crate::modem::{
    Facts, ModemState, NO_SERVICE_CENTRE, PinSource, Registrations, Signal, Stage, open_twice,
};

/// One line.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) subject: &'static str,
    /// `None`: it could not be looked at, or nobody can tell.
    pub(super) well: Option<bool>,
    pub(super) words: String,
}

impl Finding {
    pub(super) fn well(subject: &'static str, words: impl Into<String>) -> Self {
        Self::of(subject, Some(true), words)
    }

    pub(super) fn wrong(subject: &'static str, words: impl Into<String>) -> Self {
        Self::of(subject, Some(false), words)
    }

    pub(super) fn unknown(subject: &'static str, words: impl Into<String>) -> Self {
        Self::of(subject, None, words)
    }

    fn of(subject: &'static str, well: Option<bool>, words: impl Into<String>) -> Self {
        let words = words.into();
        Self {
            subject,
            well,
            words,
        }
    }
}

/// The lines in the order in which things depend on each other, and what each takes.
const SUBJECTS: [(&str, Stage); 5] = [
    ("port", Stage::Port),
    ("modem", Stage::Modem),
    ("SIM", Stage::Sim),
    ("PIN", Stage::Pin),
    ("network", Stage::Network),
];
/// What only an armed modem tells.
const BEHIND: [&str; 6] = [
    "firmware",
    "signal",
    "voice",
    "SMS centre",
    "storage",
    "texts",
];

/// Everything that the modem's state tells.
pub(super) fn of(state: &ModemState, port: &Port, pin: &PinSource) -> Vec<Finding> {
    match state {
        ModemState::Armed {
            facts,
            signal,
            registrations,
        } => armed(facts, *signal, registrations, port, pin),
        ModemState::Down { why, stage } => stopped(*stage, why),
        ModemState::BringingUp { step, stage } => stopped(*stage, step),
        ModemState::Healing { why, .. } => stopped(Stage::Network, why),
    }
}

fn stopped(at: Stage, why: &str) -> Vec<Finding> {
    let reached = SUBJECTS.map(|(subject, stage)| match stage.cmp(&at) {
        std::cmp::Ordering::Less => Finding::well(subject, passed(stage)),
        std::cmp::Ordering::Equal => Finding::wrong(subject, why),
        std::cmp::Ordering::Greater => Finding::unknown(subject, "Not looked at."),
    });
    let behind = BEHIND.map(|subject| Finding::unknown(subject, "Not looked at."));
    reached.into_iter().chain(behind).collect()
}

/// What can be said of a stage that lies behind.
fn passed(stage: Stage) -> &'static str {
    match stage {
        Stage::Port => "It could be opened.",
        Stage::Modem => "It answers.",
        Stage::Sim => "It is there.",
        Stage::Pin => "It is not in the way.",
        Stage::Network => "The modem is registered.",
    }
}

fn armed(
    facts: &Facts,
    signal: Option<Signal>,
    registrations: &Registrations,
    port: &Port,
    pin: &PinSource,
) -> Vec<Finding> {
    let operator = facts.operator.as_deref();
    let operator = operator.unwrap_or("an operator that is not named");
    vec![
        open_port(facts, port),
        Finding::well("modem", modem(facts)),
        match &facts.revision {
            Some(revision) => Finding::well("firmware", revision),
            None => Finding::unknown("firmware", "The modem does not tell."),
        },
        sim(facts),
        match pin.look(facts.pin_entered) {
            Ok(words) => Finding::well("PIN", words),
            Err(why) => Finding::wrong("PIN", why),
        },
        Finding::well("network", format!("Registered with {operator}.")),
        match signal.map(Signal::dbm) {
            Some(dbm) => Finding::well("signal", format!("{dbm} dBm; above -95 is good.")),
            None => Finding::unknown("signal", "The modem does not tell."),
        },
        voice(facts, registrations),
        service_centre(facts),
        storage(facts),
        texts(facts),
    ]
}

fn open_port(facts: &Facts, port: &Port) -> Finding {
    let name = &facts.port;
    // One that the search has found nobody else holds.
    let path = match port {
        Port::Path(path) => Some(path),
        Port::Auto => None,
    };
    match path.and_then(|path| open_twice(path)) {
        Some(words) => Finding::wrong("port", words),
        None => Finding::well("port", format!("{name} answers.")),
    }
}

fn modem(facts: &Facts) -> String {
    let known = [&facts.manufacturer, &facts.model];
    let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
    let known = match (known.is_empty(), facts.family.name) {
        (true, _) => "It does not say what it is.".to_owned(),
        (false, family) => format!("{}: treated as {family}.", known.join(" ")),
    };
    // It is no look only: whoever shares the modem with another program shall know.
    let radio = match facts.radio_switched_on {
        true => " Its radio was off and has been switched on.",
        false => "",
    };
    format!("{known}{radio} It has been set up as textback run does it.")
}

fn sim(facts: &Facts) -> Finding {
    let number = facts.own_number.as_deref();
    let number = number.unwrap_or("not stored on the SIM");
    Finding::well(
        "SIM",
        match facts.region() {
            Some(country) => format!("Ready, from {country}. Its number: {number}."),
            None => format!(
                "Ready; its country cannot be told, so set business.country. Its number: {number}."
            ),
        },
    )
}

fn service_centre(facts: &Facts) -> Finding {
    let subject = "SMS centre";
    match facts.service_centre.as_deref() {
        Some("") => Finding::wrong(subject, NO_SERVICE_CENTRE),
        Some(number) => Finding::well(subject, format!("{number}.")),
        None => Finding::unknown(subject, "The modem does not tell."),
    }
}

/// How full the memory for messages was when the modem was set up; what the daemon takes in it deletes.
fn storage(facts: &Facts) -> Finding {
    let subject = "storage";
    match facts.storage.filter(|(_, total)| *total > 0) {
        None => Finding::unknown(subject, "The modem does not tell."),
        Some((used, total)) if used < total => {
            Finding::well(subject, format!("{used} of {total} messages."))
        }
        Some((used, total)) => Finding::wrong(
            subject,
            format!(
                "Full, with {used} of {total} messages: nothing more comes in until textback runs, which takes them over."
            ),
        ),
    }
}

fn texts(facts: &Facts) -> Finding {
    let words = match (facts.sms_by_urc, facts.status_reports) {
        (true, true) => "The modem tells of new texts and of delivery.",
        (true, false) => "The modem tells of new texts, but not whether ours arrive.",
        (false, _) => {
            "The modem does not tell of new texts; they are looked for every ten minutes."
        }
    };
    Finding::well("texts", words)
}

fn voice(facts: &Facts, registrations: &Registrations) -> Finding {
    let (well, words) = facts.voice(registrations);
    let doubtful = well && facts.voice_is_doubtful(registrations);
    Finding::of("voice", Some(well).filter(|_| !doubtful), words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn no_pin() -> PinSource {
        PinSource {
            file: None,
            refused: "/nowhere/refused-pin".into(),
        }
    }

    fn marks(findings: &[Finding]) -> String {
        let mark = |finding: &Finding| match finding.well {
            Some(true) => "+",
            Some(false) => "!",
            None => "-",
        };
        findings.iter().map(mark).collect()
    }

    #[test]
    fn what_it_stopped_at_is_wrong_and_what_lies_behind_that_was_not_looked_at() {
        for (stage, expected) in [
            (Stage::Port, "!----------"),
            (Stage::Modem, "+!---------"),
            (Stage::Sim, "++!--------"),
            (Stage::Pin, "+++!-------"),
            (Stage::Network, "++++!------"),
        ] {
            let why = "Something is wrong.".to_owned();
            let down = of(&ModemState::Down { why, stage }, &Port::Auto, &no_pin());
            assert_eq!(marks(&down), expected, "{stage:?}");
            let wrong = down.iter().find(|it| it.well == Some(false)).unwrap();
            assert_eq!(wrong.words, "Something is wrong.");
        }
    }

    #[test]
    fn an_armed_modem_has_the_same_lines_and_each_can_be_wrong() {
        let subjects = |findings: &[Finding]| {
            let mut subjects: Vec<_> = findings.iter().map(|it| it.subject).collect();
            subjects.sort_unstable();
            subjects
        };
        let look = |facts: Facts, pin: &PinSource| {
            let state = ModemState::Armed {
                facts: Arc::new(facts),
                signal: None,
                registrations: Registrations::default(),
            };
            of(&state, &Port::Auto, pin)
        };
        let plain = look(Facts::default(), &no_pin());
        assert_eq!(subjects(&plain), subjects(&stopped(Stage::Port, "")));
        assert!(!marks(&plain).contains('!'), "{plain:?}");
        let wrong = |facts: Facts, pin: &PinSource| {
            let found = look(facts, pin).into_iter();
            found
                .filter(|it| it.well == Some(false))
                .map(|it| it.subject)
                .collect::<Vec<_>>()
        };
        let facts = Facts {
            service_centre: Some(String::new()),
            storage: Some((20, 20)),
            ..Facts::default()
        };
        assert_eq!(wrong(facts, &no_pin()), ["SMS centre", "storage"]);
        let pin = PinSource {
            file: Some("/nowhere/pin".into()),
            ..no_pin()
        };
        assert_eq!(wrong(Facts::default(), &pin), ["PIN"]);
    }

    #[test]
    fn what_was_done_to_the_modem_is_told() {
        let facts = Facts {
            radio_switched_on: true,
            pin_entered: true,
            ..Facts::default()
        };
        assert!(modem(&facts).contains("Its radio was off and has been switched on."));
        assert!(!modem(&Facts::default()).contains("radio"));
        let pin = PinSource {
            file: Some("/etc/textback/pin".into()),
            ..no_pin()
        };
        let words = pin.look(facts.pin_entered).unwrap();
        assert_eq!(
            words,
            "Asked for and entered; it is read from /etc/textback/pin."
        );
    }

    #[test]
    fn a_port_that_another_program_has_open_too_is_wrong() {
        let root = tempfile::tempdir().unwrap();
        let port = root.path().join("ttyUSB2");
        let other = std::fs::File::create(&port).unwrap();
        let found = || open_port(&Facts::default(), &Port::Path(port.clone()));
        assert_eq!(found().well, Some(true), "we ourselves have it open");
        let sleeping = std::process::Command::new("sleep")
            .arg("60")
            .stdin(other)
            .spawn();
        let mut sleeping = sleeping.unwrap();
        let twice = found();
        sleeping.kill().unwrap();
        sleeping.wait().unwrap();
        assert_eq!(twice.well, Some(false));
        let who = format!("sleep (process {}) holds it", sleeping.id());
        assert!(twice.words.contains(&who), "{twice:?}");
    }
}
