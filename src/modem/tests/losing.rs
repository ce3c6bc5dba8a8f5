//! Modems that hang, restart and go away, and the way back.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_hang_shifts_no_answer_and_loses_no_urc() {
    let mut hung = String::new();
    let mut over = false;
    let mut bench = Bench::with(move |line| {
        if over || (hung.is_empty() && line != "AT+CLCC") {
            return usual(line);
        }
        if let Does::Says(text) = usual(line) {
            hung.push_str(&text);
        }
        hung.push_str("\r\nRING\r\n");
        if hung.matches("RING").count() < 10 {
            return Does::Hangs;
        }
        over = true;
        Does::Says(hung.clone())
    });
    let (modem, _) = bench.armed().await;
    let calls = modem.current_calls().await;
    assert!(matches!(calls, Err(AskError::NoAnswer { .. })), "{calls:?}");
    // Waits until the line is in step again.
    assert_eq!(modem.signal().await.unwrap(), Some(Signal { rssi: 17 }));
    assert_eq!(modem.current_calls().await.unwrap().len(), 1);
    assert_eq!(modem.operator().await.unwrap().as_deref(), Some("OKTEL"));
    let rings = bench
        .urcs()
        .into_iter()
        .filter(|urc| *urc == Urc::Ring)
        .count();
    assert_eq!(rings, 10);
}

