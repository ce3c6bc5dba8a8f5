//! The whole daemon on a simulated modem: what a caller, an owner and an export get to see of it, whatever happens to the
//! modem, the network, the power. Time is tokio's, paused: days pass in milliseconds.

#![expect(clippy::unwrap_used, reason = "the helpers are tests too")]

#[path = "daemon/alerts.rs"]
mod alerts;
#[path = "daemon/calls.rs"]
mod calls;
#[path = "daemon/clock.rs"]
mod clock;
#[path = "daemon/danger.rs"]
mod danger;
#[path = "daemon/day.rs"]
mod day;
#[path = "daemon/deaf_receivers.rs"]
mod deaf_receivers;
#[path = "daemon/digest.rs"]
mod digest;
#[path = "daemon/families.rs"]
mod families;
#[path = "daemon/fences.rs"]
mod fences;
#[path = "daemon/healing.rs"]
mod healing;
#[path = "daemon/health.rs"]
mod health;
#[path = "daemon/hours.rs"]
mod hours;
#[path = "daemon/keeping.rs"]
mod keeping;
#[path = "daemon/notices.rs"]
mod notices;
#[path = "daemon/outages.rs"]
mod outages;
#[path = "daemon/outlets.rs"]
mod outlets;
#[path = "daemon/people.rs"]
mod people;
#[path = "daemon/receiver.rs"]
mod receiver;
#[path = "daemon/relay.rs"]
mod relay;
#[path = "daemon/replies.rs"]
mod replies;
#[path = "daemon/sending.rs"]
mod sending;
#[path = "daemon/steering.rs"]
mod steering;
#[path = "daemon/thousand.rs"]
mod thousand;
#[path = "daemon/traffic.rs"]
mod traffic;
#[path = "daemon/traps.rs"]
mod traps;
#[path = "daemon/world.rs"]
mod world;
