use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::{LinkPurpose, StoredLink};
use crate::{
    Result,
    ids::{InvitationId, TenantId},
    runtime::Entropy,
    secret::InvitationLink,
};

const PREFIX: &str = "inv1_";

/// The two parts of a link: what finds the row, and what proves it. Not stored.
pub(crate) struct LinkToken {
    pub(crate) selector: [u8; 12],
    secret: [u8; 32],
}

impl LinkToken {
    pub(crate) fn mint(entropy: &dyn Entropy) -> Result<Self> {
        let (mut selector, mut secret) = ([0; 12], [0; 32]);
        entropy.fill(&mut selector)?;
        entropy.fill(&mut secret)?;
        Ok(Self { selector, secret })
    }

    /// Finds the token in a link (or takes the bare token). `None`: there is none; say "not found" and no more.
    pub(crate) fn parse(link: &InvitationLink) -> Option<Self> {
        let text = link.expose();
        let token = &text[text.rfind(PREFIX)? + PREFIX.len()..];
        let (selector, secret) = token.split_once('.')?;
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).ok();
        Some(Self { selector: decode(selector)?.try_into().ok()?, secret: decode(secret)?.try_into().ok()? })
    }

    /// `inv1_<selector>.<secret>`, in the fragment of the base address: it reaches no server's log and no `Referer`.
    pub(crate) fn link(&self, base: Option<&Url>) -> InvitationLink {
        let encode = |part: &[u8]| BASE64URL_NOPAD.encode(part);
        let token = format!("{PREFIX}{}.{}", encode(&self.selector), encode(&self.secret));
        InvitationLink::new(match base {
            Some(base) => {
                let mut link = base.clone();
                link.set_fragment(Some(&token));
                link.into()
            }
            None => token,
        })
    }

    pub(crate) fn stored(
        &self,
        tenant: &TenantId,
        invitation: &InvitationId,
        purpose: LinkPurpose,
        generation: u32,
    ) -> StoredLink {
        let digest = self.digest(tenant, invitation, purpose, generation);
        StoredLink::new(tenant.clone(), invitation.clone(), purpose, generation, self.selector, digest)
    }

    /// Whether this token proves the stored link. Takes the same steps whatever differs.
    pub(crate) fn proves(&self, stored: &StoredLink) -> bool {
        let digest = self.digest(&stored.tenant, &stored.invitation, stored.purpose, stored.generation);
        digest.ct_eq(&stored.digest).into()
    }

    /// The steps of [`proves`](Self::proves) for a selector that nobody knows, so that the answer takes as long.
    pub(crate) fn proves_nothing(&self) -> bool {
        let digest = Sha256::new().chain_update(PREFIX).chain_update(self.secret).finalize();
        let _ = bool::from(digest[..].ct_eq(&[0; 32]));
        false
    }

    fn digest(&self, tenant: &TenantId, invitation: &InvitationId, purpose: LinkPurpose, generation: u32) -> [u8; 32] {
        let purpose = match purpose {
            LinkPurpose::Answer => "answer",
            LinkPurpose::VerifyAddress => "verify_address",
        };
        let bound = ["inv1", purpose, tenant.as_str(), invitation.as_str(), &generation.to_string(), ""].join("\0");
        Sha256::new().chain_update(bound).chain_update(self.secret).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::SeededEntropy;

    fn ids() -> (TenantId, InvitationId) {
        (TenantId::parse("t").unwrap(), InvitationId::parse("i").unwrap())
    }

    #[test]
    fn a_link_proves_its_own_row_only() {
        let (tenant, invitation) = ids();
        let entropy = SeededEntropy::new(1);
        let token = LinkToken::mint(&entropy).unwrap();
        let stored = token.stored(&tenant, &invitation, LinkPurpose::Answer, 1);
        let base = Url::parse("https://app.example/join").unwrap();
        let again = LinkToken::parse(&token.link(Some(&base))).unwrap();
        assert_eq!(again.selector, stored.selector);
        assert!(again.proves(&stored));
        let mut other = stored.clone();
        other.purpose = LinkPurpose::VerifyAddress;
        assert!(!again.proves(&other));
        other = stored.clone();
        other.tenant = TenantId::parse("u").unwrap();
        assert!(!again.proves(&other));
        other = stored.clone();
        other.generation = 2;
        assert!(!again.proves(&other));
        assert!(!LinkToken::mint(&entropy).unwrap().proves(&stored));
    }

    #[test]
    fn broken_links_are_no_tokens() {
        for bad in [
            "",
            "inv1_",
            "inv1_a.b",
            "inv2_AAAAAAAAAAAAAAAA.AAAA",
            "https://app.example/#inv1_AAAAAAAAAAAAAAAA",
            "inv1_é.é",
        ] {
            assert!(LinkToken::parse(&InvitationLink::new(bad)).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_secret_stays_out_of_path_and_query() {
        let token = LinkToken::mint(&SeededEntropy::new(2)).unwrap();
        let link = token.link(Some(&Url::parse("https://app.example/join?x=1").unwrap()));
        let url = Url::parse(link.expose()).unwrap();
        assert!(url.fragment().unwrap().starts_with("inv1_"));
        assert_eq!((url.path(), url.query()), ("/join", Some("x=1")));
    }
}
