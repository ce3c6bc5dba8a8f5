//! From a command to what follows from it.

use super::words;
use super::{
    Command, Conversation, Effect, Kept, Situation, Understood, Verb, WRONG_PINS_MAX, on_duty,
};
use crate::hours::Standing;
use crate::phone::PhoneNumber;
use crate::settings::{self, HOURS_AWAY_UNTIL, MESSAGE_MISSED_CALL, Settings, TEXTS_PAUSED_UNTIL};
use crate::sms;
use crate::wording::{self, Occasion, PARTS_MAX, Template, Values};

/// What follows from a text of one of the owner's people.
#[must_use]
pub fn act(understood: &Understood, situation: &Situation<'_>) -> Vec<Effect> {
    if let Err(refused) = check_pin(understood, situation) {
        return refused;
    }
    let tell = |words: String| vec![Effect::Tell(words)];
    match &understood.command {
        Command::Reaction => Vec::new(),
        Command::Status => tell(words::status(situation, &standing(situation))),
        Command::Help => tell(words::help(situation)),
        Command::List => tell(words::list(situation)),
        Command::OwnStop => tell(words::OWN_STOP.to_owned()),
        Command::UnclearBehindPin => tell(words::unclear_behind_pin()),
        Command::ShowMessage => tell(words::message_is(&preview(situation.settings, situation))),
        Command::Pause(until) => set(
            TEXTS_PAUSED_UNTIL,
            until.to_string(),
            words::paused(until, situation),
        ),
        Command::Away(until) => set(
            HOURS_AWAY_UNTIL,
            until.to_string(),
            words::away(until, situation),
        ),
        Command::Resume => vec![
            Effect::Set(TEXTS_PAUSED_UNTIL, String::new()),
            Effect::Set(HOURS_AWAY_UNTIL, String::new()),
            Effect::Tell(words::resumed(&standing(situation))),
        ],
        Command::Message(message) => propose(message, situation),
        Command::Yes => match situation.kept_message {
            Some(message) => vec![
                Effect::Forget(Kept::Message),
                Effect::Set(MESSAGE_MISSED_CALL, message.to_owned()),
                Effect::Tell(words::MESSAGE_TAKEN.to_owned()),
            ],
            None => Vec::new(),
        },
        Command::No => vec![
            Effect::Forget(Kept::Message),
            Effect::Tell(words::MESSAGE_DROPPED.to_owned()),
        ],
        Command::Skip(number) => vec![
            Effect::Skip(number.clone(), name_of(number, situation)),
            Effect::Tell(words::skipped(number, situation)),
        ],
        Command::Unskip(number) => vec![
            Effect::Unskip(number.clone()),
            Effect::Tell(words::unskipped(number, situation)),
        ],
        Command::OptOut(number) => vec![
            Effect::OptOut(number.clone()),
            Effect::Tell(words::opted_out(number, situation)),
        ],
        Command::OptIn(number) => vec![
            Effect::OptIn(number.clone()),
            Effect::Tell(words::opted_in(number, situation)),
        ],
        Command::Won { number, amount } => vec![
            Effect::Won(number.clone(), *amount),
            Effect::Tell(words::won(number, *amount, situation)),
        ],
        Command::Answer { tag, words } => match situation.tagged(*tag) {
            Some(conversation) => send(conversation, words, true, situation),
            None => Vec::new(),
        },
        Command::Choose(tag) => {
            let kept = situation.kept_words.or(situation.kept_unclear);
            match (situation.tagged(*tag), kept) {
                (Some(conversation), Some(kept)) => send(conversation, kept, true, situation),
                _ => tell(words::nothing_kept(*tag)),
            }
        }
        Command::NoSuchTag { tag, words } => {
            let mut effects = tell(words::no_such_tag(*tag, !words.is_empty(), situation));
            if !words.is_empty() {
                effects.push(keep(words, situation));
            }
            effects
        }
        Command::Unclear { verb, words } => unclear(*verb, words, situation),
        Command::Words(words) => untagged(words, situation),
    }
}

/// Words with nobody named: for the only one they can be for, or else he is asked. Words that wait already are for the same person.
fn untagged(words: &str, situation: &Situation<'_>) -> Vec<Effect> {
    if words.is_empty() {
        return vec![Effect::Tell(words::help(situation))];
    }
    let mut open = situation.open();
    match (open.next(), open.next(), situation.kept_words) {
        (Some(only), None, None) if !names_a_tag(words) => send(only, words, false, situation),
        (first, _, _) => vec![
            keep(words, situation),
            Effect::Tell(words::for_whom(first.is_some(), situation)),
        ],
    }
}

/// Whether there is a tag in it, which is nothing for a caller to see: `wn #1 450`, `tell #2 yes`.
fn names_a_tag(words: &str) -> bool {
    let behind = words.split('#').skip(1);
    let mut behind = behind.map(str::trim_start);
    behind.any(|text| text.starts_with(|c: char| c.is_ascii_digit()))
}

/// It begins as a command: what would have been understood; and kept, in case it was meant for a caller.
fn unclear(verb: Verb, words: &str, situation: &Situation<'_>) -> Vec<Effect> {
    vec![
        Effect::Keep(Kept::Unclear, words.to_owned()),
        Effect::Tell(words::unclear(verb, situation)),
    ]
}

