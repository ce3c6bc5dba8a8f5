//! Who may see the page: the password, sessions, tokens for scripts. Another process sets the password too (`textback password`).

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Store, StoreError, millis};
use crate::door::{self, SALT_BYTES, SECRET_BYTES};

/// A session ends this long after it began.
pub const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// And this long after it was used last.
const SESSION_RESTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A use is written down this seldom: the page must not wear the card out.
const USE_NOTED: SignedDuration = SignedDuration::from_hours(24);
/// Sessions at once; the oldest ends for a new one.
const SESSIONS_MAX: i64 = 100;
/// Tokens at once.
pub const TOKENS_MAX: i64 = 20;

/// A token as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// What it is revoked by.
    pub id: i64,
    /// What the owner calls it.
    pub name: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was used, to a day.
    pub used_at: Option<Timestamp>,
}

impl Store {
    /// The password's hash, if one is set.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn password(&self) -> Result<Option<String>, StoreError> {
        self.read("reading the password", |connection| {
            value(connection, PASSWORD)
        })
        .await
    }

    /// The code with which the first password is set; none once one is.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn first_code(&self) -> Result<Option<String>, StoreError> {
        let fresh = fresh_code()?;
        self.write(
            "making the code for the first password",
            move |transaction| {
                if value(transaction, PASSWORD)?.is_some() {
                    return Ok(None);
                }
                let code = match value(transaction, CODE)? {
                    Some(code) => code,
                    None => {
                        keep(transaction, CODE, &fresh)?;
                        fresh.clone()
                    }
                };
                Ok(Some(code))
            },
        )
        .await
    }

    /// Keeps a password's hash. The code is void from then on, and so is every session.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_password(&self, hash: String) -> Result<(), StoreError> {
        self.write("keeping the password", move |transaction| {
            keep(transaction, PASSWORD, &hash)?;
            transaction.execute("DELETE FROM door WHERE name = ?1", [CODE])?;
            transaction.execute("DELETE FROM sessions", [])?;
            Ok(())
        })
        .await
    }

    /// Begins a session, and tells its secret: once, here.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn begin_session(&self, now: Timestamp) -> Result<String, StoreError> {
        let secret = door::secret(&random()?);
        let told = secret.clone();
        self.write("beginning a session", move |transaction| {
            let digest = digest(transaction, &secret)?;
            transaction.execute(
                "INSERT INTO sessions (digest, began_at, used_at) VALUES (?1, ?2, ?2)",
                params![digest, millis(now)],
            )?;
            transaction.execute(
                "DELETE FROM sessions WHERE began_at < ?1 OR digest NOT IN
                 (SELECT digest FROM sessions ORDER BY began_at DESC LIMIT ?2)",
                params![millis(now - SESSION_LASTS), SESSIONS_MAX],
            )?;
            Ok(())
        })
        .await?;
        Ok(told)
    }

    /// Whether this is the secret of a session that has not ended.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn is_session(&self, secret: &str, now: Timestamp) -> Result<bool, StoreError> {
        let presented = secret.to_owned();
        let found = self
            .read("looking for a session", move |connection| {
                let digest = digest(connection, &presented)?;
                let select = "SELECT digest, began_at, used_at FROM sessions WHERE digest = ?1";
                connection
                    .prepare_cached(select)?
                    .query_row([digest], |row| {
                        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
                    })
                    .optional()
            })
            .await?;
        let Some((digest, began_at, used_at)) = found else {
            return Ok(false);
        };
        // A clock that was set back makes nobody's session longer than the clock says, nor ends it.
        if is_past(began_at, SESSION_LASTS, now) || is_past(used_at, SESSION_RESTS, now) {
            return Ok(false);
        }
        if is_past(used_at, USE_NOTED, now) {
            self.write("noting that a session is used", move |transaction| {
                transaction.execute(
                    "UPDATE sessions SET used_at = ?2 WHERE digest = ?1",
                    params![digest, millis(now)],
                )
            })
            .await?;
        }
        Ok(true)
    }

    /// Ends a session; nothing happens where it is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_session(&self, secret: &str) -> Result<(), StoreError> {
        let secret = secret.to_owned();
        self.write("ending a session", move |transaction| {
            let digest = digest(transaction, &secret)?;
            transaction.execute("DELETE FROM sessions WHERE digest = ?1", [digest])?;
            Ok(())
        })
        .await
    }

    /// Ends every session.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_sessions(&self) -> Result<(), StoreError> {
        self.write("ending all sessions", |transaction| {
            transaction.execute("DELETE FROM sessions", [])?;
            Ok(())
        })
        .await
    }

    /// Makes a token, and tells it: once, here. Nothing where there are [`TOKENS_MAX`] already.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn make_token(
        &self,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let token = door::secret(&random()?);
        let (name, told) = (name.to_owned(), token.clone());
        let made = self
            .write("making a token", move |transaction| {
                transaction.execute(
                    "INSERT INTO tokens (name, digest, made_at) SELECT ?1, ?2, ?3
                     WHERE (SELECT count(*) FROM tokens) < ?4",
                    params![name, door::digest(&token, TOKEN), millis(now), TOKENS_MAX],
                )
            })
            .await?;
        Ok((made > 0).then_some(told))
    }

    /// Every token, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        self.read("reading the tokens", |connection| {
            connection
                .prepare_cached("SELECT id, name, made_at, used_at FROM tokens ORDER BY id")?
                .query_map([], |row| {
                    Ok(TokenRow {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        made_at: super::moment(row.get(2)?),
                        used_at: row.get::<_, Option<i64>>(3)?.map(super::moment),
                    })
                })?
                .collect()
        })
        .await
    }

    /// Revokes a token; false where there is none of this number.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn revoke_token(&self, id: i64) -> Result<bool, StoreError> {
        let revoked = self.write("revoking a token", move |transaction| {
            transaction.execute("DELETE FROM tokens WHERE id = ?1", [id])
        });
        Ok(revoked.await? > 0)
    }

    /// Whether this token is one of ours.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn is_token(&self, token: &str, now: Timestamp) -> Result<bool, StoreError> {
        let digest = door::digest(token, TOKEN);
        let found: Option<(i64, Option<i64>)> = self
            .read("looking for a token", move |connection| {
                connection
                    .prepare_cached("SELECT id, used_at FROM tokens WHERE digest = ?1")?
                    .query_row([&digest], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .await?;
        let Some((id, used_at)) = found else {
            return Ok(false);
        };
        if used_at.is_none_or(|used_at| is_past(used_at, USE_NOTED, now)) {
            self.write("noting that a token is used", move |transaction| {
                transaction.execute(
                    "UPDATE tokens SET used_at = ?2 WHERE id = ?1",
                    params![id, millis(now)],
                )
            })
            .await?;
        }
        Ok(true)
    }
}

/// A salt for a new password.
///
/// # Errors
/// When the system has no random bytes.
pub fn salt() -> Result<[u8; SALT_BYTES], StoreError> {
    random()
}

/// A code of [`door::CODE_DIGITS`] digits.
pub(super) fn fresh_code() -> Result<String, StoreError> {
    Ok(door::code(&random::<SECRET_BYTES>()?))
}

/// The mark for a browser that has signed in, see [`door::device`].
///
/// # Errors
/// When the system has no random bytes.
pub fn device_mark(password: &str) -> Result<String, StoreError> {
    Ok(door::device(&random()?, password))
}

const PASSWORD: &str = "password";
const CODE: &str = "code";
/// What tokens are kept under. They outlive a password: scripts do not know it.
const TOKEN: &str = "token";

fn random<const BYTES: usize>() -> Result<[u8; BYTES], StoreError> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random).map_err(|source| StoreError::Random { source })?;
    Ok(random)
}

