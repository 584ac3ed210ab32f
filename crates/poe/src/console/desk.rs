//! Where each command gets its answer.

use super::{
    Printer,
    command::{Command, parse},
    connections, help, nodes, sensors,
    simulations::Simulations,
    verbose::Verbose,
    when::When,
};
use poe::Sys;
use std::sync::Arc;

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
}

impl Desk {
    pub(super) fn new(sys: Arc<Sys>, printer: Printer, simulations: Simulations) -> Self {
        Self { sys, printer, simulations, verbose: Verbose::default() }
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
        let (sys, printer) = (&*self.sys, &self.printer);
        match command {
            Command::Help | Command::Quit => help::answer(),
            Command::Connections(wanted) => match sys.connections() {
                Ok(connections) => connections::answer(&connections, wanted, &When::now()),
                Err(gone) => gone.to_string(),
            },
            Command::Nodes(wanted) => match sys.nodes() {
                Ok(nodes) => nodes::answer(&nodes, wanted, &When::now()),
                Err(gone) => gone.to_string(),
            },
            Command::Sensors(wanted) => sensors::answer(&sys.sensors(), wanted, &When::now()),
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
