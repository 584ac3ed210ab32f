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
        Form::Number(..) | Form::Decimal(..) | Form::Switch => text,
        Form::Text(_) => quoted(&text),
        Form::List(_) => format!("[{}]", elements(&text).map(quoted).collect::<Vec<_>>().join(", ")),
    }
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
