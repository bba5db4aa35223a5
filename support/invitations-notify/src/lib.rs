//! Delivers invitation notices: mail, signed webhooks, a folder for development
#![cfg_attr(docsrs, feature(doc_cfg))]
