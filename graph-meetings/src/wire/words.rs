//! Graph's enums. Letter case is not stable and members are added (traps 6 and 7): what is not known is kept as it was said.

/// What Graph says instead of a member that the client did not ask to be told. Written back it would destroy the real one.
const HIDDEN: &str = "unknownFutureValue";

/// Whether a word stands for one that Graph did not tell.
pub(crate) fn is_hidden(word: &str) -> bool {
    word.eq_ignore_ascii_case(HIDDEN)
}

/// A value that is one word of Graph.
pub(crate) trait Word: for<'a> From<&'a str> {
    /// The word.
    fn word(&self) -> &str;
}

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
        /// A member that this version does not know, as Graph said it.
        Unknown(String),
    }

    impl $name {
        /// Graph's word for it.
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

    impl $crate::wire::words::Word for $name {
        fn word(&self) -> &str {
            self.as_str()
        }
    }

    impl<'de> serde::Deserialize<'de> for $name {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
            <String as serde::Deserialize>::deserialize(deserializer).map(|word| Self::from(word.as_str()))
        }
    }

    impl serde::Serialize for $name {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }
)+}}

pub(crate) use words;
