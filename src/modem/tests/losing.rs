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
