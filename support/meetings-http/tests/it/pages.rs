//! Next links.

use http::{HeaderMap, HeaderValue, header::LINK};
use invitations_core::ErrorKind;
use meetings_http::{PageGuard, next_link_from_header};
use proptest::prelude::*;

fn next(values: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(LINK, HeaderValue::from_str(value).unwrap());
    }
    next_link_from_header(&headers)
}

#[test]
fn bad_073_every_form_of_a_link_header() {
    let page = "https://webexapis.com/v1/meetings?max=2&offset=2";
    for (values, expected) in [
        (vec![format!("<{page}>; rel=\"next\"")], Some(page)),
        (vec![format!("<{page}>; rel=next")], Some(page)),
        (vec![format!("<{page}>;REL=\"Next\"")], Some(page)),
        (vec![format!("<{page}>; rel=\"last next\"; title=\"a, b\"")], Some(page)),
        (vec![format!("<https://x/first>; rel=\"first\", <{page}>; rel=\"next\"")], Some(page)),
        (vec!["<https://x/first>; rel=first".to_owned(), format!("<{page}>; rel=next")], Some(page)),
        (vec!["<https://x/a,b;c>; title=\"; rel=next\"; rel=prev".to_owned()], None),
        (vec!["</v1/a?x=\"q\",2>; rel=next".to_owned()], Some("/v1/a?x=\"q\",2")),
        (vec![format!("<{page}>; rel=prev; rel=next")], None),
        (vec![format!("<{page}>; rel=\"nextpage\"")], None),
        (vec![format!("{page}; rel=next")], None),
        (vec![format!("<{page}>")], None),
        // a link that leads nowhere is no end
        (vec!["<>; rel=next".to_owned()], Some("")),
        (vec!["<https://x; rel=next".to_owned()], None),
        (vec![String::new()], None),
        (vec![], None),
    ] {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(next(&values).as_deref(), expected, "{values:?}");
    }
}

proptest! {
    #[test]
    fn no_link_header_makes_the_parser_panic(text in "[<>;,= \"\\\\a-zé]{0,40}") {
        if let Ok(value) = HeaderValue::from_str(&text) {
            let _ = next_link_from_header(&HeaderMap::from_iter([(LINK, value)]));
        }
    }
}

#[test]
fn bad_074_a_listing_that_goes_in_circles_is_noticed() {
    let mut guard = PageGuard::new();
    assert!(guard.check("a").is_ok() && guard.check("b").is_ok());
    assert_eq!(guard.check("a").unwrap_err().kind(), ErrorKind::Protocol);
}

#[test]
fn bad_075_pages_that_repeat_under_other_links_are_noticed() {
    let ids = |page: &'static [&'static str]| page.iter().copied();
    let mut guard = PageGuard::new();
    for page in [&["a", "b"] as &[&str], &["a", "b"], &["b", "a"], &["a", "b"], &["ab"], &["ab"]] {
        guard.check_page(page.iter().copied()).unwrap();
    }
    assert_eq!(guard.check_page(ids(&["ab"])).unwrap_err().kind(), ErrorKind::Protocol);
}

#[test]
fn empty_pages_go_on_but_not_for_ever() {
    let mut guard = PageGuard::new();
    for _ in 0..2_000 {
        guard.check_page([]).unwrap();
    }
    assert_eq!(guard.check_page([]).unwrap_err().kind(), ErrorKind::Protocol);
}
