//! One story on every family of modems that the simulation knows: what a contractor would live through with each of them.

use std::time::Duration;

use textback::modem::ModemState;
use textback::sim::families::{preset, presets};
use textback::sim::{CallEnd, Caller, EndStyle};
use tokio::time::{sleep, timeout};

use super::world::{ANNA, BEN, SORRY, World, min, s};

const CARLA: &str = "+12025550161";
const DORA: &str = "+12025550162";
const EVE: &str = "+12025550163";
const FRED: &str = "+12025550164";
/// Longer than two parts of a text can be.
const LONG: &str = "My kitchen sink leaks since this morning. I have put a bucket under it and closed the valve, but the water \
     is still running down the wall into the flat below, and the lady who lives there is not amused at all. Could you \
     come today? I am at home until five. The house is the yellow one behind the church, second floor, the bell is \
     broken, so please ring me when you are there. Thank you very much. Mary";

/// What one modem's story needs to know of it.
struct Modem {
    world: World,
    cadence: Duration,
    /// How long after the caller has gone the text must have left.
    patience: Duration,
    answer_to_send: Duration,
    hang_up_works: bool,
}

async fn armed(name: &str) -> Modem {
    let options = preset(name).unwrap().options;
    let silent = options.end == EndStyle::Silent && options.own_lines.is_empty();
    let modem = Modem {
        cadence: options.cadence,
        patience: if silent {
            options.cadence * 2 + s(1)
        } else {
            s(2)
        },
        answer_to_send: options.send_takes,
        hang_up_works: options.hang_up_works,
        world: World::with(options).await,
    };
    modem.world.set("calls.hang_up_after_s", "0").await;
    modem
}

impl Modem {
    /// Somebody calls, gives up after three rings and is texted in time.
    async fn is_texted(&self, number: &str) {
        let before = self.world.sim.sent().len();
        let call = self.world.sim.call(Caller::new(number).rings(3));
        assert_eq!(call.ended().await, CallEnd::GaveUp, "{number}");
        let end = self.world.sim.now();
        let sent = timeout(min(5), self.world.sim.wait_sent(before + 1)).await;
        let sent = sent.expect("a text within five minutes").pop().unwrap();
        let waited = sent.at.saturating_sub(end);
        assert!(
            waited <= self.patience,
            "{number} was texted {waited:?} after the end"
        );
        assert_eq!((sent.to.as_str(), sent.text.as_str()), (number, SORRY));
        // Until the report is there too.
        sleep(self.answer_to_send + s(10)).await;
        assert_eq!(
            self.world.text(number),
            ("delivered".to_owned(), 1),
            "{number}"
        );
    }

    fn last_fate(&self) -> String {
        self.world.fates().pop().unwrap()
    }
}

async fn story(name: &str) {
    let mut modem = armed(name).await;
    modem.is_texted(ANNA).await;

    // Nobody is texted whose number is withheld, and nobody whom somebody has answered.
    modem.world.call(Caller::withheld().rings(3)).await;
    sleep(min(1)).await;
    // Two fields of a number do not tell why it is missing.
    let reason = if name == "Wavecom Q24" {
        "no_caller_id"
    } else {
        "withheld"
    };
    assert_eq!(modem.last_fate(), format!("- skipped/{reason}"));
    let call = modem.world.sim.call(Caller::new(BEN).rings(9));
    sleep(modem.cadence * 3 / 2).await;
    call.pick_up();
    sleep(s(41)).await;
    call.give_up();
    assert_eq!(call.ended().await, CallEnd::Talked);
    sleep(min(1)).await;
    assert_eq!(modem.last_fate(), format!("{BEN} skipped/picked_up"));

    // A second caller hears busy, and is texted when he tries again.
    let first = modem.world.sim.call(Caller::new(CARLA).rings(3));
    sleep(modem.cadence * 3 / 2).await;
    let second = modem.world.call(Caller::new(DORA)).await;
    assert_eq!(second, CallEnd::Busy);
    first.ended().await;
    sleep(modem.patience + modem.answer_to_send).await;
    modem.is_texted(DORA).await;
    assert_eq!(modem.world.texts_to(CARLA), [SORRY]);

    // An answer in three parts is one answer, and the SIM is empty again.
    modem.world.reply(ANNA, LONG).await;
    sleep(min(1)).await;
    assert_eq!(modem.world.replies(), [LONG]);
    assert_eq!(modem.world.sim.stored(), 0);

    // Unplugged and plugged in again, it has been told everything anew.
    modem.world.unplugged_for(s(10)).await;
    modem.world.armed().await;
    modem.is_texted(EVE).await;

    // A caller who does not give up is rejected after 15 s, if the modem can.
    modem.world.set("calls.hang_up_after_s", "15").await;
    let end = modem.world.call(Caller::new(FRED).rings_for(min(1))).await;
    let expected = if modem.hang_up_works {
        CallEnd::HungUp
    } else {
        CallEnd::GaveUp
    };
    assert_eq!(end, expected);
    sleep(min(1)).await;
    assert_eq!(modem.world.texts_to(FRED), [SORRY]);
    assert_eq!(modem.last_fate(), format!("{FRED} texted"));
    assert_eq!(modem.world.fates().len(), 7, "{:?}", modem.world.fates());
}

/// It never rings: people are told so, and its texts are read all the same.
async fn silent_story(name: &str) {
    let modem = armed(name).await;
    let ModemState::Armed {
        facts,
        registrations,
        ..
    } = modem.world.modem()
    else {
        panic!("{:?}", modem.world.modem());
    };
    let (rings, words) = facts.voice(&registrations);
    assert!(!rings && words.contains("never rings"), "{words}");
    assert_eq!(
        modem.world.call(Caller::new(ANNA)).await,
        CallEnd::Unreachable
    );
    modem.world.reply(BEN, LONG).await;
    sleep(min(1)).await;
    assert_eq!(modem.world.replies(), [LONG]);
    assert_eq!(modem.world.fates(), [""; 0]);
}

/// A test for each preset, and one that none is forgotten.
macro_rules! stories {
    ($($story:ident { $($test:ident $name:literal,)+ })+) => {
        $($(
            #[tokio::test(start_paused = true)]
            async fn $test() {
                $story($name).await;
            }
        )+)+

        #[test]
        fn every_modem_of_the_simulation_has_its_story() {
            let told = [$($($name,)+)+];
            let names: Vec<_> = presets().iter().map(|preset| preset.name).collect();
            assert_eq!(names, told);
        }
    };
}

stories! {
    story {
    plain_3gpp "plain 3GPP",
    cheap_stick "cheap stick",
    huawei_e1752 "Huawei E1752",
    huawei_me909 "Huawei ME909",
    sim800 "SIM800",
    sim5320 "SIM5320",
    sim7600 "SIM7600",
    a7670 "A7670",
    quectel_ec25 "Quectel EC25",
    quectel_ep06 "Quectel EP06",
    ublox_lara "u-blox LARA-R6",
    telit_he910 "Telit HE910",
    cinterion "Cinterion PLS8",
    zte "ZTE K3565-Z",
    wavecom "Wavecom Q24",
    }
    silent_story {
    huawei_e3372 "Huawei E3372",
    sim7000 "SIM7000G",
    quectel_bg96 "Quectel BG96",
    sierra_em "Sierra EM7565",
    }
}
