//! Where each command gets its answer.

use super::{
    Printer, acknowledge, alarms,
    command::{Command, parse},
    connections, emergency, enrolment, events, help,
    herald::Mood,
    names::Names,
    nodes, reset, sensors, shelve, silence,
    simulations::Simulations,
    verbose::Verbose,
    when::When,
    who, zones,
};
use poe::{Sys, Who};
use poe_api::Server as _;
use std::sync::{Arc, atomic::Ordering::Relaxed};

pub(super) enum Answer {
    Nothing,
    Text(String),
    Quit,
}

pub(super) struct Desk {
    sys: Arc<Sys>,
    printer: Printer,
    simulations: Simulations,
    verbose: Verbose,
    mood: Arc<Mood>,
    names: Names,
    who: Who,
}

impl Desk {
    pub(super) fn new(sys: Arc<Sys>, printer: Printer, simulations: Simulations, mood: Arc<Mood>) -> Self {
        let names = Names::new(sys.facts().board());
        let verbose = Verbose::new(Arc::clone(&mood));
        Self { sys, printer, simulations, verbose, mood, names, who: who::operator("console") }
    }

    pub(super) fn answer(&mut self, line: &str) -> Answer {
        match parse(line) {
            Ok(None) => Answer::Nothing,
            Ok(Some(Command::Quit)) => Answer::Quit,
            Ok(Some(command)) => Answer::Text(self.text(&command)),
            Err(mistake) => Answer::Text(mistake.to_string()),
        }
    }

    fn text(&mut self, command: &Command) -> String {
        let (sys, printer, who) = (&*self.sys, &self.printer, &self.who);
        let (names, when) = (self.names.now(), &When::now());
        match command {
            Command::Quit => help::answer(None),
            Command::Help(about) => help::answer(*about),
            Command::Alarms(wanted) => {
                let (alarms, suppressions) = (sys.alarms(), sys.suppressions());
                let flood = self.mood.flood.load(Relaxed);
                let standing = alarms::Standing { alarms: &alarms, suppressions: &suppressions, flood };
                alarms::answer(&standing, wanted, names, when)
            }
            Command::Acknowledge(marked) => acknowledge::order(sys, who, marked, names, when),
            Command::Silence(ids) => silence::order(sys, who, ids, names),
            Command::Reset(ids) => reset::order(sys, who, ids, names),
            Command::Shelve { alarm, minutes, reason } => {
                shelve::order(sys, who, (*alarm, *minutes, reason), names, when)
            }
            Command::Unshelve(ids) => shelve::unshelve(sys, who, ids, names),
            Command::Emergency { kind, place, note } => {
                emergency::order(sys, who, (*kind, place, note), names)
            }
            Command::Events(wanted) => events::answer(sys.facts().journal(), wanted, names, when),
            Command::Zones => zones::answer(&sys.alarms(), names, when),
            Command::Connections(wanted) => match sys.connections() {
                Ok(connections) => connections::answer(&connections, wanted, when),
                Err(gone) => gone.to_string(),
            },
            Command::Nodes(wanted) => match sys.nodes().and_then(|nodes| Ok((nodes, sys.quarantine()?))) {
                Ok((nodes, held)) => nodes::answer(&nodes, &held, wanted, when),
                Err(gone) => gone.to_string(),
            },
            Command::Approve(nodes) => enrolment::approve(sys, who, nodes),
            Command::Dismiss(nodes) => enrolment::dismiss(sys, who, nodes),
            Command::Sensors(wanted) => sensors::answer(&sys.sensors(), wanted, when),
            Command::Simulate(simulation) => self.simulations.launch(simulation, sys, printer),
            Command::StopSimulations => self.simulations.stop(),
            Command::Verbose(wanted) => self.verbose.switch(*wanted, sys, printer),
        }
    }

    /// Tells nobody anything any more, and hands over what is still running.
    pub(super) fn leave(self) -> Simulations {
        self.simulations
    }

    pub(super) fn printer(&self) -> &Printer {
        &self.printer
    }
}
