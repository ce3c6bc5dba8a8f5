//! Stories of the owner who steers by text, and of everybody else, whose words are words.

use textback::store::{List, Store};
use tokio::time::sleep;

use super::relay::{DESK, OWNER, with_owner};
use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min};

/// What the owner was told since so many texts, the number of them from then on.
struct Told(usize);

impl Told {
    /// The one new text to the owner.
    fn one(&mut self, world: &mut World) -> String {
        let mut texts = self.since(world);
        assert_eq!(texts.len(), 1, "{texts:?}");
        texts.remove(0)
    }

    fn since(&mut self, world: &mut World) -> Vec<String> {
        let texts = world.texts_to(OWNER);
        world.expect_texts(OWNER, texts.len());
        let since = texts[self.0..].to_vec();
        self.0 = texts.len();
        since
    }
}

async fn value(world: &World, key: &str) -> String {
    let settings = world.store().settings().await.unwrap();
    settings.value(key).unwrap().to_owned()
}

async fn numbers_on(world: &World, list: List) -> Vec<String> {
    let store = Store::open(world.data()).unwrap();
    let listed = store.people(list, "", 0, 100).await.unwrap();
    listed
        .people
        .into_iter()
        .map(|person| person.number)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn status_is_answered_and_the_same_words_of_a_stranger_are_a_reply() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.missed(ANNA).await;
    world.reply(OWNER, "  sTatsu ").await;
    assert_eq!(
        told.one(&mut world),
        "The box works: missed callers are texted. Today: 1 call, 1 texted."
    );
    for words in [
        "STATUS",
        "PAUSE 2H",
        "#1 on my way",
        "MSG Free boilers",
        "YES",
        "SKIP #1",
    ] {
        world.reply(BEN, words).await;
    }
    assert_eq!(
        told.since(&mut world),
        [
            "#1 (202) 555-0188: STATUS",
            "#1: PAUSE 2H",
            "#1: #1 on my way",
            "#1: MSG Free boilers",
            "#1: YES",
            "#1: SKIP #1",
        ]
    );
    assert_eq!(world.texts_to(BEN), [""; 0]);
    assert_eq!(value(&world, "texts.paused_until").await, "");
    world.reply(OWNER, "status?").await;
    assert_eq!(
        told.one(&mut world),
        "The box works: missed callers are texted. Today: 1 call, 1 texted. 1 caller waits for an answer."
    );
    // What the owner writes is no reply of a caller: it is not among them on the page.
    let page = world
        .store()
        .overview(vec![world.clock.wall()])
        .await
        .unwrap();
    assert!(
        page.replies
            .iter()
            .all(|reply| reply.number.as_deref() == Some(BEN))
    );
}

#[tokio::test(start_paused = true)]
async fn pause_away_and_resume() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.reply(OWNER, "Pause 2 hrs").await;
    assert_eq!(
        told.one(&mut world),
        "Paused until Thu Jan 1, 2:01 PM: no caller is texted. RESUME ends it."
    );
    world.missed(ANNA).await;
    world.reply(OWNER, "status").await;
    assert_eq!(
        told.one(&mut world),
        "The box works. It is paused until Thu Jan 1, 2:01 PM. Today: 1 call, 0 texted."
    );
    world.reply(OWNER, "resume").await;
    assert_eq!(told.one(&mut world), "Missed callers are texted again.");
    world.missed(ANNA).await;
    assert_eq!(
        world.fates(),
        [format!("{ANNA} skipped/paused"), format!("{ANNA} texted")]
    );
    world.set("hours.without_message", "none").await;
    world.reply(OWNER, "AWAY UNTIL MON").await;
    assert_eq!(
        told.one(&mut world),
        "You are away until Mon Jan 5. Callers get the message for closed hours if there is one. RESUME ends it."
    );
    assert_eq!(value(&world, "hours.away_until").await, "2026-01-05");
    world.missed(BEN).await;
    assert_eq!(world.fates()[2], format!("{BEN} skipped/outside_hours"));
    world.reply(OWNER, "RESUME").await;
    world.reply(OWNER, "RESUME").await;
    assert_eq!(
        told.since(&mut world),
        [
            "Missed callers are texted again.",
            "Nothing was paused: missed callers are texted."
        ]
    );
    // A pause ends by itself.
    world.reply(OWNER, "pause 30m").await;
    sleep(min(31)).await;
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
    told.since(&mut world);
}

