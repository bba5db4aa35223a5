//! Stores for invitations-core and calendar-sync on SQLite and PostgreSQL
#![cfg_attr(docsrs, feature(doc_cfg))]
