//! `deploy/Containerfile`, as far as it can be checked without an engine that builds it.

use crate::support::{Server, poe};
use std::{fs, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const CONTAINERFILE: &str = include_str!("../../../../deploy/Containerfile");

/// The instructions with their arguments, continued lines joined.
fn instructions() -> Vec<(String, String)> {
    let joined = CONTAINERFILE.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(what, rest)| (what.to_owned(), rest.to_owned()))
        .collect()
}

/// The words of an instruction in its JSON form: `CMD ["serve", …]`.
fn words(text: &str) -> Vec<String> {
    serde_json::from_str(&text[text.find('[').unwrap()..]).unwrap()
}

fn argument(wanted: &str) -> String {
    let instructions = instructions();
    let mut found = instructions.iter().filter(|(what, _)| what == wanted);
    let (_, rest) = found.next().unwrap_or_else(|| panic!("there is no {wanted}"));
    assert!(found.next().is_none(), "more than one {wanted}");
    rest.clone()
}

#[test]
fn what_the_image_copies_is_there() {
    let copies: Vec<_> = instructions().into_iter().filter(|(what, _)| what == "COPY").collect();
    let mut seen = 0;
    for (_, rest) in copies.iter().filter(|(_, rest)| !rest.starts_with("--from=")) {
        let mut paths: Vec<_> = rest.split_whitespace().collect();
        paths.pop().expect("the last is where to");
        for path in paths {
            assert!(Path::new(ROOT).join(path).exists(), "COPY {path}: there is no such file");
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} are copied");
}

#[test]
fn the_image_builds_with_the_rust_that_the_project_needs() {
    let manifest = fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    let needed =
        manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(CONTAINERFILE.contains(&format!("/rust:{needed}-bookworm ")), "the builder is not Rust {needed}");
}

#[test]
fn the_program_in_the_image_has_the_dashboard() {
    let steps: Vec<_> = instructions().into_iter().map(|(what, rest)| format!("{what} {rest}")).collect();
    let place = |step: &str| {
        let found = steps.iter().position(|it| it.starts_with(step));
        found.unwrap_or_else(|| panic!("there is no step {step}"))
    };
    assert!(place("RUN npm ci") < place("RUN npm run build"));
    assert!(place("COPY --from=dashboard /src/web/dist web/dist") < place("RUN cargo build"));
    // All that it is made from, as `scripts/dashboard` knows it.
    let script = fs::read_to_string(Path::new(ROOT).join("scripts/dashboard")).unwrap();
    let sources = script.split_once("\nSOURCES=(").unwrap().1.split_once(')').unwrap().0;
    let copied: Vec<_> = steps.iter().filter(|step| step.starts_with("COPY ")).collect();
    for source in sources.split_whitespace() {
        let copies = |step: &&&String| step.split_whitespace().any(|word| word == format!("web/{source}"));
        assert!(copied.iter().any(|step| copies(&step)), "web/{source} is not copied");
    }
}

#[test]
fn the_image_starts_a_server_that_accepts_its_flags() {
    assert_eq!(words(&argument("ENTRYPOINT")), ["/usr/bin/poe"]);
    let command = words(&argument("CMD"));
    assert_eq!(command[0], "serve");
    // `config check` takes the flags of `serve`.
    let checked = poe(["config", "check"].into_iter().chain(command[1..].iter().map(String::as_str)));
    assert!(checked.status.success(), "{}", checked.stderr);
    assert!(
        command.windows(2).any(|two| two == ["--data-dir".to_owned(), argument("VOLUME")]),
        "{command:?}"
    );
}

#[test]
fn the_image_knows_whether_its_server_is_well() {
    let health = words(&argument("HEALTHCHECK"));
    assert_eq!(health[0], "/usr/bin/poe");
    let server = Server::start(&[]);
    let folder = server.setup().data_path().to_owned();
    let ask = || poe(health[1..].iter().map(|word| word.replace("/var/lib/poe", folder.to_str().unwrap())));
    assert!(ask().status.success(), "{}", ask().stderr);
    drop(server);
    assert!(!ask().status.success());
}
