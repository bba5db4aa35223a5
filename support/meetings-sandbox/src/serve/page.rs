//! One small page at `/` that says what is running and where to look.

use http::StatusCode;

use super::Reply;

const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>meetings-sandbox</title></head>\n\
<body><h1>meetings-sandbox</h1>\n\
<p>An offline Entra token endpoint, Microsoft Graph and Webex. Nothing here is real.</p>\n\
<ul><li><a href=\"/_sandbox/state\">state</a></li><li><a href=\"/_sandbox/journal\">journal</a></li>\
<li><a href=\"/_sandbox/mails\">mails</a></li><li><a href=\"/_sandbox/faults\">faults</a></li></ul></body></html>\n";

pub(crate) fn overview() -> Reply {
    Reply::text(StatusCode::OK, "text/html; charset=utf-8", PAGE)
}
