//! An offline Microsoft identity platform, Graph and Webex on loopback, for tests and demos
#![cfg_attr(docsrs, feature(doc_cfg))]
