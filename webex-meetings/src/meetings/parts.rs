//! Parts of a meeting.

use invitations_core::secret::Passcode;
use serde_json::{Map, Value, json};

use super::options::MeetingOptions;
use crate::{
    extra::ExtraMembers,
    wire::{
        Members, split_list,
        value::{Named as _, members},
    },
};

/// The longest value of a tracking code, in characters.
const LONGEST_CODE: usize = 120;

/// A code of the site by which it counts meetings. Sites may ask for some.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TrackingCode {
    /// Which one.
    pub name: String,
    /// Its value; at most 120 characters, and one of the site's list where there is one.
    pub value: String,
}

impl TrackingCode {
    /// A code with its value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }

    pub(super) fn read(members: &mut Members) -> Option<Self> {
        Some(Self { name: members.text("name")?, value: members.text("value").unwrap_or_default() })
    }

    pub(super) fn write(codes: &[Self]) -> Result<Value, &'static str> {
        if codes.iter().any(|code| code.name.is_empty()) {
            return Err("a tracking code has no name");
        }
        if codes.iter().any(|code| code.value.chars().count() > LONGEST_CODE) {
            return Err("the value of a tracking code has more than 120 characters");
        }
        Ok(codes.iter().map(|code| json!({ "name": code.name, "value": code.value })).collect())
    }
}

/// A breakout session that is there from the beginning, and who goes into it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BreakoutRoom {
    /// Its name.
    pub name: String,
    /// The addresses of whoever is sent into it; they have to be invited to the meeting.
    pub invitees: Vec<String>,
}

impl BreakoutRoom {
    /// One without people.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), invitees: Vec::new() }
    }

    /// Sends one more person into it.
    #[must_use]
    pub fn with_invitee(mut self, address: impl Into<String>) -> Self {
        self.invitees.push(address.into());
        self
    }

    pub(super) fn write(&self) -> Value {
        json!({ "name": self.name, "invitees": self.invitees })
    }
}

/// How to join by phone.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Telephony {
    /// What is typed after dialling. Admits whoever dials it.
    pub access_code: Option<Passcode>,
    /// The numbers.
    pub numbers: Vec<CallInNumber>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

/// A number to call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct CallInNumber {
    /// Where it is.
    pub label: Option<String>,
    /// The number.
    pub number: Option<String>,
    /// `toll` or `tollFree`.
    pub toll_type: Option<String>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Telephony {
    pub(super) fn read(members: &mut Members) -> Option<Self> {
        Some(Self {
            access_code: members.text("accessCode").map(Passcode::new),
            numbers: members.objects("callInNumbers", CallInNumber::read),
            extra: members.rest(),
        })
    }
}

impl CallInNumber {
    fn read(members: &mut Members) -> Option<Self> {
        Some(Self {
            label: members.text("label"),
            number: members.text("callInNumber"),
            toll_type: members.text("tollType"),
            extra: members.rest(),
        })
    }
}

members! {
    /// Who has to register before they join, and what they are asked (`registration`). Only a create takes it: later it has endpoints of its
    /// own, for [`Webex::send`](crate::Webex::send).
    Registration {
        /// Whether everybody is accepted (`autoAcceptRequest`).
        accept_all / with_all_accepted: bool = "autoAcceptRequest";
        /// Asks for the first name (`requireFirstName`).
        first_name / with_first_name: bool = "requireFirstName";
        /// Asks for the last name (`requireLastName`).
        last_name / with_last_name: bool = "requireLastName";
        /// Asks for the address (`requireEmail`).
        email / with_email: bool = "requireEmail";
        /// Asks for the job title (`requireJobTitle`).
        job_title / with_job_title: bool = "requireJobTitle";
        /// Asks for the company (`requireCompanyName`).
        company / with_company: bool = "requireCompanyName";
        /// Asks for the first line of the street address (`requireAddress1`).
        address_1 / with_address_1: bool = "requireAddress1";
        /// Asks for the second line of the street address (`requireAddress2`).
        address_2 / with_address_2: bool = "requireAddress2";
        /// Asks for the city (`requireCity`).
        city / with_city: bool = "requireCity";
        /// Asks for the state (`requireState`).
        state / with_state: bool = "requireState";
        /// Asks for the postal code (`requireZipCode`).
        zip_code / with_zip_code: bool = "requireZipCode";
        /// Asks for the country (`requireCountryRegion`).
        country / with_country: bool = "requireCountryRegion";
        /// Asks for the phone at work (`requireWorkPhone`).
        work_phone / with_work_phone: bool = "requireWorkPhone";
        /// Asks for the fax (`requireFax`).
        fax / with_fax: bool = "requireFax";
        /// Whether who registers gets an id to join with (`enabledRegistrationId`).
        registration_id / with_registration_id: bool = "enabledRegistrationId";
        /// How many may register (`maxRegisterNum`).
        most / with_most: u32 = "maxRegisterNum";
        /// Questions of one's own, as Webex takes and tells them (`customizedQuestions`).
        questions / with_questions: Objects = "customizedQuestions";
        /// Who is accepted and who is not by the standard answers, as Webex takes and tells it (`rules`).
        rules / with_rules: Objects = "rules";
    }
}

