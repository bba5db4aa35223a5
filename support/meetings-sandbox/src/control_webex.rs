//! `/_sandbox/webex/...`: people who come and go, and what stays of their meetings.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    control::read,
    serve::Call,
    world::{NewRecording, NewTranscript, WebexArrival, World},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Participant {
    participant: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    id: String,
    status: String,
}

/// Answers a control call; `None` for another path.
pub(crate) fn change(world: &mut World, call: &Call, rest: &[&str]) -> Option<Result<Value, String>> {
    let ["webex", what @ ..] = rest else { return None };
    Some(match (call.method.as_str(), what) {
        ("POST", ["join"]) => read::<WebexArrival>(call).and_then(|arrival| {
            let (instance, participant) = world.webex_join(&arrival)?;
            Ok(json!({ "instance": instance, "participant": participant }))
        }),
        ("POST", ["leave"]) => read::<Participant>(call).and_then(|one| {
            let left = world.webex_leave(&one.participant);
            if left { Ok(json!({ "left": true })) } else { Err("no such participant is there".to_owned()) }
        }),
        ("POST", ["recordings"]) => {
            read::<NewRecording>(call).and_then(|new| Ok(json!({ "id": world.webex_record(new)? })))
        }
        ("POST", ["recordings", "status"]) => read::<Status>(call).and_then(|wanted| {
            if !matches!(wanted.status.as_str(), "available" | "deleted" | "purged") {
                return Err("a recording is available, deleted or purged".to_owned());
            }
            let known = world.webex_recording_status(&wanted.id, &wanted.status);
            if known { Ok(json!({ "status": wanted.status })) } else { Err("no such recording".to_owned()) }
        }),
        ("POST", ["transcripts"]) => {
            read::<NewTranscript>(call).and_then(|new| Ok(json!({ "id": world.webex_transcribe(new)? })))
        }
        _ => return None,
    })
}