/// Sessions are kept under the password's hash, so a new password ends them, whoever sets it.
fn digest(connection: &Connection, secret: &str) -> rusqlite::Result<String> {
    let password = value(connection, PASSWORD)?.unwrap_or_default();
    Ok(door::digest(secret, &password))
}

fn value(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM door WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

fn keep(transaction: &Transaction<'_>, name: &str, value: &str) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO door (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )?;
    Ok(())
}

fn is_past(at: i64, lasts: SignedDuration, now: Timestamp) -> bool {
    at.saturating_add(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX)) <= millis(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-02T15:12:00Z";

    fn hours(n: i64) -> Timestamp {
        NOW.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(n)
    }

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        (dir, store)
    }

    #[tokio::test]
    async fn the_code_stays_the_same_until_a_password_is_set() {
        let (_dir, store) = store();
        let code = store.first_code().await.unwrap().unwrap();
        assert_eq!(
            store.first_code().await.unwrap().as_deref(),
            Some(code.as_str())
        );
        store.set_password("hash".to_owned()).await.unwrap();
        assert_eq!(store.first_code().await.unwrap(), None);
        assert_eq!(store.password().await.unwrap().as_deref(), Some("hash"));
    }

    #[tokio::test]
    async fn a_session_ends_by_age_by_rest_by_sign_out_and_with_its_password() {
        let (_dir, store) = store();
        store.set_password("hash".to_owned()).await.unwrap();
        let session = store.begin_session(hours(0)).await.unwrap();
        let lives =
            async |session: &str, hour| store.is_session(session, hours(hour)).await.unwrap();
        assert!(!lives("another", 0).await);
        // Used every six days, it lives for thirty.
        for day in [0, 6, 12, 18, 24, 29] {
            assert!(lives(&session, day * 24).await, "day {day}");
        }
        assert!(!lives(&session, 30 * 24).await, "too old");
        let session = store.begin_session(hours(0)).await.unwrap();
        assert!(!lives(&session, 7 * 24).await, "rested too long");
        assert!(lives(&session, 1).await);
        store.end_session(&session).await.unwrap();
        assert!(!lives(&session, 1).await, "signed out");
        let (one, two) = (
            store.begin_session(hours(0)).await.unwrap(),
            store.begin_session(hours(0)).await.unwrap(),
        );
        store.end_session(&one).await.unwrap();
        assert!(lives(&two, 1).await, "another's session goes on");
        // As another process does it, which ends no session.
        store
            .write("another password", |transaction| {
                keep(transaction, PASSWORD, "new hash")
            })
            .await
            .unwrap();
        assert!(!lives(&two, 1).await, "under another password");
    }

    #[tokio::test]
    async fn a_token_lives_until_it_is_revoked_and_there_are_only_so_many() {
        let (_dir, store) = store();
        let token = store.make_token("graphs", hours(0)).await.unwrap().unwrap();
        assert!(store.is_token(&token, hours(1)).await.unwrap());
        assert!(!store.is_token("graphs", hours(1)).await.unwrap());
        let rows = store.tokens().await.unwrap();
        assert_eq!(
            (rows[0].name.as_str(), rows[0].used_at),
            ("graphs", Some(hours(1)))
        );
        for _ in 1..TOKENS_MAX {
            assert!(store.make_token("more", hours(0)).await.unwrap().is_some());
        }
        assert_eq!(store.make_token("too many", hours(0)).await.unwrap(), None);
        assert!(store.revoke_token(rows[0].id).await.unwrap());
        assert!(!store.revoke_token(rows[0].id).await.unwrap());
        assert!(!store.is_token(&token, hours(1)).await.unwrap());
    }

    #[tokio::test]
    async fn what_is_kept_opens_nothing() {
        let (dir, store) = store();
        store.set_password("hash".to_owned()).await.unwrap();
        let session = store.begin_session(hours(0)).await.unwrap();
        let token = store.make_token("graphs", hours(0)).await.unwrap().unwrap();
        for file in std::fs::read_dir(dir.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for secret in [&session, &token] {
                let found = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                assert!(!found, "a secret lies in the database");
            }
        }
    }
}
