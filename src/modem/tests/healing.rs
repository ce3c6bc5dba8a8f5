//! Modems that answer and do not text, and what is done on the line for them.

use super::*;

const OTHER: &str = "0001000B912120550541F400000CC8F71D14969741F977FD07";

async fn refused(modem: &Modem, pdu: &str) {
    let sent = modem.send(pdu, TPDU_LENGTH).await;
    assert!(matches!(sent, Err(SendError::Refused(_))), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_refuses_every_text_is_set_up_again_and_the_first_that_leaves_proves_it_well()
{
    let mut set_up = 0;
    let mut bench = Bench::with(move |line| {
        set_up += u32::from(line == "AT+CMGF=0");
        match line {
            _ if line.ends_with("<^Z>") && set_up == 1 => says("\r\n+CMS ERROR: 500\r\n"),
            _ => usual(line),
        }
    });
    let (modem, _) = bench.armed().await;
    refused(&modem, PDU).await;
    sleep(Duration::from_secs(121)).await;
    refused(&modem, PDU).await;
    let (why, _) = bench.lost().await;
    assert!(why.contains("500"), "{why}");
    let (modem, _) = bench.armed().await;
    let state = bench.state.borrow().clone();
    let ModemState::Healing { rung, trying, why } = state else {
        panic!("{state:?}");
    };
    assert_eq!((rung, trying), (Some(Rung::Clear), true));
    assert!(why.contains("500") && why.contains("step 2 of 6"), "{why}");
    modem.send(OTHER, TPDU_LENGTH).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    assert!(bench.state.borrow().is_armed());
    while let Ok(event) = bench.events.try_recv() {
        if let ModemEvent::Healing(step, _) = event {
            bench.steps.push(step);
        }
    }
    let why = "+CMS ERROR 500: unknown error".to_owned();
    let rung = Rung::Clear;
    assert_eq!(
        bench.steps,
        [
            HealingStep::Begun { rung, why },
            HealingStep::Ended(Healed::Helped)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_text_that_is_refused_with_a_bare_error_for_minutes_shows_an_ill_modem() {
    let mut bench = Bench::with(|line| match line {
        _ if line.ends_with("<^Z>") => says("\r\nERROR\r\n"),
        _ => usual(line),
    });
    let (mut modem, _) = bench.armed().await;
    let mut set_up = 0;
    for wait in [4, 8, 16, 32, 1] {
        refused(&modem, PDU).await;
        sleep(Duration::from_secs(wait)).await;
        while let Ok(event) = bench.events.try_recv() {
            if let ModemEvent::Armed(new, _) = event {
                (modem, set_up) = (new, set_up + 1);
            }
        }
    }
    assert_eq!(set_up, 2, "at once, and because it is ill");
    let state = bench.state.borrow().clone();
    assert!(matches!(state, ModemState::Healing { .. }), "{state:?}");
}

#[tokio::test(start_paused = true)]
async fn one_recipient_after_another_who_does_not_exist_says_nothing_of_the_modem() {
    let mut bench = Bench::with(|line| match line {
        _ if line.ends_with("<^Z>") => says("\r\n+CMS ERROR: 28\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    for pdu in [PDU, OTHER].into_iter().cycle().take(12) {
        refused(&modem, pdu).await;
        sleep(Duration::from_secs(60)).await;
    }
    assert!(bench.state.borrow().is_armed());
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_silent_for_good_is_opened_again_and_that_is_told() {
    let mut signals = 0;
    let mut bench = Bench::with(move |line| {
        signals += u32::from(line == "AT+CSQ");
        if signals > 1 {
            Does::Hangs
        } else {
            usual(line)
        }
    });
    bench.armed().await;
    bench.lost().await;
    bench.plug_in(usual);
    bench.armed().await;
    let rungs: Vec<_> = bench
        .steps
        .iter()
        .filter_map(|step| match step {
            HealingStep::Begun { rung, .. } => Some(*rung),
            HealingStep::Ended(_) => None,
        })
        .collect();
    assert_eq!(rungs, [Rung::Ask, Rung::Reopen]);
    assert_eq!(
        bench.steps.last(),
        Some(&HealingStep::Ended(Healed::Helped))
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_without_a_network_says_nothing_of_the_modem() {
    let mut bench = Bench::with(|line| match line {
        _ if line.ends_with("<^Z>") => says("\r\n+CREG: 2\r\n\r\n+CMS ERROR: 331\r\n"),
        _ => usual(line),
    });
    let (mut modem, _) = bench.armed().await;
    for _ in 0..5 {
        refused(&modem, PDU).await;
        bench.reason("searching").await;
        bench.say("\r\n+CREG: 1\r\n");
        (modem, _) = bench.armed().await;
        sleep(Duration::from_secs(60)).await;
    }
    assert!(bench.state.borrow().is_armed());
    assert_eq!(bench.steps, []);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_comes_back_deaf_and_has_no_usb_port_wants_a_person() {
    let mut bench = Bench::with(|line| match line {
        "AT+CLCC" => Does::Dies,
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    for _ in 0..200 {
        bench.plug_in(|_| Does::Hangs);
    }
    assert!(modem.current_calls().await.is_err());
    bench.lost().await;
    bench.reason("A person is needed: The modem does not").await;
    let mut steps = Vec::new();
    while let Ok(event) = bench.events.try_recv() {
        if let ModemEvent::Healing(step, _) = event {
            steps.push(step);
        }
    }
    let no_usb = Healed::Skipped("the modem's port is not on USB".to_owned());
    assert_eq!(steps.last(), Some(&HealingStep::Ended(no_usb)));
}

/// A port whose node is gone for a while, and then there without the rights that udev is about to give it.
struct Udev {
    opened: std::sync::atomic::AtomicU32,
    lines: Lines,
}

impl Ports for Udev {
    type Port = DuplexStream;

    async fn open(&self) -> io::Result<DuplexStream> {
        match self.opened.fetch_add(1, Ordering::Relaxed) {
            0..60 => Err(io::ErrorKind::NotFound.into()),
            60..63 => Err(io::ErrorKind::PermissionDenied.into()),
            _ => self.lines.open().await,
        }
    }

    fn name(&self) -> String {
        "line".into()
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_gone_for_a_minute_and_forbidden_for_a_moment_ends_armed() {
    let (plug, lines) = mpsc::unbounded_channel();
    let (near, far) = duplex(PORT_ROOM);
    play(far, Heard::default(), mpsc::unbounded_channel().1, usual);
    plug.send(near).unwrap();
    let ports = Udev {
        opened: 0.into(),
        lines: Lines {
            first: Mutex::new(lines),
            second: Mutex::new(mpsc::unbounded_channel().1),
        },
    };
    let pin = PinSource {
        file: None,
        refused: "/nowhere/refused-pin".into(),
    };
    let (state, mut shown) = watch::channel(ModemState::default());
    let (events, _kept) = mpsc::unbounded_channel();
    let task = ModemTask::new(ports, pin, Pulse::default());
    tokio::spawn(task.run(events, state, CancellationToken::new()));
    let armed = shown.wait_for(ModemState::is_armed);
    let armed = timeout(Duration::from_secs(66), armed).await;
    assert!(armed.is_ok_and(|it| it.is_ok()));
}

#[tokio::test(start_paused = true)]
async fn a_rung_with_a_long_pause_waits_until_it_is_on_disk_and_not_for_ever() {
    let clock = crate::clock::Clock::system();
    for (written_after, waits) in [(Some(300), 300), (None, 2000)] {
        let mut bench = Bench::with(|line| match line {
            "AT+CLCC" => Does::Dies,
            _ => usual(line),
        });
        let (modem, _) = bench.armed().await;
        for _ in 0..200 {
            bench.plug_in(|_| Does::Hangs);
        }
        assert!(modem.current_calls().await.is_err());
        let begun_at = loop {
            if let ModemEvent::Healing(HealingStep::Begun { rung, .. }, written) =
                bench.event().await
                && rung == Rung::UsbReset
            {
                let begun_at = clock.monotonic();
                if let Some(millis) = written_after {
                    sleep(Duration::from_millis(millis)).await;
                    written.done();
                }
                break begun_at;
            }
        };
        // It is tried now, and there is no USB.
        while !matches!(
            bench.event().await,
            ModemEvent::Healing(HealingStep::Ended(Healed::Skipped(_)), _)
        ) {}
        let waited = (clock.monotonic() - begun_at).as_millis();
        assert_eq!(waited, waits, "{written_after:?}");
    }
}
