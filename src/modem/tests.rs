//! The whole room against a scripted line in memory, under tokio's paused clock.

use std::fs;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::at::Outlook;

const PDU: &str = "0001000B912120550541F300000CC8F71D14969741F977FD07";
const TPDU_LENGTH: usize = 24;

/// What a modem does with one line: bytes to send back, after a time.
enum Does {
    Says(String),
    SaysAfter(Duration, String),
    Hangs,
    /// The port goes away.
    Dies,
}

fn ok(information: &str) -> Does {
    let information = match information {
        "" => String::new(),
        text => format!("\r\n{text}\r\n"),
    };
    Does::Says(format!("{information}\r\nOK\r\n"))
}

fn says(text: &str) -> Does {
    Does::Says(text.to_owned())
}

/// A modem with nothing special about it.
fn usual(line: &str) -> Does {
    match line {
        "AT+CPIN?" => ok("+CPIN: READY"),
        "AT+CFUN?" => ok("+CFUN: 1"),
        "AT+CSMS=0" => ok("+CSMS: 1,1,1"),
        "AT+CREG?" => ok("+CREG: 2,1,\"00C3\",\"0000AB12\",7"),
        "AT+CEREG?" | "AT+CRC=0" => says("\r\nERROR\r\n"),
        "AT+CGMI" => ok("Acme"),
        "AT+CGMM" => ok("M1"),
        "AT+CGMR" => ok("1.0"),
        "AT+CIMI" => ok("310150123456789"),
        "AT+CNUM" => ok("+CNUM: \"\",\"+12025550143\",145"),
        "AT+COPS?" => ok("+COPS: 0,0,\"OKTEL\",7"),
        "AT+CSQ" => ok("+CSQ: 17,99"),
        "AT+CLCC" => ok("+CLCC: 1,1,4,0,0,\"+12025550143\",145"),
        "<ESC>" => says(""),
        _ if line.starts_with("AT+CMGS=") => says("\r\n> "),
        _ if line.ends_with("<^Z>") => ok("+CMGS: 17"),
        _ => ok(""),
    }
}

type Heard = Arc<Mutex<Vec<String>>>;

/// Plays a modem at the far end of a line; what it hears is kept in `heard`.
fn play(
    mut far: DuplexStream,
    heard: Heard,
    mut inject: mpsc::UnboundedReceiver<String>,
    mut script: impl FnMut(&str) -> Does + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut line = String::new();
        loop {
            let mut byte = [0];
            tokio::select! {
                biased;
                Some(text) = inject.recv() => {
                    far.write_all(text.as_bytes()).await.unwrap();
                    continue;
                }
                read = far.read(&mut byte) => if read.unwrap() == 0 { return },
            }
            match byte[0] {
                b'\r' => {}
                0x1b => line = "<ESC>".into(),
                0x1a => line.push_str("<^Z>"),
                other => {
                    line.push(char::from(other));
                    continue;
                }
            }
            heard.lock().unwrap().push(line.clone());
            match script(&std::mem::take(&mut line)) {
                Does::Says(text) => far.write_all(text.as_bytes()).await.unwrap(),
                Does::SaysAfter(time, text) => {
                    sleep(time).await;
                    far.write_all(text.as_bytes()).await.unwrap();
                }
                Does::Hangs => {}
                Does::Dies => return,
            }
        }
    })
}

struct Lines(Mutex<mpsc::UnboundedReceiver<DuplexStream>>);

impl Ports for Lines {
    type Port = DuplexStream;

    async fn open(&self) -> io::Result<DuplexStream> {
        let next = self.0.lock().unwrap().try_recv();
        next.map_err(|_| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "Cannot open line: it is not there.",
            )
        })
    }

    fn name(&self) -> String {
        "line".into()
    }
}

