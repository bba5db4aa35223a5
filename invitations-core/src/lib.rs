//! Invitations that end in exactly one meeting: the contracts, the invitation machine, the token lifecycle
#![cfg_attr(docsrs, feature(doc_cfg))]
