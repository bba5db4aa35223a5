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

/// So many pages in a row with the same items are no coincidence. One repeat can be: items move while a listing goes on.
const REPEATS: u32 = 3;
/// No listing has more pages; the longest known ends after some hundreds.
const MOST_PAGES: u32 = 2_000;

/// Notices a listing that goes round in circles, or never ends.
#[derive(Clone, Debug, Default)]
pub struct PageGuard {
    seen: HashSet<[u8; 32]>,
    pages: u32,
    last: Option<[u8; 32]>,
    repeats: u32,
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
        Err(endless("a next link came twice"))
    }

    /// Counts a page and compares what is on it, by its items' ids, with the page before: links were seen that change from page to page
    /// while the items stay the same. An empty page is like no other; several may come before the end.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol) for the third page in a row with the same items, and for more than 2,000 pages.
    pub fn check_page<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) -> Result<()> {
        self.pages += 1;
        if self.pages > MOST_PAGES {
            return Err(endless("a listing has too many pages"));
        }
        let (mut hash, mut any) = (Sha256::new(), false);
        for id in ids {
            any = true;
            // with its length, so that no two lists run into each other
            hash.update(id.len().to_be_bytes());
            hash.update(id);
        }
        let here: Option<[u8; 32]> = any.then(|| hash.finalize().into());
        self.repeats = if here.is_some() && here == self.last { self.repeats + 1 } else { 1 };
        self.last = here;
        #[cfg(seeded)]
        if invitations_core::seeded::seeded("B20") {
            return Ok(());
        }
        if self.repeats >= REPEATS { Err(endless("pages repeat under other links")) } else { Ok(()) }
    }
}

fn endless(why: &'static str) -> Error {
    Error::new(ErrorKind::Protocol, "follow pages").with_detail(why)
}
