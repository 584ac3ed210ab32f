//! Where each command gets its answer.

use super::{
    Printer, acknowledge, alarms,
    command::{Command, parse},
    connections, emergency, enrolment, events, help,
    herald::Mood,
    house::{Heard, House},
    nodes, reset, sensors, shelve, silence,
    simulations::Simulations,
    verbose::Verbose,
    when::When,
    zones,
};
use std::sync::Arc;

pub(super) enum Answer {
    Nothing,
    Text(String),
    Quit,
}

pub(super) struct Desk {
    house: Arc<dyn House>,
    printer: Printer,
    simulations: Simulations,
    verbose: Verbose,
}

impl Desk {
    pub(super) fn new(
        house: Arc<dyn House>,
        printer: Printer,
        simulations: Simulations,
        mood: Arc<Mood>,
    ) -> Self {
        Self { house, printer, simulations, verbose: Verbose::new(mood) }
    }

    pub(super) fn answer(&mut self, line: &str) -> Answer {
        match parse(line) {
            Ok(None) => Answer::Nothing,
            Ok(Some(Command::Quit)) => Answer::Quit,
            Ok(Some(command)) => {
                Answer::Text(self.text(&command).unwrap_or_else(|unheard| unheard.to_string()))
            }
            Err(mistake) => Answer::Text(mistake.to_string()),
        }
    }

    fn text(&mut self, command: &Command) -> Heard<String> {
        let (house, printer) = (&*self.house, &self.printer);
        let (names, when) = (&*house.names(), &When::now());
        Ok(match command {
            Command::Quit => help::answer(None),
            Command::Help(about) => help::answer(*about),
            Command::Alarms(wanted) => {
                let (alarms, suppressions) = (house.alarms()?, house.suppressions()?);
                let flood = house.flood();
                let standing = alarms::Standing { alarms: &alarms, suppressions: &suppressions, flood };
                alarms::answer(&standing, wanted, names, when)
            }
            Command::Acknowledge(marked) => acknowledge::order(house, marked, names, when)?,
            Command::Silence(ids) => silence::order(house, ids, names),
            Command::Reset(ids) => reset::order(house, ids, names),
            Command::Shelve { alarm, minutes, reason } => {
                shelve::order(house, (*alarm, *minutes, reason), names, when)
            }
            Command::Unshelve(ids) => shelve::unshelve(house, ids, names),
            Command::Emergency { kind, place, note } => emergency::order(house, (*kind, place, note), names),
            Command::Events(wanted) => events::answer(house, wanted, names, when)?,
            Command::Zones => zones::answer(&house.alarms()?, names, when),
            Command::Connections(wanted) => connections::answer(&house.connections()?, wanted, when),
            Command::Nodes(wanted) => nodes::answer(&house.nodes()?, &house.quarantine()?, wanted, when),
            Command::Approve(nodes) => enrolment::approve(house, nodes),
            Command::Dismiss(nodes) => enrolment::dismiss(house, nodes),
            Command::Sensors(wanted) => sensors::answer(&house.sensors(wanted)?, wanted, when),
            Command::Simulate(simulation) => self.simulations.launch(simulation, house.node_door()?, printer),
            Command::StopSimulations => self.simulations.stop(),
            Command::Verbose(wanted) => self.verbose.switch(*wanted, house, printer),
        })
    }

    /// Tells nobody anything any more, and hands over what is still running.
    pub(super) fn leave(self) -> Simulations {
        self.simulations
    }

    /// Whether the server is this process.
    pub(super) fn is_here(&self) -> bool {
        self.house.is_here()
    }

    pub(super) fn printer(&self) -> &Printer {
        &self.printer
    }
}
