//! What the handle asks for, done on the line. Knows no queue and no session.

use tokio::io::{AsyncRead, AsyncWrite};

use super::handle::Request;
use super::line::{End, Failure, Line};
use super::rungs::Sending;
use super::{AskError, Facts, SendError, look};
use crate::at::{Command, ServiceCentre};

/// Carries out one request and answers it; the line may be out of step then. `missing`: why no text can go out; `sending`: what came
/// of one.
pub(super) async fn carry_out<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    request: Request,
    missing: Option<String>,
    facts: &Facts,
    sending: &mut Option<Sending>,
) -> Result<(), End> {
    match request {
        Request::Ask { command, reply } => {
            if reply.is_closed() {
                return Ok(());
            }
            let (answer, end) = match line.ask(&command).await {
                Ok(answer) => (Ok(answer), None),
                Err(Failure::Refused(error)) => {
                    let forgetful = command.is_about_stored() && error.names_the_mode();
                    let end = forgetful.then_some(End::Forgetful);
                    let command = command.to_string();
                    (Err(AskError::Refused { command, error }), end)
                }
                Err(Failure::NoAnswer) => {
                    let after = command.timeout();
                    let command = command.to_string();
                    (Err(AskError::NoAnswer { command, after }), None)
                }
                Err(Failure::Ended(end)) => (Err(AskError::Lost { why: end.why() }), Some(end)),
            };
            // Whoever asked may have gone.
            let _ = reply.send(answer);
            end.map_or(Ok(()), Err)?;
        }
        // Nobody would know what became of it.
        Request::Send { reply, .. } if reply.is_closed() => return Ok(()),
        Request::Send {
            pdu,
            tpdu_length,
            reply,
        } => {
            if let Some(why) = missing {
                let _ = reply.send(Err(SendError::NotTaken { why }));
                return Ok(());
            }
            let (mut sent, mut end) = line.send(&pdu, tpdu_length).await;
            let mut lacks_centre = false;
            // Refused is not sent.
            if let (Err(SendError::Refused(error)), None) = (&sent, &end)
                && error.is_about_service_centre()
            {
                match give_service_centre(line, facts).await {
                    Ok(Centre::Told) => (sent, end) = line.send(&pdu, tpdu_length).await,
                    Ok(Centre::NotTaken) => {}
                    Ok(Centre::Unknown) => lacks_centre = true,
                    Err(over) => end = Some(over),
                }
            }
            *sending = Some(match lacks_centre {
                false => Sending::of(&pdu, &sent),
                true => Sending::NoCentre,
            });
            if let Err(SendError::Refused(error)) = &sent
                && error.is_about_mode()
            {
                end = end.or(Some(End::Forgetful));
            }
            let _ = reply.send(sent);
            end.map_or(Ok(()), Err)?;
        }
    }
    Ok(())
}

/// What came of it.
enum Centre {
    Told,
    NotTaken,
    /// Nobody knows the number.
    Unknown,
}

/// Tells the modem the number of its service centre again, as it had it when it was set up, or as it has it now: some lose it when another
/// program sends `AT+CSMP` (python-gsmmodem issue 8), and some refuse texts until it is set once more.
async fn give_service_centre<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    facts: &Facts,
) -> Result<Centre, End> {
    let known = facts.service_centre.as_deref().and_then(ServiceCentre::new);
    let centre = match known {
        Some(centre) => Some(centre),
        None => {
            let stored = look::service_centre(line).await?;
            stored.as_deref().and_then(ServiceCentre::new)
        }
    };
    let Some(centre) = centre else {
        tracing::warn!("modem: the SIM has no number for the network's SMS centre");
        return Ok(Centre::Unknown);
    };
    match line.ask(&Command::set_service_centre(&centre)).await {
        Ok(_) => Ok(Centre::Told),
        Err(Failure::Refused(_) | Failure::NoAnswer) => Ok(Centre::NotTaken),
        Err(Failure::Ended(end)) => Err(end),
    }
}
