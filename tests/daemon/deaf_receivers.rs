//! An hour in which nobody who is told elsewhere hears: a webhook, a phone and a mail server at once, each in another way of its own.
//! Callers call all the while.

use std::collections::HashSet;
use std::time::Duration;

use textback::config::outlets::{Outlets, Push};
use textback::sim::Caller;

use super::outlets::{ALL_IS_TOLD, about, by_mail, header, hook, telling_within};
use super::receiver::{MailServer, Mood, Receiver};
use super::world::{ANNA, BEN, SORRY, World, min, s};
use tokio::time::sleep;

const CALLERS: [&str; 2] = [ANNA, BEN];
/// In real time, for each of the many attempts of an hour. Where the machine is slower, something comes twice, which is looked through.
const HARDLY_ANY_PATIENCE: Duration = Duration::from_millis(100);

/// From the end of a call to its text on the network, whoever else is told.
async fn text_takes(world: &World, number: &str, texts: usize) -> Duration {
    world.sim.call(Caller::new(number)).ended().await;
    let ended = world.sim.now();
    let sent = world.sim.wait_sent(texts).await;
    let last = sent.last().unwrap();
    assert_eq!((last.to.as_str(), last.text.as_str()), (number, SORRY));
    last.at - ended
}

struct Street {
    hook: Receiver,
    push: Receiver,
    mail: MailServer,
}

impl Street {
    fn new() -> Self {
        Self {
            hook: Receiver::new(),
            push: Receiver::new(),
            mail: MailServer::new(),
        }
    }

    fn config(&self, world: &World) -> Outlets {
        Outlets {
            push: Push {
                url: Some(self.push.url()),
                token_file: None,
            },
            mail: by_mail(&self.mail).mail,
            ..hook(world, &self.hook.url())
        }
    }

    fn becomes(&self, hook: Mood, push: Mood, mail: &'static str) {
        self.hook.becomes(hook);
        self.push.becomes(push);
        *self.mail.answer.lock().unwrap() = mail;
    }

    fn has_nothing(&self) -> bool {
        let mails = self.mail.mails.lock().unwrap();
        self.hook.taken().is_empty() && self.push.taken().is_empty() && mails.is_empty()
    }

    /// What a phone has been told of this number, in order. A notice has no id: one that came twice is told twice.
    fn notices(&self, number: &str) -> Vec<String> {
        let taken = self.push.taken();
        let of = taken.iter().filter(|it| it.body.contains(number));
        let mut titles: Vec<_> = of
            .map(|it| it.header("title").unwrap().to_owned())
            .collect();
        titles.dedup();
        titles
    }

    /// The e-mails about this number, in order, each once per id.
    fn mails(&self, number: &str) -> Vec<String> {
        let mut mails = self.mail.mails.lock().unwrap().clone();
        let mut seen = HashSet::new();
        mails.retain(|mail| {
            header(mail, "Subject").contains(number) && seen.insert(header(mail, "Message-ID"))
        });
        mails
    }
}

#[tokio::test(start_paused = true)]
async fn an_hour_in_which_nobody_hears_delays_no_text_and_loses_nothing() {
    let alone = telling_within(HARDLY_ANY_PATIENCE, |_| Outlets::default()).await;
    let usual = text_takes(&alone, ANNA, 1).await;
    assert!(usual < s(1), "{usual:?}");
    let elsewhere = Receiver::new();
    let redirect = format!(
        "HTTP/1.1 303 See Other\r\nlocation: {}\r\n\r\n",
        elsewhere.url()
    );
    for (hook, push, mail) in [
        (Mood::Slow, Mood::Says(redirect), "I speak no SMTP"),
        (Mood::Says("220 mail ESMTP\r\n".to_owned()), Mood::Down, ""),
        (Mood::Down, Mood::Slow, "554 not from you"),
    ] {
        let street = Street::new();
        street.becomes(hook, push, mail);
        let world = telling_within(HARDLY_ANY_PATIENCE, |world| street.config(world)).await;
        for (index, caller) in CALLERS.into_iter().enumerate() {
            let took = text_takes(&world, caller, index + 1).await;
            assert!(took <= usual + s(1), "{mail}: {took:?} and not {usual:?}");
            world.reply(caller, "My sink leaks").await;
            sleep(min(30)).await;
        }
        assert!(street.has_nothing(), "{mail}");
        street.becomes(Mood::Well, Mood::Well, "250 taken");
        sleep(ALL_IS_TOLD).await;
        for caller in CALLERS {
            let all = ["call.missed", "text.sent", "reply.received"];
            assert_eq!(about(&street.hook, caller), all, "{mail}");
            assert_eq!(street.notices(caller), ["Missed call", "Reply"], "{mail}");
            let mails = street.mails(caller);
            assert_eq!(mails.len(), 2, "{mail}");
            assert!(mails[0].contains("called and is texted."), "{}", mails[0]);
            assert!(mails[1].contains("My sink leaks"), "{}", mails[1]);
        }
        let views = world.store().outlets().await.unwrap();
        assert!(
            views.iter().all(|it| it.waiting == 0 && it.dead.is_empty()),
            "{views:?}"
        );
    }
    assert_eq!(elsewhere.requests().len(), 0, "no redirect was followed");
}
