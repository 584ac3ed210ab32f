//! Enums that are words in JSON, in parameters and in the contract alike.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use poe_building::{
    Class, Emergency, Enrolment, EntryKind, ImageFormat, MailSecurity, PlaceKind, ProfileName, Quiet, Role,
    Silence, State, Status, WebhookFormat,
};
use poe_wire::SensorKind;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::request::one_of;

/// A value that is one of a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<T>(pub(crate) T);

/// An enum whose values are words.
pub(crate) trait Words: FromStr + 'static {
    /// What the contract calls it.
    const NAME: &'static str;

    /// All of them.
    fn words() -> Vec<&'static str>;

    /// The word for this one.
    fn word(&self) -> &'static str;
}

macro_rules! words {
    ($($type:ident as $name:literal: $alias:ident),+ $(,)?) => {$(
        /// The word for it. The contract refers to it by this name.
        pub(crate) type $alias = Word<$type>;

        impl Words for $type {
            const NAME: &'static str = $name;

            fn words() -> Vec<&'static str> {
                $type::ALL.iter().map(|it| it.name()).collect()
            }

            fn word(&self) -> &'static str {
                self.name()
            }
        }
    )+};
}

words!(
    Class as "Class": ClassWord,
    Emergency as "EmergencyKind": EmergencyWord,
    Enrolment as "Enrolment": EnrolmentWord,
    EntryKind as "EventKind": EntryKindWord,
    ImageFormat as "ImageFormat": ImageFormatWord,
    MailSecurity as "MailSecurity": MailSecurityWord,
    PlaceKind as "PlaceKind": PlaceKindWord,
    ProfileName as "ProfileName": ProfileNameWord,
    Quiet as "Quiet": QuietWord,
    Role as "Role": RoleWord,
    SensorKind as "SensorKind": SensorKindWord,
    Silence as "Supervision": SilenceWord,
    State as "AlarmState": StateWord,
    Status as "Status": StatusWord,
    WebhookFormat as "WebhookFormat": WebhookFormatWord,
);

impl<T: Words> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, T: Words> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads<T>(std::marker::PhantomData<T>);

        impl<T: Words> Visitor<'_> for Reads<T> {
            type Value = Word<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&one_of(T::words()))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Word<T>, E> {
                word.parse().map(Word).map_err(|_| E::custom(one_of(T::words())))
            }
        }

        deserializer.deserialize_str(Reads(std::marker::PhantomData))
    }
}

impl<T: Words> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(T::words()));
        RefOr::T(Schema::Object(words.build()))
    }
}

impl<T: Words> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourceKind)]
pub(crate) enum SourceKindWord {
    /// A sensor, by its `ip_id`.
    Sensor,
    /// A node, by its address.
    Node,
    /// The site, a building, a floor, a zone or a room, by its name.
    Place,
    /// What feeds nodes, by its name.
    Switch,
    /// The server itself.
    System,
}

impl SourceKindWord {
    /// The word, as [`poe_building::Source::kind`] has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            SourceKindWord::Sensor => "sensor",
            SourceKindWord::Node => "node",
            SourceKindWord::Place => "place",
            SourceKindWord::Switch => "switch",
            SourceKindWord::System => "system",
        }
    }
}

/// How far a value can be trusted. The quality of what waits for approval is `unapproved`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Quality)]
#[expect(dead_code, reason = "it stands for the words in the contract, and views write them themselves")]
pub(crate) enum QualityWord {
    Good,
    Late,
    Lost,
    Fault,
    Conflict,
    Unapproved,
}
