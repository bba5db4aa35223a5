//! `/_sandbox/device`: the page to which a device without a browser sends its user (RFC 8628, 3.3).

use chrono::{DateTime, Utc};
use http::StatusCode;

use super::{
    PATIENCE, accounts,
    administrators::{may_grant, refusal},
    fresh_name,
    pages::{buttons, list, title},
};
use crate::{
    serve::{
        Call, Reply,
        html::{self, escaped},
    },
    world::{AuthorizationSide, World},
};

const PATH: &str = "/_sandbox/device";
const TITLE: &str = "Connect a device";

/// A page that asks whether a device may sign in. The code alone is no proof of it: whoever began the sign-in knows the code.
#[derive(Clone, Debug)]
pub(crate) struct DevicePage {
    user_code: String,
    until: DateTime<Utc>,
}

/// Asks for the code, or, with one (`user_code`, Webex's `userCode`), for an account and consent.
pub(crate) fn page(world: &mut World, call: &Call) -> Reply {
    let code = call.parameter("user_code").or_else(|| call.parameter("userCode")).map(typed).unwrap_or_default();
    if code.is_empty() {
        return question(StatusCode::OK, "");
    }
    let now = world.now();
    world.device_pages.retain(|_, page| page.until > now);
    let name = match fresh_name() {
        Ok(name) => name,
        Err(page) => return page,
    };
    let Some((side, client, scope)) = world.open_device(&code) else { return unknown() };
    // a device signs in whoever is there: the directory's people and personal accounts
    let accounts = accounts(world, side, |_| true);
    let body = format!(
        "<p>A device of {} shows the code {}. Does yours?</p><p>It wants to:</p>{}\n\
         <form method=\"post\" action=\"{PATH}\"><input type=\"hidden\" name=\"sign_in\" value=\"{}\">\n\
         <p>Allow it as:</p>{}\n<button name=\"answer\" value=\"deny\">Cancel</button></form>",
        escaped(client),
        escaped(&code),
        list(side, scope),
        escaped(&name),
        buttons(&accounts),
    );
    let reply = html::page(StatusCode::OK, title(side), &body, "");
    world.device_pages.insert(name, DevicePage { user_code: code, until: now + PATIENCE });
    reply
}

/// What the person chose.
pub(crate) fn answer(world: &mut World, call: &Call) -> Reply {
    let form = call.form();
    let field = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let now = world.now();
    let page = world.device_pages.remove(field("sign_in").unwrap_or_default()).filter(|page| page.until > now);
    let Some(DevicePage { user_code, .. }) = page else {
        return question(StatusCode::BAD_REQUEST, "This page is over, or was answered already. Type the code again.");
    };
    let (account, done) = match (field("account"), field("answer")) {
        (Some(address), None) => (Some(address), "The device is signed in. You may close this page."),
        (None, Some("deny")) => (None, "The device is not signed in. You may close this page."),
        _ => return unknown(),
    };
    let Some((side, _, scope)) = world.open_device(&user_code) else { return unknown() };
    if let Some(address) = account {
        let accounts = accounts(world, side, |_| true);
        let Some(chosen) = accounts.iter().find(|account| account.address == address) else {
            return question(StatusCode::BAD_REQUEST, "This account cannot sign in here. Type the code again.");
        };
        if !may_grant(side, scope, chosen.administrator) {
            let text = format!("{} The device still waits: type the code again, for an administrator.", refusal(side));
            return question(StatusCode::FORBIDDEN, &text);
        }
    }
    if !world.decide_device(&user_code, account) {
        return unknown();
    }
    html::notice(StatusCode::OK, TITLE, done)
}

/// People type it with dashes, with spaces, in small letters.
fn typed(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase()
}

fn unknown() -> Reply {
    question(
        StatusCode::BAD_REQUEST,
        "This code is unknown, over, or was answered already. Ask the device for a new one.",
    )
}

fn question(status: StatusCode, problem: &str) -> Reply {
    let problem =
        if problem.is_empty() { String::new() } else { format!("<p role=\"alert\">{}</p>", escaped(problem)) };
    let body = format!(
        "{problem}<form method=\"get\" action=\"{PATH}\"><label>Code that the device shows: \
         <input type=\"text\" name=\"user_code\" autocomplete=\"off\" required></label>\n<button>Next</button></form>"
    );
    html::page(status, TITLE, &body, "")
}

impl World {
    /// Side, client and scope of a sign-in that waits for its user.
    fn open_device(&self, user_code: &str) -> Option<(AuthorizationSide, &str, &str)> {
        let now = self.now();
        let mut waiting = self.devices.values().filter(|sign_in| sign_in.is_open(user_code, now));
        waiting.next().map(|sign_in| (sign_in.side, sign_in.client.as_str(), sign_in.scope.as_str()))
    }
}