#[tokio::test(start_paused = true)]
async fn late_answers_one_by_one_shift_nothing_either() {
    let mut slow = 0;
    let mut bench = Bench::with(move |line| {
        slow += u32::from(line == "AT+CLCC" || slow > 0);
        let time = match slow {
            0 | 6.. => return usual(line),
            1 => Duration::from_secs(9),
            _ => Duration::from_millis(800),
        };
        match usual(line) {
            Does::Says(text) => Does::SaysAfter(time, text),
            does => does,
        }
    });
    let (modem, _) = bench.armed().await;
    assert!(modem.current_calls().await.is_err());
    assert_eq!(modem.signal().await.unwrap(), Some(Signal { rssi: 17 }));
    assert_eq!(modem.current_calls().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_only_errs_does_not_keep_the_line_busy() {
    let mut armed = false;
    let mut bench = Bench::with(move |line| match line {
        "AT+CLCC" => {
            armed = true;
            Does::Hangs
        }
        "AT+CPIN?" if armed => says("\r\n+CME ERROR: 10\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    assert!(modem.current_calls().await.is_err());
    let asked = timeout(Duration::from_secs(2), modem.signal()).await;
    assert_eq!(asked.unwrap().unwrap(), Some(Signal { rssi: 17 }));
}

#[tokio::test(start_paused = true)]
async fn commands_swallowed_in_a_hang_do_not_keep_the_line_busy() {
    let mut swallowed = 0;
    let mut bench = Bench::with(move |line| {
        if line == "AT+CLCC" || (1..4).contains(&swallowed) {
            swallowed += 1;
            return Does::Hangs;
        }
        usual(line)
    });
    let (modem, _) = bench.armed().await;
    assert!(modem.current_calls().await.is_err());
    // Three probes of 3.3 s are lost; the fourth is answered, and what proves it costs nothing.
    let asked = timeout(Duration::from_secs(11), modem.signal()).await;
    assert_eq!(asked.unwrap().unwrap(), Some(Signal { rssi: 17 }));
}

#[tokio::test(start_paused = true)]
async fn a_dead_modem_is_given_up_and_its_port_opened_again() {
    let mut dead = false;
    let mut bench = Bench::with(move |line| {
        dead |= line == "AT+CMGD=1";
        if dead { Does::Hangs } else { usual(line) }
    });
    let (modem, _) = bench.armed().await;
    assert!(modem.delete(1).await.is_err());
    bench.reason("stopped answering").await;
    bench.plug_in(usual);
    let (why, _) = timeout(Duration::from_secs(90), bench.lost())
        .await
        .unwrap();
    assert!(why.contains("not answered"), "{why}");
    let asked = modem.signal().await;
    assert!(matches!(asked, Err(AskError::Lost { .. })), "{asked:?}");
    bench.armed().await;
}

#[tokio::test(start_paused = true)]
async fn a_hung_modem_is_noticed_without_any_request() {
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
    timeout(Duration::from_secs(150), bench.lost())
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_unplugged_modem_is_lost_at_once_and_armed_soon_after_it_is_back() {
    let mut bench = Bench::with(|line| match line {
        "AT+CLCC" => Does::Dies,
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let calls = modem.current_calls().await;
    assert!(matches!(calls, Err(AskError::Lost { .. })), "{calls:?}");
    timeout(Duration::from_millis(1), bench.lost())
        .await
        .unwrap();
    bench.reason("it is not there").await;
    sleep(Duration::from_secs(100)).await;
    bench.plug_in(usual);
    timeout(Duration::from_secs(2), bench.armed())
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_restarts_is_brought_up_again_on_the_same_port() {
    let mut bench = Bench::with(usual);
    let (old, _) = bench.armed().await;
    bench.say("\r\nRDY\r\n");
    let (_, urcs) = bench.lost().await;
    assert_eq!(urcs, [Urc::Restarted]);
    let (new, _) = timeout(Duration::from_millis(51), bench.armed())
        .await
        .unwrap();
    assert!(old.signal().await.is_err());
    assert!(new.signal().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_speaks_unasked_has_the_modem_brought_up_again() {
    for state in ["NOT INSERTED", "SIM PIN", "READY"] {
        let mut bench = Bench::with(usual);
        bench.armed().await;
        bench.say(&format!("\r\n+CPIN: {state}\r\n"));
        let (why, _) = bench.lost().await;
        assert!(why.contains(state), "{why}");
        bench.armed().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_restarts_without_a_word_is_found_out_and_set_up_again() {
    // Huawei's ^BOOT comes at other times too; where nothing comes, the look that is due once a minute finds it out.
    for (said, within) in [("\r\n^BOOT:27710117,0,0,0,75\r\n", 6), ("", 61)] {
        let forgotten = Arc::new(Mutex::new(false));
        let reset = Arc::clone(&forgotten);
        let mut bench = Bench::with(move |line| match line {
            "AT+CREG=2" => {
                *forgotten.lock().unwrap() = false;
                usual(line)
            }
            "AT+CREG?" if *forgotten.lock().unwrap() => ok("+CREG: 0,1"),
            _ => usual(line),
        });
        bench.armed().await;
        // Without a restart it changes nothing.
        bench.inject.send(said.to_owned()).unwrap();
        sleep(Duration::from_secs(200)).await;
        assert!(bench.urcs().iter().all(|urc| *urc == Urc::PerhapsRestarted));
        bench.heard();
        *reset.lock().unwrap() = true;
        bench.inject.send(said.to_owned()).unwrap();
        timeout(Duration::from_secs(within), bench.lost())
            .await
            .unwrap();
        bench.armed().await;
    }
}

/// A port whose reads fail as those of a tty do whose device has gone.
struct Failing(DuplexStream, watch::Receiver<bool>);

impl tokio::io::AsyncRead for Failing {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        if *self.1.borrow() {
            // EIO
            return std::task::Poll::Ready(Err(io::Error::from_raw_os_error(5)));
        }
        std::pin::Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl tokio::io::AsyncWrite for Failing {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        std::pin::Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        panic!("a port is never flushed")
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}

/// Ports that fail once told to, each under another name than the one before.
struct Renumbered {
    opened: std::sync::atomic::AtomicU32,
    fails: watch::Sender<bool>,
}

impl Ports for Renumbered {
    type Port = Failing;

    async fn open(&self) -> io::Result<Failing> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.fails.send_replace(false);
        let (near, far) = duplex(PORT_ROOM);
        play(far, Heard::default(), mpsc::unbounded_channel().1, usual);
        Ok(Failing(near, self.fails.subscribe()))
    }

    fn name(&self) -> String {
        format!("/dev/ttyUSB{}", self.opened.load(Ordering::Relaxed))
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_that_fails_with_an_i_o_error_is_opened_anew_whatever_its_number() {
    let fails = watch::Sender::new(false);
    let ports = Renumbered {
        opened: 0.into(),
        fails: fails.clone(),
    };
    let pin = PinSource {
        file: None,
        refused: "/nowhere/refused-pin".into(),
    };
    let (state, mut shown) = watch::channel(ModemState::default());
    let (events, _kept) = mpsc::unbounded_channel();
    let task = ModemTask::new(ports, pin, Pulse::default());
    tokio::spawn(task.run(events, state, CancellationToken::new()));
    let mut armed_on = Vec::new();
    for _ in 0..2 {
        let armed = timeout(Duration::from_secs(5), shown.wait_for(ModemState::is_armed)).await;
        match &*armed.expect("armed within 5 s").unwrap() {
            ModemState::Armed { facts, .. } => armed_on.push(facts.port.clone()),
            other => panic!("{other:?}"),
        }
        fails.send_replace(true);
        // Nothing wakes the reader here: the next look finds it out.
        let down = shown.wait_for(|state| !state.is_armed());
        drop(
            timeout(Duration::from_secs(70), down)
                .await
                .expect("seen")
                .unwrap(),
        );
    }
    assert_eq!(armed_on, ["/dev/ttyUSB1", "/dev/ttyUSB2"]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_refuses_its_list_is_set_up_again_and_not_for_ever() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGL=4" => says("\r\n+CMS ERROR: 302\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    assert!(modem.stored().await.is_err());
    bench.lost().await;
    for _ in 0..5 {
        let (modem, _) = bench.armed().await;
        for _ in 0..5 {
            let refused = modem.stored().await;
            assert!(
                matches!(refused, Err(AskError::Refused { .. })),
                "{refused:?}"
            );
            sleep(Duration::from_secs(10 * 60)).await;
        }
        assert_eq!(bench.urcs(), []);
        sleep(Duration::from_secs(10 * 60)).await;
        assert!(modem.stored().await.is_err());
        bench.lost().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_another_program_left_at_a_prompt_in_service_is_freed_at_the_second_question() {
    for says_ok in [true, false] {
        let stuck = Arc::new(Mutex::new(false));
        let left = Arc::clone(&stuck);
        let mut bench = Bench::with(move |line| {
            let mut stuck = stuck.lock().unwrap();
            match line {
                "<ESC>" if std::mem::take(&mut *stuck) && says_ok => ok(""),
                _ if *stuck => Does::Hangs,
                _ => usual(line),
            }
        });
        let (modem, _) = bench.armed().await;
        *left.lock().unwrap() = true;
        assert!(modem.current_calls().await.is_err());
        let asked = timeout(Duration::from_secs(5), modem.signal()).await;
        assert_eq!(asked.unwrap().unwrap(), Some(Signal { rssi: 17 }));
        assert_eq!(modem.current_calls().await.unwrap().len(), 1);
        assert_eq!(modem.operator().await.unwrap().as_deref(), Some("OKTEL"));
    }
}

#[tokio::test(start_paused = true)]
async fn where_no_registration_tells_of_a_silent_restart_other_settings_do() {
    for (question, set, fresh) in [
        ("AT+CNMI?", "+CNMI: 2,1,0,1,0", "+CNMI: 0,0,0,0,0"),
        ("AT+CMGF?", "+CMGF: 0", "+CMGF: 1"),
    ] {
        for creg in ["\r\nERROR\r\n", "\r\n+CREG: 0,1\r\n\r\nOK\r\n"] {
            let forgotten = Arc::new(Mutex::new(false));
            let reset = Arc::clone(&forgotten);
            let mut bench = Bench::with(move |line| match line {
                "AT+CREG?" => says(creg),
                "AT+CMGF=0" => {
                    *forgotten.lock().unwrap() = false;
                    ok("")
                }
                _ if line == question && *forgotten.lock().unwrap() => ok(fresh),
                _ if line == question => ok(set),
                "AT+CNMI?" | "AT+CMGF?" => says("\r\nERROR\r\n"),
                _ => usual(line),
            });
            bench.armed().await;
            sleep(Duration::from_secs(200)).await;
            assert_eq!(bench.urcs(), []);
            *reset.lock().unwrap() = true;
            bench.heard();
            let lost = timeout(Duration::from_secs(61), bench.lost()).await;
            assert!(lost.is_ok(), "{question} {creg:?}: {:?}", bench.heard());
            bench.armed().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_whose_registration_tells_is_asked_no_more_than_that() {
    let mut bench = Bench::with(usual);
    bench.armed().await;
    sleep(Duration::from_secs(60 * 60 - 1)).await;
    let heard = bench.heard();
    assert!(!heard.iter().any(|it| it == "AT+CNMI?" || it == "AT+CMGF?"));
}