/// Behind what waits already.
fn keep(words: &str, situation: &Situation<'_>) -> Effect {
    let all = match situation.kept_words {
        Some(before) => format!("{before}\n{words}"),
        None => words.to_owned(),
    };
    Effect::Keep(Kept::Words, all)
}

/// To the caller; whoever else is on duty is told who answered first. New words put an end to those that wait.
fn send(
    conversation: &Conversation,
    words: &str,
    named: bool,
    situation: &Situation<'_>,
) -> Vec<Effect> {
    let body = wording::fold(words);
    let parts = sms::measure(&body).parts;
    if parts > PARTS_MAX {
        return vec![Effect::Tell(words::too_long(parts))];
    }
    let mut effects = vec![Effect::Send(conversation.number.clone(), body.clone())];
    if named {
        effects.extend([Kept::Words, Kept::Unclear].map(Effect::Forget));
    }
    if conversation.opted_out {
        effects.push(Effect::Tell(words::had_opted_out(conversation, situation)));
    }
    if conversation.waits {
        let others = on_duty(situation.settings, &situation.now);
        let others = others.into_iter().filter(|other| other != situation.from);
        let told = words::answered(conversation, &body, situation);
        effects.extend(others.map(|other| Effect::TellOther(other, told.clone())));
    }
    effects
}

fn set(key: &'static str, value: String, told: String) -> Vec<Effect> {
    vec![Effect::Set(key, value), Effect::Tell(told)]
}

/// The message as a caller will see it, to be taken with YES; or why it cannot be.
fn propose(message: &str, situation: &Situation<'_>) -> Vec<Effect> {
    match settings::check_change(situation.settings, MESSAGE_MISSED_CALL, message) {
        Ok(message) => {
            let becomes = situation.settings.with(&[(MESSAGE_MISSED_CALL, &message)]);
            let shown = preview(&becomes, situation);
            let advice = advice(&becomes, situation);
            vec![
                Effect::Keep(Kept::Message, message),
                Effect::Tell(words::proposed(&shown, advice.as_deref())),
            ]
        }
        Err(refusal) => vec![Effect::Tell(words::message_refused(&refusal))],
    }
}

fn with_values<T>(
    settings: &Settings,
    situation: &Situation<'_>,
    use_them: impl FnOnce(&Values<'_>) -> T,
) -> T {
    let owner = settings
        .owner_number()
        .map(|it| it.format_for(situation.home));
    let time = wording::sample_time(situation.home);
    use_them(&Values {
        business: settings.business_name(),
        caller: Some(wording::SAMPLE_CALLER),
        time: Some(&time),
        owner: owner.as_deref(),
    })
}

fn preview(settings: &Settings, situation: &Situation<'_>) -> String {
    let language = settings.language(situation.home);
    with_values(settings, situation, |values| {
        wording::text(
            Occasion::MissedCall,
            settings.missed_call_message(),
            language,
            values,
        )
    })
}

/// The first thing that could be better about it.
fn advice(settings: &Settings, situation: &Situation<'_>) -> Option<String> {
    let message: &Template = settings.missed_call_message()?;
    let language = settings.language(situation.home);
    let all = with_values(settings, situation, |values| {
        wording::advice(message, Occasion::MissedCall, language, values)
    });
    all.first().map(|it| wording::fold(&it.sentence()))
}

/// How he stands to the world: paused, away, or neither.
pub(super) enum Stands {
    Paused(crate::hours::Until),
    Away(crate::hours::Until),
    Neither,
}

fn standing(situation: &Situation<'_>) -> Stands {
    let paused = situation.settings.paused_until();
    if let Some(until) = paused.filter(|until| !until.is_over(&situation.now)) {
        return Stands::Paused(until);
    }
    match situation.settings.schedule().standing(&situation.now) {
        Standing::Away { until } => Stands::Away(until),
        Standing::Open | Standing::Closed | Standing::Holiday { .. } => Stands::Neither,
    }
}

fn name_of(number: &PhoneNumber, situation: &Situation<'_>) -> String {
    let conversation = situation
        .conversations
        .iter()
        .find(|it| it.number == *number);
    conversation.map_or_else(String::new, |it| it.name.clone())
}

/// What changes the box needs the PIN, if there is one. Answers to callers do not, nor what only asks; YES takes what was proposed
/// with it.
fn check_pin(understood: &Understood, situation: &Situation<'_>) -> Result<(), Vec<Effect>> {
    let Some(pin) = situation.settings.pin() else {
        return Ok(());
    };
    let needs_it = matches!(
        understood.command,
        Command::Pause(_)
            | Command::Away(_)
            | Command::Resume
            | Command::Message(_)
            | Command::Skip(_)
            | Command::Unskip(_)
            | Command::OptOut(_)
            | Command::OptIn(_)
            | Command::Won { .. }
    );
    if !needs_it {
        return Ok(());
    }
    if situation.wrong_pins >= WRONG_PINS_MAX {
        return Err(vec![Effect::Tell(words::TOO_MANY_PINS.to_owned())]);
    }
    match understood.pin.as_deref() {
        Some(given) if given == pin => Ok(()),
        Some(_) => Err(vec![
            Effect::Keep(Kept::WrongPins, (situation.wrong_pins + 1).to_string()),
            Effect::Tell(words::WRONG_PIN.to_owned()),
        ]),
        None => Err(vec![Effect::Tell(words::PIN_NEEDED.to_owned())]),
    }
}