/// The task under test, and the ends of everything it holds.
struct Bench {
    plug: mpsc::UnboundedSender<DuplexStream>,
    events: mpsc::UnboundedReceiver<ModemEvent>,
    state: watch::Receiver<ModemState>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    heard: Heard,
    inject: mpsc::UnboundedSender<String>,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (plug, lines) = mpsc::unbounded_channel();
        let (events, heard_events) = mpsc::unbounded_channel();
        let (state, shown) = watch::channel(ModemState::default());
        let stop = CancellationToken::new();
        let pin = PinSource {
            file: Some(folder.path().join("pin")),
            refused: folder.path().join("refused"),
        };
        let modem_task = ModemTask::new(Lines(Mutex::new(lines)), pin);
        let task = tokio::spawn(modem_task.run(events, state, stop.clone()));
        Self {
            plug,
            events: heard_events,
            state: shown,
            stop,
            task,
            heard: Heard::default(),
            inject: mpsc::unbounded_channel().0,
            folder,
        }
    }

    fn with(script: impl FnMut(&str) -> Does + Send + 'static) -> Self {
        let mut bench = Self::new();
        bench.plug_in(script);
        bench
    }

    fn plug_in(&mut self, script: impl FnMut(&str) -> Does + Send + 'static) {
        let (near, far) = duplex(4096);
        let (inject, injected) = mpsc::unbounded_channel();
        self.inject = inject;
        play(far, Arc::clone(&self.heard), injected, script);
        self.plug.send(near).unwrap();
    }

    fn say(&self, text: &str) {
        self.inject.send(text.to_owned()).unwrap();
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    async fn event(&mut self) -> ModemEvent {
        let event = timeout(Duration::from_secs(600), self.events.recv()).await;
        event.expect("no event within ten minutes").unwrap()
    }

    /// The next handle, and the URCs before it.
    async fn armed(&mut self) -> (Modem, Vec<Urc>) {
        let mut urcs = Vec::new();
        loop {
            match self.event().await {
                ModemEvent::Armed(modem, _) => {
                    self.heard();
                    return (modem, urcs);
                }
                ModemEvent::Urc(urc) => urcs.push(urc),
                ModemEvent::Lost { why } => panic!("lost: {why}"),
            }
        }
    }

    async fn lost(&mut self) -> (String, Vec<Urc>) {
        let mut urcs = Vec::new();
        loop {
            match self.event().await {
                ModemEvent::Lost { why } => return (why, urcs),
                ModemEvent::Urc(urc) => urcs.push(urc),
                ModemEvent::Armed(..) => panic!("armed"),
            }
        }
    }

    fn urcs(&mut self) -> Vec<Urc> {
        let events = std::iter::from_fn(|| self.events.try_recv().ok());
        let urcs = events.filter_map(|event| match event {
            ModemEvent::Urc(urc) => Some(urc),
            ModemEvent::Armed(..) => None,
            ModemEvent::Lost { why } => panic!("lost: {why}"),
        });
        urcs.collect()
    }

    /// Waits until the reason shown contains `text`.
    async fn reason(&mut self, text: &str) {
        let shown = self
            .state
            .wait_for(|state| state.reason().is_some_and(|reason| reason.contains(text)));
        let shown = timeout(Duration::from_secs(600), shown).await.map(drop);
        assert!(shown.is_ok(), "{:?}", *self.state.borrow());
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_modem_is_armed_without_a_single_wait() {
    let mut bench = Bench::with(usual);
    let event = timeout(Duration::from_millis(1), bench.event())
        .await
        .unwrap();
    let ModemEvent::Armed(_, facts) = event else {
        panic!("{event:?}");
    };
    let some = |text: &str| Some(text.to_owned());
    let wanted = Facts {
        manufacturer: some("Acme"),
        model: some("M1"),
        revision: some("1.0"),
        imsi: some("310150123456789"),
        own_number: some("+12025550143"),
        operator: some("OKTEL"),
        sms_by_urc: true,
        status_reports: true,
    };
    assert_eq!(*facts, wanted);
    let heard = bench.heard();
    assert_eq!(heard[..3], ["<ESC>", "AT", "ATE0"]);
    for needed in ["ATS0=0", "AT+CMGF=0", "AT+CLIP=1", "AT+CNMI=2,1,0,1,0"] {
        assert!(heard.iter().any(|line| line == needed), "{needed}");
    }
    let state = bench.state.borrow().clone();
    assert!(
        matches!(
            state,
            ModemState::Armed {
                signal: Some(Signal { rssi: 17 }),
                ..
            }
        ),
        "{state:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_modem_stuck_at_a_prompt_is_freed_and_its_answer_to_esc_shifts_nothing() {
    let mut stuck = true;
    let mut bench = Bench::with(move |line| match line {
        "<ESC>" if stuck => {
            stuck = false;
            ok("")
        }
        _ if stuck => Does::Hangs,
        _ => usual(line),
    });
    let (modem, _) = timeout(Duration::from_millis(1), bench.armed())
        .await
        .unwrap();
    assert_eq!(modem.imsi(), Some("310150123456789"));
    assert_eq!(modem.model(), Some("M1"));
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_boots_slowly_and_refuses_most_is_armed() {
    let mut lines = 0;
    let mut bench = Bench::with(move |line| {
        lines += 1;
        match line {
            _ if lines < 12 => Does::Hangs,
            "AT" | "AT+CLIP=1" | "AT+CMGF=0" => ok(""),
            // No final result (Wavecom).
            "AT+CPIN?" => says("\r\n+CPIN: READY\r\n"),
            "AT+CREG?" => ok("+CREG: 0,4"),
            _ => says("\r\n+CME ERROR: 4\r\n"),
        }
    });
    bench.say("\r\nRING\r\n");
    let event = timeout(Duration::from_secs(15), bench.armed()).await;
    let (modem, urcs) = event.unwrap();
    assert_eq!(urcs, [Urc::Ring]);
    assert_eq!(modem.model(), None);
}

#[tokio::test(start_paused = true)]
async fn the_same_wrong_pin_is_never_tried_twice() {
    let script = |tried: Arc<Mutex<Vec<String>>>, right: &'static str| {
        let mut open = false;
        move |line: &str| match line {
            "AT+CPIN?" if !open => ok("+CPIN: SIM PIN"),
            _ if line.starts_with("AT+CPIN=") => {
                tried.lock().unwrap().push(line.to_owned());
                open = line == format!("AT+CPIN=\"{right}\"");
                if open {
                    ok("")
                } else {
                    says("\r\n+CME ERROR: 16\r\n")
                }
            }
            _ => usual(line),
        }
    };
    let tried = Arc::new(Mutex::new(Vec::new()));
    let mut bench = Bench::new();
    bench.plug_in(script(Arc::clone(&tried), "4321"));
    bench.reason("cannot be read").await;
    fs::write(bench.folder.path().join("pin"), "1234\n").unwrap();
    bench.reason("has been refused").await;
    sleep(Duration::from_secs(100)).await;
    // The modem and the task start anew; what was refused stays refused.
    bench.plug_in(script(Arc::clone(&tried), "4321"));
    bench.reason("has been refused").await;
    assert_eq!(*tried.lock().unwrap(), ["AT+CPIN=\"1234\""]);
    fs::write(bench.folder.path().join("pin"), "4321").unwrap();
    bench.armed().await;
    assert!(!bench.folder.path().join("refused").exists());
}

#[tokio::test(start_paused = true)]
async fn a_pin_whose_fate_is_unknown_counts_as_refused() {
    let dies = |line: &str| match line {
        "AT+CPIN?" => ok("+CPIN: SIM PIN"),
        _ if line.starts_with("AT+CPIN=") => Does::Dies,
        _ => usual(line),
    };
    let mut bench = Bench::new();
    fs::write(bench.folder.path().join("pin"), "1234").unwrap();
    bench.plug_in(dies);
    bench.reason("is gone").await;
    bench.plug_in(dies);
    bench.reason("has been refused").await;
}

#[tokio::test(start_paused = true)]
async fn a_locked_sim_says_so() {
    let mut bench = Bench::with(|line| match line {
        "AT+CPIN?" => ok("+CPIN: SIM PUK"),
        _ => usual(line),
    });
    bench.reason("PUK").await;
    assert!(matches!(*bench.state.borrow(), ModemState::Down { .. }));
}

#[tokio::test(start_paused = true)]
async fn registration_is_waited_for_lost_and_found_on_the_same_port() {
    let mut asked = 0;
    let mut bench = Bench::with(move |line| match line {
        "AT+CREG?" => {
            asked += 1;
            ok(if asked < 3 {
                "+CREG: 2,2"
            } else {
                "+CREG: 2,5"
            })
        }
        _ => usual(line),
    });
    bench.reason("searching").await;
    let (modem, _) = bench.armed().await;
    bench.say("\r\n+CREG: 3\r\n");
    bench.reason("refuses this SIM").await;
    let sent = modem.send(PDU, TPDU_LENGTH).await;
    assert!(matches!(sent, Err(SendError::NotTaken { .. })), "{sent:?}");
    let heard = bench.heard();
    assert!(
        !heard.iter().any(|line| line.starts_with("AT+CMGS")),
        "{heard:?}"
    );
    bench.armed().await;
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(Some(17)));
}

#[tokio::test(start_paused = true)]
async fn texts_go_out_while_the_phone_rings() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGS=24" => says("\r\nRING\r\n\r\n> "),
        _ if line.ends_with("<^Z>") => {
            says("\r\n+CM\r\nRING\r\nGS: 17\r\n\r\nOK\r\n\r\nNO CARRIER\r\n")
        }
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let sent = timeout(Duration::from_millis(1), modem.send(PDU, TPDU_LENGTH)).await;
    assert_eq!(sent.unwrap(), Ok(Some(17)));
    assert_eq!(
        bench.heard(),
        ["AT+CMGS=24".to_owned(), format!("{PDU}<^Z>")]
    );
    sleep(Duration::from_millis(1)).await;
    assert_eq!(bench.urcs(), [Urc::Ring, Urc::Ring, Urc::CallEnded]);
    let bad = modem.send("00\u{1a}0", 1).await;
    assert!(matches!(bad, Err(SendError::NotTaken { .. })));
}

/// What `send` says, what the modem heard from then on, and whether the next text goes out, if a modem does `does` once, with the
/// command or (`at_pdu`) with the PDU.
async fn send_when(at_pdu: bool, does: Does) -> (SendError, Vec<String>) {
    let mut does = Some(does);
    let mut bench = Bench::with(move |line| {
        let now = if at_pdu {
            line.ends_with("<^Z>")
        } else {
            line == "AT+CMGS=24"
        };
        match does.take_if(|_| now) {
            Some(does) => does,
            None => usual(line),
        }
    });
    let (modem, _) = bench.armed().await;
    let error = modem.send(PDU, TPDU_LENGTH).await.unwrap_err();
    if matches!(*bench.state.borrow(), ModemState::Down { .. }) {
        return (error, bench.heard());
    }
    sleep(Duration::from_secs(5)).await;
    let heard = bench.heard();
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(Some(17)), "{error}");
    (error, heard)
}

