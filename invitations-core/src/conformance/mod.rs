//! Suites that any implementation of a contract can run. Cases return findings; they do not panic.

pub mod attendance_provider;
pub mod attendee_list;
pub mod authorization_server;
pub mod availability_provider;
pub mod calendar_provider;
pub mod device_authorization;
pub mod effect_executor;
mod findings;
pub mod guest_directory;
pub mod invitation_store;
pub mod key_service;
mod macros;
pub mod meeting_provider;
pub mod sealer;
pub mod token_source;
pub mod token_store;

pub use authorization_server::AuthorizationServerFixture;
pub use device_authorization::DeviceAuthorizationFixture;
pub use effect_executor::EffectExecutorFixture;
pub use findings::{Finding, Verdict, ensure, ensure_kind};
pub use invitation_store::InvitationStoreFixture;
pub use key_service::KeyServiceFixture;
pub use sealer::SealerFixture;
pub use token_source::TokenSourceFixture;
pub use token_store::TokenStoreFixture;
