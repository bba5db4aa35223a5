use http::{HeaderMap, StatusCode};
use invitations_core::{Result, token::DeviceAnswer};
use meetings_http::{DeviceStyle, Origin, read_rfc8628};

use crate::wire::ErrorBody;

/// A device asks at a place of its own, with the secret as HTTP Basic.
pub(super) fn style(origin: &Origin) -> Result<DeviceStyle> {
    let at = |path: &str| origin.join(path);
    Ok(DeviceStyle { authorize: at("/v1/device/authorize")?, token: at("/v1/device/token")?, basic: true, read })
}

/// Pending is a status of its own; the other words may stand in Webex's shape or in that of RFC 6749.
fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<DeviceAnswer> {
    if status == StatusCode::PRECONDITION_REQUIRED {
        return Some(DeviceAnswer::Pending);
    }
    let own = ErrorBody::read(body);
    let said = || match () {
        () if own.says(&["authorization_pending"]) => Some(DeviceAnswer::Pending),
        () if own.says(&["slow_down"]) => Some(DeviceAnswer::SlowDown),
        () if own.says(&["access_denied"]) => Some(DeviceAnswer::Denied),
        () if own.says(&["expired_token"]) => Some(DeviceAnswer::Expired),
        () => None,
    };
    read_rfc8628(status, headers, body).or_else(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> String {
        format!("{:?}", read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes()))
    }

    #[test]
    fn both_shapes_and_the_status_of_its_own() {
        let own = |word: &str| format!(r#"{{"message":"m","errors":[{{"description":"{word}"}}],"trackingId":"T"}}"#);
        let standard = |word: &str| format!(r#"{{"error":"{word}"}}"#);
        assert_eq!(said(428, "<html>"), "Some(Pending)");
        for (word, expected) in [
            ("authorization_pending", "Some(Pending)"),
            ("slow_down", "Some(SlowDown)"),
            ("access_denied", "Some(Denied)"),
            ("expired_token", "Some(Expired)"),
            ("invalid_grant", "None"),
            ("tokenlimit_reached", "None"),
        ] {
            assert_eq!((said(400, &own(word)).as_str(), said(400, &standard(word)).as_str()), (expected, expected));
        }
    }
}
