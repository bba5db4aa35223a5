//! `/outlook/masterCategories`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, lists::with_context};
use crate::world::{Category, User};

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let mailbox = permitted(turn)?;
    let items = turn.world.categories_of(&mailbox.id).iter().map(category_json).collect();
    turn.page(&format!("users('{}')/outlook/masterCategories", mailbox.id), items, 100)
}

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    let mailbox = permitted(turn)?;
    let body = turn.body()?;
    let name = body.get("displayName").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
    let Some(name) = name else { return Err(Failure::bad_request("ErrorInvalidRequest", "A category needs a name.")) };
    let color = body.get("color").and_then(Value::as_str).unwrap_or("none").to_ascii_lowercase();
    let preset = color.strip_prefix("preset").and_then(|number| number.parse::<u8>().ok());
    if color != "none" && preset.is_none_or(|number| number > 24) {
        return Err(Failure::bad_request("BadRequest", "The color is not one of the presets."));
    }
    let category = Category { id: turn.world.ids.guid("category"), name: name.to_owned(), color };
    let known = turn.world.categories_of(&mailbox.id);
    if known.iter().any(|one| one.name.to_lowercase() == name.to_lowercase()) {
        // the documentation says that a name is unique in the list; status and code are assumed
        let message = "A category with the specified name already exists.";
        return Err(Failure::new(StatusCode::CONFLICT, "ErrorItemAlreadyExists", message));
    }
    known.push(category.clone());
    let context = turn.context(&format!("users('{}')/outlook/masterCategories/$entity", mailbox.id));
    Ok(turn.entity(StatusCode::CREATED, with_context(context, category_json(&category))))
}

fn permitted(turn: &Turn<'_>) -> Result<User, Failure> {
    let mailbox = turn.mailbox()?;
    if turn.world.settings.categories_denied { Err(Failure::access_denied()) } else { Ok(mailbox) }
}

fn category_json(category: &Category) -> Value {
    json!({ "id": category.id, "displayName": category.name, "color": category.color })
}
