//! What the handle does: texts, stored messages, hanging up.

use super::*;
use crate::at::Outlook;

#[tokio::test(start_paused = true)]
async fn texts_go_out_while_the_phone_rings() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGS=24" => says("\r\nRING\r\n\r\n> "),
        _ if line.ends_with("<^Z>") => {
            says("\r\n+CM\r\nRING\r\nGS: 17\r\n\r\nOK\r\n\r\nNO CARRIER\r\n")
        }
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let sent = timeout(Duration::from_millis(1), modem.send(PDU, TPDU_LENGTH)).await;
    assert_eq!(sent.unwrap(), Ok(Some(17)));
    assert_eq!(
        bench.heard(),
        ["AT+CMGS=24".to_owned(), format!("{PDU}<^Z>")]
    );
    sleep(Duration::from_millis(1)).await;
    assert_eq!(
        bench.urcs(),
        [Urc::Ring, Urc::Ring, Urc::CallEnded { index: None }]
    );
    let bad = modem.send("00\u{1a}0", 1).await;
    assert!(matches!(bad, Err(SendError::NotTaken { .. })));
}

/// What `send` says, what the modem heard from then on, and whether the next text goes out, if a modem does `does` once, with the
/// command or (`at_pdu`) with the PDU.
async fn send_when(at_pdu: bool, does: Does) -> (SendError, Vec<String>) {
    let mut does = Some(does);
    let mut bench = Bench::with(move |line| {
        let now = if at_pdu {
            line.ends_with("<^Z>")
        } else {
            line == "AT+CMGS=24"
        };
        match does.take_if(|_| now) {
            Some(does) => does,
            None => usual(line),
        }
    });
    let (modem, _) = bench.armed().await;
    let error = modem.send(PDU, TPDU_LENGTH).await.unwrap_err();
    if matches!(*bench.state.borrow(), ModemState::Down { .. }) {
        return (error, bench.heard());
    }
    sleep(Duration::from_secs(5)).await;
    let heard = bench.heard();
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(Some(17)), "{error}");
    (error, heard)
}

