//! Webex's enums. Members are added, and their letter case is not stable: what is not known is kept as it was said.

macro_rules! words {($(
    $(#[$doc:meta])*
    $name:ident { $($(#[$member_doc:meta])* $member:ident = $word:literal),+ $(,)? }
)+) => {$(
    $(#[$doc])*
    ///
    /// Read without regard to case.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    #[non_exhaustive]
    pub enum $name {
        $($(#[$member_doc])* $member,)+
        /// A member that this version does not know, as Webex said it.
        Unknown(String),
    }

    impl $name {
        /// Webex's word for it.
        pub fn as_str(&self) -> &str {
            match self {
                $(Self::$member => $word,)+
                Self::Unknown(word) => word,
            }
        }
    }

    impl From<&str> for $name {
        fn from(word: &str) -> Self {
            $(if word.eq_ignore_ascii_case($word) {
                return Self::$member;
            })+
            Self::Unknown(word.to_owned())
        }
    }
)+}}

pub(crate) use words;
