//! Stories of what is told elsewhere: to a webhook, as a push notice, by e-mail; and of receivers that are down, slow, talk nonsense or
//! lead elsewhere, while callers are texted as ever.

use std::collections::HashSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use textback::config::outlets::{Mail, Outlets, Push, Security, Webhook};
use textback::delivery::Secret;
use textback::events::Outlet;
use textback::outlets::Receivers;
use textback::sim::Options;
use tokio::time::sleep;

use super::receiver::{MailServer, Mood, Receiver, Request};
use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// In real time, however busy this machine is.
const PATIENCE: Duration = s(10);
/// The same where a receiver is slow: each attempt takes that long. Where the machine is too, something comes twice.
const LITTLE_PATIENCE: Duration = Duration::from_millis(400);
/// From a receiver's return to the last that waited: the longest wait of any.
pub(crate) const ALL_IS_TOLD: Duration = min(70);

fn secret_file(world: &World, text: &str) -> PathBuf {
    let file = world.data().join("a-secret");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    file
}

pub(crate) fn hook(world: &World, url: &str) -> Outlets {
    Outlets {
        allow_private: true,
        webhook: Webhook {
            url: Some(url.to_owned()),
            secret_file: Some(secret_file(world, SECRET)),
        },
        ..Outlets::default()
    }
}

/// A daemon that tells these.
async fn telling(config: impl FnOnce(&World) -> Outlets) -> World {
    telling_within(PATIENCE, config).await
}

pub(crate) async fn telling_within(
    patience: Duration,
    config: impl FnOnce(&World) -> Outlets,
) -> World {
    let mut world = World::asleep(Options::default());
    world.receivers = Receivers::with_patience(&config(&world), patience);
    world.start().await;
    world
}

pub(crate) async fn with_hook(receiver: &Receiver) -> World {
    telling(|world| hook(world, &receiver.url())).await
}

fn ids(requests: &[Request]) -> Vec<String> {
    let id = |request: &Request| request.header("webhook-id").unwrap().to_owned();
    requests.iter().map(id).collect()
}

