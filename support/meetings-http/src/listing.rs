use std::{borrow::Cow, fmt};

use http::Uri;
use invitations_core::{Error, ErrorKind, Remedy, Result, ids::PageToken};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::{Origin, origin::url};

/// One listing, which every further page stays within: the same origin, the same path, and in the query the same owner.
///
/// An application may hand the place of the next page to a browser, and what comes back may be forged. On the same origin stands
/// everything else that the token may read.
///
/// `Debug` shows no query: one may hold a link that lets people in.
#[derive(Clone)]
pub struct Listing<'a> {
    origin: &'a Origin,
    first: Url,
    whose: &'a [&'a str],
    kept: &'a [&'a str],
}

impl<'a> Listing<'a> {
    /// The listing that `first` begins, a path or an address on the origin.
    ///
    /// # Errors
    /// As [`Origin::join`], and for an address on another origin.
    pub fn new(origin: &'a Origin, first: &Uri) -> Result<Self> {
        let first = match first.scheme() {
            Some(_) => url(first).ok().filter(|url| origin.is_same(url)),
            None => Some(origin.join(first.path_and_query().map_or("/", |path| path.as_str()))?),
        };
        let first = first.ok_or_else(|| Error::invalid("begin listing", "the address is on another origin"))?;
        Ok(Self { origin, first, whose: &[], kept: &[] })
    }

    /// The members of the query that name whose things are listed. A place may name them as the first request did, and not where that
    /// did not; what a place leaves out is added.
    #[must_use]
    pub fn whose(mut self, names: &'a [&'a str]) -> Self {
        self.whose = names;
        self
    }

    /// As [`whose`](Self::whose), but a place may name them where the first request did not: the provider may say what it took.
    #[must_use]
    pub fn keeping(mut self, names: &'a [&'a str]) -> Self {
        self.kept = names;
        self
    }

    /// A link of the provider's own to the next page, if it stays on the path.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol) when it does not.
    pub fn next(&self, link: &str) -> Result<Url> {
        let link = self.origin.checked(link)?;
        if self.has_path_of(&link) {
            return Ok(link);
        }
        Err(Error::new(ErrorKind::Protocol, "check link").with_detail("a link leads to another path"))
    }

    /// A place that a caller passes back, if it lies within this listing.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when it does not.
    pub fn place(&self, operation: &'static str, place: &PageToken) -> Result<Url> {
        let foreign = |why: &'static str| {
            Error::invalid(operation, why).with_remedy(Remedy::new(
                "Pass back the place that the last page of this very listing named, unchanged, or none to begin anew.",
            ))
        };
        let mut link = self
            .origin
            .checked(place.as_str())
            .map_err(|error| foreign("the place to go on at is on no page of this provider").with_source(error))?;
        if !self.has_path_of(&link) {
            return Err(foreign("the place to go on at is another listing's"));
        }
        let mut left_out = String::new();
        for (name, may_appear) in
            self.whose.iter().map(|name| (name, false)).chain(self.kept.iter().map(|name| (name, true)))
        {
            let wanted = members(self.first.query(), name).next();
            let mut named = members(link.query(), name).peekable();
            let is_silent = named.peek().is_none();
            if !named.all(|value| wanted.map_or(may_appear, |wanted| is_same(value, wanted))) {
                return Err(foreign("the place to go on at names another owner or meeting"));
            }
            if let Some(wanted) = wanted.filter(|_| is_silent) {
                left_out = format!("{left_out}&{name}={wanted}");
            }
        }
        if !left_out.is_empty() {
            let query = link.query().map(|query| format!("{query}{left_out}"));
            link.set_query(Some(query.as_deref().unwrap_or(&left_out[1..])));
        }
        Ok(link)
    }

    fn has_path_of(&self, link: &Url) -> bool {
        let (ours, theirs) = (segments(self.first.path()), segments(link.path()));
        ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(one, other)| is_same_segment(one, other))
    }
}

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("path", &self.first.path()).finish_non_exhaustive()
    }
}

/// The segments of a path, decoded. `users('ada')` is `users/ada`: OData 4.01 has both conventions for keys (URL Conventions, 4.3.1
/// and 4.3.6), and a server may answer in the other one.
fn segments(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for segment in path.split('/').map(text) {
        match segment.strip_suffix("')").and_then(|segment| segment.split_once("('")) {
            Some((set, key)) => found.extend([set.to_owned(), key.replace("''", "'")]),
            None => found.push(segment.into_owned()),
        }
    }
    found
}

/// Words of an API come back in other letter cases (`calendarview`), ids do not.
fn is_same_segment(ours: &str, theirs: &str) -> bool {
    ours == theirs || ours.bytes().all(|byte| byte.is_ascii_alphabetic()) && ours.eq_ignore_ascii_case(theirs)
}

/// The values of a query's members of this name, as they are written. Some servers also part members at `;`, and some read names in any
/// letter case: whichever theirs is, nothing may slip through.
fn members<'q>(query: Option<&'q str>, name: &'q str) -> impl Iterator<Item = &'q str> {
    query.unwrap_or_default().split(['&', ';']).filter_map(move |member| {
        let (found, value) = member.split_once('=').unwrap_or((member, ""));
        text(found).trim().eq_ignore_ascii_case(name).then_some(value)
    })
}

