//! Delivers invitation notices: mail, signed webhooks, a folder for development.
//!
//! A [`Notifier`](invitations_core::invitation::Notifier) is called by the workers of `invitations-core`, at least once per notice.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use invitations_core::{
//!     ids::{InvitationId, TenantId},
//!     invitation::{About, Notice, Notifier as _},
//! };
//! use invitations_notify::RecordingNotifier;
//!
//! let notifier = RecordingNotifier::new();
//! let (tenant, id) = (TenantId::parse("school")?, InvitationId::parse("call-17")?);
//! notifier.deliver(&Notice::new(tenant, id, "Maths with Oslo", About::Declined, "call-17.declined.2")).await?;
//! assert_eq!(notifier.delivered().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | what |
//! |---|---|
//! | `mail` (default) | `Mailer`, over any lettre transport |
//! | `webhook` | `WebhookNotifier`, a signed POST |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "mail")]
mod mail;
mod recording;
mod spool;
mod text;
#[cfg(feature = "webhook")]
mod webhook;

#[cfg(feature = "mail")]
#[cfg_attr(docsrs, doc(cfg(feature = "mail")))]
pub use mail::Mailer;
pub use recording::RecordingNotifier;
pub use spool::SpoolNotifier;
#[cfg(feature = "webhook")]
#[cfg_attr(docsrs, doc(cfg(feature = "webhook")))]
pub use webhook::{SIGNATURE_HEADER, WebhookNotifier, verify_signature};
