//! The members of Webex's objects, taken out one by one: what is missing or odd is no error, whatever a schema says is required.

use std::time::Duration;

use chrono::{DateTime, Utc};
use invitations_core::{
    people::EmailAddress,
    secret::{DownloadUrl, Passcode},
    time::TimeZone,
};
use serde_json::{Map, Value};
use url::Url;

use super::{
    fields::{flag_of, text_of, whole_of},
    time::read_instant,
    value::Wire,
};
use crate::extra::ExtraMembers;

/// A mark in the place of a password that is not shown.
const MASK: char = '*';

/// What nobody takes, or what has another form than expected, stays: nothing that Webex says gets lost.
#[derive(Debug, Default)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The members of `value`; none of what is no object.
    pub(crate) fn of(value: &Value) -> Self {
        Self(value.as_object().cloned().unwrap_or_default())
    }

    /// What is left.
    pub(crate) fn left(self) -> ExtraMembers {
        ExtraMembers::new(self.0)
    }

    /// The same out of an object whose place is the caller's.
    pub(crate) fn rest(&mut self) -> ExtraMembers {
        std::mem::take(self).left()
    }

    /// Takes a member as `split` does, which returns what it took and what it leaves.
    fn split<T>(&mut self, name: &str, split: impl FnOnce(Value) -> (Option<T>, Option<Value>)) -> Option<T> {
        let (taken, left) = split(self.0.remove(name)?);
        if let Some(left) = left {
            self.0.insert(name.to_owned(), left);
        }
        taken
    }

    /// Takes a member that `read` can read.
    pub(crate) fn take_with<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let taken = read(self.0.get(name)?)?;
        self.0.remove(name);
        Some(taken)
    }

    /// Takes a value that is also written.
    pub(crate) fn take<T: Wire>(&mut self, name: &str) -> Option<T> {
        self.split(name, T::split)
    }

    /// Takes a text that `read` can read.
    pub(crate) fn parsed<T>(&mut self, name: &str, read: impl FnOnce(String) -> Option<T>) -> Option<T> {
        self.take_with(name, |value| read(text_of(value)?))
    }

    /// Takes a text, or a number written as one. Empty counts as absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.take_with(name, text_of)
    }

    /// Takes a flag, as boolean or, as in some answers, as text.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.take_with(name, flag_of)
    }

    /// Takes a word of one of Webex's enums.
    pub(crate) fn word<W: for<'a> From<&'a str>>(&mut self, name: &str) -> Option<W> {
        self.text(name).map(|word| W::from(word.as_str()))
    }

    /// Takes a number that is none of less than nothing, its fraction dropped; also one that is written as a text.
    pub(crate) fn whole(&mut self, name: &str) -> Option<u64> {
        self.take_with(name, whole_of)
    }

    /// Takes a length of time in `unit`s.
    pub(crate) fn length(&mut self, name: &str, unit: Duration) -> Option<Duration> {
        self.take_with(name, |value| unit.checked_mul(u32::try_from(whole_of(value)?).ok()?))
    }

    /// Takes an instant. One of January 1970 stands for none: Webex says so of somebody who has not left yet.
    pub(crate) fn instant(&mut self, name: &str) -> Option<DateTime<Utc>> {
        const PLACEHOLDER_UNTIL: i64 = 31 * 24 * 60 * 60;
        let read = |text: String| read_instant(&text, TimeZone::UTC);
        self.parsed(name, |text| read(text).filter(|instant| instant.timestamp() > PLACEHOLDER_UNTIL))
    }

    /// Takes an address that can be named.
    pub(crate) fn address(&mut self, name: &str) -> Option<EmailAddress> {
        self.parsed(name, |text| EmailAddress::parse(text).ok())
    }

    /// Takes a link to a page or a file.
    pub(crate) fn link(&mut self, name: &str) -> Option<DownloadUrl> {
        self.web_page(name).map(DownloadUrl::new)
    }

    /// Takes the URL of something on the web.
    pub(crate) fn web_page(&mut self, name: &str) -> Option<Url> {
        let page = |url: &Url| matches!(url.scheme(), "https" | "http");
        self.parsed(name, |text| Url::parse(&text).ok().filter(page))
    }

    /// Takes a password, where it is shown and not masked.
    pub(crate) fn passcode(&mut self, name: &str) -> Option<Passcode> {
        self.parsed(name, |text| (!text.chars().all(|letter| letter == MASK)).then(|| Passcode::new(text)))
    }

    /// Takes the texts of a list.
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        self.texts_with(name, Some)
    }

    /// Takes those texts of a list that `read` can read. The others stay, as a list.
    pub(crate) fn texts_with<T>(&mut self, name: &str, read: impl Fn(String) -> Option<T>) -> Vec<T> {
        self.list(name, |item| match item.as_str().map(str::to_owned).and_then(&read) {
            Some(taken) => (Some(taken), None),
            None => (None, Some(item)),
        })
    }

    /// Takes an object; what `read` leaves of it stays under its name.
    pub(crate) fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.split(name, |value| split_object(value, read))
    }

    /// Takes the objects of a list; what `read` leaves of them stays, as a list.
    pub(crate) fn objects<T>(&mut self, name: &str, read: impl Fn(&mut Self) -> Option<T>) -> Vec<T> {
        self.list(name, |item| split_object(item, &read))
    }

    fn list<T>(&mut self, name: &str, split: impl Fn(Value) -> (Option<T>, Option<Value>)) -> Vec<T> {
        let split = |value| split_list(value, split);
        self.split(name, split).unwrap_or_default()
    }

    /// Takes the members that are of a kind, whatever their names.
    pub(crate) fn take_all<T>(&mut self, read: impl Fn(&str, &Value) -> Option<T>) -> Vec<(String, T)> {
        let (mut taken, mut left) = (Vec::new(), Map::new());
        for (name, value) in std::mem::take(&mut self.0) {
            match read(&name, &value) {
                Some(read) => taken.push((name, read)),
                None => _ = left.insert(name, value),
            }
        }
        self.0 = left;
        taken
    }
}