/// Objects as Webex takes and tells them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a list, complete by definition")]
pub struct Objects(pub Vec<Map<String, Value>>);

impl crate::wire::value::Wire for Objects {
    fn to_wire(&self) -> Value {
        self.0.iter().cloned().map(Value::Object).collect()
    }
    fn from_wire(value: &Value) -> Option<Self> {
        Self::split(value.clone()).0
    }
    fn split(value: Value) -> (Option<Self>, Option<Value>) {
        let object = |item| match item {
            Value::Object(object) => (Some(object), None),
            other => (None, Some(other)),
        };
        let (objects, left) = split_list(value, object);
        (objects.map(Self), left)
    }
}

/// Members of a create or a change that this crate has no name for, checked against those it has.
pub(super) fn other(members: &mut Map<String, Value>, other: &Map<String, Value>) -> Result<(), &'static str> {
    let own = |name: &str| OWN.contains(&name) || MeetingOptions::NAMES.contains(&name);
    if other.keys().any(|name| members.contains_key(name) || own(name)) {
        return Err("a member that has a place of its own was given as another member");
    }
    members.extend(other.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(())
}

/// The passwords that are said.
pub(super) fn passwords(members: &mut Map<String, Value>, everybodys: Option<&Passcode>, panelists: Option<&Passcode>) {
    for (name, password) in [("password", everybodys), ("panelistPassword", panelists)] {
        if let Some(password) = password {
            members.insert(name.to_owned(), password.expose().into());
        }
    }
}

/// What has a place of its own in a create and in a change, is told in the path, or is Webex's to say.
const OWN: [&str; 26] = [
    "adhoc",
    "agenda",
    "breakoutSessions",
    "end",
    "hostEmail",
    "integrationTags",
    "invitees",
    "panelistPassword",
    "password",
    "recurrence",
    "registration",
    "roomId",
    "scheduledType",
    "sendEmail",
    "siteUrl",
    "start",
    "templateId",
    "timezone",
    "title",
    "trackingCodes",
    "meetingId",
    "id",
    "state",
    "meetingType",
    "webLink",
    "meetingNumber",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_name_and_a_bound() {
        assert!(TrackingCode::write(&[TrackingCode::new("Department", "x".repeat(120))]).is_ok());
        assert!(TrackingCode::write(&[TrackingCode::new("Department", "x".repeat(121))]).is_err());
        assert!(TrackingCode::write(&[TrackingCode::new("", "x")]).is_err());
    }

    #[test]
    fn a_phone_has_its_code_as_a_secret() {
        let phone = Telephony::read(&mut Members::of(
            &json!({ "accessCode": 1234, "callInNumbers": [{ "label": "US Toll" }, 7] }),
        ))
        .unwrap();
        assert_eq!((phone.access_code.as_ref().unwrap().expose(), phone.numbers.len()), ("1234", 1));
        assert!(!format!("{phone:?}").contains("1234"));
        assert_eq!(phone.extra.expose()["callInNumbers"], json!([7]));
    }
}
