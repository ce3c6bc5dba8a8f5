//! From an open port to an armed modem.

use std::fs;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_plain_modem_is_armed_with_no_wait_but_that_behind_the_esc() {
    let mut bench = Bench::with(usual);
    let event = timeout(Duration::from_millis(51), bench.event())
        .await
        .unwrap();
    let ModemEvent::Armed(_, facts) = event else {
        panic!("{event:?}");
    };
    let some = |text: &str| Some(text.to_owned());
    let wanted = Facts {
        port: "line".into(),
        manufacturer: some("Acme"),
        model: some("M1"),
        revision: some("1.0"),
        imsi: some("310150123456789"),
        own_number: some("+12025550143"),
        operator: some("OKTEL"),
        sms_by_urc: true,
        status_reports: true,
        service_centre: some("+12025550100"),
        memory: Some(Memory::Sim),
        storage: Some((1, 20)),
        ..Facts::default()
    };
    assert_eq!(*facts, wanted);
    let heard = bench.heard();
    assert_eq!(heard[..3], ["<ESC>", "AT", "ATE0"]);
    for needed in [
        "ATS0=0",
        "AT+CMGF=0",
        "AT+CLIP=1",
        "AT+CVHU=0",
        "AT+CNMI=2,1,0,1,0",
    ] {
        assert!(heard.iter().any(|line| line == needed), "{needed}");
    }
    let state = bench.state.borrow().clone();
    assert!(
        matches!(
            state,
            ModemState::Armed {
                signal: Some(Signal { rssi: 17 }),
                ..
            }
        ),
        "{state:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_busy_is_asked_again_what_it_is_and_for_its_imsi() {
    let mut busy: Vec<_> = ["AT+CGMI", "AT+CGMM", "AT+CIMI"].repeat(2);
    let mut bench = Bench::with(move |line| match line {
        _ if busy.contains(&line) => {
            let at = busy.iter().position(|it| *it == line).unwrap();
            busy.remove(at);
            let code = [14, 515][busy.len() % 2];
            says(&format!("\r\n+CME ERROR: {code}\r\n"))
        }
        "AT+CGMI" => ok("Quectel"),
        "AT+CGMM" => ok("EC25"),
        _ => usual(line),
    });
    let event = bench.event().await;
    let ModemEvent::Armed(_, facts) = event else {
        panic!("{event:?}");
    };
    assert_eq!(facts.family.name, "Quectel");
    assert_eq!(facts.imsi.as_deref(), Some("310150123456789"));
}

#[tokio::test(start_paused = true)]
async fn a_modem_stuck_at_a_prompt_is_freed_and_its_answer_to_esc_shifts_nothing() {
    let mut stuck = true;
    let mut bench = Bench::with(move |line| match line {
        "<ESC>" if stuck => {
            stuck = false;
            ok("")
        }
        _ if stuck => Does::Hangs,
        _ => usual(line),
    });
    let (modem, _) = timeout(Duration::from_millis(51), bench.armed())
        .await
        .unwrap();
    assert_eq!(modem.imsi(), Some("310150123456789"));
    assert_eq!(modem.model(), Some("M1"));
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_boots_slowly_and_refuses_most_is_armed() {
    let mut lines = 0;
    let mut bench = Bench::with(move |line| {
        lines += 1;
        match line {
            _ if lines < 12 => Does::Hangs,
            "AT" | "AT+CLIP=1" | "AT+CMGF=0" => ok(""),
            // No final result (Wavecom).
            "AT+CPIN?" => says("\r\n+CPIN: READY\r\n"),
            "AT+CREG?" => ok("+CREG: 0,4"),
            _ => says("\r\n+CME ERROR: 4\r\n"),
        }
    });
    bench.say("\r\nRING\r\n");
    let event = timeout(Duration::from_secs(15), bench.armed()).await;
    let (modem, urcs) = event.unwrap();
    assert_eq!(urcs, [Urc::Ring]);
    assert_eq!(modem.model(), None);
}

#[tokio::test(start_paused = true)]
async fn the_same_wrong_pin_is_never_tried_twice() {
    let script = |tried: Arc<Mutex<Vec<String>>>, right: &'static str| {
        let mut open = false;
        move |line: &str| match line {
            "AT+CPIN?" if !open => ok("+CPIN: SIM PIN"),
            _ if line.starts_with("AT+CPIN=") => {
                tried.lock().unwrap().push(line.to_owned());
                open = line == format!("AT+CPIN=\"{right}\"");
                if open {
                    ok("")
                } else {
                    says("\r\n+CME ERROR: 16\r\n")
                }
            }
            _ => usual(line),
        }
    };
    let tried = Arc::new(Mutex::new(Vec::new()));
    let mut bench = Bench::new();
    bench.plug_in(script(Arc::clone(&tried), "4321"));
    bench.reason("cannot be read").await;
    fs::write(bench.folder.path().join("pin"), "1234\n").unwrap();
    bench.reason("has been refused").await;
    sleep(Duration::from_secs(100)).await;
    // The modem and the task start anew; what was refused stays refused.
    bench.plug_in(script(Arc::clone(&tried), "4321"));
    bench.reason("has been refused").await;
    assert_eq!(*tried.lock().unwrap(), ["AT+CPIN=\"1234\""]);
    fs::write(bench.folder.path().join("pin"), "4321").unwrap();
    bench.armed().await;
    assert!(!bench.folder.path().join("refused").exists());
}

#[tokio::test(start_paused = true)]
async fn a_pin_whose_fate_is_unknown_counts_as_refused() {
    let dies = |line: &str| match line {
        "AT+CPIN?" => ok("+CPIN: SIM PIN"),
        _ if line.starts_with("AT+CPIN=") => Does::Dies,
        _ => usual(line),
    };
    let mut bench = Bench::new();
    fs::write(bench.folder.path().join("pin"), "1234").unwrap();
    bench.plug_in(dies);
    bench.reason("is gone").await;
    bench.plug_in(dies);
    bench.reason("has been refused").await;
}

#[tokio::test(start_paused = true)]
async fn a_locked_sim_says_so() {
    let mut bench = Bench::with(|line| match line {
        "AT+CPIN?" => ok("+CPIN: SIM PUK"),
        _ => usual(line),
    });
    bench.reason("PUK").await;
    assert!(matches!(*bench.state.borrow(), ModemState::Down { .. }));
}

#[tokio::test(start_paused = true)]
async fn registration_is_waited_for_lost_and_found_on_the_same_port() {
    let mut asked = 0;
    let mut bench = Bench::with(move |line| match line {
        "AT+CREG?" => {
            asked += 1;
            ok(if asked < 3 {
                "+CREG: 2,2"
            } else {
                "+CREG: 2,5"
            })
        }
        _ => usual(line),
    });
    bench.reason("searching").await;
    let (modem, _) = bench.armed().await;
    bench.say("\r\n+CREG: 3\r\n");
    bench.reason("refuses this SIM").await;
    let sent = modem.send(PDU, TPDU_LENGTH).await;
    assert!(matches!(sent, Err(SendError::NotTaken { .. })), "{sent:?}");
    let heard = bench.heard();
    assert!(
        !heard.iter().any(|line| line.starts_with("AT+CMGS")),
        "{heard:?}"
    );
    timeout(Duration::from_secs(6), bench.armed())
        .await
        .unwrap();
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(Some(17)));
}

