//! Reading `public-api.txt`, the committed list of everything public in a crate.

use std::path::Path;

use crate::files;

/// The name of the list beside each published crate's manifest.
pub const FILE: &str = "public-api.txt";

/// The list of the crate in `folder`.
///
/// # Errors
/// When there is none, with the command that writes it.
pub fn read(folder: &Path) -> Result<String, String> {
    files::read(&folder.join(FILE)).map_err(|error| format!("{error}; write it with `cargo xtask public-api --write`"))
}

/// The types of a list that have `Debug`, as full paths without generics, in order.
#[must_use]
pub fn debug_types(list: &str) -> Vec<String> {
    let mut types: Vec<String> = list.lines().filter_map(debug_type).collect();
    types.sort();
    types.dedup();
    types
}

fn debug_type(line: &str) -> Option<String> {
    let line = line.trim();
    if !line.starts_with("impl") {
        return None;
    }
    let (_, target) = line.split_once("core::fmt::Debug for ")?;
    let target = target.split(" where ").next().unwrap_or(target);
    Some(target.split('<').next().unwrap_or(target).trim().to_owned())
}

/// Lines that show reqwest, other than a constructor that takes a `ClientBuilder`.
#[must_use]
pub fn shown_reqwest(list: &str) -> Vec<String> {
    list.lines().filter(|line| line.contains("reqwest::") && !is_constructor(line)).map(str::to_owned).collect()
}

fn is_constructor(line: &str) -> bool {
    let line = line.trim();
    let Some((head, rest)) = line.split_once('(') else { return false };
    let function = line.starts_with("pub fn ") && !head.contains("reqwest::");
    // the builder is the one foreign type there, wherever reqwest defines it
    function
        && rest.matches("reqwest::").count() == 1
        && rest.contains("::ClientBuilder")
        && !after_arrow(rest).contains("reqwest::")
}

fn after_arrow(rest: &str) -> &str {
    rest.split_once("->").map_or("", |(_, result)| result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_with_debug_are_read() {
        let list = "pub mod a\nimpl core::fmt::Debug for a::Zoo\nimpl<T: core::fmt::Debug> core::fmt::Debug for a::Complete<T>\n\
            impl<T> core::fmt::Debug for a::Many<T> where T: core::fmt::Debug\npub fn a::Zoo::fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result\n\
            impl core::fmt::Display for a::Other\nimpl core::fmt::Debug for a::Zoo\n";
        assert_eq!(debug_types(list), ["a::Complete", "a::Many", "a::Zoo"]);
    }

    #[test]
    fn reqwest_is_seen_everywhere_but_in_the_constructor() {
        let good = "pub fn m::ReqwestTransport::from_builder(builder: reqwest::async_impl::client::ClientBuilder) -> core::result::Result<Self, m::Error>";
        let bad = [
            "pub fn m::client(&self) -> &reqwest::async_impl::client::Client",
            "impl core::convert::From<reqwest::error::Error> for m::Error",
            "pub fn m::builder(&self) -> reqwest::async_impl::client::ClientBuilder",
            "pub m::T::client: reqwest::async_impl::client::ClientBuilder",
            "pub fn m::two(a: reqwest::async_impl::client::ClientBuilder, b: reqwest::Proxy)",
        ];
        let list = format!("pub mod m::reqwest\npub use m::reqwest\n{good}\n{}\n", bad.join("\n"));
        assert_eq!(shown_reqwest(&list), bad);
    }
}
