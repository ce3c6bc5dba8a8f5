//! Files in memory, what of them is on the disk for good, and their locks. Knows no SQLite.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a disk writes at once or not at all.
const SECTOR: usize = 512;

/// What is done to a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Bytes are written, or the file is cut.
    Write,
    /// What was written is to be there for good.
    Sync,
}

/// How a disk fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Failure {
    /// Not at all.
    #[default]
    None,
    /// No file grows.
    Full,
    /// Nothing can be written, as on an SD card that is worn out.
    ReadOnly,
}

/// All of a disk.
#[derive(Default)]
pub(super) struct State {
    files: HashMap<String, Arc<Inode>>,
    /// Gone, and perhaps back after a power cut.
    removed: HashMap<String, Arc<Inode>>,
    pub(super) failure: Failure,
    off: bool,
}

/// A file, whatever its name.
#[derive(Default)]
pub(super) struct Inode {
    content: Mutex<Content>,
    pub(super) locks: Mutex<Locks>,
    pub(super) shared_memory: Mutex<SharedMemory>,
}

#[derive(Default)]
struct Content {
    /// As those read it who run now.
    now: Vec<u8>,
    /// As it is there after a power cut, if it is there at all.
    synced: Option<Vec<u8>>,
    /// What has been done since.
    pending: Vec<Change>,
    /// Whoever has opened it has lost it.
    lost: bool,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => write_at(to, *offset, bytes),
            Self::Cut { length } => to.truncate(*length),
        }
    }

    /// What a power cut leaves of it.
    fn survive(&self, to: &mut Vec<u8>, choose: &mut dyn FnMut(usize) -> usize) {
        match choose(3) {
            0 => {}
            1 => self.apply(to),
            _ => match self {
                Self::Write { offset, bytes } => {
                    for (at, sector) in bytes.chunks(SECTOR).enumerate() {
                        if choose(2) == 1 {
                            write_at(to, offset + at * SECTOR, sector);
                        }
                    }
                }
                Self::Cut { .. } => self.apply(to),
            },
        }
    }
}

fn write_at(to: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if to.len() < end {
        to.resize(end, 0);
    }
    to[offset..end].copy_from_slice(bytes);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(super) fn is_off(&self) -> bool {
        self.off
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        !self.off && self.files.contains_key(name)
    }

    /// The file of that name, made if it may be.
    pub(super) fn open(&mut self, name: &str, create: bool) -> Option<Arc<Inode>> {
        if self.off {
            return None;
        }
        if !self.files.contains_key(name) {
            if !create || self.failure != Failure::None {
                return None;
            }
            self.files.insert(name.to_owned(), Arc::default());
        }
        self.files.get(name).cloned()
    }

    /// Takes a name away; for good if the folder is synced with it.
    pub(super) fn remove(&mut self, name: &str, for_good: bool) {
        if let Some(file) = self.files.remove(name)
            && !for_good
        {
            self.removed.insert(name.to_owned(), file);
        }
    }

    pub(super) fn power_off(&mut self, mut choose: impl FnMut(usize) -> usize) {
        if std::mem::replace(&mut self.off, true) {
            return;
        }
        for (name, file) in std::mem::take(&mut self.removed) {
            if choose(2) == 1 {
                self.files.entry(name).or_insert(file);
            }
        }
        // In an order that is the same each time: the choices come from a seed.
        let mut files: Vec<_> = self.files.drain().collect();
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (name, file) in files {
            if let Some(left) = file.survive(&mut choose) {
                self.files.insert(name, Arc::new(left));
            }
        }
    }

    /// Whoever has a file open has lost it; the files stay as they are.
    pub(super) fn end_users(&mut self) {
        for file in self.files.values_mut() {
            *file = Arc::new(file.without_users());
        }
    }

    pub(super) fn power_on(&mut self) {
        self.off = false;
    }
}

impl Inode {
    /// The file as a power cut leaves it; `None` if it leaves none.
    fn survive(&self, choose: &mut dyn FnMut(usize) -> usize) -> Option<Self> {
        let mut content = lock(&self.content);
        content.lost = true;
        let mut left = match content.synced.take() {
            Some(synced) => synced,
            // Never synced: its name may be there or not.
            None if choose(2) == 0 => return None,
            None => Vec::new(),
        };
        for change in &content.pending {
            change.survive(&mut left, choose);
        }
        let content = Content {
            now: left.clone(),
            synced: Some(left),
            ..Content::default()
        };
        Some(Self {
            content: Mutex::new(content),
            ..Self::default()
        })
    }

