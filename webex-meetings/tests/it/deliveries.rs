//! What comes to a webhook's target, good and bad.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use http::{Request, StatusCode};
use invitations_core::{Error, ErrorKind, secret::WebhookSecret};
use serde_json::Value;
use webex_meetings::webhooks::{
    DeliveryKey, Event, MemorySeenDeliveries, Received, Receiver, Refused, RefusedBecause, Resource, SeenDeliveries,
    busy,
};

const SECRET: &str = "86dacc007724d8ea666f88fc77d918dad9537a15";
const BODY: &str = r#"{"id":"w","resource":"meetings","event":"ended","data":{"id":"m_I_1","state":"ended"}}"#;
/// Of `BODY` by `SECRET`, made by other software.
const SIGNATURE: &str = "004c8c348e2b15862260c9faf7e3bfa26af3a349";
const SHA256: &str = "429bd753d4f6b22c7aaf3c3d53cf6871f0f220a2b816800b24833925f538c6a9";

fn receiver() -> Receiver {
    Receiver::new([WebhookSecret::new(SECRET)]).unwrap()
}

fn signed(body: &str, signature: &str) -> Request<Bytes> {
    let request = Request::post("https://app.example/webex").header("X-Spark-Signature", signature);
    request.body(Bytes::from(body.to_owned())).unwrap()
}

fn good() -> Request<Bytes> {
    signed(BODY, SIGNATURE)
}

#[track_caller]
fn refused(request: &Request<Bytes>) -> RefusedBecause {
    let refused: Refused = receiver().receive(request).unwrap_err();
    assert!(refused.response().body().is_empty());
    assert_eq!(refused.response().status(), refused.status());
    refused.because()
}

#[test]
fn a_delivery_is_read_and_answered() {
    let delivery = receiver().receive(&good()).unwrap();
    assert_eq!(
        (delivery.resource, delivery.event, delivery.object.as_str()),
        (Resource::Meetings, Event::Ended, "m_I_1")
    );
    let seen = MemorySeenDeliveries::new(10);
    let received = receiver().handle(&good(), &seen).now_or_never().unwrap();
    assert!(matches!(received, Received::New(_)));
    assert_eq!(received.response().status(), StatusCode::NO_CONTENT);
}

#[test]
fn bad_095_and_104_a_thousand_deliveries_of_one_event_are_one() {
    let seen = MemorySeenDeliveries::new(10);
    let mut new = 0;
    for _ in 0..1000 {
        let received = receiver().handle(&good(), &seen).now_or_never().unwrap();
        new += usize::from(matches!(received, Received::New(_)));
        assert!(received.response().status().is_success(), "a replay is no failure of the webhook");
    }
    assert_eq!(new, 1);
}

/// A change may follow another under the same key.
#[test]
fn a_second_change_is_never_left_out() {
    let seen = MemorySeenDeliveries::new(10);
    let receiver = Receiver::dangerous_without_secret();
    let request = Request::post("/").body(Bytes::from(BODY.replace("ended\",\"data", "updated\",\"data"))).unwrap();
    for _ in 0..3 {
        assert!(matches!(receiver.handle(&request, &seen).now_or_never().unwrap(), Received::New(_)));
    }
}

#[test]
fn a_store_that_cannot_tell_loses_nothing() {
    #[derive(Default)]
    struct Broken(AtomicUsize);
    #[async_trait]
    impl SeenDeliveries for Broken {
        async fn is_first(&self, _: &DeliveryKey) -> invitations_core::Result<bool> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Err(Error::new(ErrorKind::Unavailable, "read store"))
        }
        async fn forget(&self, _: &DeliveryKey) -> invitations_core::Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Err(Error::new(ErrorKind::Unavailable, "write store"))
        }
    }
    let broken = Broken::default();
    let received = receiver().handle(&good(), &broken).now_or_never().unwrap();
    assert!(matches!(received, Received::New(_)));
    assert_eq!(received.busy(&broken).now_or_never().unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(broken.0.into_inner(), 2);
}

