//! The power of the box, which can be cut at any byte that goes to the modem or the disk, and the line with that power on it.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use textback::modem::Ports;
use textback::sim::Sim;
use textback_disk::Disk;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::Notify;

use super::heard::Heard;

/// What ends a life of the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// The box and its modem lose their power.
    PowerCut,
    /// SIGKILL: the modem and the disk go on.
    Kill,
}

/// See the module. Clones are the same.
#[derive(Clone)]
pub(crate) struct Power(Arc<Inner>);

struct Inner {
    disk: Disk,
    sim: Sim,
    fuse: Mutex<Fuse>,
    blown: Notify,
    pub(crate) heard: Mutex<Heard>,
}

struct Fuse {
    dice: fastrand::Rng,
    /// After so many operations.
    set: Option<(u32, Death)>,
    /// Since when the box is dead.
    dead: Option<(Death, Duration)>,
}

impl Power {
    pub(crate) fn new(folder: &Path, sim: Sim, dice: fastrand::Rng) -> Self {
        let power = Self(Arc::new(Inner {
            disk: Disk::in_folder(folder),
            sim,
            fuse: Mutex::new(Fuse {
                dice,
                set: None,
                dead: None,
            }),
            blown: Notify::new(),
            heard: Mutex::default(),
        }));
        let weak = Arc::downgrade(&power.0);
        power.0.disk.watch(Arc::new(move |_| {
            if let Some(inner) = weak.upgrade() {
                Power(inner).spend();
            }
        }));
        power
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.0.disk
    }

    /// What the daemon has heard from the modem.
    pub(crate) fn heard<T>(&self, look: impl FnOnce(&mut Heard) -> T) -> T {
        look(&mut self.0.heard.lock().unwrap())
    }

    /// The box dies after so many operations from now on.
    pub(crate) fn set_fuse(&self, operations: u32, death: Death) {
        self.0.fuse.lock().unwrap().set = Some((operations, death));
    }

    /// Whether its death is near.
    pub(crate) fn has_fuse(&self) -> bool {
        self.0.fuse.lock().unwrap().set.is_some()
    }

    /// It dies now, if it has not died by the fuse.
    pub(crate) fn blow(&self, death: Death) {
        let mut fuse = self.0.fuse.lock().unwrap();
        fuse.set = None;
        self.die(&mut fuse, death);
    }

    /// Ends once the box is dead; says how and since when.
    pub(crate) async fn blown(&self) -> (Death, Duration) {
        loop {
            let blown = self.0.blown.notified();
            if let Some(dead) = self.0.fuse.lock().unwrap().dead {
                return dead;
            }
            blown.await;
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.0.fuse.lock().unwrap().dead.is_some()
    }

    /// The box may live again.
    pub(crate) fn restore(&self) {
        self.0.fuse.lock().unwrap().dead = None;
        self.0.disk.power_on();
    }

    fn spend(&self) {
        let mut fuse = self.0.fuse.lock().unwrap();
        match &mut fuse.set {
            Some((0, death)) => {
                let death = *death;
                fuse.set = None;
                self.die(&mut fuse, death);
            }
            Some((left, _)) => *left -= 1,
            None => {}
        }
    }

    fn die(&self, fuse: &mut Fuse, death: Death) {
        if fuse.dead.is_some() {
            return;
        }
        fuse.dead = Some((death, self.0.sim.now()));
        match death {
            Death::PowerCut => {
                self.0.disk.power_off(|below| fuse.dice.usize(..below));
                self.0.sim.unplug();
            }
            Death::Kill => self.0.disk.end_users(),
        }
        self.0.blown.notify_waiters();
    }
}

/// The line of the simulated modem, for as long as there is power.
pub(crate) struct Socket(pub(crate) Power);

impl Ports for Socket {
    type Port = Line;

    async fn open(&self) -> io::Result<Line> {
        let power = self.0.clone();
        if power.is_dead() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let line = power.0.sim.line()?;
        power.heard(Heard::new_line);
        Ok(Line { power, line })
    }

    fn name(&self) -> String {
        "the simulated modem".to_owned()
    }

    fn reset_usb(&self) -> io::Result<()> {
        if !self.0.is_dead() && self.0.0.sim.is_plugged() {
            self.0.0.sim.unplug();
            self.0.0.sim.replug()?;
        }
        Ok(())
    }
}

/// An open port.
pub(crate) struct Line {
    power: Power,
    line: DuplexStream,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.power.is_dead() {
            return Poll::Pending;
        }
        let before = room.filled().len();
        let read = Pin::new(&mut self.line).poll_read(cx, room);
        if let Poll::Ready(Ok(())) = read
            && room.filled().len() > before
        {
            self.power.spend();
            if self.power.is_dead() {
                room.set_filled(before);
                return Poll::Pending;
            }
            let now = self.power.0.sim.now();
            let bytes = room.filled()[before..].to_vec();
            let left = self.power.heard(|heard| heard.take(now, bytes));
            room.set_filled(before);
            room.put_slice(&left);
            if left.is_empty() {
                // All of it was lost on the way. Nothing read would be the end of the line.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.power.spend();
        if self.power.is_dead() {
            return Poll::Pending;
        }
        let written = Pin::new(&mut self.line).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = written {
            let now = self.power.0.sim.now();
            self.power.heard(|heard| heard.give(now, &bytes[..count]));
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_shutdown(cx)
    }
}
