//! Stories of what callers answer: STOP and START, long texts in pieces, a full SIM, rubbish.

use textback::sim::{Caller, CnmiSupport, Options, Quirks, ReportMemory};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

/// One of the parts of a text from [`ANNA`], as DELIVER (23.040 9.2.2.1), in UCS-2.
fn part(reference: u8, total: u8, sequence: u8, text: &str) -> String {
    let words: String = text.encode_utf16().map(|c| format!("{c:04X}")).collect();
    let length = 6 + words.len() / 2;
    format!(
        "00440B912120550541F3000862101021000000{length:02X}050003{reference:02X}{total:02X}{sequence:02X}{words}"
    )
}

#[tokio::test(start_paused = true)]
async fn a_report_is_written_down_while_the_modem_is_busy_with_the_next_text() {
    let world = World::with(Options {
        send_takes: s(60),
        report_takes: s(5),
        ..Options::default()
    })
    .await;
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.sim.wait_sent(1).await;
    // The modem is asked for this one, and answers after a minute.
    world.sim.text_in(BEN, "Hello").unwrap();
    sleep(s(10)).await;
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
    assert_eq!(world.replies(), [""; 0]);
    sleep(min(1)).await;
    assert_eq!(world.replies(), ["Hello"]);
}

#[tokio::test(start_paused = true)]
async fn stop_is_confirmed_once_and_start_lifts_it() {
    let mut world = World::new().await;
    world.set("texts.cooldown_h", "0").await;
    world.missed(ANNA).await;
    world.reply(ANNA, "Stop.").await;
    world.reply(ANNA, "STOP").await;
    world.missed(ANNA).await;
    world.reply(ANNA, "START").await;
    world.reply(ANNA, "start").await;
    world.missed(ANNA).await;
    assert_eq!(
        world.texts_to(ANNA),
        [
            SORRY,
            "You will get no more texts from us. Reply START to get them again.",
            "You will get texts from us again. Reply STOP to opt out.",
            SORRY
        ]
    );
    assert_eq!(
        world.fates(),
        ["texted", "skipped/opted_out", "texted"].map(|fate| format!("{ANNA} {fate}"))
    );
    assert_eq!(world.replies(), ["Stop.", "STOP", "START", "start"]);
    assert_eq!(world.sim.stored(), 0);
    world.expect_texts(ANNA, 4);
}

