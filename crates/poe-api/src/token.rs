//! Tokens: what programs show instead of a password.

use poe_building::{Reach, Role, Text, Time, Token};

use crate::auth::{Secret, TokenText};

/// Makes a token, and its text for whoever will use it. The text is known only here and now: of its secret half the token
/// holds a hash.
///
/// Nothing has it yet: [`AccessOrder::CreateToken`](poe_building::AccessOrder::CreateToken) hands it to the building.
#[must_use]
pub fn new(
    name: impl Into<Text>,
    role: Role,
    reach: Reach,
    created: Time,
    created_by: impl Into<Text>,
    expires: Option<Time>,
) -> (Token, String) {
    let (id, secret) = (TokenText::new_id(), Secret::random());
    let text = TokenText::write(&id, secret);
    let token = Token {
        id: id.into(),
        name: name.into(),
        role,
        reach,
        hash: secret.hash(),
        created,
        created_by: created_by.into(),
        expires,
        last_used: None,
    };
    (token, text)
}