/// What `read` takes of an object, and what it leaves; all where it takes nothing.
pub(crate) fn split_object<T>(
    value: Value,
    read: impl FnOnce(&mut Members) -> Option<T>,
) -> (Option<T>, Option<Value>) {
    if !value.is_object() {
        return (None, Some(value));
    }
    let mut members = Members::of(&value);
    match read(&mut members) {
        Some(taken) => (Some(taken), (!members.0.is_empty()).then_some(Value::Object(members.0))),
        None => (None, Some(value)),
    }
}

/// What `split` takes of the items of a list, and what it leaves.
pub(crate) fn split_list<T>(
    value: Value,
    split: impl Fn(Value) -> (Option<T>, Option<Value>),
) -> (Option<Vec<T>>, Option<Value>) {
    let Value::Array(items) = value else { return (None, Some(value)) };
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for (read, rest) in items.into_iter().map(split) {
        taken.extend(read);
        left.extend(rest);
    }
    (Some(taken), (!left.is_empty()).then_some(Value::Array(left)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_flags_and_times_are_read_in_any_shape() {
        let mut members = Members::of(&json!({
            "yes": true, "text": "FALSE", "odd": "maybe", "whole": 7, "float": 7.9, "written": "7", "less": -1, "huge": 1e300,
            "never": "1970-01-01T00:00:00.000Z", "east": "1970-01-01T08:00:00+08:00", "once": "2022-10-25T09:00:00Z", "bad": "soon",
            "masked": "********", "shown": "Sb1234@", "mixed": "a*", "empty": "", "minutes": 7,
        }));
        assert_eq!((members.flag("yes"), members.flag("text")), (Some(true), Some(false)));
        assert_eq!((members.flag("odd"), members.flag("none"), members.flag("whole")), (None, None, None));
        assert_eq!(
            (members.whole("whole"), members.whole("float"), members.whole("written")),
            (Some(7), Some(7), Some(7))
        );
        assert_eq!((members.whole("less"), members.whole("huge"), members.whole("bad")), (None, None, None));
        assert_eq!(members.length("minutes", Duration::from_secs(60)), Some(Duration::from_secs(420)));
        assert_eq!((members.instant("never"), members.instant("east"), members.instant("bad")), (None, None, None));
        assert_eq!(members.instant("once"), Some("2022-10-25T09:00:00Z".parse().unwrap()));
        assert!(members.passcode("masked").is_none() && members.passcode("empty").is_none());
        assert_eq!(members.passcode("shown").unwrap().expose(), "Sb1234@");
        assert_eq!(members.passcode("mixed").unwrap().expose(), "a*");
        let left = members.left();
        let names: Vec<&String> = left.expose().keys().collect();
        assert_eq!(names, ["bad", "east", "empty", "huge", "less", "masked", "never", "odd"], "what was not taken");
    }

    #[test]
    fn of_lists_and_objects_stays_what_does_not_fit() {
        let mut members = Members::of(&json!({
            "tags": ["a", 1, null, "b"], "none": null, "link": "javascript:x", "page": "https://a.example/p",
            "rooms": [{ "id": "r" }, 7, { "id": "s", "new": 1 }, { "new": 2 }], "room": { "id": "t", "new": 3 }, "other": [],
        }));
        assert_eq!(members.texts("tags"), ["a", "b"]);
        let id = |room: &mut Members| room.text("id");
        assert_eq!(members.objects("rooms", id), ["r", "s"]);
        assert_eq!(members.object("room", id).as_deref(), Some("t"));
        assert!(members.texts("none").is_empty() && members.objects("room", id).is_empty());
        assert!(members.object("other", id).is_none());
        assert!(members.link("link").is_none() && members.link("page").is_some());
        assert_eq!(
            Value::Object(members.left().expose().clone()),
            json!({
                "tags": [1, null], "none": null, "link": "javascript:x", "rooms": [7, { "new": 1 }, { "new": 2 }], "room": { "new": 3 },
                "other": [],
            })
        );
        assert!(Members::of(&json!([])).left().expose().is_empty());
    }
}
