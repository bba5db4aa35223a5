use invitations_core::{
    Error, Remedy, Result,
    ids::UserId,
    people::{EmailAddress, GuestDraft},
};
use url::Url;

use super::request;

/// Whom to invite as a guest, with everything that Graph lets an application choose.
///
/// The neutral [`GuestDraft`] is the part that other directories have too; it converts into this.
///
/// Source: <https://learn.microsoft.com/graph/api/invitation-post>
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GuestInvitation {
    /// The address to invite. Microsoft takes none with a plus sign or another special character in it.
    pub email: EmailAddress,
    /// The name shown; without one Entra makes one of the address.
    pub name: Option<String>,
    /// Where the guest lands after accepting.
    pub redirect: Url,
    /// Microsoft's invitation mail; `None`: it sends none, and the redeem link of the answer is yours to deliver.
    pub mail: Option<InvitationMail>,
    /// As what the guest stands in the directory.
    pub kind: GuestKind,
    /// Who answers for the guest, by object id. Written as references to users, OData's form for a relation of a new object.
    pub sponsors: Vec<UserId>,
}

impl GuestInvitation {
    /// A guest who gets Microsoft's mail.
    pub fn new(email: EmailAddress, redirect: Url) -> Self {
        let mail = Some(InvitationMail::new());
        Self { email, name: None, redirect, mail, kind: GuestKind::Guest, sponsors: Vec::new() }
    }

    /// Sets the name shown.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets what Microsoft's mail says.
    #[must_use]
    pub fn with_mail(mut self, mail: InvitationMail) -> Self {
        self.mail = Some(mail);
        self
    }

    /// Microsoft mails nobody.
    #[must_use]
    pub fn without_mail(mut self) -> Self {
        self.mail = None;
        self
    }

    /// Sets as what the guest stands in the directory.
    #[must_use]
    pub fn with_kind(mut self, kind: GuestKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds somebody who answers for the guest.
    #[must_use]
    pub fn with_sponsor(mut self, sponsor: UserId) -> Self {
        self.sponsors.push(sponsor);
        self
    }

    /// Refuses what Graph would not take, before any I/O.
    pub(super) fn check(&self, operation: &'static str) -> Result<()> {
        request::check(operation, &self.email)?;
        if self.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(Error::invalid(operation, "the name shown is empty"));
        }
        self.mail.as_ref().map_or(Ok(()), |mail| mail.check(operation))
    }
}

impl From<&GuestDraft> for GuestInvitation {
    fn from(draft: &GuestDraft) -> Self {
        let mut invitation = Self::new(draft.email.clone(), draft.redirect.clone());
        invitation.name.clone_from(&draft.name);
        if !draft.send_mail {
            invitation.mail = None;
        }
        invitation
    }
}

/// What Microsoft's invitation mail says and who gets it too. Empty: Microsoft's text in American English, to the guest alone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct InvitationMail {
    /// The language of Microsoft's text, as BCP 47 says it (`de-DE`). Not used by Microsoft where there is a text of your own.
    pub language: Option<String>,
    /// Your text in the place of Microsoft's.
    pub text: Option<String>,
    /// Who gets a copy: Microsoft takes one address at most.
    pub copies: Vec<EmailAddress>,
}

impl InvitationMail {
    /// Microsoft's text, to the guest alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the language of Microsoft's text, `de-DE`.
    #[must_use]
    pub fn with_language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Sets your own text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Adds somebody who gets a copy.
    #[must_use]
    pub fn with_copy(mut self, to: EmailAddress) -> Self {
        self.copies.push(to);
        self
    }

    fn check(&self, operation: &'static str) -> Result<()> {
        if self.copies.len() > 1 {
            return Err(Error::invalid(operation, "Microsoft sends one copy of an invitation at most")
                .with_remedy(Remedy::new("Name one address, or mail the others yourself.")));
        }
        if self.text.as_deref().is_some_and(|text| text.trim().is_empty()) {
            return Err(Error::invalid(operation, "the text of the invitation is empty"));
        }
        // BCP 47, 2.1: subtags of one to eight letters and digits
        let subtag =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match self.language.as_deref() {
            Some(language) if !language.split('-').all(subtag) => {
                Err(Error::invalid(operation, "the language of the invitation is no language tag, such as de-DE"))
            }
            _ => Ok(()),
        }
    }
}

/// As what somebody stands in the directory (`userType`).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum GuestKind {
    /// With the restricted rights of guests.
    #[default]
    Guest,
    /// With the rights of the directory's own people. To invite members, a caller by a user's consent needs more than to invite guests.
    Member,
}

impl GuestKind {
    /// Graph's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "Guest",
            Self::Member => "Member",
        }
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;

    use super::*;

    fn invitation() -> GuestInvitation {
        let email = EmailAddress::parse("grace@fabrikam.example").unwrap();
        GuestInvitation::new(email, Url::parse("https://app.contoso.example/in").unwrap())
    }

    fn refused(mail: InvitationMail) -> bool {
        match invitation().with_mail(mail).check("test") {
            Ok(()) => false,
            Err(error) => error.kind() == ErrorKind::InvalidInput,
        }
    }

    #[test]
    fn trap_28_one_copy_at_most() {
        let copy = |name: &str| EmailAddress::parse(format!("{name}@contoso.example")).unwrap();
        let one = InvitationMail::new().with_copy(copy("ada"));
        assert!(!refused(one.clone()));
        assert!(refused(one.with_copy(copy("bob"))));
    }

    #[test]
    fn what_cannot_be_mailed_is_refused() {
        for language in ["", "de_DE", "de-", "germanlanguage"] {
            assert!(refused(InvitationMail::new().with_language(language)), "{language}");
        }
        for language in ["de", "de-DE", "zh-Hans-CN"] {
            assert!(!refused(InvitationMail::new().with_language(language)), "{language}");
        }
        assert!(refused(InvitationMail::new().with_text(" ")));
        assert!(invitation().with_name(" ").check("test").is_err());
    }

    #[test]
    fn a_draft_says_the_same() {
        let draft = GuestDraft::new(invitation().email, invitation().redirect);
        assert_eq!(GuestInvitation::from(&draft), invitation());
        let quiet = draft.with_name("Grace").with_mail(false);
        assert_eq!(GuestInvitation::from(&quiet), invitation().with_name("Grace").without_mail());
    }
}