#[tokio::test(start_paused = true)]
async fn a_text_that_fails_says_whether_it_may_be_sent_again() {
    let (error, heard) = send_when(false, Does::Hangs).await;
    assert!(matches!(error, SendError::NotTaken { .. }), "{error}");
    assert_eq!(heard[..2], ["AT+CMGS=24", "<ESC>"]);

    let (error, heard) = send_when(false, says("\r\n+CMS ERROR: 38\r\n")).await;
    let SendError::Refused(refused) = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (refused.code(), refused.outlook()),
        (Some(38), Outlook::Passing)
    );
    assert_eq!(heard[1], "<ESC>");

    let (error, _) = send_when(true, says("\r\n+CMS ERROR: 28\r\n")).await;
    assert!(matches!(&error, SendError::Refused(error) if error.outlook() == Outlook::ForGood));

    let (error, heard) = send_when(true, Does::Hangs).await;
    assert!(matches!(error, SendError::Unconfirmed { .. }), "{error}");
    assert_eq!(heard[2], "<ESC>");

    let (error, _) = send_when(false, Does::Dies).await;
    assert!(matches!(error, SendError::NotTaken { .. }), "{error}");
    let (error, _) = send_when(true, Does::Dies).await;
    assert!(matches!(error, SendError::Unconfirmed { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_comes_too_late_is_left_and_eats_nothing() {
    let late = Does::SaysAfter(Duration::from_millis(10_100), "\r\n> ".into());
    let (error, heard) = send_when(false, late).await;
    assert!(matches!(error, SendError::NotTaken { .. }), "{error}");
    assert_eq!(heard[..3], ["AT+CMGS=24", "<ESC>", "<ESC>"]);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_behind_a_failed_text_is_left_too() {
    let late = Does::SaysAfter(Duration::from_millis(120_100), "\r\n> ".into());
    let (error, heard) = send_when(true, late).await;
    assert!(matches!(error, SendError::Unconfirmed { .. }), "{error}");
    assert_eq!(heard[2..4], ["<ESC>", "<ESC>"]);
}

#[tokio::test(start_paused = true)]
async fn a_text_that_did_not_get_through_the_port_whole_was_not_taken() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGS=199" => Does::SaysAndJams("\r\n> ".into()),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let sent = modem.send(&"00".repeat(200), 199).await;
    assert!(matches!(sent, Err(SendError::NotTaken { .. })), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn an_ok_without_a_reference_means_taken() {
    let mut bench = Bench::with(|line| match line {
        _ if line.ends_with("<^Z>") => says("\r\n+CM\0\0: x\r\n\r\nOK\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_reference_without_its_ok_means_sent() {
    let heard = "\r\n+CMGS: 17\r\n";
    let cases = [
        (says(heard), None),
        (Does::SaysAndJams(heard.into()), Some("is gone")),
        (says(&format!("{heard}\r\nRDY\r\n")), Some("restarted")),
    ];
    for (does, end) in cases {
        let mut does = Some(does);
        let mut bench = Bench::with(move |line| {
            let now = does.take_if(|_| line.ends_with("<^Z>"));
            now.unwrap_or_else(|| usual(line))
        });
        let (modem, _) = bench.armed().await;
        let sent = modem.send(PDU, TPDU_LENGTH).await;
        assert_eq!(sent, Ok(Some(17)), "{end:?}");
        match end {
            Some(end) => assert!(bench.lost().await.0.contains(end)),
            None => assert_eq!(modem.send(PDU, TPDU_LENGTH).await, sent),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reference_that_cannot_be_read_and_no_ok_prove_nothing() {
    let (error, _) = send_when(true, says("\r\n+CMGS: x\r\n")).await;
    assert!(matches!(error, SendError::Unconfirmed { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn stored_messages_are_listed_read_and_deleted() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGL=4" => ok(&format!(
            "+CMGL: 0,1,,24\r\n{PDU}\r\n+CMGL: 7,0,,24\r\n{PDU}"
        )),
        "AT+CMGR=7" => ok(&format!("+CMGR: 0,,24\r\n{PDU}")),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let stored = modem.stored().await.unwrap();
    let seven = StoredSms {
        whole: true,
        index: 7,
        status: 0,
        pdu: PDU.into(),
    };
    assert_eq!((stored.len(), stored[0].index), (2, 0));
    assert_eq!(stored[1], seven);
    assert_eq!(modem.read(7).await, Ok(Some(seven)));
    assert_eq!(modem.read(8).await, Ok(None));
    assert_eq!(modem.delete(7).await, Ok(()));
    assert_eq!(bench.heard().last().unwrap(), "AT+CMGD=7");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_is_no_list() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGL=4" => says(&format!("\r\n+CMGL: 0,1,,24\r\n{PDU}\r\n")),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let stored = modem.stored().await;
    assert!(
        matches!(stored, Err(AskError::NoAnswer { .. })),
        "{stored:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn hanging_up_takes_the_second_way_if_the_first_is_refused() {
    let mut bench = Bench::with(|line| match line {
        "AT+CHUP" => says("\r\nERROR\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    modem.hang_up().await.unwrap();
    assert_eq!(bench.heard(), ["AT+CHUP", "ATH"]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_the_text_that_is_under_way() {
    let mut bench = Bench::with(|line| match line {
        _ if line.ends_with("<^Z>") => {
            Does::SaysAfter(Duration::from_secs(5), "\r\n+CMGS: 1\r\n\r\nOK\r\n".into())
        }
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let stop = bench.stop.clone();
    let stopping = async {
        sleep(Duration::from_secs(1)).await;
        stop.cancel();
    };
    let (sent, ()) = tokio::join!(modem.send(PDU, TPDU_LENGTH), stopping);
    assert_eq!(sent, Ok(Some(1)));
    timeout(Duration::from_secs(1), bench.task)
        .await
        .unwrap()
        .unwrap();
    let late = modem.send(PDU, TPDU_LENGTH).await;
    assert!(matches!(late, Err(SendError::NotTaken { .. })), "{late:?}");
}

/// A modem that refuses texts with 330 while it has no service centre, and has lost it. The SIM still says `stored`.
fn without_centre(stored: &'static str) -> Bench {
    let mut centre = false;
    Bench::with(move |line| match line {
        "AT+CSCA?" => ok(stored),
        "AT+CSCA=\"+12025550100\",145" => {
            centre = true;
            ok("")
        }
        _ if line.ends_with("<^Z>") && !centre => says("\r\n+CMS ERROR: 330\r\n"),
        _ => usual(line),
    })
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_has_lost_its_service_centre_is_told_it_again_and_the_text_goes_out() {
    let mut bench = without_centre("+CSCA: \"+12025550100\", 145");
    let (modem, _) = bench.armed().await;
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(Some(17)));
    let heard = bench.heard().join(" ");
    let pdus = heard.matches("<^Z>").count();
    assert_eq!(pdus, 2, "{heard}");
}

#[tokio::test(start_paused = true)]
async fn a_text_is_refused_once_where_nobody_knows_the_service_centre() {
    for stored in ["", "+CSCA: \"\",129", "+CSCA: \"nonsense\",129"] {
        let mut bench = without_centre(stored);
        let (modem, _) = bench.armed().await;
        let error = modem.send(PDU, TPDU_LENGTH).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(_)), "{error}");
        let heard = bench.heard();
        let given = |line: &&String| line.starts_with("AT+CSCA=");
        assert_eq!(heard.iter().filter(given).count(), 0, "{heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_that_leaves_proves_that_there_is_a_service_centre_whatever_the_modem_says() {
    let mut bench = Bench::with(|line| match line {
        "AT+CSCA?" => ok(""),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    bench.reason("SMS centre").await;
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(Some(17)));
    sleep(Duration::from_secs(200)).await;
    assert_eq!(bench.state.borrow().reason(), None);
}

#[tokio::test(start_paused = true)]
async fn one_that_will_not_say_whether_there_is_one_has_none_if_it_refuses_texts_for_that() {
    let mut bench = Bench::with(|line| match line {
        "AT+CSCA?" => says("\r\nERROR\r\n"),
        _ if line.ends_with("<^Z>") => says("\r\n+CMS ERROR: 330\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    assert_eq!(bench.state.borrow().reason(), None);
    for _ in 0..10 {
        assert!(modem.send(PDU, TPDU_LENGTH).await.is_err());
        bench.reason("SMS centre").await;
        sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(bench.urcs(), [], "and it is not restarted for that");
}
