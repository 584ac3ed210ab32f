//! What a person decides before the first reading arrives: where to listen, where to keep it, how much to admit.
//!
//! Every setting is one entry of [`SETTINGS`]; the flags, the `POE_*` variables, the keys of the TOML file, the
//! help and the example all come from there. Flags win over variables, these over the file, that over the defaults.

mod error;
mod file;
mod protection;
mod settings;
#[cfg(test)]
mod tests;
mod text;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use poe_history::Retention;

pub use error::{ConfigError, Origin, Place, Problem, Refusal};
pub use settings::{Config, Form, SETTINGS, Setting};
pub use text::example;
pub use values::{Console, Gib, KindDays, LogFormat};

const ENV_PREFIX: &str = "POE_";
const FILE_FLAG: &str = "config";
const FILE_ENV: &str = "POE_CONFIG";
/// A client's, and no setting of the server.
const TOKEN_ENV: &str = "POE_TOKEN";

/// The configuration in force, and how it came about.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The settings themselves.
    pub config: Config,
    /// Where a setting was given, by key; a key that is absent has its default.
    pub origins: BTreeMap<&'static str, Origin>,
    /// What was odd, but no reason not to start.
    pub warnings: Vec<String>,
}

/// Adds `--config` and one flag for each setting.
///
/// clap does not read the environment: [`load`] does, so that it can tell where a value came from.
pub fn arguments(cmd: Command) -> Command {
    let file = Arg::new(FILE_FLAG).long(FILE_FLAG).value_name("FILE").help(format!(
        "TOML file of settings; flags win over POE_* variables, these over the file. Also {FILE_ENV}."
    ));
    cmd.arg(file).args(SETTINGS.iter().map(Setting::argument))
}

/// Puts the four layers together, or names everything that is wrong with them.
///
/// `env` may be the whole environment; only what starts with `POE_` is looked at.
pub fn load(
    matches: &ArgMatches,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let env: BTreeMap<_, _> = env.filter(|(name, _)| name.starts_with(ENV_PREFIX)).collect();
    let mut loaded = Loaded { warnings: odd_variables(&env), ..Loaded::default() };
    let mut problems = Vec::new();

    let layers =
        from_file(matches, &env).into_iter().chain(from_environment(&env)).chain(from_flags(matches));
    for given in layers {
        if let Err(problem) = given.and_then(|given| loaded.take(given)) {
            problems.push(problem);
        }
    }
    problems.extend(loaded.check_together().err());
    if problems.is_empty() { Ok(loaded) } else { Err(ConfigError { problems }) }
}

impl Config {
    /// The SQLite file with the table that others read.
    pub fn db_path(&self) -> PathBuf {
        self.db.clone().unwrap_or_else(|| self.data_dir.join("poe.db"))
    }

    /// What is removed from the history when; nothing, where none is kept.
    pub fn retention(&self) -> Option<Retention> {
        let days = |days: u32| (days > 0).then(|| Duration::from_secs(u64::from(days) * 86_400));
        let of_kind = |setting: &KindDays| Some((setting.kind, days(setting.days)?));
        self.history.then(|| Retention {
            age: days(self.history_keep_days),
            age_of_kind: self.history_keep_days_of.iter().filter_map(of_kind).collect(),
            bytes: Some(self.history_max_gib.bytes()).filter(|bytes| *bytes > 0),
            rollup_age: days(self.rollup_keep_days),
        })
    }
}

impl Loaded {
    /// Where the setting `key` got its value.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }

    fn take(&mut self, Given { setting, text, origin }: Given) -> Result<(), Problem> {
        let key = setting.key;
        let refused = |refusal| Problem::Value { origin: origin.clone(), key, refusal };
        setting.set(&mut self.config, &text).map_err(refused)?;
        self.origins.insert(key, origin);
        Ok(())
    }

