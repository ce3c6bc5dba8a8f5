//! Unsolicited result codes as typed events. Knows no port and no task.

/// One unsolicited result code of a plain 3GPP modem (TS 27.005 and 27.007).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Urc {
    /// `RING` or `+CRING: <type>` (27.007 6.11): a call rings. Repeated with the modem's own cadence.
    Ring,
    /// `+CLIP` (27.007 7.6): who is calling, as far as the network says.
    CallerId(CallerId),
    /// `+CCWA` (27.007 7.12): a second caller while a first one rings or talks.
    CallWaiting(CallerId),
    /// `NO CARRIER`, `BUSY` or `NO ANSWER` while no dial command is open: a call has ended.
    CallEnded,
    /// An unsolicited `+CLCC` line (27.007 7.18; some families send these by themselves).
    CurrentCall(CurrentCall),
    /// `+CMTI` (27.005 3.4.1): an SMS was stored. The index is missing where the modem's own is nonsense (`-1`).
    SmsStored {
        /// The memory named, such as `SM`.
        memory: String,
        /// Where in it, if the modem says so.
        index: Option<u16>,
    },
    /// `+CMT` and its PDU: an SMS that was routed to us without being stored.
    SmsReceived {
        /// The PDU in hexadecimal digits, service centre address included.
        pdu: String,
    },
    /// `+CDSI`: a status report was stored.
    StatusReportStored {
        /// The memory named, such as `SR`.
        memory: String,
        /// Where in it, if the modem says so.
        index: Option<u16>,
    },
    /// `+CDS` and its PDU: a status report.
    StatusReport {
        /// The PDU in hexadecimal digits, service centre address included.
        pdu: String,
    },
    /// `+CREG` (27.007 7.2) or `+CEREG` (10.1.22) by itself: the registration changed.
    Registration(Registration),
    /// `+CPIN` by itself: what the SIM wants now, such as `READY` or `SIM PIN`.
    SimState(String),
    /// `RDY` and its kin: the modem has started anew and has forgotten every setting.
    Restarted,
}

/// A number as the line gives it, before anybody has made sense of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNumber {
    /// Digits, perhaps with a leading `+`, as the modem sent them.
    pub digits: String,
    /// Type of address octet of 3GPP TS 24.008 10.5.4.7 (145 international, 129 unknown or national). Often wrong.
    pub type_of_address: u8,
}

/// Why a number is or is not shown: the `<CLI validity>` of `+CLIP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presentation {
    /// The number is there and may be used.
    Shown,
    /// Validity 1: the caller withheld it.
    Withheld,
    /// Validity 2, or nothing at all: the network could not tell. Digits that come with it must not be used.
    Unavailable,
}

/// What `+CLIP` and `+CCWA` say of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerId {
    /// The number; present exactly when `presentation` is `Shown`.
    pub number: Option<LineNumber>,
    /// Whether there is one, and if not, why.
    pub presentation: Presentation,
}

/// One line of `+CLCC` (27.007 7.18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentCall {
    /// `<id1>`, 1 to 7: names the call in `AT+CHLD`.
    pub index: u8,
    /// `<dir>` 1: the call came to us.
    pub incoming: bool,
    /// `<stat>`.
    pub state: CallState,
    /// `<mode>` 0: a voice call.
    pub voice: bool,
    /// The other side's number, where the modem gives one.
    pub number: Option<LineNumber>,
}

/// `<stat>` of `+CLCC`; 6 is SIMCom's addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// 0: somebody talks.
    Active,
    /// 1
    Held,
    /// 2
    Dialing,
    /// 3
    Alerting,
    /// 4: it rings.
    Incoming,
    /// 5: it knocks while another call goes on.
    Waiting,
    /// 6: it has ended (SIMCom).
    Disconnected,
}

/// What `+CREG` and `+CEREG` tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Whose registration this is.
    pub domain: Domain,
    /// `<stat>`, 0 to 11.
    pub stat: u8,
    /// `<AcT>`, if given: 0..=2 GSM family, 2 and 4..=6 UMTS family, 7 LTE and above.
    pub access_technology: Option<u8>,
}

/// The two registrations that matter to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// `+CREG`: the circuit-switched side, the one that voice needs.
    Circuit,
    /// `+CEREG`: LTE's packet side.
    Lte,
}
