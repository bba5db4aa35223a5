use http::HeaderMap;
use invitations_core::{ids::RequestId, runtime::Entropy};

/// The headers in which providers name a request: Microsoft Graph, Webex, and the common ones.
const NAMES: [&str; 4] = ["request-id", "trackingid", "x-ms-request-id", "x-request-id"];

/// The provider's own id of a request, from its reply. Its support asks for it.
pub fn provider_request_id(headers: &HeaderMap) -> Option<RequestId> {
    let id = NAMES.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
    // an id that is longer is not one, and it goes into logs
    (id.len() <= 128).then(|| RequestId::parse(id).ok()).flatten()
}

/// A random UUID (version 4, RFC 9562) in its usual text form: our own name for a request, sent along so that both sides' logs
/// can be joined. Without randomness it is all zeros but for the version: an id for logs is no reason to fail.
pub fn client_request_id(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    if entropy.fill(&mut bytes).is_err() {
        bytes = [0; 16];
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (group, dash) in
        [(&bytes[..4], "-"), (&bytes[4..6], "-"), (&bytes[6..8], "-"), (&bytes[8..10], "-"), (&bytes[10..], "")]
    {
        data_encoding::HEXLOWER.encode_append(group, &mut text);
        text.push_str(dash);
    }
    text
}
