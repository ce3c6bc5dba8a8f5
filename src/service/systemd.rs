//! What systemd is told: that we are up, how the modem is doing, and that the modem's task still lives. Does nothing where
//! no systemd asked for it.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::modem::{ModemState, Pulse};

/// The modem's task beats at least once a minute when idle, and its longest single wait is the two minutes that a text may
/// take to be confirmed: silence for longer than both together means that it hangs.
const MODEM_SILENT_AT_MOST: Duration = Duration::from_secs(300);

/// Tells systemd until `stop`. The watchdog is fed only while `pulse` beats.
pub async fn keep_informed(
    mut modem: watch::Receiver<ModemState>,
    pulse: Pulse,
    stop: CancellationToken,
) {
    // Up means able to watch for the modem: a box without one must start, and say on its page what is missing.
    tell(&[NotifyState::Ready]);
    let watchdog = sd_notify::watchdog_enabled();
    let mut last_beats = pulse.beats();
    let mut silent_for = Duration::ZERO;
    loop {
        let reason = modem.borrow_and_update().reason();
        let status = reason.unwrap_or_else(|| "Ready: a missed call would be texted.".to_owned());
        tell(&[NotifyState::Status(&status)]);
        let feed_in = watchdog.map(|limit| limit / 2);
        tokio::select! {
            () = stop.cancelled() => break,
            changed = modem.changed() => if changed.is_err() { break },
            () = sleep(feed_in) => {
                let beats = pulse.beats();
                silent_for = match beats == last_beats {
                    true => silent_for + feed_in.unwrap_or_default(),
                    false => Duration::ZERO,
                };
                last_beats = beats;
                if silent_for <= MODEM_SILENT_AT_MOST {
                    tell(&[NotifyState::Watchdog]);
                } else {
                    error!(silent_for_s = silent_for.as_secs(), "the modem's task hangs: systemd will start us anew");
                }
            }
        }
    }
    tell(&[NotifyState::Stopping]);
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
