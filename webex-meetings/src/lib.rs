//! tmp
mod auth;
mod errors;
mod invitees;
mod meetings;
mod wire;
use invitations_core::ids::ProviderId;
/// x
pub fn provider_id() -> ProviderId {
    ProviderId::parse("webex").unwrap_or_else(|_| unreachable!("the name is well formed"))
}
