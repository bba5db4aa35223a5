//! The notifiers, with real files, real messages and a scripted transport.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic, also in its helpers")]

mod mail;
mod spool;
mod webhook;
mod words;

use invitations_core::{
    ids::{InvitationId, TenantId},
    invitation::{About, Notice},
    people::EmailAddress,
    secret::InvitationLink,
};

fn invited(to: &str) -> Notice {
    let link = Some(InvitationLink::new("https://app.example/join#inv1_planted-secret"));
    let (tenant, id) = (TenantId::parse("school").unwrap(), InvitationId::parse("one").unwrap());
    Notice::new(tenant, id, "Maths\r\nBcc: x@y.example", About::Invited { link }, "one/invited 1")
        .to_address(EmailAddress::parse(to).unwrap())
}

#[test]
fn a_notice_does_not_show_its_link() {
    assert!(!format!("{:?}", invited("bob@x.example")).contains("planted-secret"));
}
