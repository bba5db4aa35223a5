//! Members that can be left alone: one table gives the type, what is written, and what is read.

use serde_json::Value;

/// A value that has a form on the wire.
pub(crate) trait Wire: Sized {
    /// As it is written.
    fn to_wire(&self) -> Value;
    /// As it was read; `None` for what has another form.
    fn from_wire(value: &Value) -> Option<Self>;
    /// What is read, and what is left then: of an object the members that nobody knows.
    fn split(value: Value) -> (Option<Self>, Option<Value>) {
        match Self::from_wire(&value) {
            Some(read) => (Some(read), None),
            None => (None, Some(value)),
        }
    }
}

/// An object whose members are known.
pub(crate) trait Named {
    /// Webex's names of them.
    const NAMES: &[&str];
}

impl Wire for bool {
    fn to_wire(&self) -> Value {
        (*self).into()
    }
    fn from_wire(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Wire for u32 {
    fn to_wire(&self) -> Value {
        (*self).into()
    }
    /// The schema's numbers may come as `10.0`.
    fn from_wire(value: &Value) -> Option<Self> {
        if let Some(whole) = value.as_u64() {
            return Self::try_from(whole).ok();
        }
        let number = value.as_f64().filter(|number| (0.0..=f64::from(Self::MAX)).contains(number))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds checked before")]
        (number.fract() == 0.0).then_some(number as Self)
    }
}

impl Wire for String {
    fn to_wire(&self) -> Value {
        self.as_str().into()
    }
    fn from_wire(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

/// Enums of [`words`](super::words) that stand in options.
macro_rules! wire_words { ($($name:ident),+ $(,)?) => {$(
    impl $crate::wire::value::Wire for $name {
        fn to_wire(&self) -> serde_json::Value {
            self.as_str().into()
        }
        fn from_wire(value: &serde_json::Value) -> Option<Self> {
            value.as_str().map(Self::from)
        }
    }
)+}}

macro_rules! members {($(
    $(#[$doc:meta])*
    $name:ident { $($(#[$field_doc:meta])* $field:ident / $with:ident: $item:ty = $wire:literal;)+ }
)+) => {$(
    $(#[$doc])*
    ///
    /// What is not said is not sent.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    #[non_exhaustive]
    pub struct $name {
        $($(#[$field_doc])* pub $field: Option<$item>,)+
    }

    impl $name {
        /// Says nothing.
        pub fn new() -> Self {
            Self::default()
        }

        $(
            #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
            #[must_use]
            pub fn $with(mut self, value: $item) -> Self {
                self.$field = Some(value);
                self
            }
        )+

        /// Whether nothing is said.
        pub fn is_empty(&self) -> bool {
            *self == Self::default()
        }

        /// What is said, by Webex's names.
        pub(crate) fn members(&self) -> serde_json::Map<String, serde_json::Value> {
            let mut members = serde_json::Map::new();
            $(if let Some(value) = &self.$field {
                members.insert($wire.to_owned(), $crate::wire::value::Wire::to_wire(value));
            })+
            members
        }

        /// Takes what can be said here out of an object.
        pub(crate) fn taken(members: &mut $crate::wire::Members) -> Self {
            Self { $($field: members.take($wire),)+ }
        }
    }

    impl $crate::wire::value::Named for $name {
        const NAMES: &[&str] = &[$($wire),+];
    }

    impl $crate::wire::value::Wire for $name {
        fn to_wire(&self) -> serde_json::Value {
            serde_json::Value::Object(self.members())
        }
        fn from_wire(value: &serde_json::Value) -> Option<Self> {
            Self::split(value.clone()).0
        }
        fn split(value: serde_json::Value) -> (Option<Self>, Option<serde_json::Value>) {
            $crate::wire::split_object(value, |members| Some(Self::taken(members)))
        }
    }
)+}}

pub(crate) use {members, wire_words};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_in_any_shape_and_bounds() {
        for (value, read) in [
            (json!(7), Some(7)),
            (json!(7.0), Some(7)),
            (json!(7.5), None),
            (json!(-1), None),
            (json!(1e300), None),
            (json!("7"), None),
            (json!(4_294_967_296_u64), None),
        ] {
            assert_eq!(u32::from_wire(&value), read, "{value}");
        }
    }
}
