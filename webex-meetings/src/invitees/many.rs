//! Many invitees at once.

use http::StatusCode;
use invitations_core::{Error, Result, ids::MeetingId, people::EmailAddress, provider::WriteOptions};
use meetings_http::Protection;

use super::{Invited, Invitee, NewInvitee, decode, request};
use crate::{
    WebexMeetings,
    errors::Effect,
    meetings::{SendEmail, refuse_condition},
};

/// The most that Webex takes at a time (`POST /meetingInvitees/bulkInsert`).
const AT_ONCE: usize = 100;

/// What became of many invitations.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct InvitedMany {
    /// Who is invited now and was not before.
    pub added: Vec<Invitee>,
    /// Who was invited before, or by an earlier try.
    pub already_there: Vec<EmailAddress>,
}

/// What became of a hundred.
enum Inserted {
    All(Vec<Invitee>),
    /// None of them, or some: Webex does not say.
    SomeAreThere,
    /// A conflict that says nothing of invitees.
    Refused(Error),
}

impl WebexMeetings {
    /// Invites any number of people, a hundred at a time. An address that stands there twice counts once, with what was said first.
    ///
    /// When some of them are invited already, Webex refuses the hundred without saying who, and whether it has invited the rest; then the
    /// list is read and those who are missing are invited. So calling it again is safe, also after an unclear outcome: nobody is
    /// invited or mailed twice.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) before any I/O; otherwise as [`invite`](Self::invite), and then some may be
    /// invited.
    pub async fn invite_many(
        &self,
        meeting: &MeetingId,
        who: &[NewInvitee],
        mails: SendEmail,
        options: WriteOptions,
    ) -> Result<InvitedMany> {
        refuse_condition(request::INVITE, &options)?;
        let mut people: Vec<&NewInvitee> = Vec::new();
        for one in who {
            if people.iter().all(|known| known.email != one.email) {
                people.push(one);
            }
        }
        // all of them are checked before the first is invited
        request::invite_many(meeting, &people, mails, self.caller.host())?;
        let (began, mut done) = (self.caller.began(), InvitedMany::default());
        for chunk in people.chunks(AT_ONCE) {
            self.invite_chunk(meeting, chunk, mails, (&options, began), &mut done).await?;
        }
        Ok(done)
    }

    async fn invite_chunk(
        &self,
        meeting: &MeetingId,
        people: &[&NewInvitee],
        mails: SendEmail,
        (options, began): (&WriteOptions, std::time::Instant),
        done: &mut InvitedMany,
    ) -> Result<()> {
        let first = self.insert(meeting, people, mails, &self.caller.rest_of(options, began)).await?;
        let refused = match first {
            Inserted::All(added) => {
                done.added.extend(added);
                return Ok(());
            }
            Inserted::SomeAreThere => None,
            Inserted::Refused(why) => Some(why),
        };
        let reading = self.caller.asked(request::INVITE, Effect::Read);
        let listed = self.invitees_within(&reading, meeting, &self.caller.rest_of(options, began)).await?;
        let is_there = |one: &NewInvitee| listed.iter().any(|invitee| invitee.is(&one.email));
        let (there, missing): (Vec<&NewInvitee>, Vec<&NewInvitee>) =
            people.iter().copied().partition(|one| is_there(one));
        // a refusal for another reason would come again
        if let Some(why) = refused.filter(|_| there.is_empty()) {
            return Err(why);
        }
        done.already_there.extend(there.iter().map(|one| one.email.clone()));
        if missing.is_empty() {
            return Ok(());
        }
        match self.insert(meeting, &missing, mails, &self.caller.rest_of(options, began)).await? {
            Inserted::All(added) => done.added.extend(added),
            // somebody else invites as well: one by one nobody is refused for another
            Inserted::SomeAreThere => self.invite_each(meeting, &missing, mails, (options, began), done).await?,
            Inserted::Refused(why) => return Err(why),
        }
        Ok(())
    }

    async fn insert(
        &self,
        meeting: &MeetingId,
        people: &[&NewInvitee],
        mails: SendEmail,
        options: &WriteOptions,
    ) -> Result<Inserted> {
        let asked = self.caller.asked(request::INVITE, Effect::Write);
        let request = request::invite_many(meeting, people, mails, self.caller.host())?;
        // the same people again answer 409, change nothing and mail nobody
        let reply = self.caller.answer(&asked, request, Protection::Keyed, options).await?;
        let is_conflict = reply.status() == StatusCode::CONFLICT;
        if is_conflict && decode::says_some_invited(&reply) {
            return Ok(Inserted::SomeAreThere);
        }
        match self.caller.checked(&asked, reply) {
            Ok(reply) => decode::page(&asked, &reply).map(Inserted::All),
            Err(why) if is_conflict => Ok(Inserted::Refused(why)),
            Err(why) => Err(why),
        }
    }

    async fn invite_each(
        &self,
        meeting: &MeetingId,
        people: &[&NewInvitee],
        mails: SendEmail,
        (options, began): (&WriteOptions, std::time::Instant),
        done: &mut InvitedMany,
    ) -> Result<()> {
        for one in people {
            match self.invite(meeting, one, mails, self.caller.rest_of(options, began)).await? {
                Invited::Added(invitee) => done.added.push(*invitee),
                Invited::AlreadyThere => done.already_there.push(one.email.clone()),
            }
        }
        Ok(())
    }
}