/// The page can change what speaks against it between the proposal and the YES.
#[tokio::test(start_paused = true)]
async fn a_message_that_is_refused_at_its_yes_is_not_said_to_be_taken() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world
        .reply(OWNER, "MSG Sorry we missed you. STOP ends this")
        .await;
    told.one(&mut world);
    world.set("business.name", "Acme Plumbing").await;
    world.reply(OWNER, "YES").await;
    let said = told.one(&mut world);
    assert!(
        said.starts_with("Not done: message.missed_call: the message must say {business}"),
        "{said}"
    );
    assert_eq!(value(&world, "message.missed_call").await, "");
}

#[tokio::test(start_paused = true)]
async fn a_new_message_is_shown_as_a_caller_sees_it_and_taken_with_yes() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.set("business.name", "Acme Plumbing").await;
    world.reply(OWNER, "MSG Sorry, who is it?").await;
    assert!(
        told.one(&mut world)
            .contains("the message must say {business}")
    );
    world.reply(OWNER, "YES").await;
    assert!(
        told.one(&mut world)
            .starts_with("No caller has written yet")
    );
    world
        .reply(OWNER, "msg {business} here. What's up? STOP to opt out")
        .await;
    assert_eq!(
        told.one(&mut world),
        "A caller will see: \"Acme Plumbing here. What's up? STOP to opt out\" Write YES to take it, NO to leave it."
    );
    assert_eq!(value(&world, "message.missed_call").await, "");
    world.kill().await;
    world.start().await;
    world.reply(OWNER, "Yes please").await;
    assert_eq!(
        told.one(&mut world),
        "Callers get the new message from now on."
    );
    world.missed(ANNA).await;
    let sent = "Acme Plumbing here. What's up? STOP to opt out";
    assert_eq!(world.texts_to(ANNA), [sent]);
    world.reply(OWNER, "MSG").await;
    assert_eq!(
        told.one(&mut world),
        format!("Callers get: \"{sent}\" To change it, write MSG and the new message.")
    );
    world.reply(OWNER, "MSG {business} again").await;
    assert!(
        told.one(&mut world)
            .contains("does not say how to get no more")
    );
    world.reply(OWNER, "no").await;
    assert_eq!(told.one(&mut world), "The message stays as it was.");
    assert!(
        value(&world, "message.missed_call")
            .await
            .starts_with("{business} here.")
    );
}

#[tokio::test(start_paused = true)]
async fn the_lists_are_edited_by_tag_and_by_number() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.reply(ANNA, "my sink is leaking").await;
    told.since(&mut world);
    world.reply(OWNER, "skip #1").await;
    world.reply(OWNER, "SKIP (202) 555-0188").await;
    world.reply(OWNER, "SKIP it").await;
    assert_eq!(
        told.since(&mut world),
        [
            "#1 (202) 555-0143 is never texted by the box from now on. UNSKIP takes that back.",
            "(202) 555-0188 is never texted by the box from now on. UNSKIP takes that back.",
        ],
        "the last is a word for the caller"
    );
    assert_eq!(numbers_on(&world, List::NeverText).await, [ANNA, BEN]);
    world.missed(BEN).await;
    world.reply(OWNER, "Unskip 2025550188").await;
    world.reply(OWNER, "STOP +12025550188").await;
    world.missed(BEN).await;
    assert_eq!(numbers_on(&world, List::OptedOut).await, [BEN]);
    world.reply(OWNER, "START +1 202 555 0188").await;
    world.missed(BEN).await;
    assert_eq!(
        told.since(&mut world),
        [
            "(202) 555-0188 is no longer on the never-text list.",
            "Noted: (202) 555-0188 wants no more texts from the box.",
            "Noted: (202) 555-0188 wants texts from the box again.",
        ]
    );
    assert_eq!(
        world.fates(),
        ["skipped/never_text", "skipped/opted_out", "texted"].map(|fate| format!("{BEN} {fate}"))
    );
    assert_eq!(world.texts_to(ANNA), ["SKIP it"]);
}

