//! The lines that the commands print for each other: one flat object of JSON.

use std::fmt::Display;

/// `{"name":value,...}`. A value that is text brings its own quotes.
pub fn object(fields: &[(&str, &dyn Display)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// The number called `name` in such a line.
pub fn number(line: &str, name: &str) -> Option<f64> {
    let (_, after) = line.split_once(&format!("\"{name}\":"))?;
    after.split([',', '}']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{number, object};

    #[test]
    fn a_number_is_found_by_its_name() {
        let line = object(&[("clients", &100), ("elapsed_s", &format_args!("{:.2}", 3.25))]);
        assert_eq!(line, r#"{"clients":100,"elapsed_s":3.25}"#);
        assert_eq!(number(&line, "clients"), Some(100.0));
        assert_eq!(number(&line, "elapsed_s"), Some(3.25));
        assert_eq!(number(&line, "frames"), None);
    }
}
