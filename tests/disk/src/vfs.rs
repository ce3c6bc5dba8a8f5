//! The functions that SQLite calls: one table of them for all disks, which stand in it by their folders. The only unsafe code: each
//! function is called by SQLite alone, with what its documentation promises (<https://www.sqlite.org/c3ref/vfs.html>,
//! <https://www.sqlite.org/c3ref/io_methods.html>).

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use rusqlite::ffi;

use super::Shared;
use super::model::{Failure, Inode, Operation};

/// Every disk by its folder. Weak: a disk ends with its last handle and its last open file.
static DISKS: LazyLock<Mutex<HashMap<String, Weak<Shared>>>> = LazyLock::new(|| {
    register();
    Mutex::default()
});
/// Tells those apart who have a file open.
static OPENED: AtomicU64 = AtomicU64::new(1);

/// Longest path, end included.
const MAX_PATH: c_int = 1024;

pub(super) fn mount(folder: String, disk: Arc<Shared>) {
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.insert(folder, Arc::downgrade(&disk));
}

pub(super) fn unmount(folder: &str) {
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.remove(folder);
}

fn disk_of(path: &str) -> Option<Arc<Shared>> {
    let (folder, _) = path.rsplit_once('/')?;
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.get(folder)?.upgrade()
}

/// An open file. SQLite gives the room for it and hands it to each function.
#[repr(C)]
struct File {
    /// First, because SQLite sees nothing else of it.
    base: ffi::sqlite3_file,
    /// `None` once it is closed.
    open: Option<Box<Open>>,
}

struct Open {
    who: u64,
    /// A database or its log; `None` of a file that nobody ever names again.
    disk: Option<Arc<Shared>>,
    inode: Arc<Inode>,
}

impl Open {
    /// Whether it can be used: the disk has power, and had it ever since this was opened.
    fn works(&self) -> bool {
        let Some(disk) = &self.disk else { return true };
        !disk.state().is_off() && !self.inode.is_lost()
    }

    /// Tells of an operation, and whether it can be done then.
    fn begin(&self, operation: Operation) -> bool {
        if let Some(disk) = &self.disk {
            disk.tell(operation);
        }
        self.works()
    }

    fn failure(&self) -> Failure {
        self.disk
            .as_ref()
            .map_or(Failure::None, |disk| disk.state().failure)
    }
}

