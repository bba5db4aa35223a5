//! `/meetingParticipants`.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Answer, Turn,
    error::Failure,
    list::{later, page},
    times,
};
use crate::{
    defaults,
    serve::Reply,
    world::{WebexInstance, WebexMeeting, WebexParticipant, has_scope},
};

const READ: &str = "meeting:participants_read";
const READ_ALL: &str = "meeting:admin_participants_read";
const WRITE: &str = "meeting:participants_write";
/// Administrators cannot do it for a host.
const NO_SCOPE: &str = "";
/// What Webex writes where there is no time yet.
const NEVER: &str = "1970-01-01T00:00:00.000Z";
const LONGEST: TimeDelta = TimeDelta::days(90);
const MOST_ADMITTED: usize = 100;

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let found = turn.participants(None)?;
    page(turn, found)
}

pub(super) fn query(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let emails = body.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
    let emails: Vec<String> = emails.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
    if emails.is_empty() {
        return Err(Failure::invalid("'emails' cannot be empty"));
    }
    let time = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let found = turn.participants(Some((emails, time("joinTimeFrom"), time("joinTimeTo"))))?;
    page(turn, found)
}

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    turn.scope(READ, READ_ALL)?;
    let (instance, meeting, participant) = turn.participant()?;
    turn.hosts(&meeting, READ_ALL)?;
    Ok(Reply::json(StatusCode::OK, &turn.participant_json(&instance, &meeting, &participant)))
}

/// `PUT`: `muted`, `admit`, `expel`, one or more.
pub(super) fn update(turn: &mut Turn<'_>) -> Answer {
    turn.scope(WRITE, WRITE)?;
    let (instance, meeting, participant) = turn.participant()?;
    turn.hosts(&meeting, NO_SCOPE)?;
    let body = turn.body()?;
    if instance.ended.is_some() {
        return Err(Failure::invalid("The meeting is not in progress."));
    }
    let flag = |name: &str| match body.get(name) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(Failure::invalid(&format!("'{name}' is invalid."))),
    };
    let (muted, admit, expel) = (flag("muted")?, flag("admit")?, flag("expel")?);
    if muted.is_none() && admit.is_none() && expel.is_none() {
        return Err(Failure::invalid("One of 'muted', 'admit' and 'expel' is required."));
    }
    if let Some(muted) = muted {
        turn.world.webex_mute(&participant.id, muted);
    }
    if admit == Some(true) {
        turn.world.webex_admit(&participant.id);
    }
    if expel == Some(true) && !turn.world.webex_leave(&participant.id) {
        return Err(Failure::not_found("The participant has left."));
    }
    let (instance, meeting, participant) = turn.participant()?;
    Ok(Reply::json(StatusCode::OK, &turn.participant_json(&instance, &meeting, &participant)))
}

