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
        if let ModemEvent::Healing(step) = event {
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