#[tokio::test(start_paused = true)]
async fn an_own_stop_changes_nothing_and_says_what_would() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.reply(ANNA, "my sink is leaking").await;
    told.since(&mut world);
    for words in ["STOP", "stop please", "Stop texting me"] {
        world.reply(OWNER, words).await;
        assert!(
            told.one(&mut world)
                .starts_with("STOP from this phone changes nothing")
        );
    }
    assert_eq!(numbers_on(&world, List::OptedOut).await, [""; 0]);
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    // Nor does one from before his number was enrolled keep the replies from him.
    let owner = textback::phone::PhoneNumber::parse(OWNER, None).unwrap();
    let at = world.clock.wall();
    let listed = world
        .store()
        .list_person(List::OptedOut, &owner, "", at)
        .await;
    listed.unwrap().unwrap();
    world.reply(ANNA, "hello?").await;
    assert_eq!(told.one(&mut world), "#1: hello?");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_won_is_kept_and_its_conversation_is_over() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(BEN, "Do you do boilers?").await;
    told.since(&mut world);
    world.reply(OWNER, "WON #1 $1,450.50").await;
    assert_eq!(
        told.one(&mut world),
        "Noted: #1 (202) 555-0143 is won for 1450.50."
    );
    world.reply(OWNER, "list").await;
    assert_eq!(
        told.one(&mut world),
        "#2 (202) 555-0188, waits: Do you do boilers?"
    );
    world.reply(OWNER, "We do").await;
    assert_eq!(world.texts_to(BEN), ["We do"]);
    let database = rusqlite::Connection::open(textback::store::file_in(world.data())).unwrap();
    let kept: (String, i64) = database
        .query_row(
            "SELECT outcome, amount FROM conversations WHERE number = ?1",
            [ANNA],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(kept, ("won".to_owned(), 145_050));
}

#[tokio::test(start_paused = true)]
async fn a_pin_stands_in_front_of_what_changes_things_and_is_kept_nowhere() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.set("owner.pin", "4711").await;
    world.reply(ANNA, "my sink is leaking").await;
    told.since(&mut world);
    world.reply(OWNER, "STATUS").await;
    assert!(told.one(&mut world).starts_with("The box works"));
    world.reply(OWNER, "PAUSE 2H").await;
    assert!(
        told.one(&mut world)
            .starts_with("That needs your PIN in front")
    );
    world.reply(OWNER, "1234 PAUSE 2H").await;
    assert_eq!(
        told.one(&mut world),
        "That PIN is wrong. Nothing was changed."
    );
    assert_eq!(value(&world, "texts.paused_until").await, "");
    world.reply(OWNER, "4711 PAUSE 2H").await;
    assert!(told.one(&mut world).starts_with("Paused until"));
    assert_ne!(value(&world, "texts.paused_until").await, "");
    // With a mistake in it, it must not go to the caller.
    world.reply(OWNER, "4711 pwzzz 2h").await;
    assert!(
        told.one(&mut world)
            .starts_with("That begins with your PIN")
    );
    world.reply(OWNER, "#1 on my way").await;
    world.reply(OWNER, "1600 Main Street?").await;
    assert_eq!(world.texts_to(ANNA), ["on my way", "1600 Main Street?"]);
    world.expect_texts(ANNA, 2);
    for text in world.exported(OWNER) {
        assert!(!text.body.contains("4711"), "{}", text.body);
        assert!(
            !text.body.contains("1234 P") || text.direction == "out",
            "{}",
            text.body
        );
    }
    // Whoever tries them all is stopped.
    for _ in 0..5 {
        world.reply(OWNER, "1111 RESUME").await;
    }
    world.reply(OWNER, "4711 RESUME").await;
    assert!(
        told.since(&mut world)
            .pop()
            .unwrap()
            .starts_with("The PIN was wrong too often")
    );
    sleep(min(61)).await;
    world.reply(OWNER, "4711: Resume").await;
    assert_eq!(told.one(&mut world), "Missed callers are texted again.");
}

