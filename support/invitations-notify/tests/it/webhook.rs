use std::sync::Arc;

use invitations_core::{RetryClass, invitation::Notifier as _, secret::SecretBytes};
use invitations_notify::{SIGNATURE_HEADER, WebhookNotifier, verify_signature};
use meetings_http::ScriptedTransport;

use crate::invited;

fn secret() -> SecretBytes {
    SecretBytes::new(b"sixteen bytes or more".to_vec())
}

#[test]
fn a_target_must_be_https_and_a_secret_long_enough() {
    let transport = || Arc::new(ScriptedTransport::new(Vec::new()));
    let plain = "http://hooks.example/x".parse().unwrap();
    assert!(WebhookNotifier::new(transport(), plain, secret()).is_err());
    let secure: url::Url = "https://hooks.example/x".parse().unwrap();
    assert!(WebhookNotifier::new(transport(), secure.clone(), SecretBytes::new(vec![1; 15])).is_err());
    assert!(WebhookNotifier::new(transport(), secure, secret()).is_ok());
}

#[tokio::test]
async fn what_is_sent_is_signed_and_a_refusal_is_tried_again() {
    let transport = Arc::new(ScriptedTransport::new(vec![
        http::Response::builder().status(204).body(bytes::Bytes::new()).unwrap().into(),
        http::Response::builder().status(500).body(bytes::Bytes::new()).unwrap().into(),
    ]));
    let target = "https://hooks.example/x".parse().unwrap();
    let notifier = WebhookNotifier::new(Arc::clone(&transport) as _, target, secret()).unwrap();
    notifier.deliver(&invited("bob@x.example")).await.unwrap();
    let sent = &transport.requests()[0];
    let header = sent.headers()[SIGNATURE_HEADER].to_str().unwrap();
    assert!(verify_signature(&secret(), sent.body(), header));
    assert!(!verify_signature(&secret(), b"{}", header));
    assert!(!verify_signature(&SecretBytes::new(vec![7; 20]), sent.body(), header));
    let error = notifier.deliver(&invited("bob@x.example")).await.unwrap_err();
    assert_eq!((error.retry(), error.status()), (RetryClass::Safe { after: None }, Some(500)));
}