    /// The same file for those who open it from now on.
    fn without_users(&self) -> Self {
        let mut content = lock(&self.content);
        let taken = std::mem::take(&mut *content);
        content.lost = true;
        Self {
            content: Mutex::new(taken),
            ..Self::default()
        }
    }

    /// Whether whoever has opened it has lost it.
    pub(super) fn is_lost(&self) -> bool {
        lock(&self.content).lost
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.content).now.len()
    }

    /// How much of `room` could be filled.
    pub(super) fn read(&self, offset: usize, room: &mut [u8]) -> usize {
        let content = lock(&self.content);
        let from = content.now.get(offset..).unwrap_or_default();
        let length = from.len().min(room.len());
        room[..length].copy_from_slice(&from[..length]);
        length
    }

    pub(super) fn write(&self, offset: usize, bytes: &[u8]) {
        let change = Change::Write {
            offset,
            bytes: bytes.to_vec(),
        };
        self.change(change);
    }

    pub(super) fn cut(&self, length: usize) {
        self.change(Change::Cut { length });
    }

    fn change(&self, change: Change) {
        let mut content = lock(&self.content);
        change.apply(&mut content.now);
        content.pending.push(change);
    }

    pub(super) fn sync(&self) {
        let content = &mut *lock(&self.content);
        let synced = content.synced.get_or_insert_default();
        for change in content.pending.drain(..) {
            change.apply(synced);
        }
    }
}

/// Who may do what with a database file, by who has it open: the five levels of
/// [SQLite's locks](https://www.sqlite.org/lockingv3.html), 0 to 4.
#[derive(Default)]
pub(super) struct Locks(HashMap<u64, i32>);

pub(super) const SHARED: i32 = 1;
const RESERVED: i32 = 2;
const PENDING: i32 = 3;
const EXCLUSIVE: i32 = 4;

impl Locks {
    /// Takes a lock; false if somebody else is in the way.
    pub(super) fn take(&mut self, who: u64, level: i32) -> bool {
        if self.of(who) >= level {
            return true;
        }
        let others = self.0.iter().filter(|(other, _)| **other != who);
        let highest = others.map(|(_, level)| *level).max().unwrap_or(0);
        let free = match level {
            SHARED => highest < PENDING,
            RESERVED => highest < RESERVED,
            _ => highest < SHARED,
        };
        if free {
            self.0.insert(who, level);
        } else if level == EXCLUSIVE && highest < RESERVED {
            // Nobody new is let in until those who read have gone.
            self.0.insert(who, PENDING);
        }
        free
    }

    /// Gives a lock back, down to a level.
    pub(super) fn give_back(&mut self, who: u64, level: i32) {
        if level < SHARED {
            self.0.remove(&who);
        } else if self.of(who) > level {
            self.0.insert(who, level);
        }
    }

    pub(super) fn is_reserved(&self) -> bool {
        self.0.values().any(|level| *level >= RESERVED)
    }

    fn of(&self, who: u64) -> i32 {
        self.0.get(&who).copied().unwrap_or(0)
    }
}

/// The index of a write-ahead log that all share who have the file open, and its locks
/// ([WAL-mode file format](https://www.sqlite.org/walformat.html#the_wal_index_file_format)).
#[derive(Default)]
pub(super) struct SharedMemory {
    /// Each stays where it is: SQLite keeps pointers into them.
    pub(super) regions: Vec<Box<[u64]>>,
    held: HashMap<(u64, u32), Held>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Shared,
    Exclusive,
}

impl SharedMemory {
    /// Takes the locks of these slots, all or none.
    pub(super) fn take(&mut self, who: u64, slots: std::ops::Range<u32>, exclusive: bool) -> bool {
        let in_the_way = self.held.iter().any(|((other, slot), held)| {
            *other != who && slots.contains(slot) && (exclusive || *held == Held::Exclusive)
        });
        if !in_the_way {
            let held = if exclusive {
                Held::Exclusive
            } else {
                Held::Shared
            };
            for slot in slots {
                self.held.insert((who, slot), held);
            }
        }
        !in_the_way
    }

    pub(super) fn give_back(&mut self, who: u64, slots: std::ops::Range<u32>) {
        self.held
            .retain(|(other, slot), _| *other != who || !slots.contains(slot));
    }
}
