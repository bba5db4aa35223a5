//! Values of Webex's members, in the shapes that they come in.

use serde_json::Value;

/// A text, or a number written as one. Empty counts as absent.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Flags come as booleans and, in some answers, as texts.
pub(super) fn flag_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A number that is none of less than nothing, its fraction dropped; also one that is written as a text.
pub(super) fn whole_of(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| without_fraction(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn without_fraction(number: f64) -> Option<u64> {
    // where doubles still tell whole numbers apart
    const MOST: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds that were checked")]
    (0.0..MOST).contains(&number).then_some(number as u64)
}
