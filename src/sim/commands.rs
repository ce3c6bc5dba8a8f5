//! The commands this modem understands and the settings they leave behind. Written from 3GPP TS 27.005, 27.007 and V.250
//! alone: nothing of `crate::at` or `crate::modem`, so that their mistakes cannot hide here.

mod sms;
mod syntax;

use super::callers::Stage;
use super::card::{Lock, Unlock};
use super::modem::{SimModem, Timer};
use syntax::{Command, Form, split_commands};

/// What a start leaves of all settings: what an unkind modem would choose.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) echo: bool,
    /// `ATQ1`: no result codes.
    quiet: bool,
    /// `ATV0`: result codes as numbers.
    numeric: bool,
    pub(super) auto_answer: u8,
    pub(super) clip: bool,
    pub(super) cring: bool,
    pub(super) ccwa: bool,
    pub(super) creg: u8,
    pub(super) cereg: u8,
    pub(super) cnmi: Cnmi,
    cmee: u8,
    text_mode: bool,
    memory: MemoryName,
    operator_format: u8,
    /// `AT+CTZU=1`: the clock follows the network's.
    network_time: bool,
    /// `AT+CVHU=0`: `ATH` hangs up voice calls too.
    ath_hangs_up: bool,
    /// The family's own commands that it has been given, in capitals.
    given: Vec<String>,
}

/// `AT+CNMI` (27.005 3.4.1).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cnmi {
    pub(super) mode: u8,
    pub(super) mt: u8,
    bm: u8,
    pub(super) ds: u8,
    bfr: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MemoryName {
    Sm,
    Sr,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            echo: true,
            quiet: false,
            numeric: false,
            auto_answer: 0,
            clip: false,
            cring: false,
            ccwa: false,
            creg: 0,
            cereg: 0,
            cnmi: Cnmi::default(),
            cmee: 0,
            // Many modems start in text mode: who forgets AT+CMGF=0 shall notice.
            text_mode: true,
            memory: MemoryName::Sm,
            operator_format: 0,
            network_time: false,
            ath_hangs_up: false,
            given: Vec::new(),
        }
    }
}

impl Settings {
    /// Whether the modem has been given this command since it started.
    pub(super) fn has(&self, command: &str) -> bool {
        self.given.iter().any(|it| it.eq_ignore_ascii_case(command))
    }
}

/// What follows a command.
#[derive(Debug)]
pub(super) enum Reply {
    /// Information lines and the final result, as they go out.
    Final(String),
    /// The prompt; `shown` is false when it is lost on the way.
    Prompt { tpdu_len: usize, shown: bool },
}

/// Why a command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// `ERROR`: not understood.
    Unknown,
    /// `+CME ERROR` of 27.007 9.2, or `ERROR` while `AT+CMEE=0`.
    Cme(u16),
    /// `+CMS ERROR` of 27.005 3.2.5.
    Cms(u16),
}

type Lines = Vec<String>;
type Done = Result<Lines, Refusal>;

const CME_NOT_ALLOWED: u16 = 3;
const CME_NOT_SUPPORTED: u16 = 4;
const CME_NO_SIM: u16 = 10;
const CME_PIN: u16 = 11;
const CME_PUK: u16 = 12;
const CME_SIM_BUSY: u16 = 14;
const CME_WRONG_PIN: u16 = 16;
const CMS_NOT_SUPPORTED: u16 = 303;
const CMS_BAD_PDU_MODE: u16 = 304;
const CMS_BAD_TEXT_MODE: u16 = 305;
const CMS_NO_SIM: u16 = 310;
const CMS_PIN: u16 = 311;
const CMS_SIM_BUSY: u16 = 314;
const CMS_PUK: u16 = 316;
const CMS_BAD_INDEX: u16 = 321;
const CMS_NO_CENTRE: u16 = 330;
const CMS_NO_NETWORK: u16 = 331;
const CMS_NO_ACK_EXPECTED: u16 = 340;

