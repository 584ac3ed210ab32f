//! Files in git that the program prints: the copy must not fall behind.

use crate::source::{read, root};
use std::process::Command;

#[test]
fn the_example_configuration_is_what_the_program_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_poe"))
        .args(["config", "example"])
        .env_clear()
        .output()
        .expect("cargo has built the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("the example is text");
    assert!(
        printed == read(&root().join("deploy/poe.toml")),
        "deploy/poe.toml has fallen behind; run `cargo run -p poe -- config example > deploy/poe.toml`"
    );
}
