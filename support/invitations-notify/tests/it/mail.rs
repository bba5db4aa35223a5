use invitations_core::{
    ErrorKind, RetryClass,
    invitation::{About, Notifier as _},
};
use invitations_notify::Mailer;
use lettre::transport::stub::AsyncStubTransport;

use crate::invited;

fn mailer(transport: AsyncStubTransport) -> Mailer<AsyncStubTransport> {
    Mailer::new("School <noreply@school.example>".parse().unwrap(), transport)
}

#[tokio::test]
async fn a_mail_goes_to_the_address_and_a_title_writes_no_header() {
    let stub = AsyncStubTransport::new_ok();
    mailer(stub.clone()).deliver(&invited("bob@x.example")).await.unwrap();
    let (envelope, mail) = stub.messages().await.remove(0);
    assert_eq!(envelope.to()[0].to_string(), "bob@x.example");
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("\r\nBcc:"), "{head}");
    assert!(head.contains("Message-ID: <one-invited-1@school.example>"), "{head}");
    assert!(body.contains("inv1_planted-secret"));
}

#[tokio::test]
async fn nobody_to_mail_is_given_up_and_a_broken_transport_is_tried_again() {
    let mut notice = invited("bob@x.example");
    notice.to = None;
    let error = mailer(AsyncStubTransport::new_ok()).deliver(&notice).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, RetryClass::Never));
    let others = mailer(AsyncStubTransport::new_ok()).for_others("office@school.example".parse().unwrap());
    others.deliver(&notice).await.unwrap();
    notice.about = About::ConfirmAddress { link: invitations_core::secret::InvitationLink::new("x") };
    assert!(others.deliver(&notice).await.is_err());
    let error = mailer(AsyncStubTransport::new_error()).deliver(&invited("bob@x.example")).await.unwrap_err();
    assert_eq!(error.retry(), RetryClass::Unclear { after: None });
    assert!(!format!("{error:?}").contains("planted-secret"));
}