#[test]
fn bad_093_what_is_no_delivery_changes_nothing() {
    let open = Receiver::dangerous_without_secret();
    for body in
        ["", "{}", "[]", "null", r#"{"value":[]}"#, r#"{"id":"w","resource":"meetings","event":"ended","data":[]}"#]
    {
        let request = Request::post("/").body(Bytes::from_static(body.as_bytes())).unwrap();
        let refused = open.receive(&request).unwrap_err();
        assert_eq!((refused.because(), refused.status().as_u16()), (RefusedBecause::Unreadable, 400), "{body}");
    }
    // signed, so it is Webex's: a hundred refusals would turn the webhook off
    let unknown = receiver().receive(&signed("{}", "8ccc8198b79d83902a5b7e180be8edd73c211dd2")).unwrap_err();
    assert_eq!((unknown.because(), unknown.status().as_u16()), (RefusedBecause::Unknown, 204));
}

#[test]
fn bad_100_signatures_are_over_the_raw_bytes() {
    use RefusedBecause::{NotSigned, WronglySigned};
    let unsigned = Request::post("/").body(Bytes::from_static(BODY.as_bytes())).unwrap();
    assert_eq!(refused(&unsigned), NotSigned);
    assert_eq!(receiver().receive(&unsigned).unwrap_err().status(), StatusCode::UNAUTHORIZED);
    assert!(receiver().receive(&signed(BODY, &SIGNATURE.to_uppercase())).is_ok(), "any case of hex");
    let again: Value = serde_json::from_str(BODY).unwrap();
    let pretty = serde_json::to_string_pretty(&again).unwrap();
    for (body, signature, why) in [
        (BODY, "", "empty"),
        (BODY, SHA256, "SHA-256"),
        (BODY, &SIGNATURE[1..], "too short"),
        (BODY, &format!("{SIGNATURE}00"), "too long"),
        (BODY, &format!("sha1={SIGNATURE}"), "with a name"),
        (&pretty, SIGNATURE, "JSON that was read and written again"),
        (&format!("{BODY}\n"), SIGNATURE, "a line break more"),
        (&BODY.replace("m_I_1", "m_I_2"), SIGNATURE, "another object"),
    ] {
        assert_eq!(refused(&signed(body, signature)), WronglySigned, "{why}");
    }
    let mut twice = good();
    twice.headers_mut().append("x-spark-signature", SIGNATURE.parse().unwrap());
    assert_eq!(refused(&twice), WronglySigned, "two of them");
    let mut odd = good();
    odd.headers_mut().insert("x-spark-signature", http::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    assert_eq!(refused(&odd), WronglySigned);
    let other = Receiver::new([WebhookSecret::new("another secret")]).unwrap();
    assert_eq!(other.receive(&good()).unwrap_err().because(), WronglySigned);
}

#[test]
fn secrets_follow_one_another() {
    let both = Receiver::new([WebhookSecret::new("the next secret"), WebhookSecret::new(SECRET)]).unwrap();
    assert!(both.receive(&good()).is_ok());
    for none in [vec![], vec![WebhookSecret::new("")], vec![WebhookSecret::new(SECRET), WebhookSecret::new("")]] {
        assert_eq!(Receiver::new(none).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(!format!("{both:?}").contains(SECRET));
}

#[test]
fn bad_101_bodies_end_at_the_cap() {
    let small = receiver().with_max_body(BODY.len());
    assert!(small.receive(&good()).is_ok());
    let small = small.with_max_body(BODY.len() - 1);
    let refused = small.receive(&good()).unwrap_err();
    assert_eq!((refused.because(), refused.status()), (RefusedBecause::TooLarge, StatusCode::PAYLOAD_TOO_LARGE));
    // announced: refused before a byte is read
    for length in ["104857600", "18446744073709551615"] {
        let head = Request::post("/").header("content-length", length).header("x-spark-signature", "0");
        let head = head.body(Bytes::new()).unwrap();
        let refused = receiver().check_head(head.method(), head.headers()).unwrap_err();
        assert_eq!(refused.because(), RefusedBecause::TooLarge);
    }
    // not announced, and without end
    let read = AtomicUsize::new(0);
    let endless = stream::repeat_with(|| {
        read.fetch_add(1, Ordering::Relaxed);
        Ok::<_, ()>(Bytes::from_static(&[b' '; 64 * 1024]))
    });
    let refused = receiver().read_body(endless).now_or_never().unwrap().unwrap_err();
    assert_eq!((refused.because(), read.into_inner()), (RefusedBecause::TooLarge, 5));
    // never inflated
    let mut zipped = good();
    zipped.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    let refused = receiver().receive(&zipped).unwrap_err();
    assert_eq!((refused.because(), refused.status().as_u16()), (RefusedBecause::Encoded, 415));
    let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(())]);
    assert_eq!(receiver().read_body(broken).now_or_never().unwrap().unwrap_err().because(), RefusedBecause::Unreadable);
    let whole = stream::iter([Ok::<_, ()>(Bytes::from_static(b"{")), Ok(Bytes::from_static(b"}"))]);
    assert_eq!(receiver().read_body(whole).now_or_never().unwrap().unwrap(), "{}");
}

#[test]
fn bad_102_a_full_queue_is_said() {
    assert_eq!(busy().status(), StatusCode::SERVICE_UNAVAILABLE);
}

/// What was not taken is not remembered.
#[test]
fn bad_102_what_was_answered_busy_is_new_when_it_comes_again() {
    let seen = MemorySeenDeliveries::new(10);
    let handle = |request: &Request<Bytes>| receiver().handle(request, &seen).now_or_never().unwrap();
    let busy = |received: &Received| received.busy(&seen).now_or_never().unwrap().status();
    for _ in 0..3 {
        let received = handle(&good());
        assert!(matches!(received, Received::New(_)));
        assert_eq!(busy(&received), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert!(matches!(handle(&good()), Received::New(_)));
    // taken: there is nothing to put off, and it stays known
    let repeated = handle(&good());
    assert!(matches!(repeated, Received::Repeated(_)));
    assert_eq!(busy(&repeated), StatusCode::NO_CONTENT);
    assert!(matches!(handle(&good()), Received::Repeated(_)));
    assert_eq!(busy(&handle(&signed(BODY, SHA256))), StatusCode::UNAUTHORIZED);
}

#[test]
fn bad_103_only_posts_are_deliveries() {
    for method in ["GET", "PUT", "HEAD", "OPTIONS", "DELETE"] {
        let (mut parts, body) = good().into_parts();
        parts.method = method.parse().unwrap();
        let refused = receiver().receive(&Request::from_parts(parts, body)).unwrap_err();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(refused.response().headers()["allow"], "POST");
    }
}

#[test]
fn the_documented_delivery_and_its_signature() {
    let parent = std::env::var_os("SPECS_DIR").map_or_else(|| "../../shared".into(), std::path::PathBuf::from);
    let read = |name: &str| std::fs::read(parent.join("fixtures/webex").join(name)).ok();
    let (Some(body), Some(vector)) =
        (read("webhookDelivery_meetings_ended__request.json"), read("webhookSignature_vector.json"))
    else {
        return;
    };
    let delivery =
        Receiver::dangerous_without_secret().receive_parts(&http::Method::POST, &http::HeaderMap::new(), &body);
    let delivery = delivery.unwrap();
    assert_eq!((delivery.event.clone(), delivery.text("state")), (Event::Ended, Some("ended")));
    assert_eq!(delivery.meeting().unwrap().as_str(), "501e995485e2460bb129410116757b13_I_194316955237236650");
    assert!(delivery.key().happens_once() && delivery.leaves_object());
    let vector: Value = serde_json::from_slice(&vector).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let receiver = Receiver::new([WebhookSecret::new(text("secret"))]).unwrap();
    assert!(receiver.receive(&signed(text("body"), text("x_spark_signature"))).is_ok());
    for wrong in ["sha256_for_negative_test", "wrong_key_sha1"] {
        assert_eq!(refused(&signed(text("body"), text(wrong))), RefusedBecause::WronglySigned, "{wrong}");
    }
}
