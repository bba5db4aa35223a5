//! Cisco Webex meetings and invitees through the Webex REST API
#![cfg_attr(docsrs, feature(doc_cfg))]
