//! (room `outbox`)
