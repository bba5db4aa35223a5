use std::collections::HashSet;

use http::{HeaderMap, header::LINK};
use invitations_core::{Error, ErrorKind, Result};
use sha2::{Digest as _, Sha256};

use crate::header_text::{parameter, split};

/// The target of the first `Link` with `rel=next` (RFC 8288, 3), as written. Check it with [`Origin::checked`](crate::Origin::checked).
pub fn next_link_from_header(headers: &HeaderMap) -> Option<String> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| split(value, ',')).find_map(
        |link| {
            let mut parts = split(link, ';').into_iter();
            let target = parts.next()?.strip_prefix('<')?.strip_suffix('>')?;
            // later `rel` parameters are to be ignored (RFC 8288, 3.3)
            let (_, relations) = parts.filter_map(parameter).find(|(name, _)| name.eq_ignore_ascii_case("rel"))?;
            let is_next = relations.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"));
            is_next.then(|| target.to_owned())
        },
    )
}

/// Notices a listing that goes round in circles.
#[derive(Clone, Debug, Default)]
pub struct PageGuard {
    seen: HashSet<[u8; 32]>,
}

impl PageGuard {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers `link`, the place where the next page is to be found.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol) when it was seen before: the listing would never end.
    pub fn check(&mut self, link: &str) -> Result<()> {
        // a digest: links can be long, listings too
        if self.seen.insert(Sha256::digest(link.as_bytes()).into()) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Protocol, "follow pages").with_detail("a next link came twice"))
    }
}
