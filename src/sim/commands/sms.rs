//! The commands of 27.005: modes, memories, messages.

use super::syntax::{Command, Form};
use super::{
    CMS_BAD_INDEX, CMS_BAD_PDU_MODE, CMS_BAD_TEXT_MODE, CMS_NO_ACK_EXPECTED, CMS_NO_CENTRE,
    CMS_NO_NETWORK, CMS_NOT_SUPPORTED, Cnmi, Done, Lines, MemoryName, Refusal, Reply,
};
use crate::sim::card::Memory;
use crate::sim::modem::{RETRY_AFTER, SimModem, Timer};
use crate::sim::network::SendFault;
use crate::sim::options::ReportMemory;
use crate::sim::pdu;

impl SimModem {
    /// 27.005.
    pub(super) fn about_messages(&mut self, command: &Command) -> Done {
        let line = match (command.name.as_str(), command.form) {
            ("+CMGF", Form::Read) => format!("+CMGF: {}", u8::from(self.settings.text_mode)),
            ("+CMGF", Form::Set) => {
                self.settings.text_mode = command.switch()?;
                return Ok(Lines::new());
            }
            ("+CSMS", Form::Read) => "+CSMS: 0,1,1,1".into(),
            ("+CSMS", Form::Set) if command.number(0) == Some(0) => "+CSMS: 1,1,1".into(),
            ("+CSMS", Form::Set) => return Err(Refusal::Cms(CMS_NOT_SUPPORTED)),
            ("+CSCA", Form::Read) => format!("+CSCA: \"{}\",145", self.options.service_centre),
            ("+CSCA", Form::Set) => {
                let number = command.text(0).ok_or(Refusal::Cms(CMS_BAD_PDU_MODE))?;
                number.clone_into(&mut self.options.service_centre);
                return Ok(Lines::new());
            }
            ("+CNMI", Form::Read) => {
                let cnmi = self.settings.cnmi;
                let (mode, mt, bm, ds, bfr) = (cnmi.mode, cnmi.mt, cnmi.bm, cnmi.ds, cnmi.bfr);
                format!("+CNMI: {mode},{mt},{bm},{ds},{bfr}")
            }
            ("+CNMI", Form::Set) => return self.set_cnmi(command),
            ("+CPMS", Form::Read) => {
                let (name, used, size) = self.fill();
                format!("+CPMS: {name},{used},{size},{name},{used},{size},{name},{used},{size}")
            }
            ("+CPMS", Form::Set) => return self.choose_memory(command),
            ("+CMGL", _) => return self.list_messages(command),
            ("+CMGR", Form::Set) => return self.read_message(command),
            ("+CMGD", Form::Set) => return self.delete_messages(command),
            ("+CNMA", _) => return Err(Refusal::Cms(CMS_NO_ACK_EXPECTED)),
            _ => return Err(Refusal::Unknown),
        };
        Ok(vec![line])
    }

    fn set_cnmi(&mut self, command: &Command) -> Done {
        let support = &self.options.cnmi;
        let pick =
            |at: usize, known: &[u8], before: u8| match command.args.get(at).copied().flatten() {
                None => Ok(before),
                Some(text) => known
                    .iter()
                    .copied()
                    .find(|value| text.trim() == value.to_string())
                    .ok_or(Refusal::Cms(CMS_NOT_SUPPORTED)),
            };
        let before = self.settings.cnmi;
        self.settings.cnmi = Cnmi {
            mode: pick(0, &support.mode, before.mode)?,
            mt: pick(1, &support.mt, before.mt)?,
            bm: pick(2, &support.bm, before.bm)?,
            ds: pick(3, &support.ds, before.ds)?,
            bfr: pick(4, &support.bfr, before.bfr)?,
        };
        Ok(Lines::new())
    }

    fn fill(&mut self) -> (&'static str, usize, usize) {
        let name = match self.settings.memory {
            MemoryName::Sm => "\"SM\"",
            MemoryName::Sr => "\"SR\"",
        };
        let memory = self.memory();
        (name, memory.used(), memory.size())
    }

    fn memory(&mut self) -> &mut Memory {
        match self.settings.memory {
            MemoryName::Sm => &mut self.card.messages,
            MemoryName::Sr => &mut self.card.reports,
        }
    }

