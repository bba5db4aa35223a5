use bytes::Bytes;
use http::Request;
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::{Etag, EventId},
    provider::{Resend, WriteOptions},
};
use meetings_http::Protection;
use serde_json::{Map, Value, json};

use super::{OutlookEvents, paths::PREFER};
use crate::{
    calendar::{
        decode,
        outlook::{AskedMeeting, Body, EventPatch, OutlookEvent, Patch, WrittenEvent},
        request::{self, Before, event_path, marker_member, matching},
        text,
    },
    client::Budget,
    errors::Resource,
    wire,
};

const OPERATION: &str = "update event";
/// So often another writer may come between the reading and the writing of a text.
const MOST_TRIES: u32 = 4;

impl OutlookEvents {
    /// Changes what the patch says of an event, of one occurrence, or of a whole series. Mails an update to all attendees, whatever
    /// is changed; only where nothing but attendees is said, those alone who were added or removed.
    ///
    /// With a version ([`if_match`](WriteOptions::if_match)) the change is made to that version or not at all. A new text is written
    /// around the block that makes an online event one (trap 10), so the text is read first.
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput), before anything is sent: see [`EventPatch`]. Afterwards: an occurrence that would
    ///   cross its neighbour.
    /// - [`Conflict`](ErrorKind::Conflict): the event has another version by now; nothing was changed.
    /// - [`Unsupported`](ErrorKind::Unsupported): the block of an online event cannot be told apart in its text.
    /// - [`NotFound`](ErrorKind::NotFound).
    pub async fn patch(&self, id: &EventId, patch: &EventPatch, options: WriteOptions) -> Result<WrittenEvent> {
        let mut body = patch.members(OPERATION, options.if_match.is_some())?;
        if let Some(marker) = &patch.marker {
            body.insert("singleValueExtendedProperties".to_owned(), marker_member(marker));
        }
        let budget = Budget::new(&self.session.graph, &options);
        let categories = match &patch.categories {
            Patch::Keep => Vec::new(),
            Patch::Clear => {
                body.insert("categories".to_owned(), json!([]));
                Vec::new()
            }
            Patch::Set(wanted) => {
                body.insert("categories".to_owned(), json!([]));
                self.categorised(OPERATION, wanted, &mut body, &budget).await?
            }
        };
        let mut event = self.write(id, patch, body, &options, &budget).await?;
        if event.marker.is_none() && !event.is_occurrence() {
            event.marker.clone_from(&patch.marker);
        }
        let asked = patch.online_meeting == Some(true);
        Ok(WrittenEvent { meeting: AskedMeeting::of(asked, &event), event, categories })
    }

    async fn write(
        &self,
        id: &EventId,
        patch: &EventPatch,
        mut body: Map<String, Value>,
        options: &WriteOptions,
        budget: &Budget,
    ) -> Result<OutlookEvent> {
        for tried in 1.. {
            let mut version = options.if_match.clone();
            if !patch.body.is_keep() {
                let (before, read) = self.before(id, budget).await?;
                if version.is_some_and(|wanted| wanted != read) {
                    return Err(changed_meanwhile());
                }
                body.insert("body".to_owned(), new_text(&before, patch.body.value())?);
                // the text was made for the one that was read
                version = Some(read);
            }
            let request = self.request(id, &body, version.as_ref())?;
            let limits = budget.options(&self.session.graph, OPERATION)?;
            // not sent again when unclear: a 412 to the second request could come from the first one's success
            let sent = self.session.send(OPERATION, Resource::Events, request, Protection::Findable, &limits).await;
            match sent {
                Ok(reply) => return OutlookEvent::decode(OPERATION, &reply),
                Err(error) if error.status() == Some(412) && options.if_match.is_none() => {
                    // nobody named a version: somebody else wrote between our read and our write, so nothing happened
                    if options.resend == Resend::Caller || patch.body.is_keep() || tried == MOST_TRIES {
                        return Err(error.with_retry(RetryClass::Safe { after: None }));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(changed_meanwhile())
    }

    async fn before(&self, id: &EventId, budget: &Budget) -> Result<(Before, Etag)> {
        let request = request::read_text(&self.session.owner, &self.calendar, id)?;
        let options = budget.options(&self.session.graph, OPERATION)?;
        let reply = self.session.read_within(OPERATION, Resource::Events, request, &options).await?;
        decode::before(OPERATION, &reply)
    }

    fn request(&self, id: &EventId, body: &Map<String, Value>, version: Option<&Etag>) -> Result<Request<Bytes>> {
        let path = event_path(&self.session.owner, &self.calendar, id);
        matching(wire::prefer(wire::patch(&path, body)?, PREFER), version)
    }

    /// Takes an event, one occurrence, or a whole series away. The organizer's attendees get cancellations; an attendee's event leaves
    /// this calendar only, and nobody is told.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when it is gone already; [`Conflict`](ErrorKind::Conflict) for another version.
    pub async fn delete(&self, id: &EventId, options: WriteOptions) -> Result<()> {
        let request = request::delete(&self.session.owner, &self.calendar, id, options.if_match.as_ref())?;
        // a 412 must not come from our own first try
        let is_conditional = options.if_match.is_some();
        let protection = if is_conditional { Protection::Findable } else { Protection::Idempotent };
        self.session.send("delete event", Resource::Events, request, protection, &options).await.map(drop)
    }
}

fn changed_meanwhile() -> Error {
    Error::new(ErrorKind::Conflict, OPERATION)
        .with_provider(crate::provider_id())
        .with_detail("the event has another version by now")
        .with_remedy(Remedy::new("Read the event again, and make the change to what it says now."))
}

/// The text to write; `None` takes the text away. The block of an online event stays behind it.
fn new_text(before: &Before, wanted: Option<&Body>) -> Result<Value> {
    if !before.is_online {
        return Ok(
            wanted.map_or(Value::Null, |body| json!({ "contentType": body.kind.as_str(), "content": body.content }))
        );
    }
    let html = wanted.map(Body::as_html).unwrap_or_default();
    let content = text::around_block(&before.body.content, &html).ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, OPERATION)
            .with_provider(crate::provider_id())
            .with_detail("the block that makes the event an online meeting cannot be told apart in its text")
            .with_remedy(Remedy::new("Change the text in Outlook, where the meeting stays."))
    })?;
    Ok(json!({ "contentType": "html", "content": content }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{request::Repeats, wire_event};

    fn before(content: &str, is_online: bool) -> Before {
        let body = wire_event::Body { content_type: "HTML".to_owned(), content: content.to_owned() };
        Before { body, is_online, repeats: Repeats::Once }
    }

    #[test]
    fn trap_10_the_text_of_an_online_event_is_written_around_its_block_or_not_at_all() {
        let block = "<html><body>Old<div class=\"me-email-text\">Join</div></body></html>";
        let (text, html) = (Body::text("a < b"), Body::html("<b>New</b>"));
        let content = |wanted: Option<&Body>| new_text(&before(block, true), wanted).unwrap()["content"].clone();
        assert_eq!(content(Some(&text)), "<div>a &lt; b</div><div class=\"me-email-text\">Join</div>");
        assert_eq!(content(Some(&html)), "<div><b>New</b></div><div class=\"me-email-text\">Join</div>");
        assert_eq!(content(None), "<div></div><div class=\"me-email-text\">Join</div>");
        // made from the text that was read
        let edited = Body::html(block.replace("Old", "Edited"));
        assert_eq!(content(Some(&edited)), edited.content.as_str());
        let error = new_text(&before("no block", true), Some(&text)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.remedy().is_some());
        assert_eq!(new_text(&before("Old", false), None).unwrap(), Value::Null);
        assert_eq!(
            new_text(&before("Old", false), Some(&text)).unwrap(),
            json!({ "contentType": "text", "content": "a < b" })
        );
    }
}
