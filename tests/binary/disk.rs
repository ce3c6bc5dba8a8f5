//! The program on a disk that fills up, turns read-only and comes back, and its backups. The disk is a small one of its own, which
//! only root can mount; without, its stories are left out and said to be.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use textback::sim::Caller;
use textback::store::{file_in, read_everything};

use crate::station::{PASSWORD, Process, Station, run, set_password, until};
use crate::{ANNA, BEN};

const CARL: &str = "+12025550166";
const DORA: &str = "+12025550177";

/// A file system of its own; unmounted when the test ends, however it does.
struct Disk(PathBuf);

impl Disk {
    /// `None` where it cannot be had.
    #[expect(clippy::print_stderr, reason = "what is left out is told")]
    fn mount(on: &str) -> Option<Self> {
        fs::create_dir(on).unwrap();
        let mount = ["-t", "tmpfs", "-o", "size=400k,mode=700", "tmpfs", on];
        let mounted = Command::new("mount").args(mount).output();
        if mounted.is_ok_and(|mount| mount.status.success()) {
            return Some(Self(on.into()));
        }
        eprintln!("left out: a disk of its own can be mounted by root alone");
        None
    }

    fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        let status = Command::new("mount")
            .args(["-o", &how])
            .arg(&self.0)
            .status();
        assert!(status.unwrap().success(), "{how}");
    }

    /// Writes until nothing more fits.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("something else");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the daemon of a test that failed may live a moment longer.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Somebody calls and gives up; waits until he is texted.
async fn texted(station: &Station, number: &str) {
    let caller = Caller::new(number).rings_for(std::time::Duration::from_millis(300));
    station.sim.call(caller).ended().await;
    until("the caller is texted", async || {
        let sent = station.sim.sent();
        sent.iter().any(|sent| sent.to == number).then_some(())
    })
    .await;
}

async fn disk_of(daemon: &Process) -> Option<String> {
    let health = daemon.health(200).await;
    health["disk"].as_str().map(str::to_owned)
}

async fn page_says(daemon: &Process, words: &str) {
    let cookie = daemon.sign_in().await;
    until(&format!("the page says {words:?}"), async || {
        let (status, _, page) = daemon.ask("GET", "/", &cookie, "").await?;
        (status == 200 && page.contains(words)).then_some(())
    })
    .await;
}

/// The whole of it is sound, and these were called about and texted.
fn assert_holds(data: &str, callers: &[&str]) {
    let file = rusqlite::Connection::open(file_in(Path::new(data))).unwrap();
    let sound: String = file
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    let everything = read_everything(Path::new(data)).unwrap();
    let called: Vec<_> = everything
        .calls
        .iter()
        .map(|call| (call.caller.as_deref().unwrap(), call.outcome))
        .collect();
    let expected: Vec<_> = callers.iter().map(|caller| (*caller, "texted")).collect();
    assert_eq!(called, expected);
    assert_eq!(everything.texts.len(), callers.len());
}

