//! The 25 things that break a naive implementation, collected from the issues of other gateways: a test for each, named after it, by number.
//! Number 16, ports, is held by `src/modem/usb.rs` and `src/modem/tests/second_port.rs`; many have more stories beside these.

use std::time::Duration;

use textback::modem::ModemState;
use textback::sim::families::{preset, presets};
use textback::sim::{
    CallEnd, Caller, ClipForm, CnmiSupport, EndStyle, Fate, NumberForm, Options, Outcome,
    PromptForm, Quirks, Registration, ReportMemory, SendFault,
};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

fn quirky(quirks: Quirks) -> Options {
    Options {
        quirks,
        ..Options::default()
    }
}

/// ANNA calls, and is texted once and for good.
async fn texts_anna(world: &World) {
    world.missed(ANNA).await;
    sleep(min(1)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn trap_01_waiting_for_no_carrier() {
    let own = |line: &str| EndStyle::Line(line.to_owned());
    for (end, within) in [
        (EndStyle::NoCarrier, s(2)),
        (own("^CEND:1,0,104,16"), s(2)),
        (own("^CEND:1,0, 67, 21"), s(2)),
        (own("MISSED_CALL: 11:53AM {number}"), s(2)),
        (own("VOICE CALL: END: 000000"), s(2)),
        (own("+UCALLSTAT: 1,6"), s(2)),
        (own("HANGUP: 1"), s(2)),
        (own("^SLCC: "), s(2)),
        (own("+QIND: \"ccinfo\",1,1,-1,0,0,\"{number}\",145"), s(2)),
        (own("^DSCI: 1,1,6,0,{number},145"), s(2)),
        (EndStyle::Silent, s(11)),
    ] {
        let world = World::with(Options {
            end: end.clone(),
            ..Options::default()
        })
        .await;
        let call = world.sim.call(Caller::new(ANNA).rings(2));
        call.ended().await;
        let gone = world.sim.now();
        let sent = world.sim.wait_sent(1).await;
        assert!(
            sent[0].at - gone <= within,
            "{end:?}: {:?}",
            sent[0].at - gone
        );
        sleep(min(1)).await;
        assert_eq!(world.texts_to(ANNA), [SORRY], "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_02_a_fixed_timer_for_ring_stopped() {
    for cadence in [Duration::from_millis(1070), s(3), s(6)] {
        let world = World::with(Options {
            end: EndStyle::Silent,
            cadence,
            ..Options::default()
        })
        .await;
        world.set("calls.hang_up_after_s", "0").await;
        let call = world.sim.call(Caller::new(ANNA).rings(5));
        sleep(cadence * 9 / 2).await;
        assert_eq!(
            world.texts_to(ANNA),
            [""; 0],
            "it still rings, every {cadence:?}"
        );
        call.ended().await;
        sleep(min(1)).await;
        assert_eq!(world.fates(), [format!("{ANNA} texted")]);
    }
}

#[tokio::test(start_paused = true)]
async fn trap_03_one_event_per_ring() {
    let world = World::with(preset("Quectel EP06").unwrap().options).await;
    world.set("calls.hang_up_after_s", "0").await;
    world.call(Caller::new(ANNA).rings(15)).await;
    sleep(min(1)).await;
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn trap_04_requiring_ring() {
    texts_anna(&World::with(preset("u-blox LARA-R6").unwrap().options).await).await;
    let clip_alone = quirky(Quirks {
        no_ring: true,
        ..Quirks::default()
    });
    texts_anna(&World::with(clip_alone).await).await;
    // Nothing but a list, as an EG25-G says.
    let world = World::new().await;
    world
        .sim
        .say("+QIND: \"ccinfo\",1,1,4,0,0,\"2025550143\",129");
    // Its list has never shown the call, so only silence ends it.
    sleep(s(16)).await;
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn trap_05_pairing_ring_and_clip_by_order_or_by_read() {
    let split = Some(Duration::from_millis(300));
    for quirks in [
        Quirks {
            clip_before_ring: true,
            ..Quirks::default()
        },
        Quirks {
            ring_split_by: split,
            ..Quirks::default()
        },
        Quirks {
            ring_split_by: split,
            clip_before_ring: true,
            ..Quirks::default()
        },
        Quirks {
            ring_glued_to_final: true,
            ..Quirks::default()
        },
        Quirks {
            doubled_cr: true,
            clip: ClipForm::QuotedFields,
            ..Quirks::default()
        },
    ] {
        texts_anna(&World::with(quirky(quirks)).await).await;
    }
}

#[tokio::test(start_paused = true)]
async fn trap_06_an_empty_number_is_a_call_and_digits_that_are_not_valid_are_no_number() {
    let world = World::new().await;
    world.call(Caller::withheld()).await;
    world.call(Caller::unavailable(ANNA)).await;
    world.call(Caller::unavailable("")).await;
    assert_eq!(
        world.fates(),
        ["withheld", "no_caller_id", "no_caller_id"].map(|why| format!("- skipped/{why}"))
    );
    assert!(world.sim.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn trap_07_trusting_type_145_for_the_plus() {
    let national = |kind: u8, trunk_prefix: &str| NumberForm::National {
        country_code: "1".to_owned(),
        trunk_prefix: trunk_prefix.to_owned(),
        kind,
    };
    for number in [
        NumberForm::Plus145,
        NumberForm::Bare145,
        national(129, ""),
        national(129, "1"),
        national(128, ""),
        national(161, ""),
    ] {
        let options = quirky(Quirks {
            number,
            ..Quirks::default()
        });
        texts_anna(&World::with(options).await).await;
    }
}

#[tokio::test(start_paused = true)]
async fn trap_08_no_carrier_as_the_final_result_of_another_command() {
    let world = World::with(Options {
        answer_takes: Duration::from_millis(300),
        ..Options::default()
    })
    .await;
    // The end falls between the question which calls there are and its answer.
    let call = world.sim.call(Caller::new(ANNA).rings(3));
    world.sim.wait_commands("AT+CLCC", 1).await;
    sleep(Duration::from_millis(100)).await;
    call.give_up();
    sleep(min(1)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    // Every later answer is its own question's.
    world.reply(ANNA, "Thank you").await;
    sleep(min(1)).await;
    assert_eq!(world.replies(), ["Thank you"]);
    assert_eq!(world.text(ANNA).0, "delivered");
}

#[tokio::test(start_paused = true)]
async fn trap_09_reading_by_lines_and_missing_the_prompt() {
    for prompt in [PromptForm::Usual, PromptForm::Bare] {
        let options = quirky(Quirks {
            prompt,
            ..Quirks::default()
        });
        texts_anna(&World::with(options).await).await;
    }
}

#[tokio::test(start_paused = true)]
async fn trap_10_writing_commands_while_a_text_waits_for_its_prompt() {
    let world = World::with(Options {
        prompt_takes: s(4),
        send_takes: s(20),
        ..Options::default()
    })
    .await;
    world.missed(ANNA).await;
    // Rings through prompt and answer, so that it is asked after and hung up on.
    let end = world.call(Caller::new(BEN).rings_for(min(2))).await;
    assert_eq!(end, CallEnd::HungUp);
    sleep(min(2)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn trap_11_no_esc_after_a_failed_send() {
    let world = World::new().await;
    world
        .sim
        .fail_sends([SendFault::NoPrompt, SendFault::CmsError(500)]);
    world.missed(ANNA).await;
    sleep(min(5)).await;
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 3));
}

#[tokio::test(start_paused = true)]
async fn trap_12_sending_again_because_the_answer_did_not_come() {
    let world = World::new().await;
    world.sim.fail_sends([SendFault::Silence(Fate::Taken)]);
    world.missed(ANNA).await;
    sleep(min(30)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn trap_13_a_send_time_out_of_10_s() {
    for takes in [s(14), s(23), s(60)] {
        let world = World::with(Options {
            send_takes: takes,
            ..Options::default()
        })
        .await;
        world.missed(ANNA).await;
        sleep(min(3)).await;
        assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1), "{takes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_14_not_draining_after_a_time_out() {
    let world = World::new().await;
    // The next look falls into it, is given up, and its answers all come late.
    world.sim.hang(s(85));
    sleep(min(2)).await;
    texts_anna(&world).await;
    world.reply(ANNA, "Thank you").await;
    assert_eq!(world.replies(), ["Thank you"]);
    assert_eq!(world.text(ANNA).0, "delivered");
}

/// Seed 3530 of the simulation: whoever had the port before asked for something that the modem refuses, the modem hung, and all came at once.
#[tokio::test(start_paused = true)]
async fn trap_14_an_error_owed_to_another_program_puts_nothing_out_of_step() {
    let mut world = World::asleep(Options::default());
    world.sim.hang(s(20));
    let mut line = world.sim.line().unwrap();
    line.write_all(b"AT+NOSUCH\r").await.unwrap();
    sleep(s(1)).await;
    drop(line);
    world.boot();
    world.armed().await;
    texts_anna(&world).await;
}

#[tokio::test(start_paused = true)]
async fn trap_15_urcs_before_inside_and_after_the_echo() {
    let options = || {
        quirky(Quirks {
            echo_stays: true,
            ..Quirks::default()
        })
    };
    // Into the echo of what follows a call: `AT+CMGS=…` and the PDU.
    for offset in [0, 1, 5, 9, 12, 14, 20] {
        let world = World::with(options()).await;
        world.sim.inject(offset, b"\r\n^RSSI:18\r\n");
        texts_anna(&world).await;
        // And into that of the look once a minute.
        let call = b"\r\nRING\r\n\r\n+CLIP: \"+12025550188\",145,,,,0\r\n";
        world.sim.inject(offset, call);
        sleep(min(2)).await;
        assert_eq!(world.texts_to(BEN), [SORRY], "behind {offset} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_17_holding_the_port_over_a_new_enumeration() {
    let mut world = World::new().await;
    world.missed(ANNA).await;
    world.sim.unplug();
    sleep(s(1)).await;
    assert!(!world.modem().is_armed());
    world.sim.text_in(ANNA, "Are you there?").unwrap();
    sleep(s(54)).await;
    world.sim.replug().unwrap();
    world.armed().await;
    sleep(A_MOMENT).await;
    assert_eq!(world.replies(), ["Are you there?"]);
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn trap_18_settings_made_once() {
    for start_lines in [
        vec!["RDY".to_owned()],
        vec!["+CPIN: READY".to_owned()],
        Vec::new(),
    ] {
        let world = World::with(Options {
            start_lines,
            ..Options::default()
        })
        .await;
        world.missed(ANNA).await;
        world.sim.restart();
        // Without a word, the look once a minute finds it out.
        sleep(min(2)).await;
        world.missed(BEN).await;
        world.reply(BEN, "Hello").await;
        sleep(min(1)).await;
        assert_eq!(world.texts_to(BEN), [SORRY]);
        assert_eq!(world.text(BEN).0, "delivered");
        assert_eq!(world.replies(), ["Hello"]);
    }
}

#[tokio::test(start_paused = true)]
async fn trap_19_believing_that_what_texts_also_rings() {
    let told = |world: &World| match world.modem() {
        ModemState::Armed {
            facts,
            registrations,
            ..
        } => facts.voice(&registrations).0,
        other => panic!("{other:?}"),
    };
    for circuit in [3, 6, 7, 9, 10] {
        let registration = Registration { circuit, lte: 1 };
        let world = World::with(Options {
            registration,
            ..Options::default()
        })
        .await;
        assert!(!told(&world), "+CREG: {circuit}");
    }
    for preset in presets() {
        let (rings, name) = (preset.options.voice, preset.name);
        assert_eq!(told(&World::with(preset.options).await), rings, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_20_trusting_the_place_that_a_new_message_names_or_waiting_for_its_line() {
    let world = World::new().await;
    // A place that is none, one that is empty, and one in a memory there is not.
    for line in [
        "+CMTI: \"SM\",-1",
        "+CMTI: 0,111",
        "+CMTI: \"ME\",3",
        "+CDSI: \"SM\",0",
    ] {
        world.sim.say(line);
    }
    world.reply(ANNA, "Hello").await;
    assert_eq!(world.replies(), ["Hello"]);

    let misnamed = Options {
        cnmi: CnmiSupport {
            ds: vec![0, 2],
            ..CnmiSupport::default()
        },
        ..quirky(Quirks {
            report_memory: ReportMemory::OwnButMisnamed,
            ..Quirks::default()
        })
    };
    let world = World::with(misnamed).await;
    texts_anna(&world).await;
    assert_eq!(world.text(ANNA).0, "delivered");

    // It tells of nothing: the list is looked through on a timer.
    let mute = Options {
        cnmi: CnmiSupport {
            mode: vec![0],
            ..CnmiSupport::default()
        },
        ..Options::default()
    };
    let world = World::with(mute).await;
    world.reply(ANNA, "Hello").await;
    assert_eq!(world.replies(), [""; 0]);
    sleep(min(11)).await;
    assert_eq!(world.replies(), ["Hello"]);
    assert_eq!(world.sim.stored(), 0);
}

#[tokio::test(start_paused = true)]
async fn trap_21_acknowledged_messages_and_one_setting_of_cnmi_for_all() {
    let supported = |mode: &[u8], ds: &[u8], bfr: &[u8]| CnmiSupport {
        mode: mode.to_vec(),
        ds: ds.to_vec(),
        bfr: bfr.to_vec(),
        ..CnmiSupport::default()
    };
    for cnmi in [
        supported(&[0, 1, 2], &[0, 1], &[0]),
        supported(&[0, 1], &[0, 1], &[0]),
        supported(&[0, 2], &[0, 2], &[0]),
        supported(&[0, 1, 2], &[0, 1, 2], &[1]),
        supported(&[0, 2], &[0], &[0, 1]),
    ] {
        let reports = cnmi.ds.len() > 1;
        let world = World::with(Options {
            cnmi: cnmi.clone(),
            ..Options::default()
        })
        .await;
        texts_anna(&world).await;
        world.reply(ANNA, "Hello").await;
        assert_eq!(world.replies(), ["Hello"], "{cnmi:?}");
        let state = if reports { "delivered" } else { "sent" };
        assert_eq!(world.text(ANNA).0, state, "{cnmi:?}");
        let commands = world.sim.commands();
        assert!(
            !commands
                .iter()
                .any(|it| it == "AT+CSMS=1" || it.starts_with("AT+CNMA"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn trap_22_a_report_that_the_network_still_tries_taken_for_the_end() {
    let world = World::new().await;
    world.sim.set_outcome(ANNA, Outcome::StillTrying);
    world.sim.set_outcome(BEN, Outcome::Failed);
    world.missed(ANNA).await;
    world.missed(BEN).await;
    sleep(min(10)).await;
    assert_eq!(world.text(ANNA), ("sent".to_owned(), 1));
    assert_eq!(world.text(BEN).0, "failed");
}

#[tokio::test(start_paused = true)]
async fn trap_23_characters_split_between_parts_and_pdus_that_break_off() {
    let world = World::new().await;
    // 67 letters fit into a part of UCS-2: the 67th is half of a picture.
    let split = format!("{}\u{1f527} and more", "x".repeat(66));
    world.reply(ANNA, &split).await;
    assert_eq!(world.replies(), [split.as_str()]);
    // Escapes of the default alphabet, likewise.
    let braces = format!("{}{{}}[]~ and more", "x".repeat(152));
    world.reply(ANNA, &braces).await;
    assert_eq!(world.replies(), [split.as_str(), braces.as_str()]);
    // Says it is longer than it is; what cannot be read holds nothing up.
    world
        .sim
        .pdu_in("00440B912120550541F30008621010210000008C05");
    sleep(A_MOMENT).await;
    world.reply(ANNA, "Hello").await;
    assert!(world.replies().contains(&"Hello".to_owned()));
    assert_eq!(world.sim.stored(), 0);
}

#[tokio::test(start_paused = true)]
async fn trap_24_commands_that_wedge_silence_or_reset_some_modem() {
    for preset in presets() {
        let name = preset.name;
        let world = World::with(preset.options).await;
        world.call(Caller::new(ANNA)).await;
        world.reply(BEN, "Hello").await;
        sleep(min(15)).await;
        for command in world.sim.commands() {
            let wedges = [
                "+CCWA",
                "^CURC=0",
                "+CLAC",
                "+COPS=?",
                "+CSMP",
                "+CFUN=1,1",
                "+CFUN=0",
                "+CFUN=4",
                "Z",
                "&F",
                "D",
                "A",
                "+CGATT",
                "^GETPORTMODE",
                "+CNUM=",
                "+CPBW",
            ];
            let said = command.trim_start_matches("AT");
            let one_letter = |wedge: &str| wedge.len() <= 2 && said == wedge;
            let longer = |wedge: &str| wedge.len() > 2 && said.starts_with(wedge);
            let bad = wedges
                .iter()
                .find(|wedge| one_letter(wedge) || longer(wedge));
            assert_eq!(bad, None, "{name}: {command}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn trap_25_answering_whatever_comes() {
    let world = World::new().await;
    for from in ["9494", "Vodafone", ANNA, "+442079460000", "123"] {
        for text in [
            "llamada perdida de: +34617653167 on 07/08 at 11:19.",
            "You have 1 new voicemail. Dial 121.",
            "Sorry we missed your call. What can we help you with? Reply STOP to opt out.",
        ] {
            world.reply(from, text).await;
        }
    }
    sleep(min(30)).await;
    assert!(world.sim.sent().is_empty(), "{:?}", world.sim.sent());
    assert_eq!(world.fates(), [""; 0]);
}
