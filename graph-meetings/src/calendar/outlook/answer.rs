use invitations_core::{Error, Remedy, Result, people::Attendee};
use serde_json::{Map, Value, json};

use super::{ProposedTime, attendee::recipient};

/// An attendee's answer to an invitation. Outlook mails it to the organizer unless it is [silent](Self::silent).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// Words for the organizer.
    pub comment: Option<String>,
    /// Whether the organizer is not told.
    pub silent: bool,
    /// Another time, in answers of "no" and "perhaps". Refused by Graph where the organizer does not allow proposals.
    pub proposed: Option<ProposedTime>,
}

impl Answer {
    /// The organizer is told, without words.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds words for the organizer.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Tells the organizer nothing.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Proposes another time.
    #[must_use]
    pub fn with_proposed_time(mut self, proposed: ProposedTime) -> Self {
        self.proposed = Some(proposed);
        self
    }

    /// The body of the call; `may_propose` is false where the answer is "yes".
    pub(crate) fn members(&self, operation: &'static str, may_propose: bool) -> Result<Value> {
        let refused = |detail, remedy| Err(Error::invalid(operation, detail).with_remedy(Remedy::new(remedy)));
        let mut members = Map::from_iter([("sendResponse".to_owned(), json!(!self.silent))]);
        if let Some(comment) = &self.comment {
            members.insert("comment".to_owned(), comment.as_str().into());
        }
        if let Some(proposed) = &self.proposed {
            if !may_propose {
                return refused(
                    "who accepts a time proposes no other",
                    "Accept tentatively or decline, to propose another time.",
                );
            }
            // https://learn.microsoft.com/graph/api/event-decline: needs sendResponse
            if self.silent {
                return refused(
                    "another time is proposed to an organizer who is not told",
                    "Let the organizer be told of the answer.",
                );
            }
            if proposed.end.instant()? <= proposed.start.instant()? {
                return refused("the proposed time ends before it begins", "Propose an end after the start.");
            }
            let time = json!({ "start": proposed.start.written()?, "end": proposed.end.written()? });
            members.insert("proposedNewTime".to_owned(), time);
        }
        Ok(members.into())
    }
}

/// An invitation handed on to others.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Forward {
    /// To whom.
    pub to: Vec<Attendee>,
    /// Words for them.
    pub comment: Option<String>,
}

impl Forward {
    /// To these people, without words.
    pub fn new(to: impl IntoIterator<Item = Attendee>) -> Self {
        Self { to: to.into_iter().collect(), comment: None }
    }

    /// Adds words.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    pub(crate) fn members(&self, operation: &'static str) -> Result<Value> {
        if self.to.is_empty() {
            return Err(Error::invalid(operation, "it is forwarded to nobody")
                .with_remedy(Remedy::new("Name at least one recipient.")));
        }
        let to: Vec<Value> = self.to.iter().map(recipient).collect();
        Ok(json!({ "ToRecipients": to, "Comment": self.comment.as_deref().unwrap_or_default() }))
    }
}
