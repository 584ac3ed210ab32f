//! The stories of `scenarios/`: each of them, with several seeds; and one whose expectation is wrong.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Chance must not matter: it decides when nodes speak, and what they read in peace.
const SEEDS: [u64; 4] = [1, 2, 4711, 271_828];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn simulate(story: &Path, seed: u64, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_poe"))
        .args(["simulate", "--scenario"])
        .arg(story)
        .args(["--seed", &seed.to_string()])
        .args(more)
        .env_clear()
        .output()
        .unwrap()
}

fn stories() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut stories: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "txt")).collect();
    stories.sort();
    stories
}

#[test]
fn every_story_comes_to_what_it_expects_whatever_the_seed() {
    let stories = stories();
    assert!(stories.len() >= 15, "{stories:?}");
    let mut failures = String::new();
    for story in &stories {
        for seed in SEEDS {
            let output = simulate(story, seed, &["--assert"]);
            if !output.status.success() {
                failures += &String::from_utf8_lossy(&output.stderr);
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for story in stories() {
        let [first, second] = [4711, 4711].map(|seed| simulate(&story, seed, &[]).stdout);
        assert!(!first.is_empty() && first == second, "{}", story.display());
    }
}

#[test]
fn the_example_of_the_page_comes_to_what_it_expects() {
    let page = fs::read_to_string(folder().join("../docs/scenarios.md")).unwrap();
    let (_, after) = page.split_once("```text\n").unwrap();
    let (example, _) = after.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let building = "[[target]]\nname = \"duty\"\nwebhook = { url = \"http://127.0.0.1:9/\" }\n";
    fs::write(folder.path().join("annex.toml"), building).unwrap();
    let story = folder.path().join("example.txt");
    fs::write(&story, example).unwrap();
    let output = simulate(&story, 4711, &["--assert"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_wrong_expectation_fails_and_says_which_and_how_to_see_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let story = folder.path().join("wrong.txt");
    let text = "node 10.0.0.7 as kitchen\n00:10 kitchen_3 posts 0\n00:10 expect no alarm until 00:20\n";
    fs::write(&story, text).unwrap();
    let output = simulate(&story, 4711, &["--assert"]);
    let told = String::from_utf8_lossy(&output.stderr).replace(&folder.path().display().to_string(), "");
    assert_eq!(output.status.code(), Some(1));
    expect_test::expect![[r#"
        error: /wrong.txt:3: expect no alarm until 00:20 (from 00:10 to 00:20)
        error:     came 2 times:
        error:       00:10 alarm.raised fire on 10.0.0.7_3, unacknowledged, value 0 (flame)
        error:       00:11.893 alarm.returned fire on 10.0.0.7_3, latched_unacknowledged, value 0
        error: 1 of 1 expectations did not hold; to see it again:
        error:     poe simulate --scenario /wrong.txt --seed 4711 --assert
    "#]]
    .assert_eq(&told);
    assert!(simulate(&story, 4711, &[]).status.success(), "without --assert it is only told");
}

#[test]
fn a_story_is_played_to_a_server_that_runs_and_judged_by_its_journal() {
    let server = support::Server::start(&[]);
    let story = server.setup().scratch().join("flame.txt");
    let text = "
        nodes 2 from 10.0.0.7 as floor every 300ms
        00:01.500 10.0.0.8_3 posts 0
        00:01.500 expect within 500ms alarm.raised fire on 10.0.0.8_3
        00:03 expect state latched_unacknowledged of fire on 10.0.0.8_3
        00:03 expect exactly 1 alarm.raised ever";
    fs::write(&story, text).unwrap();
    let address = server.tcp().to_string();
    let data_dir = server.setup().data_path().to_str().unwrap();
    let live = ["--assert", "--connect", &address, "--data-dir", data_dir];
    let output = simulate(&story, 7, &live);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(server.table().contains_key("127.0.0.8_20"), "on this machine, nodes have addresses in 127/8");

    fs::write(&story, "00:01 server killed\n00:02 ann acknowledges fire on 10.0.0.7_3\n").unwrap();
    let refused = simulate(&story, 7, &live);
    assert_eq!(refused.status.code(), Some(1));
    let told =
        String::from_utf8_lossy(&refused.stderr).replace(server.setup().scratch().to_str().unwrap(), "");
    expect_test::expect![[r#"
        error: /flame.txt:1: a server that runs is not stopped by a story; play it without --connect
        error: /flame.txt:2: orders cannot be given to a server that runs yet; play it without --connect
    "#]]
    .assert_eq(&told);
}

#[test]
fn what_is_wrong_with_a_story_or_its_building_is_told_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let story = folder.path().join("wrong.txt");
    let text =
        "building\n  [site]\n  name = \"north\"\n  nmae = 7\nnode 10.0.0.7 as kitchen\n00:10 kichen_3 is 0\n";
    fs::write(&story, text).unwrap();
    let output = simulate(&story, 1, &["--assert"]);
    let told = String::from_utf8_lossy(&output.stderr).replace(&folder.path().display().to_string(), "");
    assert_eq!(output.status.code(), Some(1));
    expect_test::expect![[r#"
        error: /wrong.txt:4: site: unknown key 'nmae'; did you mean 'name'?
        error: /wrong.txt:6: there is no node `kichen`; did you mean `kitchen`?
    "#]]
    .assert_eq(&told);
}
