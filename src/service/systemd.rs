//! What systemd is told: that we are up, how the modem and the disk are doing, and that the modem's task still lives. Does nothing where
//! no systemd asked for it.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::modem::{ModemState, Pulse};
use crate::store::Trouble;

/// The modem's task beats at least once a minute when idle, and its longest single wait is the two minutes that a text may
/// take to be confirmed: silence for longer than both together means that it hangs.
const MODEM_SILENT_AT_MOST: Duration = Duration::from_secs(300);

/// Tells systemd until `stop`. The watchdog is fed only while `pulse` beats.
pub async fn keep_informed(
    mut modem: watch::Receiver<ModemState>,
    mut trouble: watch::Receiver<Option<Trouble>>,
    pulse: Pulse,
    stop: CancellationToken,
) {
    // Up means able to watch for the modem: a box without one must start, and say on its page what is missing.
    tell(&[NotifyState::Ready]);
    let feed_every = sd_notify::watchdog_enabled().map(|limit| limit / 2);
    let mut vigil = Vigil::new(pulse.beats());
    let mut feed_at = std::pin::pin!(sleep(feed_every));
    loop {
        let reason = modem.borrow_and_update().reason();
        let disk = trouble.borrow_and_update().as_ref().map(Trouble::words);
        let status = disk
            .or(reason)
            .unwrap_or_else(|| "Ready: a missed call would be texted.".to_owned());
        tell(&[NotifyState::Status(&status)]);
        tokio::select! {
            () = stop.cancelled() => break,
            changed = modem.changed() => if changed.is_err() { break },
            changed = trouble.changed() => if changed.is_err() { break },
            () = &mut feed_at => {
                feed_at.set(sleep(feed_every));
                if vigil.lives(pulse.beats(), feed_every.unwrap_or_default()) {
                    tell(&[NotifyState::Watchdog]);
                } else {
                    error!("the modem's task hangs: systemd will start us anew");
                }
            }
        }
    }
    tell(&[NotifyState::Stopping]);
}

/// Whether the modem's task still lives.
struct Vigil {
    beats: u64,
    silent_for: Duration,
}

impl Vigil {
    fn new(beats: u64) -> Self {
        Self {
            beats,
            silent_for: Duration::ZERO,
        }
    }

    /// `elapsed` after the last look its pulse has beaten `beats` times in all.
    fn lives(&mut self, beats: u64, elapsed: Duration) -> bool {
        self.silent_for = match beats == self.beats {
            true => self.silent_for + elapsed,
            false => Duration::ZERO,
        };
        self.beats = beats;
        self.silent_for <= MODEM_SILENT_AT_MOST
    }
}

async fn sleep(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        error!(%error, "could not speak to systemd");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_does_not_beat_for_five_minutes_is_dead() {
        let half_a_minute = Duration::from_secs(30);
        let mut vigil = Vigil::new(7);
        assert!(
            (0..10).all(|_| vigil.lives(7, half_a_minute)),
            "it may be sending"
        );
        assert!(!vigil.lives(7, half_a_minute));
        assert!(vigil.lives(8, half_a_minute), "it was only slow");
    }
}
