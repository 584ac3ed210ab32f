//! A token.

use poe_building::{Text, Token};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::Stamp;
use crate::words::{RoleWord, Word};

/// What a program shows instead of a password. Its text is told once, to whoever has it made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenView {
    /// What paths name it by; the text of the token begins with it.
    #[schema(value_type = String)]
    id: Text,
    #[schema(value_type = String)]
    name: Text,
    role: RoleWord,
    /// The places that its bearer sees, with all that is in them; everything, if there are none.
    #[schema(value_type = Vec<String>)]
    buildings: Vec<Text>,
    created: Stamp,
    #[schema(value_type = String)]
    created_by: Text,
    /// When it ends by itself; never, if this is null.
    expires: Option<Stamp>,
    /// To the minute or so; null: never.
    last_used: Option<Stamp>,
}

impl From<&Token> for TokenView {
    fn from(token: &Token) -> Self {
        TokenView {
            id: token.id.clone(),
            name: token.name.clone(),
            role: Word(token.role),
            buildings: token.reach.buildings().to_vec(),
            created: token.created.into(),
            created_by: token.created_by.clone(),
            expires: token.expires.map(Stamp),
            last_used: token.last_used.map(Stamp),
        }
    }
}
