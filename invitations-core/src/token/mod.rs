//! The life of a token. HTTP is on the other side of [`AuthorizationServer`].

mod connection;
mod server;
mod source;
mod store;

pub use connection::{Cause, Connection, ConnectionStatus, Flow, Intent};
pub use server::{
    AuthorizationRequest, AuthorizationServer, Grant, GrantFailure, GrantFailureClass, Rotation, ServerProfile,
    Subject, TokenReply,
};
pub use source::{AccessToken, AfterReject, Rejected, TokenSource};
pub use store::{ClientHealth, Lease, TokenCommit, TokenStore};