/// `+CME ERROR` in words (`AT+CMEE=2`), 27.007 9.2.1.
const CME_TEXTS: &[(u16, &str)] = &[
    (CME_NOT_ALLOWED, "operation not allowed"),
    (CME_NOT_SUPPORTED, "operation not supported"),
    (CME_NO_SIM, "SIM not inserted"),
    (CME_PIN, "SIM PIN required"),
    (CME_PUK, "SIM PUK required"),
    (CME_SIM_BUSY, "SIM busy"),
    (CME_WRONG_PIN, "incorrect password"),
];

/// What a modem does before it has its PIN (27.007 9.2, and what modems are seen to allow).
const BEFORE_PIN: &[&str] = &[
    "+CPIN", "+CMEE", "+CFUN", "+CGMI", "+CGMM", "+CGMR", "+CGSN", "+CSQ", "+CREG", "+CEREG",
    "+CPAS", "+CLAC",
];

/// The commands that need the SIM and answer `+CMS ERROR` (27.005).
const MESSAGE_COMMANDS: &[&str] = &[
    "+CMGS", "+CMGR", "+CMGL", "+CMGD", "+CPMS", "+CNMI", "+CSCA", "+CMGF", "+CSMS", "+CNMA",
    "+CMMS",
];

impl SimModem {
    /// Carries out a command line; `line` is what stands behind `AT`.
    pub(super) fn run(&mut self, line: &str) -> Reply {
        let mut lines = Lines::new();
        for whole in split_commands(line) {
            let command = Command::parse(whole);
            if command.name == "+CMGS" && command.form == Form::Set {
                return match self.start_message(&command) {
                    Ok(reply) => reply,
                    Err(refusal) => Reply::Final(self.refused(refusal)),
                };
            }
            match self.carry_out(&command) {
                Ok(more) => lines.extend(more),
                Err(refusal) => return Reply::Final(self.refused(refusal)),
            }
        }
        let mut answer = String::new();
        if !lines.is_empty() {
            let before = if self.settings.numeric { "" } else { "\r\n" };
            answer = format!("{before}{}\r\n", lines.join("\r\n"));
        }
        if self.options.quirks.no_ok_behind_sim_state && lines == ["+CPIN: READY"] {
            return Reply::Final(answer);
        }
        Reply::Final(answer + &self.result("OK"))
    }

    /// A final result as `ATQ` and `ATV` have it (V.250 6.2.5, 6.2.6); 27.007's have no number.
    fn result(&self, words: &str) -> String {
        let number = match words {
            "OK" => Some(0),
            "ERROR" => Some(4),
            _ => None,
        };
        match number.filter(|_| self.settings.numeric) {
            _ if self.settings.quiet => String::new(),
            Some(number) => format!("{number}\r"),
            None => format!("\r\n{words}\r\n"),
        }
    }

    fn refused(&self, refusal: Refusal) -> String {
        let result = match refusal {
            Refusal::Unknown => {
                let own = self.options.quirks.unknown_command.as_deref();
                own.unwrap_or("ERROR").to_owned()
            }
            Refusal::Cme(_) if self.settings.cmee == 0 => "ERROR".to_owned(),
            Refusal::Cme(code) if self.settings.cmee == 2 => {
                let text = CME_TEXTS.iter().find(|(known, _)| *known == code);
                format!("+CME ERROR: {}", text.map_or("unknown", |(_, text)| text))
            }
            Refusal::Cme(code) => format!("+CME ERROR: {code}"),
            Refusal::Cms(code) => format!("+CMS ERROR: {code}"),
        };
        self.result(&result)
    }