#[tokio::test(start_paused = true)]
async fn the_box_speaks_the_language_of_the_owner_or_in_his_own_words() {
    let mut world = World::new().await;
    world.set("texts.cooldown_h", "0").await;
    world.set("message.language", "es").await;
    world.missed(ANNA).await;
    world.reply(ANNA, "Baja").await;
    world.reply(ANNA, "START").await;
    world.set("message.opt_out", "Bye, {caller}.").await;
    world.set("message.opt_in", "Hello again, {caller}.").await;
    let own = "You called at {time}. STOP to end.";
    world.set("message.missed_call", own).await;
    world.missed(ANNA).await;
    world.reply(ANNA, "STOP").await;
    world.reply(ANNA, "START").await;
    assert_eq!(
        world.texts_to(ANNA),
        [
            "Lamentamos no haber atendido su llamada. ¿En qué podemos ayudarle? Responda STOP para no recibir mensajes.",
            "Ya no le enviaremos mensajes. Responda START para volver a recibirlos.",
            "Le enviaremos mensajes de nuevo. Responda STOP para no recibirlos.",
            // The SIM is from the United States.
            "You called at 12:00 PM. STOP to end.",
            "Bye, (202) 555-0143.",
            "Hello again, (202) 555-0143.",
        ]
    );
    world.expect_texts(ANNA, 6);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_set_the_box_speaks_the_language_of_the_country() {
    let mut world = World::new().await;
    world.set("business.country", "MX").await;
    world.set("texts.allow_foreign", "yes").await;
    world.missed(ANNA).await;
    world.reply(ANNA, "alto").await;
    assert_eq!(
        world.texts_to(ANNA),
        [
            "Lamentamos no haber atendido su llamada. ¿En qué podemos ayudarle? Responda STOP para no recibir mensajes.",
            "Ya no le enviaremos mensajes. Responda START para volver a recibirlos.",
        ]
    );
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_damaged_on_the_line_is_read_again_before_it_is_deleted() {
    let world = World::new().await;
    // Behind `+CMGR: 0,,31`: an odd number of digits, and a number of them that is even.
    for (text, count) in [("STOP", 3), ("my sink is leaking", 4)] {
        world.sim.lose(60, count);
        world.reply(ANNA, text).await;
    }
    // Then the line that says how long it is loses that, when it is read again: 18 bytes announce it, the answer has 116.
    world.sim.lose(60, 8);
    world.sim.lose(18 + 116 - 8 + 12, 2);
    world.reply(BEN, "my sink is leaking").await;
    let all = ["STOP", "my sink is leaking", "my sink is leaking"];
    assert_eq!(world.replies(), all);
    assert_eq!(world.sim.stored(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_writes_stop_before_his_text_has_left_does_not_get_it() {
    let mut world = World::new().await;
    world.set("texts.max_per_minute", "1").await;
    world.missed("+12025550101").await;
    world.missed(ANNA).await;
    world.reply(ANNA, "STOP").await;
    sleep(min(5)).await;
    assert_eq!(
        world.texts_to(ANNA),
        ["You will get no more texts from us. Reply START to get them again."]
    );
    assert_eq!(world.fates()[1], format!("{ANNA} skipped/not_sent"));
    world.expect_texts(ANNA, 1);
}

#[tokio::test(start_paused = true)]
async fn a_keyword_inside_a_sentence_does_nothing() {
    let mut world = World::new().await;
    world.set("texts.cooldown_h", "0").await;
    world.missed(ANNA).await;
    for words in ["Please stop the water", "cancel my appointment on Friday"] {
        world.reply(ANNA, words).await;
    }
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY, SORRY]);
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn parts_out_of_order_and_across_restarts_are_one_reply() {
    let mut world = World::new().await;
    world.sim.pdu_in(&part(9, 3, 3, "sink."));
    sleep(A_MOMENT).await;
    world.kill().await;
    world.sim.pdu_in(&part(9, 3, 1, "Water under "));
    world.start().await;
    sleep(A_MOMENT).await;
    // The network delivers twice what it thinks was lost.
    world.sim.pdu_in(&part(9, 3, 3, "sink."));
    sleep(A_MOMENT).await;
    assert_eq!(world.replies(), [""; 0]);
    world.sim.restart();
    sleep(A_MOMENT).await;
    world.sim.pdu_in(&part(9, 3, 2, "the kitchen "));
    sleep(A_MOMENT).await;
    assert_eq!(world.replies(), ["Water under the kitchen sink."]);
    assert_eq!(world.exported(ANNA)[0].parts, 3);
    assert_eq!(world.sim.stored(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_does_not_come_for_a_day_is_marked_and_completes_the_reply_later() {
    let mut world = World::new().await;
    world.sim.pdu_in(&part(9, 4, 4, "sink."));
    world.sim.pdu_in(&part(9, 4, 1, "Water under"));
    sleep(min(23 * 60)).await;
    assert_eq!(world.replies(), [""; 0]);
    world.kill().await;
    sleep(min(70)).await;
    world.start().await;
    sleep(A_MOMENT).await;
    let marked = "Water under (parts 2 to 3 of 4 are missing) sink.";
    assert_eq!(world.replies(), [marked]);
    assert_eq!(world.exported(ANNA)[0].parts, 2);
    sleep(min(24 * 60)).await;
    assert_eq!(world.replies(), [marked], "and not again");
    world.sim.pdu_in(&part(9, 4, 3, "kitchen "));
    sleep(A_MOMENT).await;
    assert_eq!(
        world.replies(),
        ["Water under (part 2 of 4 is missing) kitchen sink."]
    );
    world.sim.pdu_in(&part(9, 4, 2, " the "));
    sleep(A_MOMENT).await;
    assert_eq!(world.replies(), ["Water under the kitchen sink."]);
    assert_eq!(world.exported(ANNA)[0].parts, 4);
    // The next message under that reference is another one.
    for (sequence, words) in [(1, "It "), (2, "leaks"), (3, " more"), (4, " now.")] {
        world.sim.pdu_in(&part(9, 4, sequence, words));
    }
    sleep(A_MOMENT).await;
    assert_eq!(world.replies()[1..], ["It leaks more now."]);
}

#[tokio::test(start_paused = true)]
async fn stop_as_the_whole_first_line_of_what_came_is_obeyed_and_less_is_not() {
    for (sequence, words, obeyed) in [
        (1, "STOP\nand leave me", true),
        (1, "Stop", false),
        (2, "STOP", false),
    ] {
        let mut world = World::new().await;
        world.sim.pdu_in(&part(9, 2, sequence, words));
        sleep(min(25 * 60)).await;
        assert_eq!(world.replies().len(), 1);
        world.missed(ANNA).await;
        let fate = if obeyed {
            "skipped/opted_out"
        } else {
            "texted"
        };
        assert_eq!(world.fates(), [format!("{ANNA} {fate}")], "{words}");
        world.sim.pdu_in(&part(9, 2, 3 - sequence, " that water"));
        sleep(A_MOMENT).await;
        assert_eq!(world.replies().len(), 1);
        world.expect_texts(ANNA, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn one_message_read_in_several_ways_is_one_reply() {
    let world = World::new().await;
    let tpdu = part(9, 1, 1, "Hello")[2..].to_owned();
    let octets = tpdu.len() / 2;
    // As it lies on the SIM, with its service centre; then straight through without, in small letters, and with rubbish behind.
    world.sim.pdu_in(&format!("07912143658709F1{tpdu}"));
    sleep(A_MOMENT).await;
    for pdu in [
        format!("00{tpdu}"),
        format!("00{}", tpdu.to_lowercase()),
        format!("00{tpdu}FFFF"),
    ] {
        world.sim.say(&format!("+CMT: ,{octets}"));
        world.sim.say(&pdu);
        sleep(A_MOMENT).await;
    }
    assert_eq!(world.replies(), ["Hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_sim_is_emptied_at_the_start() {
    let mut world = World::asleep(Options {
        sms_slots: 2,
        ..Options::default()
    });
    let written = ["one", "two", "three", "four", "five"];
    for words in written {
        world.sim.text_in(ANNA, words).unwrap();
    }
    sleep(A_MOMENT).await;
    assert_eq!((world.sim.stored(), world.sim.waiting()), (2, 3));
    world.start().await;
    sleep(A_MOMENT).await;
    assert_eq!(world.replies(), written);
    assert_eq!((world.sim.stored(), world.sim.waiting()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_kept_and_does_not_fill_the_sim() {
    let world = World::new().await;
    // A DELIVER that breaks off in the number of its sender.
    world.sim.pdu_in("00040B9121");
    sleep(A_MOMENT).await;
    assert_eq!(world.replies(), ["(a message that could not be read)"]);
    assert_eq!(world.sim.stored(), 0);
    world.reply(ANNA, "Hello?").await;
    assert_eq!(world.replies()[1..], ["Hello?"]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_without_its_country_code_is_obeyed() {
    let world = World::new().await;
    world.reply("2025550143", "STOP").await;
    world.missed(ANNA).await;
    assert_eq!(world.fates(), [format!("{ANNA} skipped/opted_out")]);
    let texts = world.texts_to(ANNA);
    assert_eq!(texts.len(), 1, "the confirmation alone: {texts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_report_kept_apart_is_found_there_whatever_memory_is_named() {
    for report_memory in [
        ReportMemory::WithMessages,
        ReportMemory::Own,
        ReportMemory::OwnButMisnamed,
    ] {
        let world = World::with(Options {
            // No `+CDS`: reports are stored.
            cnmi: CnmiSupport {
                ds: vec![0, 2],
                ..CnmiSupport::default()
            },
            quirks: Quirks {
                report_memory,
                ..Quirks::default()
            },
            ..Options::default()
        })
        .await;
        world.missed(ANNA).await;
        assert_eq!(
            world.text(ANNA),
            ("delivered".to_owned(), 1),
            "{report_memory:?}"
        );
        // Messages are looked for where they lie, as before.
        world.reply(ANNA, "The sink leaks").await;
        assert_eq!(world.replies(), ["The sink leaks"], "{report_memory:?}");
    }
}
