//! What the server says while somebody types: log lines, notices, summaries.
//!
//! Nobody who speaks ever waits for the terminal. The engine logs too, and the console asks the engine: if one
//! waited for the other, both could wait for ever.

use std::{
    io::{self, Write, stderr, stdout},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

/// Texts that wait to be printed, some screens full. When there are more, the rest is counted.
const WAITING_MAX: usize = 1_000;
/// A terminal or a pipe that takes nothing, because nobody reads it, must not keep the server alive.
const CLOSE_MAX: Duration = Duration::from_millis(500);

/// Prints above the prompt while there is one. Clones belong to the same console.
#[derive(Clone, Default)]
pub(crate) struct Printer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stage: Stage,
    takes_log: bool,
    at_prompt: bool,
    /// Everything is printed that ever will be.
    ended: bool,
    waiting: Vec<String>,
    missed: u64,
    /// What overtakes all of that: the lines of alarms.
    urgent: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    /// There is no console, or not yet: the log goes to standard error.
    #[default]
    Before,
    Open,
    /// There was one.
    Closed,
}

impl Printer {
    /// From now on there is a prompt. `takes_log` says whether it shares its terminal with the log.
    pub(super) fn open(&self, takes_log: bool) {
        let mut state = self.state();
        state.stage = Stage::Open;
        state.takes_log = takes_log;
    }

    /// The prompt is on the screen: what waits can be printed above it.
    pub(super) fn prompt_shown(&self) {
        self.set_at_prompt(true);
    }

    /// A line has come and its answer follows: what the server says waits for the next prompt.
    pub(super) fn prompt_gone(&self) {
        self.set_at_prompt(false);
    }

    /// Prints a text above the prompt, soon.
    pub(super) fn say(&self, text: &str) {
        if !self.queue(text) {
            super::print(text);
        }
    }

    /// The same for what people must act on: it overtakes what waits.
    pub(super) fn say_first(&self, text: &str) {
        let mut state = self.state();
        if state.stage != Stage::Open {
            drop(state);
            super::print(text);
        } else if state.urgent.len() < WAITING_MAX {
            state.urgent.push(whole_line(text));
            self.0.changed.notify_all();
        } else {
            state.missed += 1;
        }
    }

    /// Prints what is said until the printer is closed, and then leaves the line of the prompt. `print` takes whole
    /// lines, and whether they come after a prompt.
    pub(super) fn run(&self, mut print: impl FnMut(String, bool)) {
        while let Some((text, at_prompt)) = self.next() {
            print(text, at_prompt);
        }
        let at_prompt = mem::take(&mut self.state().at_prompt);
        if at_prompt {
            stdout().write_all(b"\n").and_then(|()| stdout().flush()).ok();
        }
        self.state().ended = true;
        self.0.changed.notify_all();
    }

    /// Has the rest printed. What is said from now on is printed at once.
    pub(super) fn close(&self) {
        let mut state = self.state();
        if state.stage != Stage::Open {
            return;
        }
        state.stage = Stage::Closed;
        self.0.changed.notify_all();
        // A rest that cannot be printed in time is given up.
        drop(self.0.changed.wait_timeout_while(state, CLOSE_MAX, |state| !state.ended));
    }

    pub(super) fn has_closed(&self) -> bool {
        self.state().stage == Stage::Closed
    }

    fn set_at_prompt(&self, at_prompt: bool) {
        self.state().at_prompt = at_prompt;
        self.0.changed.notify_all();
    }

    /// Whether the text will be printed by [`Printer::run`].
    fn queue(&self, text: &str) -> bool {
        let mut state = self.state();
        if state.stage != Stage::Open {
            return false;
        }
        if state.waiting.len() < WAITING_MAX {
            state.waiting.push(whole_line(text));
            self.0.changed.notify_all();
        } else {
            state.missed += 1;
        }
        true
    }

    /// All that waits, once it can be printed; `None` after the end.
    fn next(&self) -> Option<(String, bool)> {
        let not_yet =
            |state: &mut State| state.stage == Stage::Open && (state.is_empty() || !state.at_prompt);
        let waited = self.0.changed.wait_while(self.state(), not_yet);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_empty() {
            return None;
        }
        let State { urgent, waiting, .. } = &mut *state;
        let mut text: String = urgent.drain(..).chain(waiting.drain(..)).collect();
        match mem::take(&mut state.missed) {
            0 => {}
            missed => text.push_str(&format!("… {missed} more lines came too fast to be shown\n")),
        }
        Some((text, state.at_prompt))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.urgent.is_empty()
    }
}

fn whole_line(text: &str) -> String {
    format!("{}\n", text.trim_end_matches('\n'))
}

impl<'a> MakeWriter<'a> for Printer {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine(self)
    }
}

/// Where one line of the log goes.
pub(crate) struct LogLine<'a>(&'a Printer);

impl Write for LogLine<'_> {
    /// The log writes each line as a whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let takes_log = self.0.state().takes_log;
        if !takes_log || !self.0.queue(&String::from_utf8_lossy(line)) {
            stderr().write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    #[test]
    fn the_server_waits_with_its_words_until_the_answer_is_on_the_screen() {
        let printer = Printer::default();
        let (printed, screen) = mpsc::channel();
        printer.open(true);
        let printing = thread::spawn({
            let printer = printer.clone();
            move || printer.run(|text, _| printed.send(text).unwrap())
        });
        writeln!(printer.make_writer(), "the disk is slow").unwrap();
        printer.say("a node is new");
        assert_eq!(screen.recv_timeout(Duration::from_millis(20)), Err(mpsc::RecvTimeoutError::Timeout));
        printer.prompt_shown();
        assert_eq!(screen.recv().unwrap(), "the disk is slow\na node is new\n");
        printer.prompt_gone();
        printer.say("goodbye");
        printer.close();
        assert_eq!(screen.recv().unwrap(), "goodbye\n");
        printing.join().unwrap();
    }

    #[test]
    fn a_flood_is_cut_and_nobody_waits_for_the_screen() {
        let printer = Printer::default();
        printer.open(true);
        for _ in 0..WAITING_MAX + 7 {
            printer.say("smoke");
        }
        printer.prompt_shown();
        let (text, _) = printer.next().unwrap();
        assert_eq!(text.lines().count(), WAITING_MAX + 1);
        assert_eq!(text.lines().last(), Some("… 7 more lines came too fast to be shown"));
    }

    #[test]
    fn an_alarm_overtakes_a_flood_of_other_lines() {
        let printer = Printer::default();
        printer.open(true);
        for _ in 0..2 * WAITING_MAX {
            printer.say("a node has connected");
        }
        printer.say_first("!! ALARM 1");
        printer.prompt_shown();
        let (text, _) = printer.next().unwrap();
        assert_eq!(text.lines().next(), Some("!! ALARM 1"));
    }
}
