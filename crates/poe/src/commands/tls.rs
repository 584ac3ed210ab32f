//! `poe tls`: a certificate for HTTPS, where no public authority gives one.

use super::{Done, environment};
use crate::process;
use clap::{Arg, ArgAction, ArgMatches, Command};
use poe_api::tls::{Made, Wanted};
use std::path::{Path, PathBuf};

const DATA_DIR_ENV: &str = "POE_DATA_DIR";

pub(crate) fn command() -> Command {
    let name = Arg::new("name").long("name").value_name("NAME").action(ArgAction::Append);
    let data_dir = Arg::new("data_dir").long("data-dir").value_name("DIR");
    let new_ca = Arg::new("new_ca").long("new-ca").action(ArgAction::SetTrue);
    let init = Command::new("init")
        .about("Make a certificate, and the authority that vouches for it if there is none")
        .arg(name.help(
            "A name or an address by which clients call the server, beside those of this machine; those of last time \
             unless any is given. Repeatable.",
        ))
        .arg(data_dir.help("The folder of the server; default ./data. Also POE_DATA_DIR."))
        .arg(new_ca.help("Make a new authority, too; browsers and clients need its certificate then"));
    Command::new("tls")
        .about("Make a certificate for HTTPS")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(init)
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let (_, matches) = matches.subcommand().expect("a subcommand is required");
    let names: Vec<String> = matches.get_many("name").into_iter().flatten().cloned().collect();
    let data_dir = data_dir(matches);
    let wanted = Wanted { data_dir: &data_dir, names: &names, new_ca: matches.get_flag("new_ca") };
    Ok(process::print(&told(&wanted.make()?, &data_dir))?)
}

/// The settings are not asked: without a certificate they may be refused.
fn data_dir(matches: &ArgMatches) -> PathBuf {
    let flag = matches.get_one::<String>("data_dir").cloned();
    let variable = || environment().find(|(name, _)| name == DATA_DIR_ENV).map(|(_, value)| value);
    flag.or_else(variable).filter(|dir| !dir.is_empty()).map_or_else(|| "./data".into(), PathBuf::from)
}

fn told(made: &Made, data_dir: &Path) -> String {
    let Made { ca, ca_is_new, fingerprint, files, names, valid_until } = made;
    let data_dir = data_dir.display();
    let (ca, cert, all) = (ca.display(), files.cert.display(), names.join(", "));
    let whether_new = if *ca_is_new { "a new authority" } else { "the authority, as before" };
    let name = &names[0];
    format!(
        "{ca}: {whether_new}\n\
         \x20 SHA-256 {fingerprint}\n\
         {cert}: valid until {valid_until} for {all}\n\
         \n\
         Give {ca} to browsers and clients, and let them compare the SHA-256; keep the other files here.\n\
         A running server that uses the certificate takes the new one within 10 s. To use it:\n\
         \x20 poe serve --data-dir {data_dir} --http 0.0.0.0:8443\n\
         \x20 poe alarms --connect https://{name}:8443 --ca ca.pem --token-file FILE\n"
    )
}
