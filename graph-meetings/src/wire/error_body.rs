use serde::Deserialize;

/// Graph's error body: the innermost code that is understood counts, the message never does.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    /// Codes from the innermost to the outermost.
    pub(crate) codes: Vec<String>,
    /// For the two failures that have nothing else to tell them by. Holds other people's data: never shown.
    pub(crate) message: String,
}

#[derive(Deserialize)]
struct Envelope {
    error: Level,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Level {
    code: Option<String>,
    message: Option<String>,
    #[serde(alias = "innererror")]
    #[serde(rename = "innerError")]
    inner: Option<Box<Self>>,
}

impl ErrorBody {
    /// Reads `body`; anything else than an error body has no codes.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(Envelope { error }) = serde_json::from_slice::<Envelope>(body) else { return Self::default() };
        let message = error.message.clone().unwrap_or_default();
        let mut codes = Vec::new();
        let mut level = Some(Box::new(error));
        while let Some(this) = level {
            codes.extend(this.code.filter(|code| is_code(code)));
            level = this.inner;
        }
        codes.reverse();
        Self { codes, message }
    }
}

/// The longest code that is known of Exchange has 50 letters.
const LONGEST: usize = 52;
const MOST_DIGITS: usize = 8;

/// A name that can be shown, perhaps with a number behind it: not a sentence, and not a secret that something on the way has put there.
/// Random text in base64, base64url or hexadecimal has digits everywhere.
fn is_code(code: &str) -> bool {
    let name = code.trim_end_matches(|c: char| c.is_ascii_digit());
    let fine = |c: u8| c.is_ascii_alphabetic() || c == b'_' || c == b'.';
    (1..=LONGEST).contains(&code.len()) && code.len() - name.len() <= MOST_DIGITS && name.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_code_is_first_and_either_spelling_is_read() {
        let body = br#"{"error":{"code":"generalException","message":"m","innererror":{"code":"quotaLimitReached",
            "innerError":{"request-id":"1","date":"2024-01-01T00:00:00"}}}}"#;
        assert_eq!(ErrorBody::read(body).codes, ["quotaLimitReached", "generalException"]);
    }

    #[test]
    fn empty_codes_html_and_sentences_are_no_codes() {
        for body in [r#"{"error":{"code":"","message":""}}"#, "<html>", "", r#"{"error":"invalid"}"#, "[]"] {
            assert!(ErrorBody::read(body.as_bytes()).codes.is_empty(), "{body}");
        }
        assert!(ErrorBody::read(br#"{"error":{"code":"user ada@contoso.example"}}"#).codes.is_empty());
    }

    #[test]
    fn names_and_numbers_are_codes_and_secrets_are_none() {
        for code in
            ["Request_BadRequest", "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange", "AADSTS7000222", "7507", "a.b"]
        {
            assert!(is_code(code), "{code}");
        }
        for secret in [
            "eyJ0eXAiOiJKV1QiLCJub25jZSI6IjE",
            "VHNIdTVRR3dZSDNhR0NrbTdma2VYVmh1bkhCRGxURzNOWVZNeVJy",
            "5473487535514777594833614743",
            "0x54",
            "a letter of its own",
            "",
        ] {
            assert!(!is_code(secret), "{secret}");
        }
        assert!(!is_code(&"a".repeat(LONGEST + 1)));
    }
}
