//! The modem's part in messages: sending, receiving, storing and announcing them. Knows no command by name.

use std::time::Duration;

use super::callers::CallEnd;
use super::card::Memory;
use super::modem::{SimModem, Timer};
use super::network::{Fate, Incoming, SendFault, Sent};
use super::options::ReportMemory;
use super::pdu::{self, CannotText};
use crate::sms::Submit;

/// `+CMS ERROR: 304`: invalid PDU mode parameter (27.005 3.2.5), for whatever is wrong with a PDU.
const CMS_BAD_PDU: u16 = 304;
/// `+CMS ERROR: 331`: no network service.
const CMS_NO_NETWORK: u16 = 331;

impl SimModem {
    /// Text and Ctrl-Z have come: checks the PDU, hands it to the network, answers.
    pub(super) fn take_message(&mut self, tpdu_len: usize, text: &str) {
        let pdu = text.trim();
        let submit = match pdu::read_submit(tpdu_len, pdu) {
            Ok(submit) => submit,
            Err(why) => {
                self.violation(&format!("message refused: {why}"));
                self.cms_error(CMS_BAD_PDU);
                return;
            }
        };
        if !self.registration.carries_sms() {
            self.cms_error(CMS_NO_NETWORK);
            return;
        }
        if let Some((code, _)) = self.network.illness {
            self.cms_error(code);
            return;
        }
        // A lost prompt is the business of the next `AT+CMGS`, not of this text.
        let fault = match self.network.faults.front() {
            None | Some(SendFault::NoPrompt) => SendFault::None,
            Some(_) => self.network.faults.pop_front().unwrap_or(SendFault::None),
        };
        let mut take = |fate| (fate == Fate::Taken).then(|| self.network_takes(&submit, pdu));
        match fault {
            SendFault::CmsError(code) => self.cms_error(code),
            SendFault::None | SendFault::NoPrompt => {
                let reference = take(Fate::Taken).unwrap_or_default();
                self.confirm(reference, Duration::ZERO);
            }
            SendFault::Delay(extra) => {
                let reference = take(Fate::Taken).unwrap_or_default();
                self.confirm(reference, extra);
            }
            SendFault::Silence(fate) => {
                take(fate);
                self.say_nothing();
            }
            SendFault::Restart(fate) => {
                take(fate);
                self.restart();
            }
            SendFault::Unplug(fate) => {
                take(fate);
                self.unplug();
            }
        }
    }

    fn confirm(&mut self, reference: u8, extra: Duration) {
        let answer = format!("\r\n+CMGS: {reference}\r\n\r\nOK\r\n");
        self.answer_after(self.options.send_takes + extra, answer.into_bytes());
    }

    fn cms_error(&mut self, code: u16) {
        let answer = format!("\r\n+CMS ERROR: {code}\r\n");
        self.answer_after(self.options.send_takes, answer.into_bytes());
    }

    fn network_takes(&mut self, submit: &Submit, pdu: &str) -> u8 {
        let reference = self.network.next_reference;
        let to = submit.destination.number();
        self.network.next_reference = reference.wrapping_add(1);
        self.network.sent.push(Sent {
            to: to.clone(),
            text: submit.segment.text(),
            pdu: pdu.to_owned(),
            status_report_requested: submit.status_report_request,
            part: submit.segment.concatenation(),
            reference,
            at: self.now,
            recipient: submit.destination.clone(),
        });
        if submit.status_report_request
            && let Some(status) = self.network.outcome(&to).status()
        {
            let pdu_for = self.network.sent.len() - 1;
            let takes = self.options.report_takes;
            self.after(takes, Timer::Report { pdu_for, status });
        }
        reference
    }

    /// The network has something to tell about a message it took.
    pub(super) fn report(&mut self, pdu_for: usize, status: u8) {
        let Some(sent) = self.network.sent.get(pdu_for) else {
            return;
        };
        let report = pdu::status_report(
            &self.options.service_centre,
            sent,
            self.options.started_at + sent.at,
            self.options.started_at + self.now,
            status,
        );
        self.arrive(Incoming::Report(report));
    }

    /// Somebody sends this SIM a text.
    pub(super) fn text_in(&mut self, from: &str, text: &str) -> Result<(), CannotText> {
        let reference = self.network.next_concat;
        self.network.next_concat = reference.wrapping_add(1);
        let at = self.options.started_at + self.now;
        let pdus = pdu::deliver(&self.options.service_centre, from, text, at, reference)?;
        for pdu in pdus {
            self.arrive(Incoming::Message(pdu));
        }
        Ok(())
    }

    /// Something for this SIM has reached the network.
    pub(super) fn arrive(&mut self, incoming: Incoming) {
        self.network.waiting.push_back(incoming);
        self.deliver_waiting();
    }

    /// Hands over what waits, in order, until the SIM is full.
    pub(super) fn deliver_waiting(&mut self) {
        while self.sim_ready && self.may_register() && self.registration.carries_sms() {
            let Some(next) = self.network.waiting.pop_front() else {
                return;
            };
            let placed = match &next {
                Incoming::Message(pdu) => self.place_message(pdu),
                Incoming::Report(pdu) => self.place_report(pdu),
            };
            if !placed {
                self.network.waiting.push_front(next);
                return;
            }
        }
    }

    fn place_message(&mut self, pdu: &str) -> bool {
        let cnmi = self.settings.cnmi;
        let indicate = if cnmi.mode == 0 { 0 } else { cnmi.mt };
        if indicate == 2 {
            let len = pdu::tpdu_len(pdu).unwrap_or_default();
            self.urc(&format!("+CMT: ,{len}\r\n{pdu}"));
            return true;
        }
        let Some(index) = self.card.messages.store(pdu) else {
            return false;
        };
        if indicate == 1 {
            self.urc(&format!("+CMTI: \"SM\",{index}"));
        }
        let full = self.card.messages.used() == self.card.messages.size();
        if full && let Some(line) = self.options.quirks.memory_full_line.clone() {
            self.urc(&line);
        }
        true
    }

    fn place_report(&mut self, pdu: &str) -> bool {
        let cnmi = self.settings.cnmi;
        match if cnmi.mode == 0 { 0 } else { cnmi.ds } {
            1 => {
                let len = pdu::tpdu_len(pdu).unwrap_or_default();
                let comma = if self.options.quirks.comma_in_report {
                    ","
                } else {
                    ""
                };
                self.urc(&format!("+CDS: {comma}{len}\r\n{pdu}"));
                true
            }
            2 => {
                let (memory, name): (&mut Memory, _) = match self.options.quirks.report_memory {
                    ReportMemory::WithMessages => (&mut self.card.messages, "SM"),
                    ReportMemory::Own => (&mut self.card.reports, "SR"),
                    ReportMemory::OwnButMisnamed => (&mut self.card.reports, "SM"),
                };
                let Some(index) = memory.store(pdu) else {
                    return false;
                };
                self.urc(&format!("+CDSI: \"{name}\",{index}"));
                true
            }
            // Nobody asked for it: gone.
            _ => true,
        }
    }

    /// What became of a call so far.
    pub(super) fn end_of(&self, key: u64) -> Option<CallEnd> {
        self.ends.get(&key).copied()
    }
}