    fn carry_out(&mut self, command: &Command) -> Done {
        if self.options.understands(command.whole) {
            self.settings.given.push(command.whole.to_owned());
            return Ok(Lines::new());
        }
        let answers = self.options.answers;
        let answer = answers
            .iter()
            .find(|(question, _)| question.eq_ignore_ascii_case(command.whole));
        if let Some((_, line)) = answer {
            return Ok(vec![(*line).to_owned()]);
        }
        self.sim_allows(&command.name)?;
        match command.name.as_str() {
            "" | "V" | "Q" | "&F" | "Z" | "E" | "I" | "H" | "A" | "S0" => self.basic(command),
            "+CGMI" | "+CGMM" | "+CGMR" | "+CIMI" | "+CNUM" | "+CSQ" | "+COPS" | "+CREG"
            | "+CEREG" | "+CFUN" | "+CPIN" | "+CMEE" | "+CPAS" | "+CTZU" | "+CCLK" => {
                self.general(command)
            }
            "+CLIP" | "+CRC" | "+CCWA" | "+CLCC" | "+CHUP" | "+CHLD" | "+CVHU" => {
                self.about_calls(command)
            }
            "+CMGF" | "+CSMS" | "+CNMI" | "+CPMS" | "+CSCA" | "+CMGL" | "+CMGR" | "+CMGD"
            | "+CNMA" => self.about_messages(command),
            _ => Err(Refusal::Unknown),
        }
    }

    /// What the SIM's state forbids.
    fn sim_allows(&self, name: &str) -> Result<(), Refusal> {
        if !name.starts_with('+') || BEFORE_PIN.contains(&name) {
            return Ok(());
        }
        let (cme, cms) = match self.card.lock {
            _ if !self.options.sim_present => (CME_NO_SIM, CMS_NO_SIM),
            Lock::Pin => (CME_PIN, CMS_PIN),
            Lock::Puk => (CME_PUK, CMS_PUK),
            Lock::Ready if !self.sim_ready => (CME_SIM_BUSY, CMS_SIM_BUSY),
            Lock::Ready => return Ok(()),
        };
        Err(if MESSAGE_COMMANDS.contains(&name) {
            Refusal::Cms(cms)
        } else {
            Refusal::Cme(cme)
        })
    }

    /// V.250.
    fn basic(&mut self, command: &Command) -> Done {
        let value = command.number(0).unwrap_or(0);
        match (command.name.as_str(), command.form) {
            ("E", _) if value == 0 && self.options.quirks.echo_stays => {
                return Err(Refusal::Unknown);
            }
            ("E", _) if value <= 1 => self.settings.echo = value == 1,
            ("H", _) => {
                if self.settings.ath_hangs_up || !self.options.quirks.ath_needs_cvhu {
                    self.hang_up(|_| true);
                }
            }
            ("A", _) => {
                self.violation("ATA: the box never answers");
                let ringing = self.calls.iter().find(|call| call.stage == Stage::Incoming);
                let key = ringing.map(|call| call.key).ok_or(Refusal::Unknown)?;
                self.answer_call(key);
            }
            ("S0", Form::Read) => return Ok(vec![format!("{:03}", self.settings.auto_answer)]),
            ("S0", Form::Set) => {
                self.settings.auto_answer = u8::try_from(value).map_err(|_| Refusal::Unknown)?;
                if value > 0 {
                    self.violation("ATS0: the box never answers");
                }
            }
            ("Z" | "&F", _) => self.settings = Settings::default(),
            ("I", _) => {
                let options = &self.options;
                return Ok(vec![
                    options.manufacturer.clone(),
                    options.model.clone(),
                    options.revision.clone(),
                ]);
            }
            ("Q", Form::Execute | Form::Set) if value <= 1 => self.settings.quiet = value == 1,
            ("V", Form::Execute | Form::Set) if value <= 1 => self.settings.numeric = value == 0,
            ("", Form::Execute) => {}
            _ => return Err(Refusal::Unknown),
        }
        Ok(Lines::new())
    }

