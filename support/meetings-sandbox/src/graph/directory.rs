//! `/organization` and `/users/{id}/licenseDetails`. The names of licences and service plans are those of
//! <https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, lists::with_context};
use crate::defaults;

pub(super) fn organization(turn: &mut Turn<'_>) -> Answer {
    let one = json!({ "id": defaults::DIRECTORY_ID, "displayName": "Contoso" });
    turn.page("organization", vec![one], 100)
}

/// Whoever may organize Teams meetings has a licence with Teams; guests have none.
pub(super) fn licences(turn: &mut Turn<'_>) -> Answer {
    let user = turn.target_user()?;
    let mut plans = vec![plan("EXCHANGE_S_STANDARD", "9aaf7827-d63c-4b61-89c3-182f06f82e5c")];
    if user.teams {
        plans.push(plan("TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929"));
    }
    let licences = json!({
        "id": "sandbox-licence", "skuId": "3b555118-da6a-4418-894f-7df1e2096870", "skuPartNumber": "O365_BUSINESS_ESSENTIALS",
        "servicePlans": plans,
    });
    let licences = if user.guest.is_some() || user.personal { Vec::new() } else { vec![licences] };
    let context = turn.context(&format!("users('{}')/licenseDetails", user.id));
    let body = with_context(context, json!({ "value": licences }));
    Ok(turn.entity(StatusCode::OK, body))
}

fn plan(name: &str, id: &str) -> Value {
    json!({ "servicePlanId": id, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User" })
}