/// The kinds that were taken about this number, in order.
pub(crate) fn about(receiver: &Receiver, number: &str) -> Vec<String> {
    let mut kinds = receiver.kinds();
    kinds.retain(|kind| kind.ends_with(number));
    kinds
        .iter()
        .map(|kind| kind.split(' ').next().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_happens_is_told_at_once_in_order_and_signed() {
    let receiver = Receiver::new();
    let world = with_hook(&receiver).await;
    world.missed(ANNA).await;
    world.reply(ANNA, "My sink leaks").await;
    let told = ["call.missed", "text.sent", "reply.received"].map(|kind| format!("{kind} {ANNA}"));
    assert_eq!(receiver.kinds(), told);
    let requests = receiver.requests();
    assert_eq!(
        ids(&requests).iter().collect::<HashSet<_>>().len(),
        3,
        "no id twice"
    );
    let secret = Secret::parse(SECRET).unwrap();
    for request in &requests {
        let (id, at) = (
            request.header("webhook-id"),
            request.header("webhook-timestamp"),
        );
        let signature = secret.sign(id.unwrap(), at.unwrap().parse().unwrap(), &request.body);
        assert_eq!(
            request.header("webhook-signature"),
            Some(signature.as_str())
        );
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert!(id.unwrap().starts_with("msg_"), "{id:?}");
    }
    assert_eq!(requests[1].json()["data"]["body"], SORRY);
    assert_eq!(requests[2].json()["data"]["body"], "My sink leaks");
}

#[tokio::test(start_paused = true)]
async fn what_the_owner_writes_to_the_box_is_no_reply() {
    const OWNER: &str = "+12025550111";
    let receiver = Receiver::new();
    let mut world = with_hook(&receiver).await;
    world.set("owner.number", OWNER).await;
    world.reply(OWNER, "STATUS").await;
    assert_eq!(receiver.kinds(), [format!("text.sent {OWNER}")]);
    world.expect_texts(OWNER, 1);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_won_by_text_is_told_with_the_sum_and_the_callers_last_words() {
    const OWNER: &str = "+12025550111";
    let receiver = Receiver::new();
    let mut world = with_hook(&receiver).await;
    world.set("owner.number", OWNER).await;
    world.reply(ANNA, "My sink leaks").await;
    world.reply(ANNA, "Tuesday is fine").await;
    world.reply(OWNER, "WON #1 $1,450.50").await;
    world.reply(OWNER, "WON #9 450").await;
    world.expect_texts(OWNER, 4);
    let mut told = receiver.taken();
    told.retain(|request| request.json()["type"] == "lead.qualified");
    assert_eq!(told.len(), 1, "nobody is #9");
    assert_eq!(
        told[0].json()["data"],
        serde_json::json!({
            "number": ANNA,
            "tag": 1,
            "outcome": "won",
            "amount_hundredths": 145_050,
            "last_words": "Tuesday is fine",
        })
    );
    assert_eq!(
        about(&receiver, ANNA),
        ["reply.received", "reply.received", "lead.qualified"]
    );
}

/// In each of these ways for an hour. What was missed meanwhile is told then, in order, each once.
#[tokio::test(start_paused = true)]
async fn a_bad_receiver_holds_no_text_up_and_has_everything_once_it_is_well() {
    let elsewhere = Receiver::new();
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\n\r\n",
        elsewhere.url()
    );
    for mood in [
        Mood::Down,
        Mood::Slow,
        Mood::Says("\u{1}\u{2}\r\n\r\n".to_owned()),
        Mood::Says("HTTP/1.1 503 Later\r\n\r\n".to_owned()),
        Mood::Says("HTTP/1.1 404 Not Found\r\n\r\n".to_owned()),
        Mood::Says(redirect),
    ] {
        let receiver = Receiver::new();
        receiver.becomes(mood.clone());
        let config = |world: &World| hook(world, &receiver.url());
        let world = telling_within(LITTLE_PATIENCE, config).await;
        world.missed(ANNA).await;
        assert_eq!(world.texts_to(ANNA), [SORRY], "{mood:?}");
        world.missed(BEN).await;
        assert_eq!(world.texts_to(BEN), [SORRY], "{mood:?}");
        world.reply(ANNA, "My sink leaks").await;
        sleep(min(60)).await;
        assert_eq!(receiver.kinds(), [""; 0], "{mood:?}");
        receiver.becomes(Mood::Well);
        sleep(ALL_IS_TOLD).await;
        let anna = ["call.missed", "text.sent", "reply.received"];
        assert_eq!(about(&receiver, ANNA), anna, "{mood:?}");
        assert_eq!(
            about(&receiver, BEN),
            ["call.missed", "text.sent"],
            "{mood:?}"
        );
    }
    assert_eq!(elsewhere.requests().len(), 0, "no redirect was followed");
}

#[tokio::test(start_paused = true)]
async fn what_a_receiver_does_not_take_holds_its_own_conversation_back_until_it_is_given_up() {
    let receiver = Receiver::new();
    receiver.becomes(Mood::Dislikes("sink"));
    let world = with_hook(&receiver).await;
    world.missed(ANNA).await;
    world.reply(ANNA, "My sink leaks").await;
    world.reply(ANNA, "Are you there?").await;
    world.missed(BEN).await;
    assert_eq!(about(&receiver, ANNA), ["call.missed", "text.sent"]);
    assert_eq!(about(&receiver, BEN), ["call.missed", "text.sent"]);
    sleep(min(60 * 26)).await;
    assert_eq!(
        about(&receiver, ANNA),
        ["call.missed", "text.sent", "reply.received"]
    );
    let view = world.store().outlets().await.unwrap().remove(0);
    assert_eq!((view.waiting, view.dead.len()), (0, 1));
    assert_eq!(view.dead[0].kind, "reply.received");
    assert_eq!(view.dead[0].error, "the receiver answered 500");
    let tries = receiver.requests().len() - receiver.taken().len();
    assert!((30..40).contains(&tries), "{tries}");
    receiver.becomes(Mood::Well);
    let again = world
        .store()
        .deliver_again(Outlet::Webhook, world.clock.wall());
    assert_eq!(again.await.unwrap(), 1);
    sleep(A_MOMENT).await;
    let json = receiver.taken().last().unwrap().json();
    assert_eq!(json["data"]["body"], "My sink leaks");
}

/// It has been taken, and nobody knows: so it comes again, and the receiver knows it by its id.
#[tokio::test(start_paused = true)]
async fn what_may_not_have_come_through_is_sent_again_with_the_same_id() {
    let receiver = Receiver::new();
    receiver.becomes(Mood::Forgets);
    let mut world = with_hook(&receiver).await;
    world.missed(ANNA).await;
    world.kill().await;
    receiver.becomes(Mood::Well);
    world.start().await;
    sleep(min(1)).await;
    let ids = ids(&receiver.requests());
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 2, "{ids:?}");
    let mut kinds = about(&receiver, ANNA);
    kinds.dedup();
    assert_eq!(kinds, ["call.missed", "text.sent"]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_gone_is_told_nothing_more_until_another_is_named() {
    let receiver = Receiver::new();
    receiver.becomes(Mood::Says("HTTP/1.1 410 Gone\r\n\r\n".to_owned()));
    let mut world = with_hook(&receiver).await;
    world.missed(ANNA).await;
    receiver.becomes(Mood::Well);
    world.missed(BEN).await;
    world.stop().await;
    world.start().await;
    world.missed("+12025550199").await;
    sleep(ALL_IS_TOLD).await;
    assert_eq!(receiver.requests().len(), 1);
    let view = world.store().outlets().await.unwrap().remove(0);
    assert!(view.stopped.unwrap().contains("410"));
    world.stop().await;
    let config = hook(&world, &format!("{}/new", receiver.url()));
    world.receivers = Receivers::with_patience(&config, PATIENCE);
    world.start().await;
    world.missed("+12025550111").await;
    assert_eq!(
        about(&receiver, "+12025550111"),
        ["call.missed", "text.sent"]
    );
    assert_eq!(receiver.taken().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_installer_has_to_mend_is_said_and_nothing_is_lost_until_he_has() {
    let receiver = Receiver::new();
    let world = with_hook(&receiver).await;
    let file = secret_file(&world, "no secret");
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    let error = world
        .store()
        .outlets()
        .await
        .unwrap()
        .remove(0)
        .error
        .unwrap();
    assert!(error.contains("a-secret should hold whsec_"), "{error}");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    sleep(min(5)).await;
    let error = world
        .store()
        .outlets()
        .await
        .unwrap()
        .remove(0)
        .error
        .unwrap();
    assert!(error.contains("chmod 600"), "{error}");
    assert_eq!(receiver.requests().len(), 0);
    secret_file(&world, SECRET);
    sleep(ALL_IS_TOLD).await;
    assert_eq!(about(&receiver, ANNA), ["call.missed", "text.sent"]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_inside_the_office_is_reached_only_where_that_is_allowed() {
    let receiver = Receiver::new();
    let config = |world: &World| Outlets {
        allow_private: false,
        ..hook(world, &receiver.url())
    };
    let world = telling(config).await;
    world.missed(ANNA).await;
    sleep(ALL_IS_TOLD).await;
    assert_eq!(receiver.requests().len(), 0);
    let error = world
        .store()
        .outlets()
        .await
        .unwrap()
        .remove(0)
        .error
        .unwrap();
    assert!(error.contains("outlets.allow_private"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_phone_is_told_in_words_through_ntfy() {
    let receiver = Receiver::new();
    let world = telling(|world| Outlets {
        allow_private: true,
        push: Push {
            url: Some(receiver.url()),
            token_file: Some(secret_file(world, "tk_abc")),
        },
        ..Outlets::default()
    })
    .await;
    world.missed(ANNA).await;
    world.reply(ANNA, "Mein Rohr läuft aus ☔").await;
    let told: Vec<_> = receiver
        .taken()
        .iter()
        .map(|request| {
            assert_eq!(request.header("authorization"), Some("Bearer tk_abc"));
            (
                request.header("title").unwrap().to_owned(),
                request.body.clone(),
            )
        })
        .collect();
    let expected = [
        ("Missed call", format!("{ANNA} called and is texted.")),
        ("Reply", format!("{ANNA}: Mein Rohr läuft aus ☔")),
    ];
    assert_eq!(told, expected.map(|(title, body)| (title.to_owned(), body)));
}

pub(crate) fn by_mail(server: &MailServer) -> Outlets {
    Outlets {
        allow_private: true,
        mail: Mail {
            server: Some("127.0.0.1".to_owned()),
            port: Some(server.address.port()),
            security: Security::None,
            from: Some("box@example.com".to_owned()),
            to: Some("owner@example.com".to_owned()),
            ..Mail::default()
        },
        ..Outlets::default()
    }
}

pub(crate) fn header(mail: &str, name: &str) -> String {
    let mut lines = mail.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {mail}"))
        .to_owned()
}

#[tokio::test(start_paused = true)]
async fn each_conversation_is_a_thread_of_e_mails() {
    let server = MailServer::new();
    let world = telling(|_| by_mail(&server)).await;
    world.missed(ANNA).await;
    world.reply(ANNA, "My sink leaks\n.\nFrom me").await;
    world.missed(BEN).await;
    let mails = server.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 3);
    let of = |name: &str| {
        mails
            .iter()
            .map(|mail| header(mail, name))
            .collect::<Vec<_>>()
    };
    let (threads, subjects, ids) = (of("References"), of("Subject"), of("Message-ID"));
    assert_eq!(threads[0], threads[1]);
    assert_ne!(threads[0], threads[2]);
    assert_eq!(subjects[0], format!("Calls and texts: {ANNA}"));
    assert_eq!(subjects[0], subjects[1]);
    assert_ne!(subjects[0], subjects[2]);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 3);
    assert_eq!(of("Auto-Submitted")[0], "auto-generated");
    assert_eq!(of("To")[0], "owner@example.com");
    assert!(mails[0].contains("called and is texted."), "{}", mails[0]);
    // A line with a dot alone does not end an e-mail (RFC 5321 4.5.2).
    assert!(
        mails[1].contains("My sink leaks\n..\nFrom me"),
        "{}",
        mails[1]
    );
    assert!(mails[1].contains("Answers to this e-mail are not read."));
    let commands = server.commands.lock().unwrap().clone();
    assert!(
        commands.contains(&"RCPT TO:<owner@example.com>".to_owned()),
        "{commands:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn e_mail_waits_for_a_server_that_does_not_take_it() {
    let server = MailServer::new();
    *server.answer.lock().unwrap() = "451 greylisted";
    let world = telling(|_| by_mail(&server)).await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    let error = world
        .store()
        .outlets()
        .await
        .unwrap()
        .remove(0)
        .error
        .unwrap();
    assert!(error.contains("greylisted"), "{error}");
    *server.answer.lock().unwrap() = "250 taken";
    sleep(ALL_IS_TOLD).await;
    assert_eq!(server.mails.lock().unwrap().len(), 1);
}

/// Neither a password nor a caller's words go to a server that does not encrypt.
#[tokio::test(start_paused = true)]
async fn without_the_encryption_that_was_asked_for_nothing_is_mailed() {
    let server = MailServer::new();
    let world = telling(|world| {
        let mut config = by_mail(&server);
        config.mail.security = Security::StartTls;
        config.mail.user = Some("box".to_owned());
        config.mail.password_file = Some(secret_file(world, "hunter2"));
        config
    })
    .await;
    world.missed(ANNA).await;
    sleep(ALL_IS_TOLD).await;
    let commands = server.commands.lock().unwrap().clone();
    assert!(
        commands
            .iter()
            .all(|command| command.starts_with("EHLO") || command == "QUIT"),
        "{commands:?}"
    );
    let error = world
        .store()
        .outlets()
        .await
        .unwrap()
        .remove(0)
        .error
        .unwrap();
    assert!(error.contains("STARTTLS"), "{error}");
}
