use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;

use super::{SealContext, Sealed, Sealer, SecretBytes};
use crate::{Error, ErrorKind, Result};

/// Several sealers as one: the first seals, each opens what its own keys sealed. For moving from one to another, from a key ring to a key
/// management service or back, while what is stored is sealed again ([`Reseal`](crate::token::Reseal)).
///
/// ```
/// # #[cfg(all(feature = "memory", feature = "tokio", feature = "kms", feature = "key-ring"))]
/// # fn main() -> invitations_core::Result<()> {
/// # use std::sync::Arc;
/// # use invitations_core::{memory::MemoryKeyService, runtime::SystemClock};
/// use invitations_core::secret::{EnvelopeSealer, KeyRing, Sealers};
///
/// # let (service, clock) = (Arc::new(MemoryKeyService::generate()?), Arc::new(SystemClock));
/// let ring = Arc::new(KeyRing::new("2026-01", [1; 32])?);
/// let sealers = Sealers::new(Arc::new(EnvelopeSealer::new("kms-2026", service, clock)?)).opening(["2026-01"], ring)?;
/// # let _ = sealers;
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "memory", feature = "tokio", feature = "kms", feature = "key-ring")))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Sealers {
    first: Arc<dyn Sealer>,
    others: Vec<(BTreeSet<String>, Arc<dyn Sealer>)>,
}

impl Sealers {
    /// Seals with this one, which opens what no other is named for.
    pub fn new(first: Arc<dyn Sealer>) -> Self {
        Self { first, others: Vec::new() }
    }

    /// Opens what these keys sealed with `sealer`. Keys are told apart by their ids alone, so no two sealers may share one.
    ///
    /// # Errors
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) for a key that another sealer has; [`InvalidInput`](ErrorKind::InvalidInput) for none.
    pub fn opening(
        mut self,
        key_ids: impl IntoIterator<Item = impl Into<String>>,
        sealer: Arc<dyn Sealer>,
    ) -> Result<Self> {
        const OPERATION: &str = "add sealer";
        let keys: BTreeSet<String> = key_ids.into_iter().map(Into::into).collect();
        if keys.is_empty() {
            return Err(Error::invalid(OPERATION, "name the keys that it opens"));
        }
        let taken = |key: &&String| {
            *key == self.first.current_key() || self.others.iter().any(|(known, _)| known.contains(key.as_str()))
        };
        if let Some(key) = keys.iter().find(taken) {
            return Err(
                Error::new(ErrorKind::AlreadyExists, OPERATION).with_detail(format!("another key is named {key:?}"))
            );
        }
        self.others.push((keys, sealer));
        Ok(self)
    }

    fn of(&self, sealed: &Sealed) -> &dyn Sealer {
        let its = |(keys, sealer): &&(BTreeSet<String>, Arc<dyn Sealer>)| {
            sealer.key_of(sealed).is_ok_and(|key| keys.contains(&key))
        };
        self.others.iter().find(its).map_or(&*self.first, |(_, sealer)| &**sealer)
    }
}

#[async_trait]
impl Sealer for Sealers {
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        self.first.seal(context, plain).await
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        self.of(sealed).open(context, sealed).await
    }

    fn current_key(&self) -> &str {
        self.first.current_key()
    }

    fn key_of(&self, sealed: &Sealed) -> Result<String> {
        self.of(sealed).key_of(sealed)
    }
}
