//! What Webex takes and tells beside its document. Each line must be needed: `every_known_line_is_needed`.

use super::super::known::Terms;

pub(super) const WEBEX: &Terms = &Terms { known: &[], query: &[], aliases: &[] };