/// In any spelling. Letter case counts but in mail addresses.
fn is_same(value: &str, wanted: &str) -> bool {
    let wanted = text(wanted);
    let same = |value: &str| {
        let value = text(value);
        value == wanted || wanted.contains('@') && value.eq_ignore_ascii_case(&wanted)
    };
    // a form's `+` is a space, and some write a plus as it is
    same(value) || value.contains('+') && same(&value.replace('+', " "))
}

fn text(escaped: &str) -> Cow<'_, str> {
    percent_decode_str(escaped).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOSE: &[&str] = &["hostEmail", "meetingId"];
    const FIRST: &str = "/v1/people?max=10&hostEmail=ada%2B1%40x.example&meetingId=m_I_1";

    fn place(first: &str, place: &str) -> Result<String> {
        let origin = Origin::https("https://api.example".parse().unwrap()).unwrap();
        let listing = Listing::new(&origin, &first.parse().unwrap()).unwrap().whose(WHOSE).keeping(&["siteUrl"]);
        listing.place("test", &PageToken::parse(place).unwrap()).map(String::from)
    }

    #[test]
    fn a_place_within_the_listing_stays_as_it_is() {
        for (first, good) in [
            (FIRST, "https://api.example/v1/people?max=10&offset=10&hostEmail=ada%2B1%40x.example&meetingId=m_I_1"),
            (FIRST, "https://api.example/v1/people?meetingId=m%5FI_1&hostEmail=Ada+1@X.example&cursor=a;b"),
            ("/v1/people?max=10", "https://api.example/v1/people?offset=10&siteUrl=x.example"),
            ("/v1/a%2Fb/people", "https://api.example/v1/a%2fb/people?p=2"),
            ("/v1/users/o'u/events", "https://api.example/v1/Users('o''u')/events?$skip=1"),
            ("/v1/users/u@x.example/calendarView", "https://api.example/v1/users/u%40x.example/calendarview?$skip=1"),
        ] {
            assert_eq!(place(first, good).unwrap(), good);
        }
        assert_eq!(place("/v1/people?max=10", "/v1/people?p=2").unwrap(), "https://api.example/v1/people?p=2");
    }

    #[test]
    fn what_a_place_leaves_out_is_added() {
        let whole = "hostEmail=ada%2B1%40x.example&meetingId=m_I_1";
        for (given, sent) in [
            ("https://api.example/v1/people?cursor=c", format!("cursor=c&{whole}")),
            ("https://api.example/v1/people", whole.to_owned()),
        ] {
            assert_eq!(place(FIRST, given).unwrap(), format!("https://api.example/v1/people?{sent}"));
        }
    }

    #[test]
    fn forged_places_are_refused() {
        for (first, forged) in [
            (FIRST, "https://evil.example/v1/people"),
            (FIRST, "https://api.example/v1/recordings"),
            (FIRST, "https://api.example/v1/people/me"),
            (FIRST, "https://api.example/v1/people/"),
            (FIRST, "https://api.example/v1/people/../recordings"),
            (FIRST, "https://api.example/v1/people/%2e%2e/recordings"),
            (FIRST, "https://api.example/v1"),
            (FIRST, "https://api.example//v1/people"),
            ("/v1/a%2Fb/people", "https://api.example/v1/a/b/people"),
            ("/v1/users/u/events", "https://api.example/v1/users('v')/events"),
            ("/v1/users/u/events", "https://api.example/v1/users('u')/x/events"),
            ("/v1/users/AAmk=/events", "https://api.example/v1/users/AAMk=/events"),
            (FIRST, "https://api.example/v1/people?hostEmail=eve@x.example"),
            (FIRST, "https://api.example/v1/people?hostEmail=ada%2B1%40x.example&hostEmail=eve@x.example"),
            (FIRST, "https://api.example/v1/people?p=1;hostEmail=eve@x.example"),
            (FIRST, "https://api.example/v1/people?hostemail=eve@x.example"),
            (FIRST, "https://api.example/v1/people?%68ostEmail=eve@x.example"),
            (FIRST, "https://api.example/v1/people?hostEmail="),
            (FIRST, "https://api.example/v1/people?hostEmail"),
            (FIRST, "https://api.example/v1/people?meetingId=m_I_2"),
            (FIRST, "https://api.example/v1/people?meetingId=M_I_1"),
            ("/v1/people?max=10", "https://api.example/v1/people?hostEmail=eve@x.example"),
            ("/v1/people?siteUrl=a.example", "https://api.example/v1/people?siteUrl=b.example"),
        ] {
            let error = place(first, forged).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{forged}");
            assert!(error.remedy().is_some(), "{forged}");
            assert!(!format!("{error} {error:?}").contains("eve@"), "{error:?}");
        }
    }

    #[test]
    fn the_providers_own_links_stay_on_the_path() {
        let origin = Origin::https("https://api.example/base".parse().unwrap()).unwrap();
        for first in ["/v1/people?max=10&hostEmail=a", "https://api.example/base/v1/people"] {
            let listing = Listing::new(&origin, &first.parse().unwrap()).unwrap().whose(WHOSE);
            let next = "https://api.example/base/v1/people?cursor=c";
            assert_eq!(listing.next(next).unwrap().as_str(), next);
            for elsewhere in ["https://api.example/v1/people", "https://api.example/base/v1/people/me"] {
                assert_eq!(listing.next(elsewhere).unwrap_err().kind(), ErrorKind::Protocol, "{elsewhere}");
            }
        }
        assert!(Listing::new(&origin, &"https://evil.example/v1/people".parse().unwrap()).is_err());
    }
}
