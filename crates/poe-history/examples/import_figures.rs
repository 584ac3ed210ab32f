
use poe_history::*;
use poe_wire::SensorKind::*;
fn rss() -> String { std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l| l.starts_with("VmHWM")).collect() }
fn main() {
    let mut args = std::env::args().skip(1);
    let (file, dir) = (args.next().unwrap(), args.next().unwrap());
    let (history, _log, _keeper, _n) = History::open(&Options { data_dir: dir.clone().into(), retention: Retention::default() }).unwrap();
    let kinds = [Fire, Fire, Fire, Fire, Fire, Fire, Fire, Fire, Smoke, Smoke, Smoke, Smoke, Smoke, Smoke, Smoke, Smoke, Motion, Humidity, Temperature, Temperature, Water];
    let began = std::time::Instant::now();
    let mut from = std::fs::File::open(&file).unwrap();
    let options = ImportOptions { profile: poe_building::Profile::IIT_2022, lenient: false, again: false, now_ms: 1_795_435_200_000 };
    let source = if file.ends_with(".csv") { Source::Csv(&mut from) } else { Source::Records { from: &mut from, first_node: [10, 0, 0, 1].into(), kinds: &kinds } };
    let imported = import(&history, source, &options).unwrap();
    println!("imported {imported:?} in {:?} {}", began.elapsed(), rss());
    println!("{:?}", history.figures());
    let began = std::time::Instant::now();
    history.keep_now(&std::sync::atomic::AtomicBool::new(false)).unwrap();
    println!("kept in {:?} {}", began.elapsed(), rss());
    println!("{:?} {:?}", history.figures(), history.figures().bytes_per_reading());
    let began = std::time::Instant::now();
    let report = verify(dir.as_ref()).unwrap();
    println!("verified in {:?} {} {report:?}", began.elapsed(), rss());
}
