//! What is wrong with the set-up, before a user finds out.
//!
//! A [`Doctor`] asks everything that can answer ([`Diagnose`]: a provider's client, [`Connections`](crate::token::Connections), your
//! own parts) and collects [`Finding`]s in a [`Diagnosis`], which prints itself as a table. Questions only read: nothing is made,
//! changed or refreshed at a provider, and no finding holds a secret. What a question does not answer in time is a finding too; the
//! others are asked all the same.
//!
//! | asked of | made by | questions |
//! |---|---|---|
//! | an application at a provider | the client's own `doctor()` | network, clock, sign-in, permissions, ends of credentials |
//! | users' connections | [`Connections::doctor`](crate::token::Connections::doctor) | consent, scopes, client, keep-alive, sealing key |
//! | anything else | you, as below | your own |
//!
//! `examples/doctor` is a complete program.
//!
//! ```
//! # #[cfg(feature = "tokio")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use std::sync::Arc;
//!
//! use invitations_core::{
//!     Remedy,
//!     doctor::{Diagnose, Doctor, Examination, Finding, Question, Verdict},
//!     runtime::SystemClock,
//! };
//!
//! /// Can a part of our own be asked? Providers' clients bring their questions with them.
//! #[derive(Debug)]
//! struct Disk;
//!
//! #[async_trait::async_trait]
//! impl Diagnose for Disk {
//!     fn subject(&self) -> String {
//!         "disk".to_owned()
//!     }
//!
//!     async fn diagnose(&self, examination: &mut Examination<'_>) {
//!         let room = Question::new("room_on_disk");
//!         if let Some(megabytes) = examination.within(room, async { 17 }).await {
//!             let finding = Finding::warn(room, format!("{megabytes} MB are left"));
//!             examination.note(finding.with_remedy(Remedy::new("Remove what is old.")));
//!         }
//!     }
//! }
//!
//! let diagnosis = Doctor::new(Arc::new(SystemClock)).with(Arc::new(Disk)).diagnose().await;
//! assert_eq!(diagnosis.verdict(), Verdict::Warn);
//! println!("{diagnosis}");
//! # }
//! # #[cfg(not(feature = "tokio"))]
//! # fn main() {}
//! ```

mod diagnosis;
mod examine;
mod expiry;
mod finding;
mod need;
mod run;
mod table;

pub use diagnosis::Diagnosis;
pub use examine::{Diagnose, Examination};
pub use expiry::{ENDS_SOON, Ending, expiry};
pub use finding::{Finding, Question, Verdict};
pub use need::{Missing, Need};
pub use run::Doctor;
