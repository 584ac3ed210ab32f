//! `t`: simulated clients inside this process, over real sockets to the server's door for nodes.

use super::{Printer, simulation::Simulation, table::counted};
use nix::sys::resource::{Resource, getrlimit};
use poe_sim::{Fleet, FleetControl};
use std::{
    fs,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

/// Simulations at once. Each has a thread of its own.
const RUNNING_MAX: usize = 16;
/// A simulated client takes a descriptor at its own end and one at the server's.
const DESCRIPTORS_PER_CLIENT: u64 = 2;

/// The simulations that were launched. Clones belong to the same console.
#[derive(Clone, Default)]
pub(super) struct Simulations(Arc<Mutex<Launched>>);

#[derive(Default)]
struct Launched {
    count: u64,
    running: Vec<Running>,
}

struct Running {
    endless: bool,
    control: FleetControl,
    thread: JoinHandle<()>,
}

impl Simulations {
    /// Starts one in the background. Its summary comes through the printer.
    pub(super) fn launch(&self, simulation: &Simulation, target: SocketAddr, printer: &Printer) -> String {
        if let Some(spare) = spare_clients().filter(|spare| *spare < u64::from(simulation.clients)) {
            return format!(
                "this process has file descriptors to spare for {spare} clients only; try `t -c {spare}`, or \
                 `poe simulate -c {}` beside it",
                simulation.clients
            );
        }
        let mut launched = self.launched();
        launched.running.retain(|running| !running.thread.is_finished());
        if launched.running.len() >= RUNNING_MAX {
            return format!("{RUNNING_MAX} simulations are running already; `t stop` stops them");
        }

        let number = launched.count + 1;
        let Simulation { clients, packets, pause } = *simulation;
        let fleet = Fleet { clients, packets, pause, target, seed: number };
        let control = FleetControl::new();
        let run = {
            let (control, printer) = (control.clone(), printer.clone());
            move || match fleet.run(&control) {
                Ok(report) => printer.say(&format!("simulation {number}: {report}")),
                Err(cause) => printer.say(&format!("simulation {number} has failed: {cause}")),
            }
        };
        let thread = match thread::Builder::new().name("simulation".into()).spawn(run) {
            Ok(thread) => thread,
            Err(cause) => return format!("the system allows no thread for a simulation: {cause}"),
        };
        launched.count = number;
        launched.running.push(Running { endless: packets.is_none(), control, thread });
        describe(number, simulation, target)
    }

    /// Asks all of them to end.
    pub(super) fn stop(&self) -> String {
        let launched = self.launched();
        let running = launched.running.iter().filter(|running| !running.thread.is_finished());
        let stopped = running.inspect(|running| running.control.stop()).count();
        match stopped {
            0 => "no simulation is running".to_owned(),
            count => format!("stopping {}", counted(count, "simulation")),
        }
    }

    /// Lets those with an end run to it and stops the others.
    pub(super) fn finish(&self) {
        let running: Vec<_> = self.launched().running.drain(..).collect();
        running.iter().filter(|running| running.endless).for_each(|running| running.control.stop());
        for running in running {
            running.thread.join().ok();
        }
    }

    fn launched(&self) -> MutexGuard<'_, Launched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe(number: u64, simulation: &Simulation, target: SocketAddr) -> String {
    let Simulation { clients, packets, pause } = simulation;
    let clients = counted(*clients as usize, "client");
    let packets = match packets {
        Some(packets) => format!("{} each", counted(*packets as usize, "packet")),
        None => "packets without end".to_owned(),
    };
    let pause = if pause.is_zero() { String::new() } else { format!(", {} s apart", pause.as_secs_f64()) };
    format!("simulation {number}: {clients}, {packets}{pause}, to {target}; `t stop` stops it")
}

/// How many clients may be simulated without taking a descriptor that a node will need: half of what is free.
/// `None` where the system does not tell.
fn spare_clients() -> Option<u64> {
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let open = fs::read_dir("/proc/self/fd").ok()?.count() as u64;
    Some(limit.saturating_sub(open) / 2 / DESCRIPTORS_PER_CLIENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_launch_says_what_was_understood() {
        let simulation = |clients, packets, pause| Simulation { clients, packets, pause };
        let target = "127.0.0.1:1234".parse().unwrap();
        let one = describe(1, &simulation(1, Some(5), Duration::ZERO), target);
        let many = describe(2, &simulation(300, None, Duration::from_millis(250)), target);
        expect_test::expect![[r#"
            simulation 1: 1 client, 5 packets each, to 127.0.0.1:1234; `t stop` stops it
            simulation 2: 300 clients, packets without end, 0.25 s apart, to 127.0.0.1:1234; `t stop` stops it"#]]
        .assert_eq(&[one, many].join("\n"));
    }
}
