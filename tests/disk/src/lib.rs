//! A disk made of memory for SQLite, whose power can be cut and which can fail.
//!
//! What the power cut leaves is decided as on a real disk: what was synced (`fsync`) is there, what was written since is there or
//! not, piece by piece and torn at sectors, in any mixture. So a program that promises something before it has synced it is found
//! out, and so is one that never syncs at all.
//!
//! | file | what happens in it |
//! |---|---|
//! | `model` | pure: files, what of them is on the disk for good, locks |
//! | `vfs` | the functions that SQLite calls ([VFS](https://www.sqlite.org/vfs.html)); the only unsafe code |

mod model;
mod vfs;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::State;
pub use model::{Failure, Operation};

/// What is told of each operation, before it is done.
pub type Watch = Arc<dyn Fn(Operation) + Send + Sync>;

/// The disk of one folder: every database in it is on it. Clones are the same disk.
#[derive(Clone)]
pub struct Disk {
    shared: Arc<Shared>,
}

struct Shared {
    folder: String,
    state: Mutex<State>,
    watch: Mutex<Option<Watch>>,
    open_files: AtomicUsize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of an operation before it is done.
    fn tell(&self, operation: Operation) {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = watch.clone();
        if let Some(watch) = watch {
            watch(operation);
        }
    }
}

impl Disk {
    /// A disk for the databases in `folder`, empty. From the first one on, SQLite opens nothing elsewhere in this process.
    ///
    /// # Panics
    /// If SQLite does not take it.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let folder = folder.to_string_lossy().into_owned();
        let shared = Arc::new(Shared {
            folder: folder.clone(),
            state: Mutex::default(),
            watch: Mutex::default(),
            open_files: AtomicUsize::new(0),
        });
        vfs::mount(folder, Arc::clone(&shared));
        Self { shared }
    }

    /// From now on each operation is told to `watch` before it is done. It may cut the power.
    pub fn watch(&self, watch: Watch) {
        let mut place = self
            .shared
            .watch
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(watch);
    }

    /// How it fails from now on.
    pub fn fail(&self, failure: Failure) {
        self.shared.state().failure = failure;
    }

    /// Cuts the power: from now on nothing reaches the disk. What was on its way is there or not, as `choose` says, which gives a number
    /// below the one it is given.
    pub fn power_off(&self, choose: impl FnMut(usize) -> usize) {
        self.shared.state().power_off(choose);
    }

    /// Ends whoever uses it, as SIGKILL does: nothing more of theirs reaches the disk, and all that did stays.
    pub fn end_users(&self) {
        self.shared.state().end_users();
    }

    /// Whether nobody has a file open.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.shared.open_files.load(Ordering::SeqCst) == 0
    }

    /// Power is back. Whoever had a file open before has lost it.
    pub fn power_on(&self) {
        self.shared.state().power_on();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        vfs::unmount(&self.folder);
    }
}

#[cfg(test)]
mod tests;
