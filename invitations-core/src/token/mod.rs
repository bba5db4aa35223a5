//! The life of a token. HTTP is on the other side of [`AuthorizationServer`].

mod application;
mod builder;
mod cache;
mod connect;
mod connection;
mod connections;
mod disconnect;
mod grant;
mod keep_alive;
mod machine;
mod patience;
mod persist;
mod refresh;
mod rejected;
mod reseal;
mod server;
mod shared_error;
mod source;
mod store;
mod vault;

pub use application::ApplicationTokens;
pub use builder::ConnectionsBuilder;
pub use connect::{BeginOptions, Connected};
pub use connection::{Cause, Connection, ConnectionStatus, Flow, Intent};
pub use connections::Connections;
pub use reseal::{Reseal, Resealed};
pub use server::{
    AuthorizationRequest, AuthorizationServer, Grant, GrantFailure, GrantFailureClass, Rotation, ServerProfile,
    Subject, TokenReply,
};
pub use source::{AccessToken, AfterReject, Rejected, TokenSource};
pub use store::{AllConnections, ClientHealth, Lease, TokenCommit, TokenStore};
