//! textback: a modem rings, nobody answers, the caller gets a text.
//!
//! # The house
//!
//! Lower floors know nothing of upper ones; `tests/tidy.rs` holds this map to the code.
//!
//! | floor | room | what happens in it |
//! |---|---|---|
//! | 4 | [`cli`] | arguments, exit codes, words for the terminal; one file a subcommand |
//! | 4 | [`web`] | the page and `/healthz`: reads the store, sends commands to the service, decides nothing |
//! | 3 | [`service`] | wires the rooms together, starts and supervises their tasks, stops them in order |
//! | 2 | [`modem`] | the device: open the port, bring it up, hold it, notice that it died, bring it back |
//! | 2 | [`reception`] | the shell around `call` and `rules`: what a missed call sets in motion |
//! | 2 | [`outbox`] | texts on their way out, each owned by a durable row until the network has taken it |
//! | 2 | [`inbox`] | texts on their way in, stored before they are deleted from the SIM |
//! | 2 | [`outlets`] | what is told elsewhere: webhook, push, e-mail; from the store to receivers that may be slow, down or hostile |
//! | 2 | [`alerts`] | what the owner has to see to himself, told by text to his own phone |
//! | 2 | [`digest`] | the owner's summary of a day and of a week, by text |
//! | 2 | [`follow_up`] | once more to callers who have not answered, if the owner wants that |
//! | 2 | [`store`] | SQLite: migrations, one file a table family, every query in here and nowhere else |
//! | 2 | [`clock`] | the only place that asks what time it is; a simulated one for tests |
//! | 1 | [`call`] | the life of a ringing call: events and time in, missed calls out |
//! | 1 | [`rules`] | whom we text and why not: one pure decision with its reason; STOP and its kin |
//! | 1 | [`wording`] | a template and a caller in, a text with its parts counted out; and what the page says in other languages |
//! | 1 | [`text`] | the life of a text: what may follow on what, and which text a status report is about |
//! | 1 | [`steering`] | what a text from the owner or the front desk means: an answer to a caller, or a command |
//! | 1 | [`phone`] | `PhoneNumber`: E.164, its region, what kind of line it is |
//! | 1 | [`events`] | what is told elsewhere, as JSON and in words |
//! | 1 | [`delivery`] | how that is signed, when it is tried again, which addresses it may go to |
//! | 1 | [`door`] | the page's door: what a password must be, what is handed out at it, how often one may try |
//! | 1 | [`forwarding`] | the codes that a phone is told to forward its calls with, by carrier |
//! | 1 | [`hours`] | whether the business is open at a moment: weekly hours, holidays, out of office, changes of clocks |
//! | 1 | [`address_book`] | a vCard or CSV file in, names and numbers out, and what was left out and why |
//! | 1 | [`settings`] | what the owner changes: every key, its default and what it accepts |
//! | 1 | [`config`] | what the installer decides: the TOML file and its mistakes |
//! | 0 | [`at`] | the AT language: bytes to lines and prompts, commands and answers, URCs, error codes; what families of modems do differently, one file a maker |
//! | 0 | [`sms`] | 3GPP 23.038/23.040: alphabets, addresses, PDUs, concatenation, status reports |
//! | beside | [`sim`] | a modem, a network and callers made of software: the demo and the tests run on it |
//!
//! # The way of a missed call
//!
//! Bytes → `at` makes lines, answers and URCs of them → `call` sees a call ring and end → `reception` closes it in the
//! `store` with the decision of `rules` and, if that is to text, the words of `wording`, in one transaction → `outbox` marks
//! the text as being sent, has `sms` write its PDUs and gives them to `modem` → the network's reference and its status report
//! each become a row. What callers answer goes from `modem` through `inbox` into the store, and from there to the owner's phone; what he
//! writes goes the same way, and `steering` says whether it is for a caller or for the box. Nothing is promised before it is on
//! disk (while that fails, in memory: see `store`), and each step leaves a row, so that the page can say in plain words what became of every call.
//!
//! # What holds everywhere
//!
//! - What decides (floors 0 and 1, `outbox`'s `life`) is told the facts and the time, and does nothing by itself.
//! - One task owns the port and has one command open at most; one connection writes the store, one job after the other.
//! - Tests stand in for the bytes on the serial line and for nothing of ours.

pub mod address_book;
pub mod alerts;
pub mod at;
pub mod call;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod digest;
pub mod door;
pub mod events;
pub mod follow_up;
pub mod forwarding;
pub mod hours;
pub mod inbox;
pub mod modem;
pub mod outbox;
pub mod outlets;
pub mod phone;
pub mod reception;
pub mod rules;
pub mod service;
pub mod settings;
pub mod sim;
pub mod sms;
pub mod steering;
pub mod store;
pub mod text;
pub mod web;
pub mod wording;