/// `POST /meetingParticipants/admit`: all or none; whoever is in already stays in.
pub(super) fn admit(turn: &mut Turn<'_>) -> Answer {
    turn.scope(WRITE, WRITE)?;
    let body = turn.body()?;
    let items = body.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    if items.is_empty() || items.len() > MOST_ADMITTED {
        return Err(Failure::invalid("'items' holds 1 to 100 participants."));
    }
    let ids: Vec<String> = items.iter().filter_map(|item| item["participantId"].as_str()).map(str::to_owned).collect();
    let mut instances = Vec::new();
    for id in &ids {
        turn.id.clone_from(id);
        let (instance, meeting, _) = turn.participant()?;
        turn.hosts(&meeting, NO_SCOPE)?;
        instances.push(instance.id);
    }
    instances.dedup();
    if ids.len() != items.len() || instances.len() != 1 {
        return Err(Failure::invalid("All participants must be of one meeting."));
    }
    for id in &ids {
        turn.world.webex_admit(id);
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Addresses that are asked for, and the window of joining.
type Asked = (Vec<String>, Option<String>, Option<String>);

impl Turn<'_> {
    /// The caller's token has one of these scopes.
    pub(super) fn scope(&self, user: &str, administrator: &str) -> Result<(), Failure> {
        if has_scope(&self.token.scope, user) || has_scope(&self.token.scope, administrator) {
            return Ok(());
        }
        Err(Failure::forbidden(&format!("The scope {user} is missing.")))
    }

    /// The caller hosts the meeting, or is an administrator who acts for its host.
    pub(super) fn hosts(&self, meeting: &WebexMeeting, administrator: &str) -> Result<(), Failure> {
        if meeting.host == self.acting.id && self.acts_with(administrator) {
            Ok(())
        } else {
            Err(Failure::forbidden("Only the host can see this."))
        }
    }

    /// Both ends of a window, with what stands for one that is missing.
    pub(super) fn span(
        &self,
        (from_name, from): (&str, Option<&str>),
        (to_name, to): (&str, Option<&str>),
        usual: TimeDelta,
    ) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
        let zone = self.reading_zone();
        let read = |name: &str, text: Option<&str>| text.map(|text| times::of_query(text, zone, name)).transpose();
        let (from, to) = match (read(from_name, from)?, read(to_name, to)?) {
            (Some(from), Some(to)) => (from, to),
            (Some(from), None) => (from, later(from, usual)),
            (None, Some(to)) => (later(to, -usual), to),
            (None, None) => (self.now - usual, self.now + TimeDelta::milliseconds(1)),
        };
        if from >= to {
            return Err(Failure::invalid(&format!("'{from_name}' must be before '{to_name}'.")));
        }
        Ok((from, to))
    }

    fn participants(&mut self, asked: Option<Asked>) -> Result<Vec<Value>, Failure> {
        self.scope(READ, READ_ALL)?;
        let parameter = |name: &'static str| (name, self.call.parameter(name));
        let id = parameter("meetingId").1.ok_or_else(|| Failure::invalid("'meetingId' cannot be empty"))?.to_owned();
        let started =
            self.span(parameter("meetingStartTimeFrom"), parameter("meetingStartTimeTo"), TimeDelta::days(30))?;
        let (emails, (from, to)) = match &asked {
            None => (None, (parameter("joinTimeFrom"), parameter("joinTimeTo"))),
            Some((emails, from, to)) => {
                (Some(emails), (("joinTimeFrom", from.as_deref()), ("joinTimeTo", to.as_deref())))
            }
        };
        let joined = self.span(from, to, TimeDelta::days(7))?;
        if joined.1 - joined.0 > LONGEST {
            return Err(Failure::invalid("The interval of 'joinTimeFrom' and 'joinTimeTo' must be within 90 days."));
        }
        let unknown = || Failure::not_found(&format!("Meeting ID '{id}' does not exist."));
        let meeting = self.world.webex_series(&id).cloned().ok_or_else(unknown)?;
        self.hosts(&meeting, READ_ALL)?;
        let seen = self.world.webex_seen();
        let begun = |one: &&WebexInstance| one.people.iter().any(|one| one.seen(seen).is_some());
        let instance = if id.contains("_I_") {
            self.world.webex_instance(&id).filter(begun)
        } else {
            let of_it =
                |one: &&WebexInstance| id == meeting.id || self.occurrence_id(&one.id).is_some_and(|own| own == id);
            let within =
                |one: &&WebexInstance| one.series == meeting.id && (started.0..started.1).contains(&one.started);
            self.world.webex_instances.iter().rev().filter(within).filter(of_it).find(begun)
        };
        let instance = instance.cloned().ok_or_else(unknown)?;
        let over = instance.ended.is_some_and(|ended| ended <= seen);
        let shown = instance.people.iter().filter_map(|one| one.seen(seen)).filter(|one| {
            let came = one.stays.first().map_or(one.came, |stay| stay.joined);
            let named = emails
                .is_none_or(|emails| one.email.as_ref().is_some_and(|email| emails.contains(&email.to_lowercase())));
            // of a running meeting: who is there now, or waits to be
            named && (joined.0..joined.1).contains(&came) && (over || one.is_there() || one.waits())
        });
        Ok(shown.map(|one| self.participant_json(&instance, &meeting, &one)).collect())
    }

    fn participant(&self) -> Result<(WebexInstance, WebexMeeting, WebexParticipant), Failure> {
        let seen = self.world.webex_seen();
        let found = self.world.webex_instances.iter().find_map(|instance| {
            let one = instance.people.iter().find(|one| one.id == self.id)?.seen(seen)?;
            Some((instance.clone(), self.world.webex_series(&instance.series)?.clone(), one))
        });
        found.ok_or_else(|| Failure::not_found(&format!("Participant ID '{}' does not exist.", self.id)))
    }

    fn participant_json(&self, instance: &WebexInstance, meeting: &WebexMeeting, one: &WebexParticipant) -> Value {
        let zone = self.reading_zone();
        let write = |at: Option<DateTime<Utc>>| at.map_or_else(|| NEVER.to_owned(), |at| times::write(at, zone));
        let there = one.is_there();
        let left = if there { None } else { one.stays.iter().filter_map(|stay| stay.left).max() };
        let state = match (there, one.waits()) {
            (true, _) => "joined",
            (false, true) => "lobby",
            (false, false) => "end",
        };
        let mut shown = json!({
            "id": one.id,
            "host": one.host,
            "coHost": one.co_host,
            "spaceModerator": false,
            "displayName": one.name,
            "invitee": one.invitee,
            "muted": one.muted,
            "meetingStartTime": times::write(instance.started, zone),
            "video": if one.email.is_some() { "on" } else { "off" },
            "state": state,
            "joinedTime": write(one.stays.first().map(|stay| stay.joined)),
            "leftTime": write(left),
            "siteUrl": defaults::WEBEX_SITE,
            "meetingId": instance.id,
            "hostEmail": meeting.host_email,
            "devices": one.stays.iter().map(|stay| {
                let mut device = json!({
                    "correlationId": stay.device,
                    "deviceType": if one.email.is_some() { "webex_meeting_center_mac" } else { "phone" },
                    "audioType": if one.email.is_some() { "voip" } else { "pstn" },
                    "joinedTime": times::write(stay.joined, zone),
                    "leftTime": write(stay.left),
                });
                if let Some(left) = stay.left {
                    device["durationSecond"] = (left - stay.joined).num_seconds().into();
                }
                device
            }).collect::<Vec<_>>(),
        });
        if let Some(email) = &one.email {
            shown["email"] = email.clone().into();
        }
        if instance.ended.is_none() {
            shown["orgId"] = defaults::DIRECTORY_ID.into();
        }
        shown
    }
}
