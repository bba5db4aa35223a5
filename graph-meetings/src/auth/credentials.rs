use std::sync::Arc;

use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    runtime::{Clock, Entropy},
};
use meetings_http::{ClientCredential, ClientCredentials, Origin};

use crate::client::{App, Credential};

/// What the application shows at the token endpoint, in the order given.
#[cfg_attr(not(feature = "certificate"), expect(unused_variables, reason = "only certificates sign here"))]
pub(crate) fn client_credentials(
    app: &App,
    authority: &Origin,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<ClientCredentials> {
    let proof = |credential: &Credential| -> Result<ClientCredential> {
        Ok(match credential {
            Credential::Secret(secret) => ClientCredential::Secret(secret.clone()),
            #[cfg(feature = "certificate")]
            Credential::Certificate(certificate) => {
                ClientCredential::Assertion(Arc::new(super::assertion::SignedAssertions {
                    certificate: certificate.clone(),
                    client: app.client.clone(),
                    audience: super::profile::endpoint(authority, app, "token")?,
                    clock: Arc::clone(clock),
                    entropy: Arc::clone(entropy),
                }))
            }
            Credential::Assertion(source) => ClientCredential::Assertion(Arc::clone(source)),
        })
    };
    let Some((first, others)) = app.credentials.split_first() else {
        return Err(Error::new(ErrorKind::Misconfigured, "build Graph")
            .with_provider(crate::provider_id())
            .with_detail("no credential")
            .with_remedy(Remedy::new("Give the application a secret, a certificate or assertions.")));
    };
    let first = ClientCredentials::new(proof(&first.credential)?);
    others.iter().try_fold(first, |all, next| Ok(all.or(proof(&next.credential)?)))
}
