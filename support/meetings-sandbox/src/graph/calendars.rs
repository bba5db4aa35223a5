//! `/calendar` and `/calendars`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, lists::with_context};
use crate::{
    serve::Reply,
    world::{Calendar, User},
};

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let calendar = turn.calendar(&mailbox)?;
    let context = turn.context(&format!("users('{}')/calendars/$entity", mailbox.id));
    Ok(turn.entity(StatusCode::OK, with_context(context, calendar_json(&mailbox, &calendar))))
}

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    turn.world.default_calendar(&mailbox.id);
    let calendars = turn.world.calendars.iter().filter(|c| c.mailbox == mailbox.id);
    let calendars: Vec<Value> = calendars.map(|c| calendar_json(&mailbox, c)).collect();
    turn.page(&format!("users('{}')/calendars", mailbox.id), calendars, 100)
}

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let body = turn.body()?;
    let Some(name) = body.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty()) else {
        return Err(Failure::bad_request("ErrorInvalidRequest", "A calendar needs a name."));
    };
    turn.world.default_calendar(&mailbox.id);
    let taken = turn.world.calendars.iter().any(|c| c.mailbox == mailbox.id && c.name.eq_ignore_ascii_case(name));
    if taken {
        let message = "A folder with the specified name already exists.";
        return Err(Failure::new(StatusCode::CONFLICT, "ErrorFolderExists", message));
    }
    let mut calendar = turn.world.make_calendar(&mailbox.id, name);
    if let Some(color) = body.get("color").and_then(Value::as_str) {
        turn.world.paint_calendar(&calendar.id, color);
        calendar.color = Some(color.to_owned());
    }
    if turn.world.settings.calendar_ids_differ {
        // observed: another id than lists show afterwards. That it leads nowhere is assumed
        calendar.id = turn.world.ids.item("calendar-answer");
    }
    let context = turn.context(&format!("users('{}')/calendars/$entity", mailbox.id));
    Ok(turn.entity(StatusCode::CREATED, with_context(context, calendar_json(&mailbox, &calendar))))
}

/// Removes a calendar and its events; the default calendar stays.
pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let calendar = turn.calendar(&mailbox)?;
    if calendar.default {
        let message = "The default calendar can't be deleted.";
        return Err(Failure::bad_request("ErrorDeleteDistinguishedFolder", message));
    }
    for event in turn.world.events.iter_mut().filter(|e| e.calendar == calendar.id && !e.deleted) {
        event.deleted = true;
    }
    turn.world.calendars.retain(|c| c.id != calendar.id);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn calendar_json(mailbox: &User, calendar: &Calendar) -> Value {
    let provider = if mailbox.calendar_teams { "teamsForBusiness" } else { "unknown" };
    let allowed = if mailbox.calendar_teams { vec!["teamsForBusiness"] } else { vec![] };
    json!({
        "id": calendar.id,
        "name": calendar.name,
        "color": calendar.color.as_deref().unwrap_or("auto"),
        "hexColor": "",
        "isDefaultCalendar": calendar.default,
        "changeKey": calendar.change_key,
        "canShare": true,
        "canViewPrivateItems": true,
        "canEdit": true,
        "allowedOnlineMeetingProviders": allowed,
        "defaultOnlineMeetingProvider": provider,
        "isTallyingResponses": true,
        "isRemovable": !calendar.default,
        "owner": { "name": mailbox.name, "address": mailbox.mail },
    })
}