    /// 27.007 but for calls.
    fn general(&mut self, command: &Command) -> Done {
        let options = &self.options;
        let line = match (command.name.as_str(), command.form) {
            ("+CGMI", Form::Execute) => options.manufacturer.clone(),
            ("+CGMM", Form::Execute) => options.model.clone(),
            ("+CGMR", Form::Execute) => options.revision.clone(),
            ("+CIMI", Form::Execute) => options.imsi.clone(),
            ("+CNUM", Form::Execute) => match &options.own_number {
                Some(number) => format!("+CNUM: \"\",\"{number}\",145"),
                None => return Ok(Lines::new()),
            },
            ("+CSQ", Form::Execute) if self.functionality == 1 => "+CSQ: 21,99".into(),
            ("+CSQ", Form::Execute) => "+CSQ: 99,99".into(),
            ("+CPAS", Form::Execute) => match self.calls.first().map(|call| call.stage) {
                Some(Stage::Active) => "+CPAS: 4".into(),
                Some(_) => "+CPAS: 3".into(),
                None => "+CPAS: 0".into(),
            },
            ("+COPS", Form::Read) => self.operator(),
            ("+COPS", Form::Set) => return self.choose_operator(command),
            ("+COPS", Form::Test) => {
                self.violation("AT+COPS=? blocks a modem for minutes");
                return Err(Refusal::Cme(CME_NOT_ALLOWED));
            }
            ("+CREG", Form::Read) => {
                registration_line("+CREG", self.settings.creg, self.registration.circuit)
            }
            ("+CEREG", Form::Read) => {
                registration_line("+CEREG", self.settings.cereg, self.registration.lte)
            }
            ("+CREG", Form::Set) => return command.set(&mut self.settings.creg, 2),
            ("+CEREG", Form::Set) => return command.set(&mut self.settings.cereg, 2),
            ("+CTZU", Form::Set) => {
                self.settings.network_time = command.switch()?;
                return Ok(Lines::new());
            }
            ("+CCLK", Form::Read) => self.clock(),
            ("+CMEE", Form::Read) => format!("+CMEE: {}", self.settings.cmee),
            ("+CMEE", Form::Set) => return command.set(&mut self.settings.cmee, 2),
            ("+CFUN", Form::Read) => format!("+CFUN: {}", self.functionality),
            ("+CFUN", Form::Set) => return self.set_functionality(command),
            ("+CPIN", Form::Read) => match self.card.lock {
                _ if !options.sim_present => return Err(Refusal::Cme(CME_NO_SIM)),
                Lock::Ready if !self.sim_ready => {
                    let code = options.quirks.sim_not_ready.unwrap_or(CME_SIM_BUSY);
                    return Err(Refusal::Cme(code));
                }
                Lock::Ready => "+CPIN: READY".into(),
                Lock::Pin => "+CPIN: SIM PIN".into(),
                Lock::Puk => "+CPIN: SIM PUK".into(),
            },
            ("+CPIN", Form::Set) => return self.give_pin(command),
            _ => return Err(Refusal::Unknown),
        };
        Ok(vec![line])
    }

    /// 27.007 8.15. Without the network's time it counts from the beginning of GPS.
    fn clock(&self) -> String {
        let zone = self
            .options
            .network_zone
            .filter(|_| self.settings.network_time && self.registration.carries_sms())
            .filter(|_| self.now >= self.options.network_time_takes);
        let start = match zone {
            Some(_) => self.options.started_at,
            None => jiff::Timestamp::from_second(315_964_800).unwrap_or_default(),
        };
        let zone = zone.unwrap_or_default();
        let offset = jiff::tz::Offset::from_seconds(i32::from(zone) * 900);
        let there = offset
            .unwrap_or(jiff::tz::Offset::UTC)
            .to_datetime(start + self.now);
        format!(
            "+CCLK: \"{}{zone:+03}\"",
            there.strftime("%y/%m/%d,%H:%M:%S")
        )
    }

    fn operator(&self) -> String {
        let format = self.settings.operator_format;
        if !self.registration.carries_sms() {
            return "+COPS: 0".into();
        }
        let name = if format == 2 {
            self.options.imsi.get(..6).unwrap_or_default()
        } else {
            &self.options.operator
        };
        format!("+COPS: 0,{format},\"{name}\",7")
    }

    fn choose_operator(&mut self, command: &Command) -> Done {
        match (command.number(0), command.number(1)) {
            (Some(0), _) => {}
            (Some(3), Some(format @ 0..=2)) => {
                self.settings.operator_format = u8::try_from(format).unwrap_or_default();
            }
            _ => return Err(Refusal::Cme(CME_NOT_SUPPORTED)),
        }
        Ok(Lines::new())
    }

