//! One POST to an address that the installer named, of which nothing is believed: it is reached only where `delivery` allows, at the
//! addresses that were looked at, in a limited time; it is not followed anywhere, and all of its answer that counts is the status.

use std::io;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use crate::delivery::{Outcome, may_reach};

/// Bytes of the answer's head: more than any receiver needs for "204 No Content".
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What we call ourselves.
const USER_AGENT: &str = concat!("textback/", env!("CARGO_PKG_VERSION"));

/// How a receiver may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Also in private networks.
    pub(super) allow_private: bool,
    /// From looking up its name to its answer.
    pub(super) within: Duration,
}

/// Posts `body`, and says what came of it.
pub(super) fn post(url: &str, headers: &[(&str, String)], body: &str, limits: Limits) -> Outcome {
    let mut request = agent(limits).post(url);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    match request.send(body) {
        Ok(answer) => judge(answer.status().as_u16()),
        Err(error) => failed(&error, limits.within),
    }
}

/// A new one each time: what is not kept needs no memory while nothing happens, and no connection outlives the look at its address.
fn agent(limits: Limits) -> Agent {
    let config = Config::builder()
        .timeout_global(Some(limits.within))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .max_idle_connections(0)
        .max_response_header_size(HEAD_BYTES_MAX)
        .user_agent(USER_AGENT)
        .build();
    let resolver = Gate {
        allow_private: limits.allow_private,
    };
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

/// What a status means (RFC 9110 15; Standard Webhooks, "Delivery").
fn judge(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Taken,
        410 => Outcome::Gone("the receiver said that it is gone for good (410)".to_owned()),
        300..=399 => Outcome::Refused(format!(
            "the receiver leads elsewhere ({status}), which is not followed; set the address to where it leads"
        )),
        // It has no time, whatever it is given.
        408 | 429 | 502..=504 => Outcome::Away(format!("the receiver has no time now ({status})")),
        _ => Outcome::Refused(format!("the receiver answered {status}")),
    }
}

fn failed(error: &Error, within: Duration) -> Outcome {
    match error {
        Error::Timeout(_) => Outcome::Away(format!("no answer within {} s", within.as_secs())),
        Error::HostNotFound => Outcome::Away("there is no such name".to_owned()),
        Error::Io(error) => Outcome::Away(error.to_string()),
        Error::Protocol(_) | Error::Http(_) => {
            Outcome::Refused("the receiver does not speak HTTP".to_owned())
        }
        other => Outcome::Away(other.to_string()),
    }
}

/// Looks names up, and lets through what may be reached. The connection is made to what comes out here and to nothing else, so
/// a name that leads elsewhere at the next question changes nothing.
#[derive(Debug)]
struct Gate {
    allow_private: bool,
}

impl Resolver for Gate {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let encrypted = uri.scheme_str() == Some("https");
        let mut allowed = self.empty();
        let mut refusal = None;
        for address in &found {
            match may_reach(address.ip(), encrypted, self.allow_private) {
                Ok(()) => allowed.push(*address),
                Err(why) => refusal = Some(why),
            }
        }
        match refusal {
            Some(why) if allowed.is_empty() => Err(Error::Io(io::Error::other(why))),
            _ => Ok(allowed),
        }
    }
}

#[cfg(test)]
mod tests;
