//! The prompt `POE-TERM`, where a person speaks with the running server: that of this process, or one elsewhere.
//!
//! A line comes from a terminal or a pipe, [`command`] reads it, the [`Desk`] answers from the [`house`]. What the server says in the
//! meantime goes through the [`Printer`], which puts it above the prompt; the [`herald`] tells of alarms that way.

mod acknowledge;
mod alarms;
mod bell;
mod catalogue;
mod command;
mod complete;
mod connections;
mod desk;
mod emergency;
mod enrolment;
mod event;
mod events;
mod filter;
mod help;
mod herald;
pub(crate) mod house;
mod names;
mod nodes;
mod orders;
mod pace;
mod pipe;
pub(crate) mod plain;
mod printer;
mod reset;
#[cfg(test)]
mod sample;
mod sensors;
mod shelve;
mod silence;
mod simulation;
mod simulations;
pub(crate) mod table;
mod terminal;
mod verbose;
pub(crate) mod when;
pub(crate) mod who;
mod zones;

pub(crate) use printer::Printer;

use crate::process;
use desk::{Answer, Desk};
use house::{Here, House};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use poe::Sys;
use simulations::Simulations;
use std::{
    error::Error,
    io::{self, Write, stdout},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use terminal::{Terminal, TerminalMode};
use tracing::{error, info};

const PROMPT: &str = "POE-TERM: ";

/// A console at work. Dropping it gives the terminal back and stops the simulations; the server goes on.
pub(crate) struct Console {
    printer: Printer,
    simulations: Simulations,
    mode: Option<TerminalMode>,
}

/// Starts the console of the server of this process, in a terminal or through a pipe as standard input and output are.
pub(crate) fn start(sys: Arc<Sys>, printer: Printer, history: PathBuf) -> io::Result<Console> {
    if terminal::in_background() {
        info!("the prompt is left out: the server runs in the background of its terminal");
        return Ok(Console { printer, simulations: Simulations::default(), mode: None });
    }
    let house: Arc<dyn House> = Arc::new(Here::new(sys));
    let (console, converse) = open(&house, &printer, Some(history))?;
    spawn("console", move || {
        if matches!(converse(), Ending::Quit) {
            quit();
        }
    })?;
    Ok(console)
}

/// Connects to a server elsewhere and speaks with it until somebody has had enough. Simulations with an end run to it, unless
/// a person leaves.
pub(crate) fn attach(
    connect: impl FnOnce() -> Result<Arc<dyn House>, Box<dyn Error>>,
    history: Option<PathBuf>,
) -> Result<(), Box<dyn Error>> {
    let opened: Arc<Mutex<Option<Console>>> = Arc::default();
    let at_work = Arc::clone(&opened);
    // Before there is any thread that could get the signal instead.
    process::on_stop_signal(move || {
        drop(at_work.lock().unwrap_or_else(PoisonError::into_inner).take());
        std::process::exit(0);
    })?;
    let (console, converse) = open(&connect()?, &Printer::default(), history)?;
    *opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(console);
    converse();
    Ok(())
}

/// Speaks until there are no more commands.
type Converse = Box<dyn FnOnce() -> Ending + Send>;

/// Opens the terminal or the pipe, and has the herald tell of alarms.
fn open(
    house: &Arc<dyn House>,
    printer: &Printer,
    history: Option<PathBuf>,
) -> io::Result<(Console, Converse)> {
    let simulations = Simulations::default();
    let console = |mode| Console { printer: printer.clone(), simulations: simulations.clone(), mode };
    let desk = || {
        let mood = herald::start(house, printer.clone())?;
        io::Result::Ok(Desk::new(Arc::clone(house), printer.clone(), simulations.clone(), mood))
    };
    if !terminal::fit_for_editing() {
        let lines = pipe::Pipe::start(printer.clone())?;
        let desk = desk()?;
        return Ok((console(None), Box::new(move || run(lines, desk, None))));
    }
    let mode = TerminalMode::take()?;
    // From here on it gives the terminal back, whatever fails.
    let console = console(Some(mode.clone()));
    let lines = Terminal::start(Arc::clone(house), printer.clone(), history)?;
    let desk = desk()?;
    Ok((console, Box::new(move || run(lines, desk, Some(&mode)))))
}

/// One line after the other, wherever they come from.
trait Lines {
    fn next(&mut self) -> Line;
}

enum Line {
    Text(String),
    /// The line could not be used, for this reason.
    Unusable(&'static str),
    /// There will be no more.
    End,
}

/// Why there are no more commands.
enum Ending {
    /// Somebody has asked for the server's end, or has had enough of one elsewhere.
    Quit,
    /// The pipe has ended, or somebody has left the terminal.
    Input,
    /// The server is already stopping.
    Closed,
}

fn run(mut lines: impl Lines, mut desk: Desk, mode: Option<&TerminalMode>) -> Ending {
    let ending = converse(&mut lines, &mut desk);
    desk.printer().close();
    if let Some(mode) = mode {
        mode.restore();
    }
    let is_here = desk.is_here();
    let simulations = desk.leave();
    if matches!(ending, Ending::Input) || !is_here {
        // A script has launched its simulations to have them done; a person who leaves can no longer stop them.
        if mode.is_some() {
            if is_here {
                print("the console has ended and the server goes on; Ctrl-C stops it");
            }
            simulations.stop();
        }
        simulations.finish();
    }
    ending
}

fn converse(lines: &mut impl Lines, desk: &mut Desk) -> Ending {
    loop {
        let line = lines.next();
        if desk.printer().has_closed() {
            return Ending::Closed;
        }
        match line {
            Line::Text(line) => match desk.answer(&line) {
                Answer::Nothing => {}
                Answer::Text(text) => print(&text),
                Answer::Quit => return Ending::Quit,
            },
            Line::Unusable(why) => print(why),
            Line::End => return Ending::Input,
        }
    }
}

/// Ends the server the way that a service manager does it, so that there is one way only.
fn quit() {
    if let Err(cause) = kill(Pid::this(), Signal::SIGTERM) {
        error!(%cause, "the console could not stop the server: {cause}");
    }
}

/// Prints an answer. If nobody reads it any more, the commands still work.
fn print(text: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()).ok();
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

impl Drop for Console {
    fn drop(&mut self) {
        self.simulations.stop();
        self.printer.close();
        if let Some(mode) = &self.mode {
            mode.restore();
        }
    }
}
