//! Keeps calendars true: pushes an application's records to provider calendars, once each
#![cfg_attr(docsrs, feature(doc_cfg))]
