//! The fields of a JSON object, taken out one by one; what is left over nobody knows.

use serde_json::{Map, Value};

use crate::problem::Problem;

/// What has not been taken yet.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn new(fields: Map<String, Value>) -> Self {
        Fields(fields)
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, Problem> {
        self.maybe_text(name)?.ok_or_else(|| Problem::unfit(name, "This field is needed."))
    }

    /// A text that may be there.
    pub(crate) fn maybe_text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::unfit(name, "This must be a text.")),
        }
    }

    /// A whole number that must be there.
    pub(crate) fn number(&mut self, name: &'static str) -> Result<u64, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Err(Problem::unfit(name, "This field is needed.")),
            Some(value) => value
                .as_u64()
                .ok_or_else(|| Problem::unfit(name, "This must be a whole number, not below 0.")),
        }
    }

    /// Refuses what is left: whoever mistypes a name shall not believe that it was heeded.
    pub(crate) fn end(self) -> Result<(), Problem> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::unfit(name, "There is no such field here.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        match serde_json::from_str(json).unwrap() {
            Value::Object(fields) => Fields::new(fields),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_problem_names_its_field() {
        let unfit = |field: &'static str, detail: &str| Problem::unfit(field, detail);
        let mut body = fields(r#"{"minutes": "five", "reason": 7, "raeson": "", "span": -1}"#);
        let whole = "This must be a whole number, not below 0.";
        assert_eq!(body.number("minutes"), Err(unfit("minutes", whole)));
        assert_eq!(body.number("span"), Err(unfit("span", whole)));
        assert_eq!(body.text("reason"), Err(unfit("reason", "This must be a text.")));
        assert_eq!(body.text("note"), Err(unfit("note", "This field is needed.")));
        assert_eq!(body.maybe_text("note"), Ok(None));
        assert_eq!(body.end(), Err(Problem::unfit("raeson", "There is no such field here.")));
    }

    #[test]
    fn what_was_taken_is_known() {
        let mut body = fields(r#"{"minutes": 60, "reason": "painters"}"#);
        assert_eq!(body.number("minutes"), Ok(60));
        assert_eq!(body.text("reason").as_deref(), Ok("painters"));
        assert_eq!(body.end(), Ok(()));
    }
}