    fn set_functionality(&mut self, command: &Command) -> Done {
        match (command.number(0), command.number(1).unwrap_or(0)) {
            (Some(1), 1) => {
                // The OK still gets out.
                let late = self.options.answer_takes + std::time::Duration::from_millis(10);
                self.after(late, Timer::Restart);
            }
            (Some(level @ (0 | 1 | 4)), 0) => {
                let level = u8::try_from(level).unwrap_or_default();
                if level != self.functionality {
                    self.functionality = level;
                    self.look_for_network();
                }
            }
            _ => return Err(Refusal::Cme(CME_NOT_SUPPORTED)),
        }
        Ok(Lines::new())
    }

    fn give_pin(&mut self, command: &Command) -> Done {
        let pin = command.text(0).ok_or(Refusal::Cme(CME_NOT_SUPPORTED))?;
        match self.card.lock {
            _ if !self.options.sim_present => return Err(Refusal::Cme(CME_NO_SIM)),
            Lock::Ready => return Err(Refusal::Cme(CME_NOT_ALLOWED)),
            Lock::Puk => return Err(Refusal::Cme(CME_PUK)),
            Lock::Pin => {}
        }
        match self.card.unlock(pin) {
            Unlock::Done => {
                self.on_unlocked();
                Ok(Lines::new())
            }
            Unlock::Wrong { same_again } => {
                if same_again {
                    self.violation("the same wrong PIN was given twice");
                }
                Err(Refusal::Cme(CME_WRONG_PIN))
            }
            Unlock::Blocked => Err(Refusal::Cme(CME_PUK)),
        }
    }

    /// 27.007 clause 7: calls.
    fn about_calls(&mut self, command: &Command) -> Done {
        let number = command.number(0);
        match (command.name.as_str(), command.form) {
            ("+CLIP", Form::Read) => {
                return Ok(vec![format!("+CLIP: {},1", u8::from(self.settings.clip))]);
            }
            ("+CLIP", Form::Set) => self.settings.clip = command.switch()?,
            ("+CRC", Form::Read) => {
                return Ok(vec![format!("+CRC: {}", u8::from(self.settings.cring))]);
            }
            ("+CRC", Form::Set) => self.settings.cring = command.switch()?,
            ("+CCWA", Form::Set) if self.options.call_waiting => {
                self.settings.ccwa = command.switch()?;
            }
            ("+CVHU", Form::Set) => self.settings.ath_hangs_up = !command.switch()?,
            ("+CLCC", Form::Execute) => {
                let quirks = &self.options.quirks;
                return Ok(self
                    .calls
                    .iter()
                    .map(|call| call.list_line(quirks))
                    .collect());
            }
            // Ends what rings or talks; who waits goes on waiting, and then rings.
            ("+CHUP", Form::Execute) => {
                self.hang_up(|call| call.stage != Stage::Waiting);
            }
            ("+CHLD", Form::Set) => match number {
                Some(0) => {
                    self.hang_up(|call| call.stage != Stage::Active);
                }
                Some(chosen @ 11..=17) => {
                    if !self.hang_up(|call| u32::from(call.index) == chosen - 10) {
                        return Err(Refusal::Cme(CME_NOT_ALLOWED));
                    }
                }
                _ => return Err(Refusal::Cme(CME_NOT_SUPPORTED)),
            },
            _ => return Err(Refusal::Unknown),
        }
        Ok(Lines::new())
    }

    pub(super) fn registration_urc(&mut self, name: &str, detail: u8, stat: u8) {
        if detail > 0 {
            let line = format!("{name}: {}", registration_fields(detail, stat));
            self.urc(&line);
        }
    }
}

fn registration_line(name: &str, detail: u8, stat: u8) -> String {
    format!("{name}: {detail},{}", registration_fields(detail, stat))
}

/// Behind `<stat>` come area, cell and access technology (7 = LTE) with detail 2, where there is a network.
fn registration_fields(detail: u8, stat: u8) -> String {
    if detail == 2 && !matches!(stat, 0 | 2 | 3 | 4) {
        format!("{stat},\"8B37\",\"0A265185\",7")
    } else {
        stat.to_string()
    }
}
