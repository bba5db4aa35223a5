use crate::{ids::PrincipalId, people::EmailAddress};

/// Somebody who is invited, and the answer.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Invitee {
    /// Who.
    pub recipient: Recipient,
    /// The answer so far.
    pub response: Response,
    /// Who gave it.
    pub answered_by: Option<PrincipalId>,
}

impl Invitee {
    /// Somebody who has not answered.
    pub fn new(recipient: Recipient) -> Self {
        Self { recipient, response: Response::None, answered_by: None }
    }
}

/// Who is meant.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Recipient {
    /// Whoever has this address verified.
    Address(EmailAddress),
    /// This person.
    Principal(PrincipalId),
}

impl Recipient {
    /// The address, if one is meant.
    pub fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Address(address) => Some(address),
            Self::Principal(_) => None,
        }
    }

    /// A text for indexes: the canonical address, or the person's id behind a line break, which no address contains.
    pub fn index_key(&self) -> String {
        match self {
            Self::Address(address) => address.canonical().to_owned(),
            Self::Principal(id) => format!("\n{id}"),
        }
    }
}

/// An invitee's answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Response {
    /// None yet.
    #[default]
    None,
    /// Yes.
    Accepted,
    /// No.
    Declined,
    /// Perhaps.
    Tentative,
}

/// How many invitees must accept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quorum {
    /// One is enough.
    #[default]
    Any,
    /// Everybody.
    All,
    /// At least so many.
    AtLeast(u16),
}

impl Quorum {
    /// How many of `invitees` must accept.
    pub fn needed(self, invitees: usize) -> usize {
        match self {
            Self::Any => 1,
            Self::All => invitees.max(1),
            Self::AtLeast(n) => usize::from(n).clamp(1, invitees.max(1)),
        }
    }
}
