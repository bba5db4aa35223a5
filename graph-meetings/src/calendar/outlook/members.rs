use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};

/// The members of an object, taken out one by one. What nobody takes, or what has another form than documented, stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(pub(crate) Map<String, Value>);

impl Members {
    /// The members of `value`; none of what is no object.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            _ => Self::default(),
        }
    }

    /// Takes a member; `null` is none.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        self.take_with(name, |value| T::deserialize(value).ok())
    }

    /// Takes a member as `read` reads it.
    pub(super) fn take_with<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.0.get(name)?;
        let taken = read(value);
        if taken.is_some() || value.is_null() {
            self.0.remove(name);
        }
        taken
    }

    /// Takes a text; an empty one is none.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.take::<String>(name).filter(|text| !text.is_empty())
    }

    /// Takes a list whose items `read` reads; one that it cannot leaves the list where it is.
    pub(super) fn list<T>(&mut self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
        self.take_with(name, |value| value.as_array()?.iter().map(&read).collect()).unwrap_or_default()
    }
}

impl Members {
    /// What is left, without annotations (`@odata.context` and the like): they belong to the answer, not to the thing.
    pub(super) fn rest(mut self) -> Map<String, Value> {
        self.0.retain(|name, _| !name.contains('@'));
        self.0
    }
}

/// A member said twice is no reading: which of the two counts is nobody's guess.
impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands there twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}
