//! Whose mailbox or meetings a request is about, and whether the caller may.

use http::StatusCode;

use super::{Failure, Turn, route::Target};
use crate::world::{Calendar, User};

impl Turn<'_> {
    /// The user a path names, checked against the token: a delegated token acts for its own user only.
    pub(crate) fn target_user(&self) -> Result<User, Failure> {
        let named = match &self.route.target {
            Target::SignedIn => match &self.token.user {
                Some(user) => user,
                None => {
                    let message = "/me request is only valid with delegated authentication flow.";
                    return Err(Failure::bad_request("BadRequest", message));
                }
            },
            Target::User(user) => user,
            Target::Directory => return Err(Failure::bad_request("BadRequest", "The path names no user.")),
        };
        self.world.user(named).cloned().ok_or_else(|| Failure::no_such_resource(named))
    }

    /// The owner of the mailbox in the path.
    pub(crate) fn mailbox(&self) -> Result<User, Failure> {
        let user = self.target_user()?;
        if self.token.user.as_ref().is_some_and(|own| *own != user.id) {
            return Err(Failure::access_denied());
        }
        if user.guest.is_some() {
            let message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
            return Err(Failure::new(StatusCode::NOT_FOUND, "MailboxNotEnabledForRESTAPI", message));
        }
        Ok(user)
    }

    /// The calendar in the path, or the mailbox's default calendar.
    pub(crate) fn calendar(&mut self, mailbox: &User) -> Result<Calendar, Failure> {
        let default = self.world.default_calendar(&mailbox.id);
        let id = self.id(0);
        if id.is_empty() {
            return Ok(default);
        }
        let found = self.world.calendars.iter().find(|c| c.mailbox == mailbox.id && c.id == id);
        found.cloned().ok_or_else(Failure::no_such_item)
    }

    /// The organizer in the path of an onlineMeetings call: an object id, and for applications the access policy.
    pub(crate) fn organizer(&mut self, verb: &str) -> Result<User, Failure> {
        if let Target::User(key) = &self.route.target
            && !is_object_id(key)
        {
            let message = "The user id in the path is not an object id.";
            return Err(Failure::new(StatusCode::NOT_FOUND, "NotFound", message));
        }
        let user = self.target_user()?;
        match &self.token.user {
            Some(own) if *own != user.id => {
                let message = "User does not have access to lookup meeting.";
                return Err(Failure::new(StatusCode::FORBIDDEN, "Forbidden", message));
            }
            Some(_) => {}
            None => self.check_policy(&user, verb)?,
        }
        if !user.teams || user.guest.is_some() {
            let message = "The user is not enabled for Teams meetings.";
            return Err(Failure::new(StatusCode::FORBIDDEN, "Forbidden", message));
        }
        Ok(user)
    }

    /// Three bodies are known for the same refusal; which one comes depends on the operation, so that no client leans on one.
    fn check_policy(&mut self, user: &User, verb: &str) -> Result<(), Failure> {
        let granted = &self.world.policy.granted;
        if granted.contains("*") || granted.contains(&user.id) {
            if self.world.policy.settling_requests > 0 {
                self.world.policy.settling_requests -= 1;
                return Err(Failure::bad_request("BadRequest", "1026: An error has occurred."));
            }
            return Ok(());
        }
        let missing = "No application access policy found for this app.";
        let (code, message) = match verb {
            "createOrGet" => ("Forbidden", missing.to_owned()),
            "create" => {
                let (app, user) = (&self.token.client, &user.id);
                let text = format!("App {app} is not authorized to Create meeting on behalf of user {user}.");
                ("Unauthorized", text)
            }
            _ => ("General", missing.to_owned()),
        };
        Err(Failure::new(StatusCode::FORBIDDEN, code, message))
    }
}

/// Whether a text has the shape of a GUID.
pub(crate) fn is_object_id(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()))
}
