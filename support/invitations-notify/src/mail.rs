use std::fmt::Debug;

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    invitation::{About, Notice, Notifier},
};
use lettre::{
    AsyncTransport, Message,
    message::{Mailbox, header::ContentType},
};

use crate::text;

/// Mails notices through any lettre transport.
///
/// A notice without an address (to somebody the embedder knows by id, to approvers, to operators) goes to the address set with
/// [`for_others`](Self::for_others), or is given up with a warning from the worker.
#[derive(Clone, Debug)]
pub struct Mailer<T> {
    from: Mailbox,
    others: Option<Mailbox>,
    transport: T,
}

impl<T> Mailer<T> {
    /// Mails from this address.
    pub fn new(from: Mailbox, transport: T) -> Self {
        Self { from, others: None, transport }
    }

    /// Where notices without an address go.
    #[must_use]
    pub fn for_others(mut self, address: Mailbox) -> Self {
        self.others = Some(address);
        self
    }

    fn message(&self, notice: &Notice) -> Result<Message> {
        let unusable = |why: &'static str| Error::invalid("write mail", why);
        let to = match (&notice.to, &self.others) {
            (Some(to), _) => {
                Mailbox::new(None, to.canonical().parse().map_err(|_| unusable("the address cannot be mailed to"))?)
            }
            // a link that proves an address, or joins for somebody else, goes to nobody else
            (None, Some(others)) if !matches!(notice.about, About::ConfirmAddress { .. }) => others.clone(),
            _ => return Err(unusable("the notice has no address")),
        };
        let (subject, text) = text::words(notice);
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", safe(&notice.dedupe), self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|_| unusable("the mail cannot be written"))
    }
}

/// A message id allows few characters; the same notice keeps the same id, so that mailboxes drop the second one.
fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect()
}

#[async_trait]
impl<T> Notifier for Mailer<T>
where
    T: AsyncTransport + Debug + Send + Sync + 'static,
    T::Error: Debug,
{
    async fn deliver(&self, notice: &Notice) -> Result<()> {
        let message = self.message(notice)?;
        // the transport's error may quote the message, which holds a link: it is not kept as the cause
        self.transport.send(message).await.map(drop).map_err(|_| {
            Error::new(ErrorKind::Unavailable, "send mail")
                .with_retry(RetryClass::Unclear { after: None })
                .with_remedy(Remedy::new("Check the mail transport; the notice is sent again."))
        })
    }
}
