//! Modems that say on a second port what they say by themselves.

use super::*;
use crate::at::urc::Registration;

/// A modem of two ports; the far end of the second is returned.
fn two_ports() -> (Bench, DuplexStream) {
    let mut bench = Bench::new();
    let (near, far) = duplex(PORT_ROOM);
    bench.plug_second.send(near).unwrap();
    bench.plug_in(usual);
    (bench, far)
}

async fn rings(bench: &mut Bench) -> usize {
    sleep(Duration::from_secs(1)).await;
    let urcs = bench.urcs();
    urcs.iter().filter(|urc| **urc == Urc::Ring).count()
}

#[tokio::test(start_paused = true)]
async fn trap_16_one_port_for_all_that_a_modem_says() {
    let (mut bench, mut second) = two_ports();
    let (modem, _) = bench.armed().await;
    second.write_all(b"\r\nRI").await.unwrap();
    assert_eq!(modem.signal().await.unwrap(), Some(Signal { rssi: 17 }));
    second
        .write_all(b"NG\r\n\r\nOK\r\n\r\n+CREG: 5\r\n")
        .await
        .unwrap();
    sleep(Duration::from_secs(1)).await;
    let urcs = bench.urcs();
    let stat = |urc: &Urc| match urc {
        Urc::Registration(Registration { stat, .. }) => Some(*stat),
        _ => None,
    };
    assert_eq!(
        (urcs.len(), &urcs[0], stat(&urcs[1])),
        (2, &Urc::Ring, Some(5)),
        "{urcs:?}"
    );
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(Some(17)));
    let mut byte = [0];
    let said = timeout(Duration::from_secs(1), second.read(&mut byte)).await;
    assert!(said.is_err(), "nothing is ever written there");
}

#[tokio::test(start_paused = true)]
async fn what_comes_on_both_ports_counts_once() {
    let (mut bench, mut second) = two_ports();
    bench.armed().await;
    for _ in 0..3 {
        bench.say("\r\nRING\r\n");
        sleep(Duration::from_millis(30)).await;
        second.write_all(b"\r\nRING\r\n").await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(rings(&mut bench).await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_start_told_on_both_ports_is_one_start() {
    let (mut bench, mut second) = two_ports();
    bench.armed().await;
    second.write_all(b"\r\nRDY\r\n").await.unwrap();
    let (why, _) = bench.lost().await;
    assert!(why.contains("restarted"), "{why}");
    bench.say("\r\nRDY\r\n");
    bench.armed().await;
    sleep(Duration::from_secs(5)).await;
    assert!(bench.events.try_recv().is_err(), "armed, and stays so");
}

#[tokio::test(start_paused = true)]
async fn a_second_port_that_goes_away_takes_nothing_with_it() {
    let (mut bench, second) = two_ports();
    let (modem, _) = bench.armed().await;
    drop(second);
    sleep(Duration::from_secs(1)).await;
    for _ in 0..2 {
        bench.say("\r\nRING\r\n");
    }
    assert_eq!(rings(&mut bench).await, 2);
    assert_eq!(modem.signal().await.unwrap(), Some(Signal { rssi: 17 }));
}