    fn choose_memory(&mut self, command: &Command) -> Done {
        let reports_apart = self.options.quirks.report_memory != ReportMemory::WithMessages;
        for at in 0..command.args.len() {
            match command.text(at) {
                Some("SM") => {}
                Some("SR") if reports_apart && at == 0 => {}
                _ => return Err(Refusal::Cms(CMS_NOT_SUPPORTED)),
            }
        }
        self.settings.memory = match command.text(0) {
            Some("SR") => MemoryName::Sr,
            _ => MemoryName::Sm,
        };
        let (_, used, size) = self.fill();
        Ok(vec![format!(
            "+CPMS: {used},{size},{used},{size},{used},{size}"
        )])
    }

    /// `AT+CMGL` (27.005 3.4.2, PDU mode 4.1).
    fn list_messages(&mut self, command: &Command) -> Done {
        if self.settings.text_mode {
            return Err(Refusal::Cms(CMS_BAD_TEXT_MODE));
        }
        let wanted = match (command.form, command.number(0)) {
            (Form::Execute, _) => 0,
            (Form::Set, Some(stat @ 0..=4)) => stat,
            _ => return Err(Refusal::Cms(CMS_BAD_PDU_MODE)),
        };
        let mut lines = Lines::new();
        for (index, stored) in self.memory().stored() {
            let stat = u32::from(stored.read);
            if wanted == 4 || wanted == stat {
                let len = pdu::tpdu_len(&stored.pdu).unwrap_or_default();
                lines.push(format!("+CMGL: {index},{stat},,{len}\r\n{}", stored.pdu));
                stored.read = true;
            }
        }
        Ok(lines)
    }

    fn read_message(&mut self, command: &Command) -> Done {
        if self.settings.text_mode {
            return Err(Refusal::Cms(CMS_BAD_TEXT_MODE));
        }
        let index = command.index()?;
        let slot = self
            .memory()
            .slot(index)
            .ok_or(Refusal::Cms(CMS_BAD_INDEX))?;
        let Some(stored) = slot else {
            return Ok(Lines::new());
        };
        let stat = u8::from(stored.read);
        stored.read = true;
        let len = pdu::tpdu_len(&stored.pdu).unwrap_or_default();
        Ok(vec![format!("+CMGR: {stat},,{len}\r\n{}", stored.pdu)])
    }

    /// `AT+CMGD=<index>[,<delflag>]`: flags 1 to 3 spare what is unread, as nothing is ever sent from this memory.
    fn delete_messages(&mut self, command: &Command) -> Done {
        let flag = command.number(1).unwrap_or(0);
        let index = command.index();
        match flag {
            0 => {
                let slot = self
                    .memory()
                    .slot(index?)
                    .ok_or(Refusal::Cms(CMS_BAD_INDEX))?;
                *slot = None;
            }
            1..=3 => self.memory().forget(|stored| stored.read),
            4 => self.memory().forget(|_| true),
            _ => return Err(Refusal::Cms(CMS_BAD_PDU_MODE)),
        }
        // The network notices the room a moment later.
        self.after(RETRY_AFTER, Timer::Deliver);
        Ok(Lines::new())
    }

    /// `AT+CMGS=<length>` (27.005 4.3): the prompt, or why not.
    pub(super) fn start_message(&mut self, command: &Command) -> Result<Reply, Refusal> {
        self.sim_allows(&command.name)?;
        if self.settings.text_mode {
            return Err(Refusal::Cms(CMS_BAD_TEXT_MODE));
        }
        let tpdu_len = command.number(0).ok_or(Refusal::Cms(CMS_BAD_PDU_MODE))?;
        let tpdu_len = usize::try_from(tpdu_len).map_err(|_| Refusal::Cms(CMS_BAD_PDU_MODE))?;
        if !self.registration.carries_sms() {
            return Err(Refusal::Cms(CMS_NO_NETWORK));
        }
        if self.options.service_centre.is_empty() {
            return Err(Refusal::Cms(CMS_NO_CENTRE));
        }
        let shown = self.network.faults.front() != Some(&SendFault::NoPrompt);
        if !shown {
            self.network.faults.pop_front();
        }
        Ok(Reply::Prompt { tpdu_len, shown })
    }
}
