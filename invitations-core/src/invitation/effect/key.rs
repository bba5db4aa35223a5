use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};

use crate::{
    Result,
    ids::{InvitationId, MeetingKey, TenantId},
};

/// The key under which an effect's object is made and found again: the first 26 characters of
/// `base32(SHA-256("inv/1" | tenant | invitation | effect name | epoch))`, the parts joined with NUL (which no id can contain).
///
/// The same in every try; a new epoch (another organizer, a meeting made anew) is a new key. Part of the stored contract: it never changes.
///
/// # Errors
/// None in practice; the result is checked like any other key.
pub fn derive_key(tenant: &TenantId, invitation: &InvitationId, effect: &str, epoch: u32) -> Result<MeetingKey> {
    let text = ["inv/1", tenant.as_str(), invitation.as_str(), effect, &epoch.to_string()].join("\0");
    let mut key = BASE32_NOPAD.encode(&Sha256::digest(text.as_bytes()));
    key.truncate(26);
    key.make_ascii_lowercase();
    MeetingKey::parse(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_a_stored_contract() {
        let (tenant, invitation) = (TenantId::parse("t").unwrap(), InvitationId::parse("i").unwrap());
        let key = |epoch| derive_key(&tenant, &invitation, "create_meeting", epoch).unwrap();
        assert_eq!(key(1).as_str().len(), 26);
        assert_eq!(key(1), key(1));
        assert_ne!(key(1), key(2));
        assert_eq!(key(1).as_str(), KNOWN);
    }

    const KNOWN: &str = "fej67vykrjfeqbkld6xr4gwjef";
}