#[tokio::test(start_paused = true)]
async fn a_text_that_fails_says_whether_it_may_be_sent_again() {
    let (error, heard) = send_when(false, Does::Hangs).await;
    assert!(matches!(error, SendError::NotTaken { .. }), "{error}");
    assert_eq!(heard[..2], ["AT+CMGS=24", "<ESC>"]);

    let (error, heard) = send_when(false, says("\r\n+CMS ERROR: 38\r\n")).await;
    let SendError::Refused(refused) = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (refused.code(), refused.outlook()),
        (Some(38), Outlook::Passing)
    );
    assert_eq!(heard[1], "<ESC>");

    let (error, _) = send_when(true, says("\r\n+CMS ERROR: 28\r\n")).await;
    assert!(matches!(&error, SendError::Refused(error) if error.outlook() == Outlook::ForGood));

    let (error, heard) = send_when(true, Does::Hangs).await;
    assert!(matches!(error, SendError::Unconfirmed { .. }), "{error}");
    assert_eq!(heard[2], "<ESC>");

    let (error, _) = send_when(false, Does::Dies).await;
    assert!(matches!(error, SendError::NotTaken { .. }), "{error}");
    let (error, _) = send_when(true, Does::Dies).await;
    assert!(matches!(error, SendError::Unconfirmed { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_comes_too_late_is_left_and_eats_nothing() {
    let late = Does::SaysAfter(Duration::from_millis(10_100), "\r\n> ".into());
    let (error, heard) = send_when(false, late).await;
    assert!(matches!(error, SendError::NotTaken { .. }), "{error}");
    assert_eq!(heard[..3], ["AT+CMGS=24", "<ESC>", "<ESC>"]);
}

#[tokio::test(start_paused = true)]
async fn an_ok_without_a_reference_means_taken() {
    let mut bench = Bench::with(|line| match line {
        _ if line.ends_with("<^Z>") => says("\r\n+CM\0\0: x\r\n\r\nOK\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    assert_eq!(modem.send(PDU, TPDU_LENGTH).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_hang_shifts_no_answer_and_loses_no_urc() {
    let mut hung = String::new();
    let mut over = false;
    let mut bench = Bench::with(move |line| {
        if over || (hung.is_empty() && line != "AT+CLCC") {
            return usual(line);
        }
        if let Does::Says(text) = usual(line) {
            hung.push_str(&text);
        }
        hung.push_str("\r\nRING\r\n");
        if hung.matches("RING").count() < 10 {
            return Does::Hangs;
        }
        over = true;
        Does::Says(hung.clone())
    });
    let (modem, _) = bench.armed().await;
    let calls = modem.current_calls().await;
    assert!(matches!(calls, Err(AskError::NoAnswer { .. })), "{calls:?}");
    // Waits until the line is in step again.
    assert_eq!(modem.signal().await.unwrap(), Some(Signal { rssi: 17 }));
    assert_eq!(modem.current_calls().await.unwrap().len(), 1);
    assert_eq!(modem.operator().await.unwrap().as_deref(), Some("OKTEL"));
    let rings = bench
        .urcs()
        .into_iter()
        .filter(|urc| *urc == Urc::Ring)
        .count();
    assert_eq!(rings, 10);
}

#[tokio::test(start_paused = true)]
async fn commands_swallowed_in_a_hang_do_not_keep_the_line_busy() {
    let mut swallowed = 0;
    let mut bench = Bench::with(move |line| {
        if line == "AT+CLCC" || (1..4).contains(&swallowed) {
            swallowed += 1;
            return Does::Hangs;
        }
        usual(line)
    });
    let (modem, _) = bench.armed().await;
    assert!(modem.current_calls().await.is_err());
    // Three probes of 3.3 s are lost; the fourth is answered, and what proves it costs nothing.
    let asked = timeout(Duration::from_secs(11), modem.signal()).await;
    assert_eq!(asked.unwrap().unwrap(), Some(Signal { rssi: 17 }));
}

#[tokio::test(start_paused = true)]
async fn a_dead_modem_is_given_up_and_its_port_opened_again() {
    let mut dead = false;
    let mut bench = Bench::with(move |line| {
        dead |= line == "AT+CMGD=1";
        if dead { Does::Hangs } else { usual(line) }
    });
    let (modem, _) = bench.armed().await;
    assert!(modem.delete(1).await.is_err());
    bench.reason("stopped answering").await;
    bench.plug_in(usual);
    let (why, _) = timeout(Duration::from_secs(90), bench.lost())
        .await
        .unwrap();
    assert!(why.contains("not answered"), "{why}");
    let asked = modem.signal().await;
    assert!(matches!(asked, Err(AskError::Lost { .. })), "{asked:?}");
    bench.armed().await;
}

#[tokio::test(start_paused = true)]
async fn a_hung_modem_is_noticed_without_any_request() {
    let mut signals = 0;
    let mut bench = Bench::with(move |line| {
        signals += u32::from(line == "AT+CSQ");
        if signals > 1 {
            Does::Hangs
        } else {
            usual(line)
        }
    });
    bench.armed().await;
    timeout(Duration::from_secs(150), bench.lost())
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_unplugged_modem_is_lost_at_once_and_armed_soon_after_it_is_back() {
    let mut bench = Bench::with(|line| match line {
        "AT+CLCC" => Does::Dies,
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let calls = modem.current_calls().await;
    assert!(matches!(calls, Err(AskError::Lost { .. })), "{calls:?}");
    timeout(Duration::from_millis(1), bench.lost())
        .await
        .unwrap();
    bench.reason("it is not there").await;
    sleep(Duration::from_secs(100)).await;
    bench.plug_in(usual);
    timeout(Duration::from_secs(2), bench.armed())
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_restarts_is_brought_up_again_on_the_same_port() {
    let mut bench = Bench::with(usual);
    let (old, _) = bench.armed().await;
    bench.say("\r\nRDY\r\n");
    let (_, urcs) = bench.lost().await;
    assert_eq!(urcs, [Urc::Restarted]);
    let (new, _) = timeout(Duration::from_millis(1), bench.armed())
        .await
        .unwrap();
    assert!(old.signal().await.is_err());
    assert!(new.signal().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn stored_messages_are_listed_read_and_deleted() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGL=4" => ok(&format!(
            "+CMGL: 0,1,,24\r\n{PDU}\r\n+CMGL: 7,0,,24\r\n{PDU}"
        )),
        "AT+CMGR=7" => ok(&format!("+CMGR: 0,,24\r\n{PDU}")),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let stored = modem.stored().await.unwrap();
    let seven = StoredSms {
        index: 7,
        status: 0,
        pdu: PDU.into(),
    };
    assert_eq!((stored.len(), stored[0].index), (2, 0));
    assert_eq!(stored[1], seven);
    assert_eq!(modem.read(7).await, Ok(Some(seven)));
    assert_eq!(modem.read(8).await, Ok(None));
    assert_eq!(modem.delete(7).await, Ok(()));
    assert_eq!(bench.heard().last().unwrap(), "AT+CMGD=7");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_is_no_list() {
    let mut bench = Bench::with(|line| match line {
        "AT+CMGL=4" => says(&format!("\r\n+CMGL: 0,1,,24\r\n{PDU}\r\n")),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let stored = modem.stored().await;
    assert!(
        matches!(stored, Err(AskError::NoAnswer { .. })),
        "{stored:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn hanging_up_takes_the_second_way_if_the_first_is_refused() {
    let mut bench = Bench::with(|line| match line {
        "AT+CHUP" => says("\r\nERROR\r\n"),
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    modem.hang_up().await.unwrap();
    assert_eq!(bench.heard(), ["AT+CHUP", "ATH"]);
}

#[tokio::test(start_paused = true)]
async fn a_ladder_goes_down_on_refusal_and_waits_while_busy() {
    let mut busy = true;
    let mut bench = Bench::with(move |line| match line {
        "AT+CNMI=2,1,0,1,0" if std::mem::take(&mut busy) => says("\r\n+CME ERROR: 14\r\n"),
        "AT+CNMI=2,1,0,0,0" => ok(""),
        _ if line.starts_with("AT+CNMI=") => says("\r\nERROR\r\n"),
        _ => usual(line),
    });
    let event = bench.event().await;
    let ModemEvent::Armed(_, facts) = event else {
        panic!("{event:?}");
    };
    assert!(facts.sms_by_urc && !facts.status_reports);
    let heard = bench.heard();
    let tried: Vec<_> = heard
        .iter()
        .filter(|line| line.starts_with("AT+CNMI"))
        .collect();
    assert_eq!(
        tried[..3],
        [
            "AT+CNMI=2,1,0,1,0",
            "AT+CNMI=2,1,0,1,0",
            "AT+CNMI=1,1,0,1,0"
        ]
    );
    assert_eq!(tried.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_will_not_show_callers_is_not_armed() {
    let mut bench = Bench::with(|line| match line {
        "AT+CLIP=1" => says("\r\nERROR\r\n"),
        _ => usual(line),
    });
    bench.reason("AT+CLIP=1").await;
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_the_text_that_is_under_way() {
    let mut bench = Bench::with(|line| match line {
        _ if line.ends_with("<^Z>") => {
            Does::SaysAfter(Duration::from_secs(5), "\r\n+CMGS: 1\r\n\r\nOK\r\n".into())
        }
        _ => usual(line),
    });
    let (modem, _) = bench.armed().await;
    let stop = bench.stop.clone();
    let stopping = async {
        sleep(Duration::from_secs(1)).await;
        stop.cancel();
    };
    let (sent, ()) = tokio::join!(modem.send(PDU, TPDU_LENGTH), stopping);
    assert_eq!(sent, Ok(Some(1)));
    timeout(Duration::from_secs(1), bench.task)
        .await
        .unwrap()
        .unwrap();
    let late = modem.send(PDU, TPDU_LENGTH).await;
    assert!(matches!(late, Err(SendError::NotTaken { .. })), "{late:?}");
}

#[test]
fn only_a_definite_no_counts_as_missing_registration() {
    let state = |circuit: Option<u8>, lte: Option<u8>| {
        let it = |domain| {
            move |stat| Registration {
                domain,
                stat,
                access_technology: None,
            }
        };
        let registrations = Registrations {
            circuit: circuit.map(it(Domain::Circuit)),
            lte: lte.map(it(Domain::Lte)),
        };
        registrations.missing().is_none()
    };
    assert!(state(None, None));
    for good in [1, 4, 5, 6, 7, 9, 10] {
        assert!(
            state(Some(good), None) && state(Some(0), Some(good)) && state(Some(good), Some(3))
        );
    }
    for bad in [0, 2, 3, 8, 11] {
        assert!(!state(Some(bad), None) && !state(None, Some(bad)) && !state(Some(bad), Some(bad)));
    }
}
