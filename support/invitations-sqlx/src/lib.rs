//! Stores for invitations-core and calendar-sync on SQLite, and the one of connections on PostgreSQL.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("invitations.db");
//! use std::sync::Arc;
//!
//! use invitations_core::{
//!     ids::{PrincipalId, Role, TenantId},
//!     invitation::{Invitations, Invite, machine::Recipient},
//!     people::{CallerAuthorized, EmailAddress, Principal},
//! };
//! use invitations_sqlx::SqliteStore;
//!
//! let store = Arc::new(SqliteStore::open(file).await?);
//! let invitations = Invitations::builder(store)
//!     .authorizer(Arc::new(CallerAuthorized))
//!     .links_at("https://app.example/join".parse()?)
//!     .build()?;
//! let admin = Principal::new(PrincipalId::parse("admin")?);
//! let to = Recipient::Address(EmailAddress::parse("rosa@newcomers.example")?);
//! let invite = Invite::membership(Role::parse("teacher")?, to);
//! let invited = invitations.tenant(&TenantId::parse("school")?).invite(&admin, invite).await?;
//! assert!(invited.link.is_some()); // shown once: only its digest is stored
//! # Ok(())
//! # }
//! ```
//!
//! # In your own database and transaction
//!
//! [`SqliteStore::with_pool`] takes your pool and adds tables that start with `inv_`. [`SqliteStore::commit_in`] writes an acceptance inside a
//! transaction that you began with `BEGIN IMMEDIATE`, so that your account row and the acceptance stand or fall together.
//!
//! # On PostgreSQL
//!
//! `PgStore` (feature `postgres`) keeps connections, connect flows and the health of clients, for any number of machines: leases and due
//! work are decided by the database's clock. Invitations and mappings are on SQLite only. TLS is rustls with aws-lc-rs, as everywhere in
//! this family; the URL says whether it is used (`sslmode`).
//!
//! Nobody else is given the tables. Where a platform lends a schema to browsers (a REST layer over the database, or default privileges for a
//! role `anon`), keep them in another schema, which only the server's role may use: tokens are sealed there, but a row that somebody can
//! write is a connection that somebody can take away.
//!
//! # Features
//!
//! | feature | what |
//! |---|---|
//! | `sqlite` (default) | [`SqliteStore`] |
//! | `postgres` | `PgStore` |
//! | `calendar-sync` | its `MappingStore`, on SQLite |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "sqlite")]
mod batch;
#[cfg(feature = "sqlite")]
mod claims;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod columns;
#[cfg(feature = "sqlite")]
mod commit_in;
#[cfg(feature = "postgres")]
mod connect;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod dialect;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod error;
#[cfg(feature = "sqlite")]
mod invitations;
#[cfg(feature = "sqlite")]
mod links;
#[cfg(feature = "sqlite")]
mod listing;
#[cfg(all(feature = "sqlite", feature = "calendar-sync"))]
mod mappings;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod migrate;
#[cfg(feature = "sqlite")]
mod open;
#[cfg(feature = "sqlite")]
mod outbox;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod statement;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod store;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod times;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tokens;
#[cfg(feature = "sqlite")]
mod writer;

#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use connect::PgStore;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use open::SqliteStore;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use store::{Backend, Store};

/// Compiles the examples of the front page.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct FrontPage;
