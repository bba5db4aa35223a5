//! `/meetingInvitees`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, meeting_input, shape::invitee_json};
use crate::{
    serve::Reply,
    world::{Invitee, WebexMeeting},
};

const DUPLICATE: &str = "User is already a meeting invitee.";
const MOST_AT_ONCE: usize = 100;

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let meeting = turn.invited_to(&body)?;
    let body = Value::Object(body);
    let new = meeting_input::invitee(&body, &meeting.id, &mut turn.world.ids)?;
    if meeting.invitee(&new.email).is_some() {
        return Err(Failure::new(StatusCode::CONFLICT, DUPLICATE));
    }
    turn.add(&meeting, &new, body["sendEmail"] != false);
    Ok(Reply::json(StatusCode::OK, &invitee_json(&meeting.id, &new)))
}

/// All or none.
pub(super) fn create_many(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let meeting = turn.invited_to(&body)?;
    let items = body.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    if items.is_empty() || items.len() > MOST_AT_ONCE {
        return Err(Failure::invalid("'items' holds 1 to 100 invitees."));
    }
    let mut new: Vec<(Invitee, bool)> = Vec::new();
    for item in &items {
        let invitee = meeting_input::invitee(item, &meeting.id, &mut turn.world.ids)?;
        let twice = new.iter().any(|(known, _)| known.email.eq_ignore_ascii_case(&invitee.email));
        if twice || meeting.invitee(&invitee.email).is_some() {
            return Err(Failure::bare(StatusCode::CONFLICT, "Some users in the list have been invited.".to_owned()));
        }
        new.push((invitee, item["sendEmail"] != false));
    }
    let shown: Vec<Value> = new.iter().map(|(invitee, _)| invitee_json(&meeting.id, invitee)).collect();
    for (invitee, send) in &new {
        turn.add(&meeting, invitee, *send);
    }
    Ok(Reply::json(StatusCode::OK, &json!({ "items": shown })))
}

/// Sorted by address; `panelist` is a filter of texts.
pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let meeting = turn.hosted_meeting(turn.call.parameter("meetingId").ok_or_else(unnamed)?)?;
    let mut invitees: Vec<&Invitee> = meeting.invitees.iter().collect();
    invitees.sort_by_key(|invitee| invitee.email.to_lowercase());
    let wanted = turn.call.parameter("panelist").map(|text| text == "true");
    invitees.retain(|invitee| wanted.is_none_or(|wanted| invitee.panelist == wanted));
    let items = invitees.into_iter().map(|invitee| invitee_json(&meeting.id, invitee)).collect();
    super::list::page(turn, items)
}

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    let (meeting, invitee) = turn.known_invitee()?;
    Ok(Reply::json(StatusCode::OK, &invitee_json(&meeting.id, &invitee)))
}

/// Puts somebody in the place of an invitee; the meeting is not named.
pub(super) fn update(turn: &mut Turn<'_>) -> Answer {
    let (mut meeting, known) = turn.addressed_invitee()?;
    let body = Value::Object(turn.body()?);
    let mut new = meeting_input::invitee(&body, &meeting.id, &mut turn.world.ids)?;
    if meeting.invitee(&new.email).is_some_and(|other| other.id != known.id) {
        return Err(Failure::new(StatusCode::CONFLICT, DUPLICATE));
    }
    new.id.clone_from(&known.id);
    if let Some(place) = meeting.invitees.iter_mut().find(|invitee| invitee.id == known.id) {
        *place = new.clone();
    }
    let (title, link) = (meeting.title.clone(), meeting.web_link.clone());
    let shown = invitee_json(&meeting.id, &new);
    turn.world.webex_store(meeting);
    if body["sendEmail"] != false {
        turn.world.send_mail(&new.email, "webex-invitation", &title, Some(&link));
    }
    Ok(Reply::json(StatusCode::OK, &shown))
}

pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let (meeting, invitee) = turn.addressed_invitee()?;
    let mut left = meeting.clone();
    left.invitees.retain(|known| known.id != invitee.id);
    turn.world.webex_store(left);
    if turn.call.parameter("sendEmail") != Some("false") {
        turn.world.send_mail(&invitee.email, "webex-cancellation", &meeting.title, None);
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn unnamed() -> Failure {
    Failure::invalid("'meetingId' cannot be empty")
}

impl Turn<'_> {
    /// Nobody is invited to what has begun already.
    fn invited_to(&self, body: &serde_json::Map<String, Value>) -> Result<WebexMeeting, Failure> {
        let id = body.get("meetingId").and_then(Value::as_str);
        if let Some(id) = id.filter(|id| id.contains("_I_")) {
            return Err(Failure::invalid(&format!("Meeting ID '{id}' is not allowed for this API.")));
        }
        self.own_meeting(id.ok_or_else(unnamed)?)
    }

    /// One that may be changed.
    fn addressed_invitee(&self) -> Result<(WebexMeeting, Invitee), Failure> {
        let (meeting, invitee) = self.known_invitee()?;
        Ok((self.own_meeting(&meeting.id)?, invitee))
    }

    fn known_invitee(&self) -> Result<(WebexMeeting, Invitee), Failure> {
        // `<series or occurrence>_<number>`
        let place = self.id.rsplit_once('_').and_then(|(place, _)| self.world.webex_place(place));
        let found = place.and_then(|place| {
            let invitee = place.invitees.iter().find(|invitee| invitee.id == self.id).cloned()?;
            Some((place, invitee))
        });
        let Some((meeting, invitee)) = found else {
            return Err(Failure::new(StatusCode::NOT_FOUND, "Cannot find invitee"));
        };
        Ok((self.hosted_meeting(&meeting.id)?, invitee))
    }

    fn add(&mut self, meeting: &WebexMeeting, invitee: &Invitee, send: bool) {
        if let Some(mut place) = self.world.webex_place(&meeting.id) {
            place.invitees.push(invitee.clone());
            self.world.webex_store(place);
        }
        if send {
            self.world.send_mail(&invitee.email, "webex-invitation", &meeting.title, Some(&meeting.web_link));
        }
    }
}
