//! Microsoft Teams meetings, Outlook calendars and guests through Microsoft Graph
#![cfg_attr(docsrs, feature(doc_cfg))]