#[tokio::test]
async fn on_a_disk_that_is_full_and_read_only_callers_are_texted_all_the_same() {
    let station = Station::new();
    let data = station.data();
    let Some(disk) = Disk::mount(&data) else {
        return;
    };
    let mut daemon = station.armed().await;
    let (status, said) = set_password(&data, PASSWORD);
    assert_eq!(status, 0, "{said}");
    texted(&station, ANNA).await;
    assert_eq!(disk_of(&daemon).await, None);

    // Full while it runs.
    let filling = disk.fill();
    for number in [BEN, CARL] {
        texted(&station, number).await;
    }
    let said = until("the disk is known to be full", async || {
        disk_of(&daemon).await
    })
    .await;
    for told in [
        "The disk is full.",
        "Callers are still texted",
        "lost",
        "Free some space",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    page_says(&daemon, "The disk needs help.").await;
    page_says(&daemon, "The disk is full.").await;
    assert!(daemon.said().contains("The disk is full."));

    // There is room again, and told to stop it writes all of it down.
    fs::remove_file(filling).unwrap();
    assert_eq!(daemon.terminate().await.code(), Some(0));
    assert_holds(&data, &[ANNA, BEN, CARL]);

    // Full when it starts: it knows whom it has texted.
    let filling = disk.fill();
    let mut daemon = station.armed().await;
    let said = until("the disk is known to be full", async || {
        disk_of(&daemon).await
    })
    .await;
    assert!(said.contains("The disk is full."), "{said}");
    let before = station.sim.sent().len();
    let again = Caller::new(CARL).rings_for(std::time::Duration::from_millis(300));
    station.sim.call(again).ended().await;
    page_says(&daemon, "you texted them").await;
    assert_eq!(station.sim.sent().len(), before);
    assert_eq!(daemon.terminate().await.code(), Some(0));
    assert!(daemon.said().contains("is lost"), "{}", daemon.said());
    fs::remove_file(filling).unwrap();
    assert_holds(&data, &[ANNA, BEN, CARL]);

    // Killed, so that what is in the log is not in the file yet, and read-only when it starts.
    let daemon = station.armed().await;
    texted(&station, DORA).await;
    until("its reference is written down", async || {
        let texts = read_everything(Path::new(&data)).unwrap().texts;
        texts
            .iter()
            .all(|text| text.state == "delivered")
            .then_some(())
    })
    .await;
    daemon.kill();
    disk.remount("ro");
    let daemon = station.armed().await;
    // It is known from the first write on, which the start brings along; the modem can be armed before.
    let said = until("the disk is known to be read-only", async || {
        disk_of(&daemon).await
    })
    .await;
    assert!(said.contains("has turned read-only"), "{said}");
    assert!(said.contains("Copy the card"), "{said}");
    page_says(&daemon, "(202) 555-0177").await;
    const EVE: &str = "+12025550199";
    texted(&station, EVE).await;
    disk.remount("rw");
    until("the disk is well again", async || {
        disk_of(&daemon).await.is_none().then_some(())
    })
    .await;
    assert_holds(&data, &[ANNA, BEN, CARL, DORA, EVE]);
    drop(daemon);
}

#[tokio::test]
async fn a_damaged_database_is_left_alone_and_a_backup_restored() {
    let station = Station::new();
    let (data, backup) = (station.data(), station.path("backup"));
    let mut daemon = station.armed().await;
    texted(&station, ANNA).await;
    let at = ["--data-dir", &data];
    let run_on = |command: &'static str, file: &str| {
        let arguments = [command, file, at[0], at[1]].map(str::to_owned);
        async move { run(&arguments.each_ref().map(String::as_str)).await }
    };
    // Beside the daemon.
    let made = run_on("backup", &backup).await;
    assert_eq!((made.code, made.err.as_str()), (0, ""));
    assert_eq!(
        made.out,
        format!("{backup}: 1 calls, 1 texts and the settings\n")
    );
    let twice = run_on("backup", &backup).await;
    assert_eq!(twice.code, 1);
    assert!(twice.err.contains("is there already"), "{}", twice.err);
    let refused = run_on("restore", &backup).await;
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("stop that one first"),
        "{}",
        refused.err
    );

    daemon.terminate().await;
    let said = daemon.said();
    assert!(
        !said.contains("could not list"),
        "it asks nothing of a modem it has let go: {said}"
    );
    let file = file_in(Path::new(&data));
    fs::write(&file, "no database any more".repeat(500)).unwrap();
    let before = fs::read(&file).unwrap();
    let mut daemon = station.daemon().await;
    let health = daemon.health(503).await;
    let said = health["disk"].as_str().unwrap();
    assert!(said.contains("textback restore FILE"), "{said}");
    let reason = until("the modem is armed", async || {
        let health = daemon.health(503).await;
        let reason = health["reason"].as_str()?.to_owned();
        reason.contains("nobody is texted").then_some(reason)
    })
    .await;
    assert!(reason.contains("must not be texted"), "{reason}");
    daemon.terminate().await;
    assert!(
        fs::read(&file).unwrap() == before,
        "not a byte was written to it"
    );

    let bad = run_on("restore", file.to_str().unwrap()).await;
    assert_eq!(bad.code, 1);
    assert!(bad.err.contains("no backup of textback"), "{}", bad.err);
    let good = run_on("restore", &backup).await;
    assert_eq!((good.code, good.err.as_str()), (0, ""));
    assert!(good.out.contains("1 calls, 1 texts"), "{}", good.out);
    assert!(good.out.contains("is kept as"), "{}", good.out);
    let daemon = station.armed().await;
    assert_eq!(disk_of(&daemon).await, None);
    assert_eq!(station.missed(ANNA).await, "skipped/cooldown");
    assert_eq!(station.missed(BEN).await, "texted");
}
