use crate::{ids::PrincipalId, people::EmailAddress};

/// Someone the embedder has signed in, with the addresses it has verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Principal {
    /// The embedder's own id.
    pub id: PrincipalId,
    /// Addresses the embedder has proven to belong to this person.
    pub verified: Vec<EmailAddress>,
    /// The name for other people's eyes.
    pub name: Option<String>,
}

impl Principal {
    /// Someone without a verified address.
    pub fn new(id: PrincipalId) -> Self {
        Self { id, verified: Vec::new(), name: None }
    }

    /// Sets the name for other people's eyes.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds an address that the embedder has verified.
    #[must_use]
    pub fn with_verified(mut self, address: EmailAddress) -> Self {
        self.verified.push(address);
        self
    }
}

/// Who acts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Actor {
    /// A signed-in person.
    Principal(Principal),
    /// Whoever holds a link.
    LinkHolder,
    /// Support staff of the embedder.
    Operator(PrincipalId),
    /// This library: timers and workers.
    System,
}

impl Actor {
    /// The signed-in person's id, if there is one.
    pub fn principal(&self) -> Option<&PrincipalId> {
        match self {
            Self::Principal(principal) => Some(&principal.id),
            Self::Operator(id) => Some(id),
            Self::LinkHolder | Self::System => None,
        }
    }
}