    fn check_together(&self) -> Result<(), Problem> {
        let refuse = |key, refusal| Err(Problem::Value { origin: self.origin(key), key, refusal });
        if self.config.listen.is_empty() && self.config.udp.is_empty() {
            return refuse("listen", Refusal::NowhereToListen);
        }
        if self.config.allow.is_empty() {
            return refuse("allow", Refusal::NobodyAllowed);
        }
        match (&self.config.tls_cert, &self.config.tls_key) {
            (Some(_), None) => return refuse("tls_cert", Refusal::Alone("tls_key")),
            (None, Some(_)) => return refuse("tls_key", Refusal::Alone("tls_cert")),
            _ => {}
        }
        Ok(())
    }
}

/// One setting as one layer wrote it.
struct Given {
    setting: &'static Setting,
    text: String,
    origin: Origin,
}

fn from_file(matches: &ArgMatches, env: &BTreeMap<String, String>) -> Vec<Result<Given, Problem>> {
    let flag = flag_values(matches, FILE_FLAG).map(|path| (Origin::Flag(FILE_FLAG.to_owned()), path));
    let variable = || Some((Origin::Environment(FILE_ENV.to_owned()), env.get(FILE_ENV)?.clone()));
    match flag.or_else(variable) {
        Some((named_by, path)) => file::read(&named_by, Path::new(&path)),
        None => Vec::new(),
    }
}

fn from_environment(env: &BTreeMap<String, String>) -> impl Iterator<Item = Result<Given, Problem>> {
    SETTINGS.iter().filter_map(|setting| {
        let text = env.get(&setting.env())?.clone();
        Some(Ok(Given { setting, text, origin: Origin::Environment(setting.env()) }))
    })
}

fn from_flags(matches: &ArgMatches) -> impl Iterator<Item = Result<Given, Problem>> {
    SETTINGS.iter().filter_map(|setting| {
        let text = flag_values(matches, setting.key)?;
        Some(Ok(Given { setting, text, origin: Origin::Flag(setting.flag()) }))
    })
}

/// A repeated flag comes back as the list a variable would hold. A command without the flag has no values.
fn flag_values(matches: &ArgMatches, id: &str) -> Option<String> {
    let values = matches.try_get_many::<String>(id).ok()??;
    Some(values.map(String::as_str).collect::<Vec<_>>().join(","))
}

/// Other tools may use the prefix too, so an unknown variable is worth a word but never a refusal.
fn odd_variables(env: &BTreeMap<String, String>) -> Vec<String> {
    let known: Vec<_> =
        SETTINGS.iter().map(Setting::env).chain([FILE_ENV, TOKEN_ENV].map(str::to_owned)).collect();
    let warning = |name: &String| {
        // The prefix is common to all, so only the rest can tell which one was meant.
        let rest = name[ENV_PREFIX.len()..].to_uppercase();
        let near = poe_building::nearest(&rest, known.iter().map(|name| &name[ENV_PREFIX.len()..]));
        let hint = near.map(|near| format!("; did you mean {ENV_PREFIX}{near}?")).unwrap_or_default();
        format!("{}: ignored, since no setting has this variable{hint}", name.escape_debug())
    };
    env.keys().filter(|name| !known.contains(name)).map(warning).collect()
}

impl Setting {
    fn argument(&self) -> Arg {
        let (action, value_name, repeat) = match self.form {
            Form::Number(..) | Form::Decimal(..) => (ArgAction::Set, "N", ""),
            Form::Text(form) => (ArgAction::Set, form, ""),
            Form::List(form) => (ArgAction::Append, form, " Repeatable."),
            Form::Switch => (ArgAction::Set, "true|false", ""),
        };
        let help = format!("{} {}{repeat} Also {}.", self.meaning.concat().trim(), self.takes(), self.env());
        // A negative number shall meet the range check and its message, not be taken for a flag.
        let arg = Arg::new(self.key).long(self.flag()).action(action).allow_negative_numbers(true);
        let arg = arg.value_name(value_name).help(help);
        match self.form {
            Form::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
            _ => arg,
        }
    }
}
