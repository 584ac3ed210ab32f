//! A Python with the programs that read the files of the history, as their users install them.

use crate::support::ground::has;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Fixed, so that a new version with new ideas is a change of its own.
const PACKAGES: [&str; 4] = ["duckdb==2.0.0", "polars==2.1.0", "pandas==3.1.1", "pyarrow==26.0.1"];

/// That Python, or nothing: then the test is told as skipped, but where everything has to be tried it fails.
pub fn python(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("history-python");
    let python = folder.join("bin/python");
    let done = folder.join(PACKAGES.join("-"));
    // The tests of one program run side by side.
    static MAKING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let making = MAKING.lock().unwrap();
    if !done.exists() {
        let made = run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        let install = || run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
        if let Err(why) = made.and_then(|_| install()) {
            drop(making);
            assert!(std::env::var_os("CI").is_none(), "{why}");
            has(test, "python3-venv and the Python package index", false);
            return None;
        }
        fs::write(done, "").unwrap();
    }
    Some(python)
}

/// What a command prints, or what it says if it fails.
pub fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|cause| format!("{command:?}: {cause}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        return Err(format!("{command:?}:\n{}{}", text(&output.stdout), text(&output.stderr)));
    }
    Ok(text(&output.stdout))
}
