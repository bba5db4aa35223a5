//! Sign-ins that begin on one device and end on another (RFC 8628).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{AuthorizationSide, Granted, World};

/// What is added to the interval of a device that asks too often (RFC 8628, 3.5).
const SLOWER: i64 = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeviceSignIn {
    pub(crate) side: AuthorizationSide,
    pub(crate) client: String,
    pub(crate) scope: String,
    pub(crate) user_code: String,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) interval: i64,
    pub(crate) asked: Option<DateTime<Utc>>,
    pub(crate) decision: Decision,
    pub(crate) used: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    Undecided,
    /// By this object id or person id.
    Approved(String),
    Denied,
}

/// Why a device gets no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceRefusal {
    Pending,
    SlowDown,
    Denied,
    Expired,
    /// Unknown, used, or another client's.
    Unknown,
}

impl DeviceSignIn {
    /// Whether it waits for the user who types this code.
    pub(crate) fn is_open(&self, user_code: &str, now: DateTime<Utc>) -> bool {
        self.user_code.eq_ignore_ascii_case(user_code) && self.expires > now && self.decision == Decision::Undecided
    }
}

impl World {
    /// Device code and user code.
    pub(crate) fn begin_device(
        &mut self,
        side: AuthorizationSide,
        client: &str,
        scope: &str,
        (life, interval): (i64, i64),
        now: DateTime<Utc>,
    ) -> (String, String) {
        let device_code = format!("sandbox-device-{}", self.ids.opaque("device"));
        let letters = self.ids.opaque("user-code").to_uppercase();
        let user_code: String = letters.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let sign_in = DeviceSignIn {
            side,
            client: client.to_owned(),
            scope: scope.to_owned(),
            user_code: user_code.clone(),
            expires: now + TimeDelta::seconds(life),
            interval,
            asked: None,
            decision: Decision::Undecided,
            used: false,
        };
        self.devices.insert(device_code.clone(), sign_in);
        (device_code, user_code)
    }

    /// What the user does at the page: signs in as `address` and agrees, or declines (`None`). False for a code that is unknown, over or
    /// decided, and for an unknown user.
    pub(crate) fn decide_device(&mut self, user_code: &str, address: Option<&str>) -> bool {
        let now = self.now();
        let waiting = self.devices.values().find(|sign_in| sign_in.is_open(user_code, now));
        let Some(side) = waiting.map(|sign_in| sign_in.side) else { return false };
        let decision = match address {
            None => Decision::Denied,
            Some(address) => {
                let user = match side {
                    AuthorizationSide::Microsoft => self.user_by_address(address).map(|user| user.id.clone()),
                    AuthorizationSide::Webex => self.person(address).map(|person| person.id.clone()),
                };
                let Some(user) = user else { return false };
                Decision::Approved(user)
            }
        };
        let found = self.devices.values_mut().find(|sign_in| sign_in.is_open(user_code, now));
        found.map(|sign_in| sign_in.decision = decision).is_some()
    }

    /// Answers a device that asks; redeems its code once.
    pub(crate) fn ask_device(
        &mut self,
        side: AuthorizationSide,
        device_code: &str,
        client: &str,
        now: DateTime<Utc>,
    ) -> Result<Granted, DeviceRefusal> {
        let known = self.devices.get_mut(device_code).filter(|known| known.side == side && known.client == client);
        let sign_in = known.filter(|known| !known.used).ok_or(DeviceRefusal::Unknown)?;
        if sign_in.expires <= now {
            return Err(DeviceRefusal::Expired);
        }
        let early = sign_in.asked.is_some_and(|asked| now < asked + TimeDelta::seconds(sign_in.interval));
        sign_in.asked = Some(now);
        if early {
            sign_in.interval += SLOWER;
            return Err(DeviceRefusal::SlowDown);
        }
        let user = match &sign_in.decision {
            Decision::Undecided => return Err(DeviceRefusal::Pending),
            Decision::Denied => return Err(DeviceRefusal::Denied),
            Decision::Approved(user) => user.clone(),
        };
        sign_in.used = true;
        let scope = sign_in.scope.clone();
        Ok(self.grant_family(side, client, &user, &scope, now))
    }
}
