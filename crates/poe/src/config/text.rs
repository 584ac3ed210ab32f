//! The configuration as a person reads it: the example, the one in force, and the key they may have meant.

use std::fmt::Write;

use super::Loaded;
use super::settings::{Config, Form, SETTINGS, Setting};
use super::values::elements;

/// A TOML file with every setting at its default, its meaning, its unit and its other names.
pub fn example() -> String {
    let mut text = String::from(
        "# The settings of `poe serve`, each with its default. Keep the lines you change; the rest may go.\n\
         # Flags win over POE_* variables, these over this file. Use it with --config FILE or POE_CONFIG.\n",
    );
    for setting in SETTINGS {
        text.push('\n');
        for line in setting.meaning {
            text += &format!("#{line}\n");
        }
        text += &format!("# {}\n", setting.takes());
        text += &format!("# Also --{} and {}.\n", setting.flag(), setting.env());
        text += &toml_line(setting, &Config::default());
        text.push('\n');
    }
    text
}

impl Loaded {
    /// The configuration in force, itself a TOML file, with where each value came from.
    pub fn show(&self) -> String {
        let line = |setting: &Setting| {
            format!("{:<36} # {}\n", toml_line(setting, &self.config), self.origin(setting.key))
        };
        SETTINGS.iter().map(line).collect()
    }
}

/// The value of a setting as it is written after the `=` sign.
pub(super) fn toml_value(setting: &Setting, config: &Config) -> String {
    let text = setting.get(config);
    match setting.form {
        Form::Number(..) => text,
        Form::Text(_) => quoted(&text),
        Form::List(_) => format!("[{}]", elements(&text).map(quoted).collect::<Vec<_>>().join(", ")),
    }
}

/// The candidate a person most likely meant by `word`; none, if all differ in more than a third of it.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, candidate) = candidates.map(|candidate| (distance(word, candidate), candidate)).min()?;
    (distance <= candidate.len() / 3).then_some(candidate)
}

/// How many letters must be put in, left out or changed to come from one word to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[row.len() - 1]
}

fn toml_line(setting: &Setting, config: &Config) -> String {
    format!("{} = {}", setting.key, toml_value(setting, config))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(c)).expect("writing to a String cannot fail");
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
