//! What lies where, and folders in which it lay elsewhere.

use super::{
    house::{Content, Dice, House, folder, noon},
    stories::{DAY, check, days},
};
use crate::{
    Retention,
    history::Folders,
    keeper::{DiskStep, Level},
    verify,
};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

/// Puts everything where the earlier layout had it.
pub(super) fn as_before(folder: &Path) -> Folders {
    let folders = Folders { data: folder.to_owned() };
    fs::create_dir_all(folders.history()).unwrap();
    fs::create_dir_all(folders.keeping()).unwrap();
    if folders.catalogue().exists() {
        fs::rename(folders.catalogue(), folders.earlier_catalogue()).unwrap();
        fs::write(folders.earlier_catalogue().with_extension("json.new"), "half").unwrap();
    }
    for entry in fs::read_dir(folders.damaged()).into_iter().flatten() {
        let name = entry.unwrap().file_name();
        fs::create_dir_all(folders.earlier_damaged()).unwrap();
        fs::rename(folders.damaged().join(&name), folders.earlier_damaged().join(&name)).unwrap();
    }
    let day = folders.history().join("date=2026-01-15");
    fs::create_dir_all(&day).unwrap();
    fs::write(day.join("new-20468-00000001.parquet.part"), "half").unwrap();
    folders
}

/// All but readings that lies in a folder for programs.
fn strangers(top: &Path, ending: &str) -> Vec<String> {
    let mut strangers = Vec::new();
    for entry in fs::read_dir(top).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && ["date=", "month=", "minute", "hour"].iter().any(|begin| name.starts_with(begin))
        {
            strangers.extend(self::strangers(&path, ending));
        } else if path.is_dir() || !name.ends_with(ending) {
            strangers.push(path.display().to_string());
        }
    }
    strangers
}

#[test]
fn whoever_opens_the_folders_finds_files_that_are_whole_and_nothing_else_at_every_step() {
    let folder = folder();
    let (mut house, mut model) = days(folder.path(), Retention::default(), DAY..DAY + 3);
    let (seen, found) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(Mutex::new(Vec::new())));
    let hook = {
        let (folders, seen, found) = (house.history.folders.clone(), seen.clone(), found.clone());
        move |step| {
            seen.lock().unwrap().insert(step);
            for top in [folders.history(), folders.rollups()] {
                found.lock().unwrap().extend(strangers(&top, ".parquet"));
            }
        }
    };
    *house.history.catalogue.steps.hook.lock().unwrap() = Some(Arc::new(hook));
    house.append(&Dice(4).batch(noon(DAY + 3), 1), &mut model);
    house.seal();
    let entry = house.entries(Level::Rollup(crate::files::Step::Minute))[0].clone();
    house.history.catalogue.set_aside(&entry, "a test says so").unwrap();
    drop(entry);
    *house.now_ms.lock().unwrap() = noon(DAY + 40);
    house.keep();
    check(&house, &model, "kept");
    let all: [DiskStep; 8] = [
        DiskStep::Written,
        DiskStep::Checked,
        DiskStep::Named,
        DiskStep::CatalogueWritten,
        DiskStep::CatalogueReplaced,
        DiskStep::LogRemoved,
        DiskStep::Deleted,
        DiskStep::SetAside,
    ];
    assert_eq!(*seen.lock().unwrap(), BTreeSet::from(all));
    assert_eq!(*found.lock().unwrap(), [""; 0]);
}

/// A folder of the earlier layout with three days and a damaged file.
fn earlier(folder: &Path) -> (Folders, Content) {
    let (house, model) = days(folder, Retention::default(), DAY..DAY + 3);
    let entry = house.entries(Level::Rollup(crate::files::Step::Minute))[0].clone();
    house.history.catalogue.set_aside(&entry, "a test says so").unwrap();
    house
        .history
        .catalogue
        .change(|catalogue| {
            catalogue.imports.push("a mark".to_owned());
            true
        })
        .unwrap();
    drop(house);
    (as_before(folder), model)
}

/// Everything is in its place, and nothing was lost on the way.
#[track_caller]
fn check_moved(house: &House, model: &Content) {
    assert_eq!(house.history.now().catalogue.imports, ["a mark"], "it was not made anew");
    assert_eq!(house.history.figures_now().damaged_files, 1);
    house.keep();
    check(house, model, "moved");
    assert_eq!(house.notices(), []);
    assert_eq!(strangers(&house.history.folders.history(), ".parquet"), [""; 0]);
    assert_eq!(fs::read_dir(house.history.folders.damaged()).unwrap().count(), 1);
}

#[test]
fn a_folder_of_the_earlier_layout_is_brought_up_by_the_next_start() {
    let folder = folder();
    let (folders, model) = earlier(folder.path());
    let report = verify(folder.path()).unwrap();
    assert!(report.findings.is_empty() && report.readings.files > 0, "also before that: {report:?}");
    let copies = super::house::folder();
    crate::copy_stopped(folder.path(), &copies.path().join("copy")).unwrap();
    check_moved(&House::open(folder.path(), Retention::default(), noon(DAY + 3)), &model);
    assert!(!folders.earlier_catalogue().exists() && !folders.earlier_damaged().exists());
    assert_eq!(verify(folder.path()).unwrap().findings, [""; 0]);
    // A backup that was made of it comes back in the earlier layout.
    let restored = copies.path().join("copy");
    check_moved(&House::open(&restored, Retention::default(), noon(DAY + 3)), &model);
}

#[test]
fn what_an_earlier_program_has_written_meanwhile_is_in_force() {
    let folder = folder();
    let (folders, model) = earlier(folder.path());
    // The catalogue of the first start, which knows nothing of what came after.
    fs::write(folders.catalogue(), crate::keeper::print(&crate::keeper::Catalogue::default())).unwrap();
    fs::create_dir_all(folders.damaged()).unwrap();
    check_moved(&House::open(folder.path(), Retention::default(), noon(DAY + 3)), &model);
}
