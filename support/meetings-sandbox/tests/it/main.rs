//! The sandbox, asked in process and over sockets.

mod bench;
mod calendars;
mod control;
mod credentials;
mod directory;
mod faults;
mod identity;
mod invitations;
mod page;
mod roles;
mod series;
mod sockets;
mod suggestions;
mod teams;
#[cfg(feature = "tls")]
mod tls;
mod webex;
mod webex_artifacts;
mod webex_input;
mod webex_instances;
mod webex_join;
mod webex_lists;
mod webex_presence;
mod webex_protocol;
mod webex_series;
mod webex_webhooks;
