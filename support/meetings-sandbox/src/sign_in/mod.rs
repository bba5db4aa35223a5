//! Signing in: what an application asked for, and how the answer goes back to it. Without a browser it is given at once; with one a
//! person chooses an account and agrees or declines (`pages`), also for a device (`device`).

mod administrators;
pub(crate) mod device;
pub(crate) mod pages;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use url::Url;

use crate::{
    serve::{Call, Reply, html},
    world::{AuthorizationSide, Challenge, Code, World},
};

/// How long a page waits for an answer.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// A request of the authorize endpoint that may be answered: client and redirect are registered.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) side: AuthorizationSide,
    pub(crate) client: String,
    /// As it was sent.
    pub(crate) redirect: String,
    pub(crate) scope: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) hint: Option<String>,
    /// Answered behind `#` and not behind `?`.
    pub(crate) fragment: bool,
    /// Personal accounts (`consumers`), the directory's, or both (`common`).
    pub(crate) personal: Option<bool>,
}

/// A sign-in that a person has begun.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    asked: Asked,
    /// Who signed in, by object id or person id.
    account: Option<String>,
    until: DateTime<Utc>,
}

/// Somebody who can sign in.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) administrator: bool,
}

impl Asked {
    /// `redirect` is registered already.
    pub(crate) fn read(side: AuthorizationSide, call: &Call, client: &str, redirect: &str) -> Self {
        let own = |name: &str| call.parameter(name).map(str::to_owned);
        Self {
            side,
            client: client.to_owned(),
            redirect: redirect.to_owned(),
            scope: own("scope").unwrap_or_default(),
            challenge: own("code_challenge")
                .map(|value| Challenge { value, s256: call.parameter("code_challenge_method") == Some("S256") }),
            nonce: own("nonce"),
            state: own("state"),
            hint: own("login_hint"),
            fragment: false,
            personal: None,
        }
    }

    /// Who may answer.
    pub(crate) fn accounts(&self, world: &World) -> Vec<Account> {
        let may = |personal: bool| self.personal.is_none_or(|wanted| wanted == personal);
        accounts(world, self.side, may)
    }

    /// Back with a code.
    pub(crate) fn agreed(self, world: &mut World, user: String) -> Reply {
        let now = world.now();
        let code = Code {
            client: self.client.clone(),
            user,
            redirect_uri: self.redirect.clone(),
            scope: self.scope.clone(),
            challenge: self.challenge.clone(),
            nonce: self.nonce.clone(),
            expires: now,
            used: false,
        };
        let code = world.issue_code(self.side, code, now);
        self.back(&[("code", &code)])
    }

    /// Back with an error.
    pub(crate) fn failed(&self, error: &str, description: Option<&str>) -> Reply {
        let mut pairs = vec![("error", error)];
        pairs.extend(description.map(|text| ("error_description", text)));
        self.back(&pairs)
    }

    /// The person declined.
    pub(crate) fn declined(&self) -> Reply {
        let description = match self.side {
            AuthorizationSide::Microsoft => Some("AADSTS65004: User declined to consent to access the app."),
            AuthorizationSide::Webex => None,
        };
        self.failed("access_denied", description)
    }

    /// The person may not grant it. Webex: one of the words it sends back; which one goes with this is not documented.
    pub(crate) fn refused(&self) -> Reply {
        match self.side {
            AuthorizationSide::Microsoft => self.failed("access_denied", Some(administrators::refusal(self.side))),
            AuthorizationSide::Webex => self.failed("invalid_scope", None),
        }
    }

    fn back(&self, pairs: &[(&str, &str)]) -> Reply {
        // it was a URL when it was compared with the registered ones
        let Ok(mut url) = Url::parse(&self.redirect) else { return Reply::empty(StatusCode::BAD_REQUEST) };
        let state = self.state.as_deref().map(|state| ("state", state));
        let pairs = pairs.iter().copied().chain(state);
        if self.fragment {
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            url.set_fragment(Some(&text));
        } else {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Reply::redirect(url.into())
    }
}

/// Whether a browser asks, in which a person can choose.
pub(crate) fn by_a_person(call: &Call) -> bool {
    call.header("accept").is_some_and(|accept| accept.contains("text/html")) && call.parameter("prompt") != Some("none")
}

/// The name that a page carries: of the system's randomness, because what comes from the seed can be computed by anybody.
fn fresh_name() -> Result<String, Reply> {
    let mut bytes = [0; 32];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => Ok(BASE64URL_NOPAD.encode(&bytes)),
        Err(_) => {
            let text = "The system gives no random numbers. Try again.";
            Err(html::notice(StatusCode::INTERNAL_SERVER_ERROR, "Sign in", text))
        }
    }
}

/// Everybody who signs in on this side; `may` is asked whether the account is a personal one.
fn accounts(world: &World, side: AuthorizationSide, may: impl Fn(bool) -> bool) -> Vec<Account> {
    let account = |id: &str, address: &str, name: &str, administrator: bool| Account {
        id: id.to_owned(),
        address: address.to_owned(),
        name: name.to_owned(),
        administrator,
    };
    match side {
        AuthorizationSide::Microsoft => world
            .users
            .values()
            .filter(|user| may(user.personal))
            .map(|user| account(&user.id, &user.mail, &user.name, user.administrator))
            .collect(),
        AuthorizationSide::Webex => world
            .people
            .values()
            .filter(|person| world.signs_in(person))
            .map(|person| account(&person.id, &person.address, &person.name, person.administrator))
            .collect(),
    }
}
