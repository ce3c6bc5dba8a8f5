//! TP-DCS: which alphabet, which class, which lamp to light (3GPP TS 23.038, 4). Knows no user data.

/// How user data are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// GSM 7-bit default alphabet, with its extension and national tables.
    Gsm7,
    /// Octets that are no text, or none that the standard knows.
    EightBit,
    /// UCS-2, which everybody reads and writes as UTF-16.
    Ucs2,
}

/// The data coding scheme octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dcs(pub u8);

/// What a message-waiting indication is about (23.038, 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// Voicemail.
    Voicemail,
    /// Fax.
    Fax,
    /// E-mail.
    Email,
    /// Anything else.
    Other,
}

/// "You have voicemail", switched on or off by a message that may have no text at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageWaiting {
    /// Whether the message is worth keeping beside the lamp it lights.
    pub store: bool,
    /// On or off.
    pub active: bool,
    /// What is waiting.
    pub waiting: Waiting,
}

impl Waiting {
    pub(super) fn from_bits(bits: u8) -> Waiting {
        match bits {
            0 => Waiting::Voicemail,
            1 => Waiting::Fax,
            2 => Waiting::Email,
            _ => Waiting::Other,
        }
    }
}

impl Dcs {
    pub(super) const GSM7: Dcs = Dcs(0x00);
    pub(super) const UCS2: Dcs = Dcs(0x08);

    /// The alphabet. Compressed text counts as 8-bit data: no phone sends it and we cannot read it.
    pub fn alphabet(self) -> Alphabet {
        match self.0 >> 4 {
            0x0..=0x7 if self.0 & 0x20 != 0 => Alphabet::EightBit,
            // Bit 3 is reserved in group F, yet phones write F9 and send UCS-2: the general groups' bits, then.
            0x0..=0x7 | 0xF => match self.0 >> 2 & 0b11 {
                0b01 => Alphabet::EightBit,
                0b10 => Alphabet::Ucs2,
                0b11 if self.0 >> 4 == 0xF => Alphabet::EightBit,
                // A reserved alphabet is to be taken for GSM 7-bit, like the reserved groups 8 to B.
                _ => Alphabet::Gsm7,
            },
            0xE => Alphabet::Ucs2,
            _ => Alphabet::Gsm7,
        }
    }

    /// The message class, 0 to 3, where one is given. Class 0 is shown at once and kept nowhere.
    pub fn class(self) -> Option<u8> {
        let given = match self.0 >> 4 {
            0x0..=0x7 => self.0 & 0x10 != 0,
            group => group == 0xF,
        };
        given.then_some(self.0 & 0b11)
    }

    /// The message-waiting indication of the groups C, D and E.
    pub fn message_waiting(self) -> Option<MessageWaiting> {
        let store = match self.0 >> 4 {
            0xC => false,
            0xD | 0xE => true,
            _ => return None,
        };
        Some(MessageWaiting {
            store,
            active: self.0 & 0x08 != 0,
            waiting: Waiting::from_bits(self.0 & 0b11),
        })
    }
}
