//! (room `sms`)
