//! The life of a token. HTTP is on the other side of [`AuthorizationServer`].

mod application;
mod builder;
mod cache;
mod callback;
mod connect;
mod connection;
mod connections;
mod consent;
mod disconnect;
mod examine;
mod grant;
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
pub use examine::ConnectionsDoctor;
pub use reseal::{Reseal, Resealed};
pub use server::{
    AuthorizationRequest, AuthorizationServer, Grant, GrantFailure, GrantFailureClass, Identity, RevokeReply, Rotation,
    ServerProfile, Subject, TokenReply,
};
pub use source::{AccessToken, AfterReject, Rejected, TokenSource};
pub use store::{AllConnections, ClientHealth, Lease, TokenCommit, TokenStore};
pub use view::{ConnectionState, ConnectionView};
