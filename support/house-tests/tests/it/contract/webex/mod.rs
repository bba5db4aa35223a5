//! `webex-meetings` and the sandbox, each held against Webex's own words: its OpenAPI document, with the limits that its prose has
//! (`specs/webex-subset.strict.json`).

mod drive;
mod fixtures;
mod held;
mod kept;
mod known;
mod operations;
mod prism;
mod words;

use bytes::Bytes;
use serde_json::{Value, json};

use self::known::WEBEX;
use super::{all_in_the_schema, all_known_is_needed, check::Contract, schema, tap::Exchange};

/// The document, and what passed; nothing where there is no document.
async fn driven() -> Option<(Value, Vec<Exchange>)> {
    Some((schema::document("webex-subset.strict.json")?, drive::everything().await))
}

#[tokio::test]
async fn every_request_and_every_answer_is_in_the_document() {
    let Some((document, exchanges)) = driven().await else { return };
    all_in_the_schema(&document, WEBEX, &exchanges, &operations::asked());
}

#[tokio::test]
async fn every_known_line_is_needed() {
    let Some((document, exchanges)) = driven().await else { return };
    all_known_is_needed(&document, WEBEX, &exchanges);
}

/// One change of a good exchange, and a finding.
#[tokio::test]
async fn what_is_wrong_is_found() {
    let Some((document, exchanges)) = driven().await else { return };
    let mut contract = Contract::new(&document, WEBEX);
    let (title, agenda) = ("t".repeat(129), "a".repeat(1301));
    for (operation, of_request, member, value) in [
        ("createMeeting", true, "surprise", json!(true)),
        ("createMeeting", true, "title", json!(title)),
        ("createMeeting", true, "agenda", json!(agenda)),
        ("createMeeting", true, "start", json!("2036-01-11 09:00:00")),
        ("createMeeting", true, "integrationTags", json!(["a", "b", "c", "d"])),
        ("createMeeting", true, "unlockedMeetingJoinSecurity", json!("sometimes")),
        ("patchMeeting", true, "scheduledType", json!("meeting")),
        ("createAMeetingInvitee", true, "sendEmail", json!("no")),
        ("createMeeting", false, "surprise", json!(1)),
        ("createMeeting", false, "state", json!("dreaming")),
        ("listMeetings", false, "items", json!({})),
    ] {
        let found = exchanges.iter().find(|one| contract.operation(one).is_ok_and(|name| name == operation));
        let mut one = found.cloned().unwrap_or_else(|| panic!("no {operation}"));
        assert_eq!(contract.check(&one), Vec::<String>::new(), "{operation}");
        let body = if of_request { &mut one.request } else { &mut one.reply };
        let mut edited: Value = serde_json::from_slice(body).expect("JSON");
        edited[member] = value;
        *body = edited.to_string().into();
        assert_eq!(contract.check(&one).len(), 1, "{operation} {member}: {:?}", contract.check(&one));
    }
    // what an instance may lack a series may not
    for member in ["end", "hostKey", "password", "telephony"] {
        let found = exchanges.iter().find(|one| contract.operation(one).is_ok_and(|name| name == "createMeeting"));
        let mut one = found.cloned().expect("a create");
        let mut edited: Value = serde_json::from_slice(&one.reply).expect("JSON");
        edited.as_object_mut().expect("a meeting").remove(member);
        one.reply = edited.to_string().into();
        assert_eq!(contract.check(&one).len(), 1, "{member}: {:?}", contract.check(&one));
        (one.method, one.path, one.request) = ("GET".to_owned(), "/v1/meetings/m".to_owned(), Bytes::new());
        assert_eq!(contract.check(&one).len(), 1, "{member}: {:?}", contract.check(&one));
    }
}
