//! The folder of a demonstration. It is marked, so that what is made up and what is real never get into one folder.

use super::Demo;
use poe::config::{Loaded, Origin};
use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
};

/// The file that marks it.
const MARK: &str = "demo";
const MARK_SAYS: &str = "Everything in this folder is made up: `poe serve --demo` has filled it.\n";
/// Where it lies, unless somebody says.
const FOLDER: &str = "./data-demo";
/// The port that nodes connect to, unless somebody says.
const PORT: u16 = 1234;

/// Settles where the demonstration lives and whom it listens to, and makes sure that its folder is its own.
pub(crate) fn claim(loaded: &mut Loaded) -> Result<Demo, String> {
    settle(loaded)?;
    mark(&loaded.config.data_dir)?;
    Ok(Demo(()))
}

/// What differs from a server for a real building, as far as nobody has said anything else.
pub(super) fn settle(loaded: &mut Loaded) -> Result<(), String> {
    let db = loaded.origin("db");
    if loaded.config.db.is_some() {
        return Err(format!(
            "a demo keeps its table in its own folder, and db is set ({db}): start the demo without that"
        ));
    }
    if loaded.origin("data_dir") == Origin::Default {
        loaded.config.data_dir = FOLDER.into();
    }
    if loaded.origin("listen") == Origin::Default {
        loaded.config.listen = vec![SocketAddr::new(Ipv4Addr::LOCALHOST.into(), PORT)];
    }
    if !loaded.config.listen.iter().any(|address| is_reached(address.ip())) {
        return Err("the nodes of a demo are on this machine: let it listen on 127.0.0.1, too".to_owned());
    }
    Ok(())
}

/// Whether nodes with addresses of this machine come in there.
pub(super) fn is_reached(listening: IpAddr) -> bool {
    let IpAddr::V4(listening) = listening.to_canonical() else { return listening.is_unspecified() };
    listening.is_loopback() || listening.is_unspecified()
}

/// A folder that is new or empty becomes one for a demonstration; one that is has the mark.
pub(super) fn mark(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    if is_marked(folder) {
        return Ok(());
    }
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(false) => {
            return Err(format!(
                "{shown} is not a demo's folder, and a demo leaves alone what may be real: name another with --data-dir, or none"
            ));
        }
        Ok(true) => {}
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => return Err(format!("cannot read {shown}: {cause}")),
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join(MARK), MARK_SAYS))
        .map_err(|cause| format!("cannot make the demo's folder {shown}: {cause}"))
}

/// What is made up is never served as if it were real.
pub(crate) fn refuse_as_real(folder: &Path) -> Result<(), String> {
    if !is_marked(folder) {
        return Ok(());
    }
    let shown = folder.display();
    Err(format!(
        "everything in {shown} is made up: start it with --demo, or name another folder with --data-dir"
    ))
}

fn is_marked(folder: &Path) -> bool {
    folder.join(MARK).exists()
}