#[tokio::test(start_paused = true)]
async fn a_command_with_a_mistake_goes_to_no_caller_unless_the_owner_says_so() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.reply(ANNA, "my sink is leaking").await;
    told.since(&mut world);
    world
        .reply(OWNER, "Pause the water at the main valve")
        .await;
    assert_eq!(
        told.one(&mut world),
        "PAUSE needs a time that lies ahead: PAUSE 2H, PAUSE UNTIL 5PM or PAUSE UNTIL MON. Nothing was done. If it was meant for a \
         caller, write the tag alone: #1 (202) 555-0143"
    );
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    world.reply(OWNER, "#1").await;
    assert_eq!(world.texts_to(ANNA), ["Pause the water at the main valve"]);
    // A sentence that begins as one is a sentence.
    world.reply(OWNER, "Help is on the way").await;
    world.reply(OWNER, "Won't be long").await;
    world
        .reply(OWNER, "Liked “#1 (202) 555-0143: my sink is leaking”")
        .await;
    assert_eq!(
        world.texts_to(ANNA)[1..],
        ["Help is on the way", "Won't be long"]
    );
    world.expect_texts(ANNA, 3);
    assert_eq!(told.since(&mut world), [""; 0]);
    world.reply(OWNER, "HELP").await;
    assert!(
        told.one(&mut world)
            .starts_with("Answer a caller with his tag: #7 on my way.")
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_is_carried_out_once_through_kills_and_second_readings() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    // `PAUSE 2H` in UCS-2.
    let pdu = "00440B912120550511F1000862101021000000\
               16050003070101005000410055005300450020003200 48"
        .replace(' ', "");
    world.sim.pdu_in(&pdu);
    sleep(A_MOMENT).await;
    assert!(
        told.one(&mut world)
            .starts_with("Paused until Thu Jan 1, 2:01 PM")
    );
    sleep(min(30)).await;
    world.reply(OWNER, "RESUME").await;
    told.since(&mut world);
    for _ in 0..2 {
        world.sim.pdu_in(&pdu);
        sleep(A_MOMENT).await;
        world.kill().await;
        world.start().await;
        sleep(A_MOMENT).await;
    }
    assert_eq!(value(&world, "texts.paused_until").await, "");
    assert_eq!(told.since(&mut world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_front_desk_steers_too_and_nobody_whose_number_was_taken_out() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.set("desk.number", DESK).await;
    world.reply(DESK, "PAUSE 2H").await;
    world.expect_texts(DESK, 1);
    assert!(world.texts_to(DESK)[0].starts_with("Paused until"));
    world.set("desk.number", "").await;
    world.reply(DESK, "RESUME").await;
    assert_eq!(told.one(&mut world), "#1 (202) 555-0122: RESUME");
    assert_ne!(value(&world, "texts.paused_until").await, "");
}

/// The septets of a name, packed (3GPP TS 23.038 6.1.2.1); letters and digits are the same in ASCII.
fn packed(name: &str) -> String {
    let bits = name.bytes().enumerate();
    let all = bits.fold(0_u128, |all, (at, octet)| {
        all | u128::from(octet) << (7 * at)
    });
    let octets = (7 * name.len()).div_ceil(8);
    let of = |at: usize| u8::try_from(all >> (8 * at) & 0xFF).unwrap();
    (0..octets).map(|at| format!("{:02X}", of(at))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_sender_s_name_that_reads_as_the_owner_s_number_steers_nothing() {
    let world = World::new().await;
    let owner = "+4520123456";
    world.set("owner.number", owner).await;
    // `PAUSE 2H` in UCS-2, from a name of eleven letters.
    let pdu = format!(
        "004414D0{}000862101021000000160500030701010050004100550053004500200032 0048",
        packed(owner)
    )
    .replace(' ', "");
    world.sim.pdu_in(&pdu);
    sleep(A_MOMENT).await;
    assert_eq!(value(&world, "texts.paused_until").await, "");
    let texts = world.texts_to(owner);
    assert_eq!(texts, [format!("From \"name {owner}\": PAUSE 2H")]);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_is_passed_on_with_what_it_may_mean_and_told_once() {
    let mut world = with_owner().await;
    let mut told = Told(0);
    world.reply(ANNA, "CANCEL").await;
    sleep(min(30)).await;
    assert_eq!(
        told.one(&mut world),
        "#1 (202) 555-0143: CANCEL (gets no more texts from the box, or was it about a job?)"
    );
    let page = world
        .store()
        .overview(vec![world.clock.wall()])
        .await
        .unwrap();
    assert!(page.alerts.is_empty() || page.alerts[0].told_at.is_some());
    assert_eq!(numbers_on(&world, List::OptedOut).await, [ANNA]);
}