/// Makes it the default: the product opens its database as it always does.
fn register() {
    // SAFETY: null asks for the default one, which lives as long as the process; ours is leaked, for SQLite keeps it.
    unsafe {
        let base = ffi::sqlite3_vfs_find(null());
        assert!(!base.is_null(), "SQLite comes with a disk of its own");
        let table = Box::leak(Box::new(ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: c_int::try_from(size_of::<File>()).expect("a few words"),
            mxPathname: MAX_PATH,
            pNext: null_mut(),
            zName: c"textback-disk".as_ptr(),
            pAppData: null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: (*base).xRandomness,
            xSleep: (*base).xSleep,
            xCurrentTime: (*base).xCurrentTime,
            xGetLastError: None,
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        }));
        assert_eq!(ffi::sqlite3_vfs_register(table, 1), ffi::SQLITE_OK);
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: None,
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// # Safety
/// `name` is null or a C string.
unsafe fn path(name: *const c_char) -> Option<String> {
    // SAFETY: as promised.
    (!name.is_null()).then(|| {
        unsafe { CStr::from_ptr(name) }
            .to_string_lossy()
            .into_owned()
    })
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let file = file.cast::<File>();
    // SAFETY: the room has the size that the table asked for, and nobody else knows of it yet.
    unsafe {
        file.write(File {
            base: ffi::sqlite3_file { pMethods: null() },
            open: None,
        });
    }
    // SAFETY: SQLite gives null or a C string.
    let opened = match unsafe { path(name) } {
        None => (None, Arc::default()),
        Some(name) => {
            let Some(disk) = disk_of(&name) else {
                return ffi::SQLITE_CANTOPEN;
            };
            let create = flags & ffi::SQLITE_OPEN_CREATE != 0;
            let Some(inode) = disk.state().open(&name, create) else {
                return ffi::SQLITE_CANTOPEN;
            };
            (Some(disk), inode)
        }
    };
    let (disk, inode) = opened;
    let open = Open {
        who: OPENED.fetch_add(1, Ordering::Relaxed),
        disk,
        inode,
    };
    if let Some(disk) = &open.disk {
        disk.open_files.fetch_add(1, Ordering::SeqCst);
    }
    // SAFETY: written above; `out_flags` is null or a place for a number.
    unsafe {
        (*file).open = Some(Box::new(open));
        (*file).base.pMethods = &raw const METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: SQLite gives a C string.
    let Some((name, disk)) = unsafe { path(name) }.and_then(|it| Some((it.clone(), disk_of(&it)?)))
    else {
        return ffi::SQLITE_IOERR_DELETE;
    };
    disk.tell(Operation::Write);
    let mut state = disk.state();
    if state.is_off() || state.failure == Failure::ReadOnly {
        return ffi::SQLITE_IOERR_DELETE;
    }
    if !state.exists(&name) {
        return ffi::SQLITE_IOERR_DELETE_NOENT;
    }
    state.remove(&name, sync_folder != 0);
    ffi::SQLITE_OK
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    _: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a C string and a place for a number.
    unsafe {
        let exists = path(name)
            .is_some_and(|name| disk_of(&name).is_some_and(|disk| disk.state().exists(&name)));
        *out = c_int::from(exists);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    length: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a C string and room for `length` bytes.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if c_int::try_from(bytes.len()).is_ok_and(|needed| needed <= length) {
            out.copy_from_nonoverlapping(name, bytes.len());
            return ffi::SQLITE_OK;
        }
    }
    ffi::SQLITE_CANTOPEN
}

/// # Safety
/// `file` was opened by [`open`] and is not closed yet; SQLite uses a file from one thread at a time.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a Open> {
    // SAFETY: as promised.
    unsafe { (*file.cast::<File>()).open.as_deref() }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: see `opened`; SQLite does not touch it again.
    let open = unsafe { (*file.cast::<File>()).open.take() };
    if let Some(open) = open {
        let mut locks = open
            .inode
            .locks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        locks.give_back(open.who, 0);
        if let Some(disk) = &open.disk {
            disk.open_files.fetch_sub(1, Ordering::SeqCst);
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    room: *mut c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(amount), Ok(offset)) = (usize::try_from(amount), usize::try_from(offset)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: see `opened`; `room` has `amount` bytes.
    let (open, room) = unsafe {
        (
            opened(file),
            std::slice::from_raw_parts_mut(room.cast::<u8>(), amount),
        )
    };
    let Some(open) = open.filter(|open| open.works()) else {
        return ffi::SQLITE_IOERR_READ;
    };
    let filled = open.inode.read(offset, room);
    if filled < amount {
        room[filled..].fill(0);
        return ffi::SQLITE_IOERR_SHORT_READ;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(amount), Ok(offset)) = (usize::try_from(amount), usize::try_from(offset)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: see `opened`; there are `amount` bytes.
    let (open, bytes) = unsafe {
        (
            opened(file),
            std::slice::from_raw_parts(bytes.cast::<u8>(), amount),
        )
    };
    let Some(open) = open.filter(|open| open.begin(Operation::Write)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    match open.failure() {
        Failure::None => {}
        Failure::Full if offset + amount <= open.inode.len() => {}
        Failure::Full => return ffi::SQLITE_FULL,
        Failure::ReadOnly => return ffi::SQLITE_IOERR_WRITE,
    }
    open.inode.write(offset, bytes);
    ffi::SQLITE_OK
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: see `opened`.
    let open = unsafe { opened(file) }.filter(|open| open.begin(Operation::Write));
    match (open, usize::try_from(size)) {
        (Some(open), Ok(size)) if open.failure() != Failure::ReadOnly => {
            open.inode.cut(size);
            ffi::SQLITE_OK
        }
        _ => ffi::SQLITE_IOERR_TRUNCATE,
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: see `opened`.
    match unsafe { opened(file) }.filter(|open| open.begin(Operation::Sync)) {
        Some(open) => {
            open.inode.sync();
            ffi::SQLITE_OK
        }
        None => ffi::SQLITE_IOERR_FSYNC,
    }
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    size: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: see `opened`; `size` is a place for a number.
    unsafe {
        match opened(file).filter(|open| open.works()) {
            Some(open) => {
                *size = i64::try_from(open.inode.len()).unwrap_or(i64::MAX);
                ffi::SQLITE_OK
            }
            None => ffi::SQLITE_IOERR_FSTAT,
        }
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see `opened`.
    let Some(open) = (unsafe { opened(file) }).filter(|open| open.works()) else {
        return ffi::SQLITE_IOERR_LOCK;
    };
    let mut locks = open
        .inode
        .locks
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    match locks.take(open.who, level) {
        true => ffi::SQLITE_OK,
        false => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see `opened`.
    if let Some(open) = unsafe { opened(file) } {
        let mut locks = open
            .inode
            .locks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        locks.give_back(open.who, level);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: see `opened`; `out` is a place for a number.
    unsafe {
        *out = c_int::from(opened(file).is_some_and(|open| {
            let locks = open
                .inode
                .locks
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            locks.is_reserved()
        }));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// What SQLite's own disk promises on Linux, too.
unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: see `opened`.
    let Some(open) = (unsafe { opened(file) }).filter(|open| open.works()) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    let (Ok(region), Ok(size)) = (usize::try_from(region), usize::try_from(size)) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    let mut memory = open
        .inode
        .shared_memory
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    while extend != 0 && memory.regions.len() <= region {
        memory
            .regions
            .push(vec![0; size.div_ceil(size_of::<u64>())].into_boxed_slice());
    }
    let found = memory.regions.get_mut(region);
    // SAFETY: `out` is a place for a pointer. What it points to lives as long as the inode, which this file holds.
    unsafe {
        *out = found.map_or(null_mut(), |region| region.as_mut_ptr().cast());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: see `opened`.
    let Some(open) = (unsafe { opened(file) }) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    let (Ok(first), Ok(count)) = (u32::try_from(offset), u32::try_from(count)) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    let slots = first..first + count;
    let mut memory = open
        .inode
        .shared_memory
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        memory.give_back(open.who, slots);
        return ffi::SQLITE_OK;
    }
    match memory.take(open.who, slots, flags & ffi::SQLITE_SHM_EXCLUSIVE != 0) {
        true => ffi::SQLITE_OK,
        false => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: see `opened`.
    if let Some(open) = unsafe { opened(file) } {
        let mut memory = open
            .inode
            .shared_memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // The regions stay: their memory is small, and the next one to come finds them as the last one left them.
        memory.give_back(open.who, 0..u32::MAX);
    }
    ffi::SQLITE_OK
}
