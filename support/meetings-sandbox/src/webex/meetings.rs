//! `POST /meetings`, `GET|DELETE /meetings/{id}`.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Answer, Turn,
    error::Failure,
    meeting_fields,
    meeting_input::{self, text},
    times,
};
use crate::{
    defaults,
    serve::Reply,
    time::whole_seconds,
    world::{WebexMeeting, has_scope},
};

/// The documented waiting time of the creation quota.
const QUOTA_RETRY_AFTER: &str = "3600";
/// With an administrator's token: in all, and for one host.
const ADMINISTRATORS_QUOTA: usize = 3000;
const HOSTS_QUOTA: usize = 800;

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body();
    turn.spend_quota()?;
    let (body, host) = (body?, turn.acting.clone());
    if !turn.acts_with("meeting:admin_schedule_write") {
        return Err(Failure::forbidden("'hostEmail' needs the scope meeting:admin_schedule_write."));
    }
    if text(&body, "siteUrl").is_some_and(|site| site != defaults::WEBEX_SITE) {
        return Err(Failure::invalid("'siteUrl' is no site of this organization."));
    }
    let title = meeting_input::title(&body)?;
    let zone = times::zone(text(&body, "timezone"))?;
    let time = |name: &str| {
        let value = text(&body, name).ok_or_else(|| Failure::invalid(&format!("'{name}' cannot be empty")))?;
        times::instant(value, zone, name)
    };
    let (start, end) = times::span(time("start")?, time("end")?, turn.now)?;
    let tags = meeting_input::tags(&body)?.unwrap_or_default();
    meeting_fields::modelled(&body)?;
    let fields = meeting_input::fields(&body, start, zone)?;
    meeting_fields::go_together(&fields, !tags.is_empty())?;
    let chosen = meeting_input::password(&body)?;
    let ids = &mut turn.world.ids;
    let id = ids.hex("webex-meeting");
    let invitees = meeting_input::invitees(&body, &id, ids)?;
    let meeting = WebexMeeting {
        number: ids.number("meeting-number", 10),
        host: host.id,
        host_email: host.address,
        client: turn.token.client.clone(),
        tags,
        tags_of_others: std::collections::BTreeMap::new(),
        title,
        start,
        end,
        timezone: zone.name().to_owned(),
        password: chosen.unwrap_or_else(|| format!("Sb{}@", &ids.hex("password")[..6])),
        host_key: ids.number("host-key", 6),
        web_link: format!("https://{0}/contoso/j.php?MTID=m{1}", defaults::WEBEX_SITE, ids.hex("web-link")),
        created: turn.now,
        fields,
        invitees,
        deleted: false,
        occurrence_of: None,
        changed: std::collections::BTreeMap::new(),
        id,
    };
    turn.world.webex_meetings.push(meeting.clone());
    turn.tell("created", &meeting);
    if body.get("sendEmail") != Some(&Value::Bool(false)) {
        turn.mail_everybody(&meeting, "webex-invitation");
    }
    Ok(Reply::json(StatusCode::OK, &turn.shown(&meeting, zone, false)))
}

/// With `current`, a series shows the times of its next occurrence.
pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    if turn.id.contains("_I_") {
        let shown = turn.shown_instance(&turn.id)?;
        return Ok(Reply::json(StatusCode::OK, &shown));
    }
    let meeting = turn.visible_meeting(&turn.id)?;
    let current = turn.call.parameter("current") == Some("true");
    Ok(Reply::json(StatusCode::OK, &turn.shown(&meeting, turn.reading_zone(), current)))
}

pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let meeting = turn.own_meeting(&turn.id)?;
    turn.refuse_instance()?;
    let mut gone = meeting.clone();
    gone.deleted = true;
    turn.tell("deleted", &meeting);
    turn.world.webex_store(gone);
    if turn.call.parameter("sendEmail") != Some("false") {
        turn.mail_everybody(&meeting, "webex-cancellation");
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

impl Turn<'_> {
    pub(crate) fn body(&self) -> Result<serde_json::Map<String, Value>, Failure> {
        self.call.object().map_err(|why| Failure::invalid(&why))
    }

    /// Requests count, not meetings: a failed create uses the quota up as well.
    pub(super) fn spend_quota(&mut self) -> Result<(), Failure> {
        let (now, since) = (self.now, self.now - TimeDelta::hours(24));
        let for_others = has_scope(&self.token.scope, "meeting:admin_schedule_write");
        let own = if for_others { ADMINISTRATORS_QUOTA } else { self.world.settings.webex_daily_quota };
        let world = &mut *self.world;
        let all = world.creations.entry(self.caller.id.clone()).or_default();
        all.retain(|at| *at > since);
        let host = for_others.then(|| self.acting.address.to_lowercase());
        let hosts = host.map(|host| world.host_creations.entry(host).or_default());
        let used_up = || Failure::too_many_requests().retry_after(QUOTA_RETRY_AFTER);
        if all.len() >= own {
            return Err(used_up());
        }
        if let Some(hosts) = hosts {
            hosts.retain(|at| *at > since);
            if hosts.len() >= HOSTS_QUOTA {
                return Err(used_up());
            }
            hosts.push(now);
        }
        all.push(now);
        Ok(())
    }

    /// Instances have begun: they are neither changed nor deleted.
    pub(super) fn refuse_instance(&self) -> Result<(), Failure> {
        if !self.id.contains("_I_") {
            return Ok(());
        }
        Err(Failure::invalid(&format!("Meeting ID '{}' is not allowed for this API.", self.id)))
    }

    /// Whether the caller acts as itself, or has this scope of administrators.
    pub(crate) fn acts_with(&self, administrator: &str) -> bool {
        self.acting.id == self.caller.id || has_scope(&self.token.scope, administrator)
    }

    /// A meeting that the caller, or on whose behalf it calls, hosts or is invited to.
    pub(crate) fn visible_meeting(&self, id: &str) -> Result<WebexMeeting, Failure> {
        let found = self.world.webex_place(id).filter(|meeting| self.may_see(meeting));
        found.ok_or_else(|| Failure::not_found(&format!("Meeting ID '{id}' does not exist.")))
    }

    pub(crate) fn may_see(&self, meeting: &WebexMeeting) -> bool {
        let reads = self.acts_with("meeting:admin_schedule_read") || self.acts_with("meeting:admin_schedule_write");
        reads && (meeting.host == self.acting.id || meeting.invitee(&self.acting.address).is_some())
    }

    /// A meeting that the caller may change.
    pub(crate) fn own_meeting(&self, id: &str) -> Result<WebexMeeting, Failure> {
        let meeting = self.hosted_meeting(id)?;
        if self.acts_with("meeting:admin_schedule_write") {
            return Ok(meeting);
        }
        Err(Failure::forbidden("'hostEmail' needs the scope meeting:admin_schedule_write."))
    }

    /// A meeting that the caller, or on whose behalf it calls, hosts alone or with others.
    pub(super) fn hosted_meeting(&self, id: &str) -> Result<WebexMeeting, Failure> {
        let meeting = self.visible_meeting(id)?;
        let co_host = meeting.invitee(&self.acting.address).is_some_and(|invitee| invitee.co_host);
        if meeting.host == self.acting.id || co_host {
            return Ok(meeting);
        }
        Err(Failure::forbidden("Only the host can do this with the meeting."))
    }

    /// What webhooks tell of a meeting: neither title nor password.
    pub(super) fn tell(&mut self, event: &str, meeting: &WebexMeeting) {
        let data = json!({
            "id": meeting.id,
            "meetingNumber": meeting.number,
            "meetingType": if meeting.occurrence_of.is_some() { "scheduledMeeting" } else { "meetingSeries" },
            "timezone": meeting.timezone,
            "start": whole_seconds(meeting.start),
            "end": whole_seconds(meeting.end),
            "hostUserId": meeting.host,
            "state": self.state(meeting),
            "hostEmail": meeting.host_email,
            "siteUrl": defaults::WEBEX_SITE,
            "orgId": defaults::DIRECTORY_ID,
        });
        self.world.emit("meetings", event, &meeting.host, &data);
    }

    pub(super) fn mail_everybody(&mut self, meeting: &WebexMeeting, kind: &str) {
        self.world.send_mail(&meeting.host_email, kind, &meeting.title, Some(&meeting.web_link));
        for invitee in &meeting.invitees {
            self.world.send_mail(&invitee.email, kind, &meeting.title, Some(&meeting.web_link));
        }
    }
}
