//! What the committed lists of public items must not show.

use house_tests::{public_api, workspace};

#[test]
fn reqwest_stands_in_no_signature_but_a_constructor() {
    let metadata = workspace::metadata().expect("cargo metadata");
    let mut findings = Vec::new();
    for package in workspace::packages(&metadata).iter().filter(|package| package.publishable) {
        let list = public_api::read(&package.folder).expect("a committed list");
        findings.extend(public_api::shown_reqwest(&list));
    }
    assert_eq!(findings, Vec::<String>::new());
}
