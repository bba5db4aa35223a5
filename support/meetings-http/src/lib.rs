//! The one road to a meeting provider: transport, bearer tokens, retries, limits and page links
#![cfg_attr(docsrs, feature(doc_cfg))]
