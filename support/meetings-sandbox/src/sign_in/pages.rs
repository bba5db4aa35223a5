//! `/_sandbox/sign-in`: choose an account, then agree or decline. A page holds an unguessable name of the request and nothing of it.

use http::StatusCode;
use url::Url;

use super::{
    Account, Asked, PATIENCE, SignIn,
    administrators::{may_grant, only_for_administrators, refusal},
    fresh_name,
};
use crate::{
    serve::{
        Call, Reply,
        html::{self, escaped, isolated},
    },
    world::{AuthorizationSide, World},
};

const PATH: &str = "/_sandbox/sign-in";

/// The first page.
pub(crate) fn begin(world: &mut World, asked: Asked) -> Reply {
    let now = world.now();
    world.sign_ins.retain(|_, sign_in| sign_in.until > now);
    let name = match fresh_name() {
        Ok(name) => name,
        Err(page) => return page,
    };
    let reply = choice(&name, &asked, asked.accounts(world), None);
    world.sign_ins.insert(name, SignIn { asked, account: None, until: now + PATIENCE });
    reply
}

/// What the person chose.
pub(crate) fn answer(world: &mut World, call: &Call) -> Reply {
    let form = call.form();
    let field = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let (name, now) = (field("sign_in").unwrap_or_default(), world.now());
    let Some(sign_in) = world.sign_ins.get(name).filter(|sign_in| sign_in.until > now).cloned() else {
        return over();
    };
    let asked = sign_in.asked;
    match (field("account"), field("answer"), sign_in.account) {
        (Some(address), None, _) => {
            let mut accounts = asked.accounts(world);
            let chosen = accounts.iter().position(|account| account.address == address);
            let Some(chosen) = chosen.map(|place| accounts.swap_remove(place)) else {
                return choice(name, &asked, accounts, Some("This account cannot sign in here."));
            };
            let reply = consent(name, &asked, &chosen);
            if let Some(sign_in) = world.sign_ins.get_mut(name) {
                sign_in.account = Some(chosen.id);
            }
            reply
        }
        (None, Some(answer @ ("accept" | "deny")), Some(user)) => {
            let accounts = asked.accounts(world);
            let Some(account) = accounts.iter().find(|account| account.id == user) else {
                return choice(name, &asked, accounts, Some("This account cannot sign in here."));
            };
            let may = may_grant(asked.side, &asked.scope, account.administrator);
            world.sign_ins.remove(name);
            match (may, answer) {
                (false, _) => asked.refused(),
                (true, "accept") => asked.agreed(world, user),
                (true, _) => asked.declined(),
            }
        }
        (None, Some("deny"), None) => {
            world.sign_ins.remove(name);
            asked.declined()
        }
        _ => over(),
    }
}

fn over() -> Reply {
    let text = "This sign-in is over, was answered, or was never begun. Begin again in the application.";
    html::notice(StatusCode::BAD_REQUEST, "Sign in", text)
}

fn choice(name: &str, asked: &Asked, mut accounts: Vec<Account>, problem: Option<&str>) -> Reply {
    // who the application expects comes first
    let hinted =
        |account: &Account| asked.hint.as_deref().is_some_and(|hint| account.address.eq_ignore_ascii_case(hint));
    accounts.sort_by_key(|account| !hinted(account));
    let problem = problem.map(|text| format!("<p role=\"alert\">{}</p>", escaped(text))).unwrap_or_default();
    let body = format!(
        "{problem}<p>{} asks you to sign in. Choose an account; nothing here is real.</p>\n\
         <form method=\"post\" action=\"{PATH}\"><input type=\"hidden\" name=\"sign_in\" value=\"{}\">\n{}\n</form>{}",
        escaped(&asked.client),
        escaped(name),
        buttons(&accounts),
        decline(name),
    );
    html::page(StatusCode::OK, title(asked.side), &body, &target(asked))
}

/// A button for each account.
pub(super) fn buttons(accounts: &[Account]) -> String {
    let button = |account: &Account| {
        let (name, address) = (isolated(&account.name), isolated(&account.address));
        let value = escaped(&account.address);
        format!("<p><button name=\"account\" value=\"{value}\">{name} &lt;{address}&gt;</button></p>")
    };
    accounts.iter().map(button).collect::<Vec<_>>().join("\n")
}

/// What is wanted, one by one.
pub(super) fn list(side: AuthorizationSide, scopes: &str) -> String {
    let item = |scope: &str| {
        let whose = if only_for_administrators(side, scope) { " (administrators only)" } else { "" };
        format!("<li>{}{whose}</li>", isolated(scope))
    };
    format!("<ul>{}</ul>", scopes.split_whitespace().map(item).collect::<String>())
}

fn decline(name: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{PATH}\"><input type=\"hidden\" name=\"sign_in\" value=\"{}\">\
         <button name=\"answer\" value=\"deny\">Cancel</button></form>",
        escaped(name)
    )
}

fn consent(name: &str, asked: &Asked, account: &Account) -> Reply {
    let accept = if may_grant(asked.side, &asked.scope, account.administrator) {
        "<button name=\"answer\" value=\"accept\">Accept</button>".to_owned()
    } else {
        format!("<p role=\"alert\">{} Ask an administrator, or go back to the application.</p>", refusal(asked.side))
    };
    let body = format!(
        "<p>Signed in as {} &lt;{}&gt;.</p><p>{} wants to:</p>{}\n\
         <form method=\"post\" action=\"{PATH}\"><input type=\"hidden\" name=\"sign_in\" value=\"{}\">\n\
         {accept}<button name=\"answer\" value=\"deny\">Cancel</button></form>",
        isolated(&account.name),
        isolated(&account.address),
        escaped(&asked.client),
        list(asked.side, &asked.scope),
        escaped(name),
    );
    html::page(StatusCode::OK, "Permissions requested", &body, &target(asked))
}

/// Browsers hold the redirect after a form to the policy of the form's page.
fn target(asked: &Asked) -> String {
    Url::parse(&asked.redirect).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

pub(super) fn title(side: AuthorizationSide) -> &'static str {
    match side {
        AuthorizationSide::Microsoft => "Sign in (Microsoft, in the sandbox)",
        AuthorizationSide::Webex => "Sign in (Webex, in the sandbox)",
    }
}
