//! A backup has every reading that was shown when it was asked for, sealed or not.

use crate::{
    done, refused,
    support::{PATIENCE, Setup, connect_from},
};
use std::{fmt::Write as _, fs, io::Write as _};

/// Two days long gone, which are files at once, and what is read now, which is not.
#[test]
fn a_backup_of_a_busy_server_has_all_readings_and_a_restored_one_tells_the_same() {
    let setup = Setup::new();
    let server = setup.start();
    let file = setup.scratch().join("past.csv");
    let mut past = String::from("time,node,sensor,kind,value\n");
    for day in 1..=2 {
        for minute in 0..600 {
            let (hour, minute) = (minute / 60, minute % 60);
            writeln!(past, "2026-03-0{day}T{hour:02}:{minute:02}:00.250Z,10.0.0.1,8,SMOKE,{minute}").unwrap();
        }
    }
    fs::write(&file, past).unwrap();
    done(&setup, "import", &[&file]);
    let mut node = connect_from([127, 0, 0, 1], server.tcp());
    for value in 0..200 {
        node.write_all(&[1, 3, 3, value]).unwrap();
    }
    server.wait_for(|server| server.row("127.0.0.1_3").is_some_and(|(_, value, _)| value == 199), PATIENCE);
    let told = done(&setup, "export", &[]);
    assert_eq!(told.lines().count(), 1 + 1_200 + 200);

    let folder = setup.scratch().join("backups");
    fs::create_dir(&folder).unwrap();
    done(&setup, "backup", &[&folder]);
    // Of what comes after it, a backup knows nothing.
    node.write_all(&[1, 3, 3, 250]).unwrap();
    let backup = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();

    let restored = Setup::new();
    done(&restored, "restore", &[&backup]);
    let whole = done_words(&restored, &["history", "verify"]);
    assert!(whole.contains("1200"), "{whole}");
    let server = restored.start();
    assert_eq!(done(&restored, "export", &[]), told);
    drop(server);
}

/// Of a server whose version had the catalogue among the readings.
#[test]
fn a_backup_of_the_earlier_layout_is_restored_and_brought_up() {
    let setup = Setup::new();
    let mut server = setup.start();
    let file = setup.scratch().join("past.csv");
    fs::write(&file, "time,node,sensor,kind,value\n2026-03-01T10:00:00.250Z,10.0.0.1,8,SMOKE,7\n").unwrap();
    done(&setup, "import", &[&file]);
    let told = done(&setup, "export", &[]);
    assert!(server.stop().success());
    let earlier = setup.data_path().join("history/catalogue.json");
    fs::rename(setup.data_path().join("catalogue/catalogue.json"), &earlier).unwrap();
    let backup = setup.scratch().join("site.tar");
    done(&setup, "backup", &[&backup]);
    assert!(earlier.exists(), "a backup changes nothing");

    let restored = Setup::new();
    done(&restored, "restore", &[&backup]);
    assert!(restored.data_path().join("history/catalogue.json").exists());
    for setup in [&restored, &setup] {
        done_words(setup, &["history", "verify"]);
        let server = setup.start();
        assert_eq!(done(setup, "export", &[]), told);
        let names =
            fs::read_dir(setup.data_path().join("history")).unwrap().map(|name| name.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["date=2026-03-01"]);
        // It is the same catalogue, and not one that was made anew: what was imported is known.
        refused(setup, "import", &[&file]);
        drop(server);
    }
}

/// A command of more words than one.
#[track_caller]
fn done_words(setup: &Setup, words: &[&str]) -> String {
    let data = setup.data_path().to_str().unwrap();
    let ended = crate::support::poe(words.iter().chain(&["--data-dir", data]));
    assert!(ended.status.success(), "{words:?}: {}", ended.stderr);
    ended.stdout
}
