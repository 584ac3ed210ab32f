//! The secret by which a program shows who it is.

use std::fmt;

use hyper::header::HeaderValue;

/// A token, as `poe token create` prints it. It is never shown again, not even to those who debug.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(HeaderValue);

impl Token {
    /// The token in this text, without the blanks and line breaks around it; nothing, if that cannot be a token.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let mut value = HeaderValue::try_from(format!("Bearer {text}")).ok().filter(|_| is_token)?;
        value.set_sensitive(true);
        Some(Token(value))
    }

    /// As it is sent.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_and_never_shown() {
        let token = Token::new(" poe_7_secret\n").unwrap();
        assert_eq!(token.header(), "Bearer poe_7_secret");
        assert!(!format!("{token:?} {:?}", token.header()).contains("secret"));
        for text in ["", " \n", "two words", "line\nbreak", "ü"] {
            assert_eq!(Token::new(text), None, "{text:?}");
        }
    }
}
