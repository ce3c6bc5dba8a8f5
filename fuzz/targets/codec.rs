//! Any bytes from a modem, whichever command is open: no panic, the same frames however the reads cut them, every call ends.

#![no_main]

use std::time::Duration;

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use textback::at::urc::Domain;
use textback::at::{Chat, Command, Frame, Heard, LineCodec};
use textback::call::{Action, Calls, Event};
use tokio_util::codec::Decoder;

/// Longer than any silence after which a call is over.
const LONG: Duration = Duration::from_secs(3600);

fuzz_target!(|data: &[u8]| {
    let [choice, step, bytes @ ..] = data else {
        return;
    };
    let awaited = choice & 1 == 1;
    let whole = frames(bytes, bytes.len().max(1), awaited);
    let cut = frames(bytes, usize::from(*step).max(1), awaited);
    assert_eq!(whole, cut);

    let mut chat = Chat::default();
    let mut calls = Calls::new();
    let (mut started, mut ended) = (0_u32, 0_u32);
    let mut now = Duration::ZERO;
    let mut count = |actions: &[Action]| {
        for action in actions {
            match action {
                Action::Started(_) => started += 1,
                Action::Ended(_) => ended += 1,
                _ => {}
            }
        }
    };
    chat.open(&command(choice >> 1));
    for frame in whole {
        now += Duration::from_millis(u64::from(*step) * 20);
        match frame {
            Frame::Prompt => chat.prompted(),
            Frame::Line(line) => chat.hear(&line),
        }
        while let Some(heard) = chat.next_heard() {
            match heard {
                Heard::Urc(urc) => count(&calls.on(now, Event::Urc(&urc))),
                Heard::Answered(Ok(answer)) => {
                    let listed = answer.current_calls();
                    count(&calls.on(now, Event::CurrentCalls(&listed)));
                    let _ = (
                        answer.messages(),
                        answer.text(),
                        answer.operator(),
                        answer.signal(),
                    );
                    chat.open(&command(choice.wrapping_add(*step)));
                }
                Heard::Answered(Err(error)) => {
                    let _ = (error.outlook(), error.to_string());
                    count(&calls.on(now, Event::PollFailed));
                }
                Heard::Stray => {}
            }
        }
    }
    while let Some(at) = calls.next_deadline().filter(|at| *at < now + LONG) {
        count(&calls.on_time(at));
        count(&calls.on(at, Event::PollFailed));
    }
    assert!(calls.is_idle(), "a call rings for ever");
    assert_eq!(started, ended);
});

fn frames(bytes: &[u8], step: usize, awaited: bool) -> Vec<Frame> {
    let mut codec = LineCodec::default();
    codec.await_prompt(awaited);
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for piece in bytes.chunks(step) {
        buffer.extend_from_slice(piece);
        while let Ok(Some(frame)) = codec.decode(&mut buffer) {
            frames.push(frame);
        }
    }
    frames
}

fn command(choice: u8) -> Command {
    match choice % 8 {
        0 => Command::current_calls(),
        1 => Command::list_messages(),
        2 => Command::read_message(1),
        3 => Command::send_message(20),
        4 => Command::registration(Domain::Circuit),
        5 => Command::model(),
        6 => Command::sim_state(),
        _ => Command::attention(),
    }
}