#[tokio::test(start_paused = true)]
async fn a_ladder_goes_down_on_refusal_and_waits_while_busy() {
    let mut busy = true;
    let mut bench = Bench::with(move |line| match line {
        "AT+CNMI=2,1,0,1,0" if std::mem::take(&mut busy) => says("\r\n+CME ERROR: 14\r\n"),
        "AT+CNMI=2,1,0,0,0" => ok(""),
        _ if line.starts_with("AT+CNMI=") => says("\r\nERROR\r\n"),
        _ => usual(line),
    });
    let event = bench.event().await;
    let ModemEvent::Armed(_, facts) = event else {
        panic!("{event:?}");
    };
    assert!(facts.sms_by_urc && !facts.status_reports);
    let heard = bench.heard();
    let tried: Vec<_> = heard
        .iter()
        .filter(|line| line.starts_with("AT+CNMI"))
        .collect();
    assert_eq!(
        tried[..3],
        [
            "AT+CNMI=2,1,0,1,0",
            "AT+CNMI=2,1,0,1,0",
            "AT+CNMI=1,1,0,1,0"
        ]
    );
    assert_eq!(tried.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_will_not_show_callers_is_not_armed() {
    let mut bench = Bench::with(|line| match line {
        "AT+CLIP=1" => says("\r\nERROR\r\n"),
        _ => usual(line),
    });
    bench.reason("AT+CLIP=1").await;
    assert!(bench.events.try_recv().is_err());
}

#[test]
fn only_a_definite_no_counts_as_missing_registration() {
    let state = |circuit: Option<u8>, lte: Option<u8>| {
        let it = |domain| {
            move |stat| Registration {
                domain,
                stat,
                access_technology: None,
            }
        };
        let registrations = Registrations {
            circuit: circuit.map(it(Domain::Circuit)),
            lte: lte.map(it(Domain::Lte)),
        };
        registrations.missing().is_none()
    };
    assert!(state(None, None));
    for good in [1, 4, 5, 6, 7, 9, 10] {
        assert!(
            state(Some(good), None) && state(Some(0), Some(good)) && state(Some(good), Some(3))
        );
    }
    for bad in [0, 2, 3, 8, 11] {
        assert!(!state(Some(bad), None) && !state(None, Some(bad)) && !state(Some(bad), Some(bad)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_port_is_left_soon_where_there_are_others_even_if_they_show_later() {
    for later in [0, 1] {
        let mut bench = Bench::with(|_| Does::Hangs);
        sleep(Duration::from_secs(later)).await;
        bench.plug_in(usual);
        let armed = timeout(Duration::from_secs(5), bench.armed()).await;
        assert!(armed.is_ok(), "{later}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_port_that_is_the_only_one_is_given_time_to_boot() {
    let mut bench = Bench::with(|_| Does::Hangs);
    sleep(Duration::from_secs(29)).await;
    assert!(!matches!(*bench.state.borrow(), ModemState::Down { .. }));
    bench.reason("does not answer AT").await;
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_is_pulled_meanwhile_is_asked_for_again() {
    let mut asked = 0;
    let mut bench = Bench::with(move |line| match line {
        "AT+CPIN?" => {
            asked += 1;
            ok(if asked == 2 {
                "+CPIN: SIM PUK"
            } else {
                "+CPIN: READY"
            })
        }
        // The first time, the SIM is pulled while the network is looked for.
        "AT+CREG?" if asked == 1 => says("\r\n+CREG: 2,2\r\n\r\nOK\r\n\r\n+CPIN: NOT INSERTED\r\n"),
        // The last thing asked before it is armed.
        "AT+COPS?" if asked == 3 => says("\r\n+CPIN: NOT READY\r\n\r\nOK\r\n"),
        // What is ready is no news.
        "AT+COPS?" => says("\r\n+CPIN: READY\r\n\r\nOK\r\n"),
        _ => usual(line),
    });
    bench.reason("PUK").await;
    bench.armed().await;
}

/// A modem of this maker and model; `odd` answers what is special about it.
fn made_by(
    maker: &'static str,
    model: &'static str,
    odd: impl Fn(&str) -> Option<Does> + Send + 'static,
) -> Bench {
    Bench::with(move |line| match line {
        "AT+CGMI" => ok(maker),
        "AT+CGMM" => ok(model),
        _ => odd(line).unwrap_or_else(|| usual(line)),
    })
}

#[tokio::test(start_paused = true)]
async fn a_family_is_told_what_it_alone_understands() {
    for (maker, model, told) in [
        ("huawei", "E1752", "AT^CURC=1"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "AT+CLCC=1"),
        ("Quectel", "EC25", "AT+QINDCFG=\"ccinfo\",1,0"),
        ("u-blox", "LARA-R6001D", "AT+UCALLSTAT=1"),
        ("Telit", "HE910", "AT#ECAM=1"),
        ("Cinterion", "PLS8-E", "AT^SLCC=1"),
    ] {
        let mut bench = made_by(maker, model, |_| None);
        bench.event().await;
        let heard = bench.heard();
        assert!(heard.iter().any(|line| line == told), "{model}: {heard:?}");
    }
    let mut plain = Bench::with(usual);
    plain.event().await;
    let strange = |line: &String| line.starts_with("AT^") || line.starts_with("AT#");
    assert!(!plain.heard().iter().any(strange));
}

#[tokio::test(start_paused = true)]
async fn of_two_ways_to_say_it_the_second_is_for_those_who_refuse_the_first() {
    let mut bench = made_by("Quectel", "EC25", |line| {
        line.ends_with("\"all\"").then(|| says("\r\nERROR\r\n"))
    });
    bench.event().await;
    let heard = bench.heard();
    let ports: Vec<_> = heard
        .iter()
        .filter(|line| line.contains("urcport"))
        .collect();
    assert_eq!(
        ports,
        [
            "AT+QURCCFG=\"urcport\",\"all\"",
            "AT+QURCCFG=\"urcport\",\"usbat\""
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_never_rings_says_so_whatever_its_network() {
    let never = "This modem is made for data and texts only";
    let locked = "Voice is locked in this modem";
    let off = "VoLTE is switched off in this modem";
    let well = "Registered for calls, on LTE";
    for (maker, model, answer, rings, words) in [
        ("SIMCOM INCORPORATED", "SIM7000G", "", false, never),
        ("Quectel", "BG96", "", false, never),
        ("huawei", "E3372", "", false, never),
        ("huawei", "E173", "^CVOICE:1", false, locked),
        ("huawei", "E173", "^CVOICE:0", true, well),
        ("Quectel", "EG25", "+QCFG: \"ims\",0,0", true, off),
        ("Quectel", "EG25", "+QCFG: \"ims\",1,1", true, well),
        ("Acme", "M1", "", true, well),
    ] {
        let mut bench = made_by(maker, model, move |line| {
            let asks = line == "AT^CVOICE?" || line == "AT+QCFG=\"ims\"";
            asks.then(|| ok(answer))
        });
        bench.armed().await;
        let state = bench.state.borrow().clone();
        let ModemState::Armed {
            facts,
            registrations,
            ..
        } = state
        else {
            panic!("{state:?}");
        };
        let (can, said) = facts.voice(&registrations);
        assert_eq!(
            facts.voice_is_doubtful(&registrations),
            [locked, off].contains(&words)
        );
        assert_eq!(can, rings, "{model} {answer}: {said}");
        assert!(said.starts_with(words), "{model} {answer}: {said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_never_answered_is_done_without() {
    for never in ["ATE0", "AT+CPMS?", "AT+CREG?", "AT+CREG=2", "AT+CSMS=0"] {
        let mut bench = Bench::with(move |line| match line {
            _ if line == never => Does::Hangs,
            _ => usual(line),
        });
        let armed = timeout(Duration::from_secs(60), bench.armed()).await;
        assert!(armed.is_ok(), "{never}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_answers_nothing_but_the_needful_is_armed_in_the_end() {
    let mut bench = Bench::with(|line| match line {
        "AT" | "AT+CPIN?" | "AT+CMGF=0" | "AT+CLIP=1" => usual(line),
        _ => Does::Hangs,
    });
    let armed = timeout(Duration::from_secs(900), bench.event()).await;
    assert!(matches!(armed, Ok(ModemEvent::Armed(..))), "{armed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_says_it_tells_nothing_whatever_it_is_told_is_armed() {
    let mut bench = Bench::with(|line| match line {
        "AT+CREG?" => ok("+CREG: 0,1"),
        _ => usual(line),
    });
    let armed = timeout(Duration::from_secs(5), bench.armed()).await;
    assert!(armed.is_ok());
    sleep(Duration::from_secs(600)).await;
    assert_eq!(bench.urcs(), [], "and is not lost again");
}

#[tokio::test(start_paused = true)]
async fn what_had_to_be_switched_on_and_unlocked_is_known() {
    for off in [false, true] {
        let (mut radio, mut pin) = (off, off);
        let mut bench = Bench::new();
        fs::write(bench.folder.path().join("pin"), "1234").unwrap();
        bench.plug_in(move |line| match line {
            "AT+CFUN?" if radio => ok("+CFUN: 4"),
            "AT+CPIN?" if pin => ok("+CPIN: SIM PIN"),
            _ => {
                radio &= line != "AT+CFUN=1";
                pin &= !line.starts_with("AT+CPIN=");
                usual(line)
            }
        });
        let event = bench.event().await;
        let ModemEvent::Armed(_, facts) = event else {
            panic!("{event:?}");
        };
        assert_eq!((facts.radio_switched_on, facts.pin_entered), (off, off));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_centre_that_is_not_read_yet_is_asked_for_again() {
    for early in [
        "\r\nOK\r\n",
        "\r\n+CME ERROR: 14\r\n",
        "\r\n+CSCA: \"\",129\r\n\r\nOK\r\n",
    ] {
        let mut asked = 0;
        let mut bench = Bench::with(move |line| {
            asked += u32::from(line == "AT+CSCA?");
            match line {
                "AT+CSCA?" if asked < 3 => says(early),
                _ => usual(line),
            }
        });
        let event = bench.event().await;
        let ModemEvent::Armed(_, facts) = event else {
            panic!("{event:?}");
        };
        let centre = facts.service_centre.as_deref();
        assert_eq!(centre, Some("+12025550100"), "{early:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_radio_that_is_off_is_switched_on_though_the_first_answer_came_damaged() {
    let (mut asked, mut on) = (false, false);
    let mut bench = Bench::with(move |line| match line {
        // The line has lost "FUN:".
        "AT+CFUN?" if !std::mem::replace(&mut asked, true) => ok("+C 4"),
        "AT+CFUN?" => ok(if on { "+CFUN: 1" } else { "+CFUN: 4" }),
        "AT+CFUN=1" => {
            on = true;
            ok("")
        }
        "AT+CREG?" if !on => ok("+CREG: 2,0"),
        _ => usual(line),
    });
    let ModemEvent::Armed(_, facts) = bench.event().await else {
        panic!("not armed");
    };
    assert!(facts.radio_switched_on);
}

#[tokio::test(start_paused = true)]
async fn a_result_whose_line_end_was_lost_is_not_taken_for_the_next_commands() {
    for cut in ["AT+CPIN?", "AT+CMEE=1", "AT+CFUN?", "AT+CNMI=2,1,0,1,0"] {
        let mut cuts = true;
        let mut bench = Bench::with(move |line| match (usual(line), line == cut && cuts) {
            (Does::Says(text), true) => {
                cuts = false;
                says(text.trim_end())
            }
            (does, _) => does,
        });
        let ModemEvent::Armed(_, facts) = bench.event().await else {
            panic!("not armed");
        };
        let found = [&facts.manufacturer, &facts.model, &facts.imsi];
        let wanted = ["Acme", "M1", "310150123456789"];
        assert_eq!(found.map(|it| it.as_deref()), wanted.map(Some), "{cut}");
        let asked = bench.heard().iter().filter(|line| *line == cut).count();
        assert_eq!(asked, 1, "{cut}");
    }
}
