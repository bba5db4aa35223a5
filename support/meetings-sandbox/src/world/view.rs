//! The state as `/_sandbox/state` shows it. No token, no secret, no code.

use serde_json::{Value, json};

use super::World;
use crate::{graph::zones, time::whole_seconds};

impl World {
    pub(crate) fn view(&self) -> Value {
        json!({
            "seed": self.ids.seed(),
            "now": self.now(),
            "users": self.users.values().filter(|u| u.guest.is_none()).map(|u| json!({
                "id": u.id, "address": u.mail, "name": u.name, "teams": u.teams, "calendar_teams": u.calendar_teams,
                "administrator": u.administrator,
            })).collect::<Vec<_>>(),
            "guests": self.users.values().filter_map(|u| u.guest.as_ref().map(|g| json!({
                "id": u.id, "email": u.mail, "name": u.name, "state": g.state(), "redeemUrl": g.redeem_url,
                "kind": u.kind(), "sponsors": g.sponsors,
            }))).collect::<Vec<_>>(),
            "webexUsers": self.people.values().map(|p| json!({
                "id": p.id, "address": p.address, "name": p.name, "administrator": p.administrator,
            }))
                .collect::<Vec<_>>(),
            "policies": self.policy.granted,
            "meetings": self.meetings.iter().map(|m| json!({
                "id": m.id, "organizer": m.organizer, "externalId": m.external_id, "subject": m.subject,
                "start": m.start, "end": m.end, "joinWebUrl": m.join_url, "deleted": m.deleted,
                "createdCount": self.meetings_made(m), "attendees": m.attendees,
            })).collect::<Vec<_>>(),
            "calendars": self.calendars.iter().map(|c| json!({
                "id": c.id, "mailbox": self.mailbox_name(&c.mailbox), "name": c.name, "isDefault": c.default,
            })).collect::<Vec<_>>(),
            "events": self.events.iter().filter(|e| e.copy_of.is_none()).map(|e| json!({
                "id": e.id, "mailbox": self.mailbox_name(&e.mailbox), "mailboxId": e.mailbox, "calendar": e.calendar,
                "transactionId": e.transaction_id, "extendedProperties": e.extended, "subject": e.subject(),
                "start": whole_seconds(e.start.utc()), "end": whole_seconds(e.end.utc()), "isAllDay": e.all_day,
                "startTimeZone": zones::windows_name(&e.start.zone), "joinUrl": e.join_url,
                "attendees": e.attendees.iter().map(|a| &a["emailAddress"]["address"]).collect::<Vec<_>>(),
                "isDeleted": e.deleted, "changeKey": e.change_key,
            })).collect::<Vec<_>>(),
            "webexMeetings": self.webex_meetings.iter().map(|m| json!({
                "id": m.id, "hostEmail": m.host_email, "integrationTags": m.tags, "title": m.title, "client": m.client,
                "start": m.start, "end": m.end, "timezone": m.timezone, "deleted": m.deleted, "webLink": m.web_link,
                "state": if m.end <= self.now() { "expired" } else { "active" },
                "invitees": m.invitees.iter().map(|i| &i.email).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "invitees": self.webex_meetings.iter().flat_map(|m| m.invitees.iter().map(|i| json!({
                "id": i.id, "meetingId": m.id, "email": i.email, "displayName": i.display_name, "coHost": i.co_host,
                "deleted": m.deleted,
            }))).collect::<Vec<_>>(),
            "webexWebhooks": self.webex_webhooks.iter().map(|w| json!({
                "id": w.id, "name": w.name, "targetUrl": w.target_url, "resource": w.resource, "event": w.event,
                "filter": w.filter, "signed": w.secret.is_some(), "ownedBy": if w.organization { "org" } else { "creator" },
                "createdBy": self.person(&w.created_by).map(|p| &p.address), "status": if w.active { "active" } else { "inactive" },
                "failures": w.failures.len(),
            })).collect::<Vec<_>>(),
            "tokenCalls": self.grant_calls.iter().map(|(key, count)| {
                let mut parts = key.splitn(3, ' ');
                json!({ "provider": parts.next(), "grant": parts.next(), "client": parts.next(), "count": count })
            }).collect::<Vec<_>>(),
            "quotas": self.creations.iter().map(|(person, made)| json!({
                "hostEmail": self.person(person).map(|p| &p.address), "limit": self.settings.webex_daily_quota,
                "used": made.iter().filter(|at| **at > self.now() - chrono::TimeDelta::hours(24)).count(),
            })).collect::<Vec<_>>(),
            "rotation": { "entra": self.entra.rotation, "webex": self.webex_tokens.rotation },
            "settings": self.settings,
        })
    }

    fn mailbox_name(&self, id: &str) -> String {
        self.users.get(id).map_or_else(|| id.to_owned(), |user| user.mail.clone())
    }
}
