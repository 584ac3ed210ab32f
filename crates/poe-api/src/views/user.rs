//! A user.

use poe_building::{Text, User};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::Stamp;
use crate::words::{RoleWord, Word};

/// Somebody who logs in with a password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    #[schema(value_type = String)]
    name: Text,
    role: RoleWord,
    /// The places that they see, with all that is in them; everything, if there are none.
    #[schema(value_type = Vec<String>)]
    buildings: Vec<Text>,
    created: Stamp,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        UserView {
            name: user.name.clone(),
            role: Word(user.role),
            buildings: user.reach.buildings().to_vec(),
            created: user.created.into(),
        }
    }
}
