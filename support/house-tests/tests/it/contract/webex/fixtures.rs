//! Every documented body of Webex: read or sent by a typed call, refused with its error, or not ours, with the reason.
//!
//! Those of meetings, participants, recordings and transcripts are read in `webex-meetings` (`tests/it/fixtures.rs` and others), where more is
//! asked of them; here it is seen that they are.

pub(super) mod calls;
mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use house_tests::workspace;
use invitations_core::ErrorKind;
use serde_json::Value;

pub(super) use self::table::TABLE;
use super::super::schema::at_hand;

/// What is done with a documented body.
pub(super) enum How {
    /// A test of the crate itself names the file.
    InTheCrate,
    /// What a typed call reads it as is right.
    Reads(calls::Reads),
    /// A typed call with the same content sends it.
    Sends(calls::Sends),
    /// A refusal of this status, whatever was asked.
    Refused(u16, ErrorKind),
    /// Why it is not ours (yet).
    Not(&'static str),
}

#[tokio::test]
async fn every_documented_body_is_accounted_for() {
    let Some(folder) = at_hand("fixtures/webex") else { return };
    let files = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let files: BTreeSet<String> =
        files.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".json")).collect();
    let rows: BTreeSet<String> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files.difference(&rows).collect::<Vec<_>>(), [] as [&String; 0], "bodies without a row");
    assert_eq!(rows.difference(&files).collect::<Vec<_>>(), [] as [&String; 0], "rows without a body");
    assert_eq!(rows.len(), TABLE.len(), "a row twice");
    let crate_tests = sources(&workspace::root().join("webex-meetings/tests"));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, how) in TABLE {
        let text = fs::read(folder.join(name)).expect("a file");
        let body: Value = serde_json::from_slice(&text).expect("JSON");
        let did = match how {
            How::InTheCrate => {
                assert!(crate_tests.contains(&format!("\"{name}\"")), "no test of webex-meetings names {name}");
                "in the crate"
            }
            How::Reads(reads) => {
                calls::read(name, *reads, &body).await;
                "read"
            }
            How::Sends(sends) => {
                calls::sent(name, *sends, &body).await;
                "sent"
            }
            How::Refused(status, kind) => {
                calls::refused(name, *status, *kind, &body).await;
                "refused"
            }
            How::Not(reason) => {
                assert!(!reason.is_empty());
                "not ours"
            }
        };
        *counts.entry(did).or_default() += 1;
    }
    println!("{} documented bodies of Webex: {counts:?}", TABLE.len());
}

fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => all.push_str(&sources(&path)),
            false => all.push_str(&fs::read_to_string(&path).unwrap_or_default()),
        }
    }
    all
}
