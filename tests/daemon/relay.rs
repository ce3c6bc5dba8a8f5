//! Stories of what callers write and the owner's people answer: each text on its phone, once, and from the box's number.

use textback::sim::{Fate, SendFault};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

pub(crate) const OWNER: &str = "+12025550111";
pub(crate) const DESK: &str = "+12025550122";

pub(crate) async fn with_owner() -> World {
    let world = World::new().await;
    world.set("owner.number", OWNER).await;
    world
}

/// How often a number is told something is the story's own affair: what it says is compared whole.
fn told(world: &mut World, number: &str) -> Vec<String> {
    let texts = world.texts_to(number);
    world.expect_texts(number, texts.len());
    texts
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_on_the_owner_s_phone_within_two_seconds_whatever_it_is_made_of() {
    let three = "My sink is leaking and the water is all over the kitchen floor. ".repeat(6);
    let three = three.trim_end();
    for (words, parts) in [
        ("my sink is leaking", 1),
        (three, 3),
        ("Мойка течёт 💧, приезжайте", 1),
    ] {
        let mut world = with_owner().await;
        world.missed(ANNA).await;
        world.sim.text_in(ANNA, words).unwrap();
        sleep(s(2)).await;
        assert_eq!(
            told(&mut world, OWNER),
            [format!("#1 (202) 555-0143: {words}")]
        );
        let came = world.exported(ANNA).pop().unwrap();
        assert_eq!(
            (came.direction.as_str(), came.parts),
            ("in", parts),
            "{words}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_owner_answers_reaches_that_caller_from_the_box_s_number() {
    let mut world = with_owner().await;
    world.missed(ANNA).await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(BEN, "Do you do boilers?").await;
    world.reply(OWNER, "#1 on my way").await;
    world.reply(OWNER, "# 2: Yes, we do’em").await;
    assert_eq!(told(&mut world, ANNA), [SORRY, "on my way"]);
    assert_eq!(told(&mut world, BEN), ["Yes, we do'em"]);
    assert_eq!(
        told(&mut world, OWNER),
        [
            "#1 (202) 555-0143: my sink is leaking",
            "#2 (202) 555-0188: Do you do boilers?",
        ]
    );
    // An answer is no text for a missed call: the cooldown and the fences know nothing of it.
    let ben = textback::phone::PhoneNumber::parse(BEN, None).unwrap();
    let since = world.clock.wall() - jiff::SignedDuration::from_mins(1);
    assert!(world.store().answered_since(&ben, since).await.unwrap());
    assert!(
        !world
            .store()
            .answered_since(&ben, world.clock.wall())
            .await
            .unwrap()
    );
    world.missed(BEN).await;
    assert_eq!(told(&mut world, BEN), ["Yes, we do'em", SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_second_message_does_not_introduce_the_caller_again_until_a_day_has_passed() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(ANNA, "all over the floor").await;
    sleep(min(25 * 60)).await;
    world.reply(ANNA, "still leaking").await;
    assert_eq!(
        told(&mut world, OWNER),
        [
            "#1 (202) 555-0143: my sink is leaking",
            "#1: all over the floor",
            "#1 (202) 555-0143: still leaking",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_tag_an_answer_goes_to_the_only_one_who_wrote() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(OWNER, "On my way").await;
    world.reply(OWNER, "Ten minutes").await;
    assert_eq!(told(&mut world, ANNA), ["On my way", "Ten minutes"]);
    assert_eq!(told(&mut world, OWNER).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn with_two_open_the_box_asks_for_whom_and_keeps_the_words_until_he_says() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(BEN, "Do you do boilers?").await;
    world.reply(OWNER, "On my way").await;
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    assert_eq!(world.texts_to(BEN), [""; 0]);
    // Also over a restart.
    world.kill().await;
    world.start().await;
    world.reply(OWNER, "2").await;
    assert_eq!(told(&mut world, BEN), ["On my way"]);
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    // They went out, so they are not kept any more.
    world.reply(OWNER, "#1").await;
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    let words = told(&mut world, OWNER);
    assert_eq!(
        words[2..],
        [
            "For whom is that? Write the tag alone, such as #2, and it goes out: #2 (202) 555-0188, #1 (202) 555-0143. HELP tells what \
             the box itself understands.",
            "Write your words behind the tag, such as #1 on my way.",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_is_not_there_keeps_the_words_too() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(OWNER, "#9 on my way").await;
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    world.reply(OWNER, "#1").await;
    assert_eq!(told(&mut world, ANNA), ["on my way"]);
    assert_eq!(
        told(&mut world, OWNER)[1],
        "There is no #9. Write the right tag alone, and your words go out. #1 (202) 555-0143"
    );
}

#[tokio::test(start_paused = true)]
async fn a_very_long_text_arrives_whole_in_several() {
    let mut world = with_owner().await;
    let words: Vec<String> = (0..400).map(|n| format!("word{n}")).collect();
    let words = words.join(" ");
    world.reply(ANNA, &words).await;
    sleep(A_MOMENT).await;
    let told = told(&mut world, OWNER);
    assert!(told.len() > 2, "{told:?}");
    let of = told.len();
    let pieces = told.iter().enumerate().map(|(at, text)| {
        let head = format!("#1 (202) 555-0143 ({}/{of}): ", at + 1);
        text.strip_prefix(&head)
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    });
    assert_eq!(pieces.collect::<Vec<_>>().join(" "), words);
}

/// The notice of a picture as operators send it, an SMS-DELIVER of 8-bit data to port 2948 in two parts (OMA-TS-MMS_ENC 6.2).
fn picture_from(number: &str, reference: u8) -> [String; 2] {
    let mut notice =
        b"\x01\x06\x06\xbe\xaf\x84\x8d\x01\x82\x8c\x82\x98T1a2b3c\0\x8d\x92\x89".to_vec();
    let from = format!("{number}/TYPE=PLMN\0");
    notice.push(u8::try_from(from.len() + 1).unwrap());
    notice.push(0x80);
    notice.extend(from.as_bytes());
    notice.extend(
        b"\x8a\x80\x8e\x02\xff\xff\x88\x05\x81\x03\x09\x3a\x80\x83http://mms.example/1a2b3c\0",
    );
    let (first, second) = notice.split_at(40);
    [(1, first), (2, second)].map(|(sequence, octets)| {
        let header = format!("0B05040B8423F00003{reference:02X}02{sequence:02X}");
        let octets: String = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        let length = (header.len() + octets.len()) / 2;
        // From a short code of the operator.
        format!("004405A12143F5000462101021000000{length:02X}{header}{octets}")
    })
}

#[tokio::test(start_paused = true)]
async fn a_picture_is_named_as_one_and_comes_from_whoever_sent_it() {
    let mut world = with_owner().await;
    for part in picture_from(ANNA, 7) {
        world.sim.pdu_in(&part);
    }
    sleep(A_MOMENT).await;
    let picture = "(a picture message, which the box cannot open)";
    assert_eq!(
        told(&mut world, OWNER),
        [format!("#1 (202) 555-0143: {picture}")]
    );
    assert_eq!(world.replies(), [picture]);
    // One of the owner's own goes nowhere.
    for part in picture_from(OWNER, 8) {
        world.sim.pdu_in(&part);
    }
    sleep(A_MOMENT).await;
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    assert!(told(&mut world, OWNER)[1].starts_with("A picture cannot be passed on"));
}

#[tokio::test(start_paused = true)]
async fn each_reply_is_passed_on_once_and_each_answer_sent_once_through_kills_and_replugs() {
    let mut world = with_owner().await;
    // Nothing is sent while the SIM is read again and again.
    world
        .sim
        .fail_sends([SendFault::CmsError(38), SendFault::CmsError(38)]);
    world.reply(ANNA, "my sink is leaking").await;
    world.kill().await;
    world.sim.text_in(OWNER, "#1 on my way").unwrap();
    world.start().await;
    world.unplugged_for(s(30)).await;
    world.armed().await;
    world.kill().await;
    world.start().await;
    sleep(min(5)).await;
    assert_eq!(
        told(&mut world, OWNER),
        ["#1 (202) 555-0143: my sink is leaking"]
    );
    assert_eq!(told(&mut world, ANNA), ["on my way"]);
}

#[tokio::test(start_paused = true)]
async fn one_message_read_twice_is_one_answer() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    // As it is delivered again when the network thinks it was lost: `#1 ok` in UCS-2.
    let pdu = "00040B912120550511F1000862101021000000\
               0A0023003100200 06F006B"
        .replace(' ', "");
    for _ in 0..3 {
        world.sim.pdu_in(&pdu);
        sleep(A_MOMENT).await;
    }
    assert_eq!(told(&mut world, ANNA), ["ok"]);
    assert_eq!(told(&mut world, OWNER).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_opted_out_gets_the_owner_s_answer_and_the_owner_is_told() {
    let mut world = with_owner().await;
    world.reply(ANNA, "STOP").await;
    world.reply(OWNER, "#1 Sorry to have bothered you").await;
    world.missed(ANNA).await;
    assert_eq!(
        told(&mut world, ANNA),
        [
            "You will get no more texts from us. Reply START to get them again.",
            "Sorry to have bothered you",
        ]
    );
    assert_eq!(
        told(&mut world, OWNER),
        [
            "#1 (202) 555-0143: STOP (gets no more texts from the box)",
            "#1 (202) 555-0143 had asked for no more texts. Yours went out all the same, as it is from you; the box itself sends none.",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_get_there_is_told() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    world.sim.fail_sends([SendFault::CmsError(1)]);
    world.reply(OWNER, "on my way").await;
    sleep(min(5)).await;
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    let told = told(&mut world, OWNER);
    assert!(
        told[1].starts_with("The text did not get through: (202) 555-0143 at "),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_part_that_never_came_of_the_owner_s_text_sends_nothing_half() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    // The first of two parts: `#1 do `, as one of the owner's, in UCS-2.
    let first = "00440B912120550511F1000862101021000000\
                 12050003070201002300310020006 4006F0020"
        .replace(' ', "");
    world.sim.pdu_in(&first);
    sleep(min(25 * 60)).await;
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    assert_eq!(
        told(&mut world, OWNER)[1],
        "A part of your text did not arrive, so nothing was done with it. Please send it again."
    );
}

#[tokio::test(start_paused = true)]
async fn relays_and_answers_wait_for_no_cap_and_use_none_up() {
    let mut world = with_owner().await;
    world.set("texts.max_per_minute", "1").await;
    world.set("texts.max_per_day", "1").await;
    for n in 0..5 {
        world.sim.text_in(ANNA, &format!("leak {n}")).unwrap();
    }
    sleep(A_MOMENT).await;
    world.reply(OWNER, "on my way").await;
    world.missed(BEN).await;
    assert_eq!(told(&mut world, OWNER).len(), 5);
    assert_eq!(told(&mut world, ANNA), ["on my way"]);
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn two_machines_that_answer_each_other_come_to_rest() {
    let mut world = with_owner().await;
    for n in 0..80 {
        world.reply(ANNA, &format!("I am on holiday {n}")).await;
        world.reply(OWNER, &format!("I am driving {n}")).await;
    }
    let relayed = told(&mut world, OWNER);
    assert_eq!(relayed.len(), 30);
    assert!(
        relayed[29].ends_with("(more of this number's texts are on the page only, for an hour)")
    );
    told(&mut world, ANNA);
    sleep(min(61)).await;
    world.reply(ANNA, "Hello?").await;
    assert_eq!(told(&mut world, OWNER)[30], "#1: Hello?");
}

#[tokio::test(start_paused = true)]
async fn several_people_get_what_is_written_in_their_hours_and_hear_who_answered_first() {
    let mut world = with_owner().await;
    world.set("desk.number", DESK).await;
    // The world begins on a Thursday at noon.
    world.set("desk.hours", "Th 8:00-17:00").await;
    world.set("owner.hours", "Th 10:00-20:00").await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(DESK, "#1 we are on our way").await;
    world.reply(OWNER, "#1 five minutes").await;
    sleep(min(6 * 60)).await;
    world.reply(ANNA, "thanks").await;
    sleep(min(6 * 60)).await;
    // Outside all hours: the owner, as nobody else would see it.
    world.reply(ANNA, "good night").await;
    assert_eq!(
        told(&mut world, ANNA),
        ["we are on our way", "five minutes"]
    );
    assert_eq!(
        told(&mut world, OWNER),
        [
            "#1 (202) 555-0143: my sink is leaking",
            "The front desk answered #1 (202) 555-0143: we are on our way",
            "#1: thanks",
            "#1: good night",
        ]
    );
    assert_eq!(
        told(&mut world, DESK),
        ["#1 (202) 555-0143: my sink is leaking"]
    );
    world.missed(DESK).await;
    assert_eq!(world.fates(), [format!("{DESK} skipped/own_number")]);
}

#[tokio::test(start_paused = true)]
async fn the_name_on_the_owner_s_lists_is_said_and_a_sender_s_own_is_quoted() {
    let mut world = with_owner().await;
    let anna = textback::phone::PhoneNumber::parse(ANNA, None).unwrap();
    let list = textback::store::List::Contacts;
    let at = world.clock.wall();
    let listed = world.store().list_person(list, &anna, "Anna Doe", at).await;
    listed.unwrap().unwrap();
    world.reply(ANNA, "my sink is leaking").await;
    world.reply("#1 Ben", "call me").await;
    assert_eq!(
        told(&mut world, OWNER),
        [
            "#1 Anna Doe (202) 555-0143: my sink is leaking",
            "From \"#1 Ben\": call me",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_confirms_goes_out_twice_at_most() {
    let mut world = with_owner().await;
    world.reply(ANNA, "my sink is leaking").await;
    world
        .sim
        .set_outcome(ANNA, textback::sim::Outcome::NoReport);
    world.sim.fail_sends([SendFault::Silence(Fate::Taken)]);
    world.reply(OWNER, "on my way").await;
    world.kill().await;
    world.start().await;
    sleep(min(30)).await;
    assert_eq!(told(&mut world, ANNA), ["on my way", "on my way"]);
    told(&mut world, OWNER);
}

#[tokio::test(start_paused = true)]
async fn without_an_owner_s_number_replies_are_on_the_page_alone() {
    let world = World::new().await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(BEN, "STATUS").await;
    assert_eq!(world.sim.sent(), []);
    assert_eq!(world.replies(), ["my sink is leaking", "STATUS"]);
}
