//! `/users`, `/users/{id}`, `/me`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Failure, Turn, lists::with_context, route::Target};
use crate::{serve::Reply, time::whole_seconds, world::User};

/// What comes back without `$select`.
const BY_DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];
const USERS_PER_PAGE: usize = 100;

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    if let Target::User(key) = &turn.route.target {
        turn.spend_hidden_read(key)?;
    }
    let user = turn.target_user()?;
    let context = turn.context("users/$entity");
    Ok(turn.entity(StatusCode::OK, with_context(context, turn.user_json(&user))))
}

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let filter = turn.call.parameter("$filter").map(parse_filter).transpose()?;
    let mut found = Vec::new();
    for id in turn.world.users.keys().cloned().collect::<Vec<_>>() {
        let Some(user) = turn.world.users.get(&id).cloned() else { continue };
        let matches = filter.as_ref().is_none_or(|any| any.iter().any(|all| all.iter().all(|c| c.holds(&user))));
        if matches && turn.spend_hidden_read(&id).is_ok() {
            found.push(turn.user_json(&user));
        }
    }
    turn.page("users", found, USERS_PER_PAGE)
}

/// Guests only: the sandbox does not let a client remove members.
pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let user = turn.target_user()?;
    if user.guest.is_none() {
        let message = "Insufficient privileges to complete the operation.";
        return Err(Failure::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message));
    }
    turn.world.users.remove(&user.id);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

impl Turn<'_> {
    /// A new guest may be unreadable for some reads: directories replicate.
    fn spend_hidden_read(&mut self, key: &str) -> Result<(), Failure> {
        let id = self.world.user(key).map(|user| user.id.clone());
        let guest = id.and_then(|id| self.world.users.get_mut(&id)).and_then(|user| user.guest.as_mut());
        match guest {
            Some(guest) if guest.hidden_reads > 0 => {
                guest.hidden_reads -= 1;
                Err(Failure::no_such_resource(key))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn user_json(&self, user: &User) -> Value {
        let mut names = user.name.splitn(2, ' ');
        let guest = user.guest.as_ref();
        let all = json!({
            "id": user.id,
            "displayName": user.name,
            "givenName": if guest.is_some() { None } else { names.next() },
            "surname": if guest.is_some() { None } else { names.next() },
            "mail": user.mail,
            "userPrincipalName": user.upn,
            "otherMails": if guest.is_some() { vec![&user.mail] } else { vec![] },
            "proxyAddresses": [format!("SMTP:{}", user.mail)],
            "businessPhones": [],
            "jobTitle": null,
            "mobilePhone": null,
            "officeLocation": null,
            "preferredLanguage": null,
            "companyName": null,
            "accountEnabled": guest.is_none_or(|guest| !guest.blocked),
            "userType": user.kind(),
            "creationType": guest.map(|_| "Invitation"),
            "createdDateTime": whole_seconds(user.created),
            "externalUserState": guest.map(crate::world::Guest::state),
            "externalUserStateChangeDateTime": guest.map(|g| whole_seconds(g.changed)),
        });
        let Value::Object(all) = all else { return all };
        let selecting = self.call.parameter("$select").is_some();
        let kept: Map<_, _> =
            all.into_iter().filter(|(name, _)| selecting || BY_DEFAULT.contains(&name.as_str())).collect();
        Value::Object(kept)
    }
}

/// `property eq 'value'`, `property/any(x:x eq 'value')`, or `startswith(property,'value')`.
struct Condition {
    property: String,
    value: String,
    /// `startswith(property,'value')`.
    start: bool,
}

impl Condition {
    fn holds(&self, user: &User) -> bool {
        let same = |text: &str| match text.get(..self.value.len()) {
            Some(start) if self.start => start.eq_ignore_ascii_case(&self.value),
            _ => text.eq_ignore_ascii_case(&self.value),
        };
        match self.property.as_str() {
            "id" => same(&user.id),
            "mail" => same(&user.mail),
            "userprincipalname" => same(&user.upn),
            "displayname" => same(&user.name),
            "othermails" => user.guest.is_some() && same(&user.mail),
            "proxyaddresses" => same(&format!("smtp:{}", user.mail)),
            "usertype" => same(user.kind()),
            "externaluserstate" => user.guest.as_ref().is_some_and(|guest| same(guest.state())),
            _ => false,
        }
    }
}

const FILTERABLE: [&str; 8] =
    ["id", "mail", "userprincipalname", "displayname", "othermails", "proxyaddresses", "usertype", "externaluserstate"];

/// A disjunction of conjunctions, which is what clients of this API need.
fn parse_filter(filter: &str) -> Result<Vec<Vec<Condition>>, Failure> {
    let parsed = split_outside_quotes(filter, " or ");
    parsed.iter().map(|any| split_outside_quotes(any, " and ").iter().map(|c| condition(c)).collect()).collect()
}

fn condition(text: &str) -> Result<Condition, Failure> {
    let unsupported = || Failure::not_modelled(&format!("graph.users.list with $filter={text}"));
    let text = text.trim().trim_start_matches('(').trim();
    let started = text.strip_prefix("startswith(").and_then(|inside| inside.split_once(','));
    let start = started.is_some();
    let (left, right) = started.or_else(|| text.split_once(" eq ")).ok_or_else(unsupported)?;
    let value = right.trim().trim_end_matches(')').trim();
    let value = value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')).ok_or_else(unsupported)?;
    let property = left.split("/any(").next().unwrap_or(left).trim().to_ascii_lowercase();
    if !FILTERABLE.contains(&property.as_str()) {
        return Err(unsupported());
    }
    Ok(Condition { property, value: value.replace("''", "'"), start })
}

/// Splits at a separator that stands outside of quoted text.
pub(super) fn split_outside_quotes(text: &str, separator: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted, mut rest) = (Vec::new(), String::new(), false, text);
    while let Some(letter) = rest.chars().next() {
        if !quoted && rest.is_char_boundary(separator.len().min(rest.len())) && rest.starts_with(separator) {
            parts.push(std::mem::take(&mut part));
            rest = &rest[separator.len()..];
            continue;
        }
        quoted ^= letter == '\'';
        part.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    parts.push(part);
    parts
}
