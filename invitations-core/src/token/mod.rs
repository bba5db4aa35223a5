//! The life of a token. HTTP is on the other side of [`AuthorizationServer`].

mod application;
mod builder;
mod cache;
mod callback;
mod connect;
mod connection;
mod connections;
mod consent;
mod device;
mod device_flow;
mod disconnect;
mod examine;
mod grant;
mod import;
mod keep_alive;
mod machine;
mod patience;
mod persist;
mod refresh;
mod rejected;
mod reseal;
mod return_to;
mod server;
mod shared_error;
mod source;
mod store;
mod vault;
mod view;

pub use application::ApplicationTokens;
pub use builder::ConnectionsBuilder;
pub use callback::{CallbackOutcome, ConnectCode, Connected};
pub use connect::BeginOptions;
pub use connection::{Cause, Connection, ConnectionStatus, Flow, Intent, Revocation};
pub use connections::Connections;
pub use device::{DeviceAnswer, DeviceAuthorization, DeviceAuthorizationServer};
pub use device_flow::{DeviceFlow, DeviceProgress};
pub use examine::ConnectionsDoctor;
pub use import::Import;
pub use reseal::{Reseal, Resealed};
pub use server::{
    AuthorizationRequest, AuthorizationServer, Grant, GrantFailure, GrantFailureClass, Identity, RevokeReply, Rotation,
    ServerProfile, Subject, TokenReply,
};
#[cfg(feature = "kms")]
pub(crate) use shared_error::copy as copy_error;
pub use source::{AccessToken, AfterReject, Rejected, TokenSource};
pub use store::{AllConnections, ClientHealth, Lease, TokenCommit, TokenStore};
pub use view::{ConnectionState, ConnectionView};
