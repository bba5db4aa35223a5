//! Invitations: the pure machine, its effects, the store's one write port, the worker, and the service an application calls.
//!
//! # From another time proposed to a meeting that moves
//!
//! ```
//! # #[cfg(all(feature = "memory", feature = "key-ring", feature = "tokio"))]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use std::{sync::Arc, time::Duration};
//! # use invitations_core::{
//! #     ids::{PrincipalId, ProviderId, TenantId, UserId, WorkerId},
//! #     invitation::{Invitations, Invite, OrphanPolicy, Proof, Status, WaitsFor, effect::Effects, machine::Recipient},
//! #     memory::{MemoryInvitationStore, MemoryMeetings},
//! #     people::{CallerAuthorized, Principal},
//! #     provider::{Account, MeetingDraft, Providers},
//! #     runtime::{Clock as _, SystemClock},
//! #     secret::KeyRing,
//! #     time::{Slot, TimeRange},
//! # };
//! # let provider = ProviderId::parse("memory")?;
//! # let meetings = MemoryMeetings::new(provider.clone());
//! # let invitations = Invitations::builder(Arc::new(MemoryInvitationStore::new(Arc::new(SystemClock))))
//! #     .effects(Effects::new(Providers::new().with(provider.clone(), Arc::new(meetings.clone()))))
//! #     .authorizer(Arc::new(CallerAuthorized))
//! #     .sealer(Arc::new(KeyRing::generate()?))
//! #     .build()?;
//! # let school = TenantId::parse("school")?;
//! # let account = Account::application(school.clone(), provider, UserId::parse("class-berlin")?);
//! # let (berlin, oslo) = (Principal::new(PrincipalId::parse("berlin")?), Principal::new(PrincipalId::parse("oslo")?));
//! # let now = SystemClock.now();
//! # let hour = Duration::from_secs(3600);
//! // in every process that may carry things out; any number of them, on any number of machines
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let worker = invitations.worker(WorkerId::parse("web-1")?);
//! let working = tokio::spawn(async move { worker.run_until(async { drop(stopped.await) }).await });
//!
//! let org = invitations.tenant(&school);
//! let call = MeetingDraft::new("Berlin meets Oslo", now + hour..now + 2 * hour);
//! let invite = Invite::meeting(call, account.clone(), Recipient::Principal(oslo.id.clone()));
//! let id = org.invite(&berlin, invite).await?.id;
//!
//! // Oslo finds it in the application, and would rather meet later
//! let inbox = org.inbox(&oslo, None).await?;
//! assert_eq!((&inbox.items[0].title[..], org.inbox_count(&oslo).await?), ("Berlin meets Oslo", 1));
//! let later = Slot::from(now + 3 * hour..now + 4 * hour);
//! org.counter(&Proof::Inbox(id.clone()), &oslo, vec![later]).await?;
//! assert_eq!(org.explain(&id).await?.waits_for, WaitsFor::Inviter);
//!
//! // which is an offer to Berlin; taking it is the acceptance of both
//! let standing = org.accept_counter(&id, &berlin, 0).await?;
//! assert_eq!((standing.status, meetings.made()), (Status::Accepted, 1));
//!
//! // the same meeting, moved; then called off: whoever was invited hears of both
//! org.reschedule(&id, &berlin, Slot::from(now + 5 * hour..now + 6 * hour)).await?;
//! assert_eq!(org.cancel(&id, &berlin).await?.status, Status::Cancelled);
//! assert!(meetings.meetings().is_empty());
//!
//! // now and then: is there something at the provider that nobody here knows?
//! let week = TimeRange::new(now, now + 7 * 24 * hour);
//! assert!(org.orphans(&account, week, OrphanPolicy::Report).await?.is_empty());
//!
//! let _ = stop.send(());
//! working.await??;
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "memory", feature = "key-ring", feature = "tokio")))]
//! # fn main() {}
//! ```
//!
//! What may follow what is one table: [`machine::table`].

pub mod effect;
pub mod link;
pub mod machine;
mod notice;
mod service;
pub mod store;
pub mod stored;
mod worker;

pub use effect::{Effect, EffectKind, EffectStatus, ExternalRef, Reconciliation};
pub use machine::{Command, Context, Decision, Event, Refusal, State, Status, decide, evolve};
pub use notice::{About, Notice, Notifier};
pub use service::{
    AccessRequest, Explanation, Invitations, InvitationsBuilder, Invite, Invited, Listed, Orphan, OrphanPolicy,
    Prepared, Proof, Standing, TenantInvitations, WaitsFor,
};
pub use store::{Claim, Claimed, Commit, InvitationStore, Versioned};
pub use worker::{Round, Worker};
