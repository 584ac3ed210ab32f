//! Lines from a person at a terminal: editing, history, completion.

use super::{Line, Lines, PROMPT, Printer, complete, house::House, print, spawn};
use nix::{
    sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr},
    unistd::{getpgrp, tcgetpgrp},
};
use rustyline::{
    CompletionType, Config, Context, Editor, ExternalPrinter, Helper, completion::Completer,
    error::ReadlineError, highlight::Highlighter, hint::Hinter, history::DefaultHistory, validate::Validator,
};
use std::{
    env,
    fs::OpenOptions,
    io::{self, IsTerminal, stderr, stdin, stdout},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tracing::warn;

/// Lines of history, kept from one start to the next.
const HISTORY_MAX: usize = 1_000;
/// Terminals that know no way to move the cursor.
const SIMPLE_TERMINALS: [&str; 3] = ["dumb", "cons25", "emacs"];

/// Whether both ends are a terminal on which a line can be edited.
pub(super) fn fit_for_editing() -> bool {
    let simple = env::var("TERM").is_ok_and(|term| SIMPLE_TERMINALS.contains(&term.as_str()));
    stdin().is_terminal() && stdout().is_terminal() && !simple
}

/// Whether reading from the terminal would stop the whole server until somebody brings it to the foreground.
pub(super) fn in_background() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|foreground| foreground != getpgrp())
}

/// How the terminal was before the console.
#[derive(Clone)]
pub(super) struct TerminalMode(Termios);

impl TerminalMode {
    /// Has the terminal hand on every key, also between two lines: Ctrl-C in the middle of an answer must not
    /// stop the server, and what is typed ahead must not appear in the answer.
    pub(super) fn take() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut mode = before.clone();
        mode.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG);
        tcsetattr(stdin(), SetArg::TCSANOW, &mode)?;
        Ok(Self(before))
    }

    pub(super) fn restore(&self) {
        tcsetattr(stdin(), SetArg::TCSANOW, &self.0).ok();
    }
}

pub(super) struct Terminal {
    editor: Editor<Prompt, DefaultHistory>,
    /// Where the history is kept, as long as that is possible.
    history: Option<PathBuf>,
    printer: Printer,
    /// What whoever types Ctrl-C may have meant.
    ways_out: &'static str,
}

impl Terminal {
    pub(super) fn start(
        house: Arc<dyn House>,
        printer: Printer,
        history: Option<PathBuf>,
    ) -> io::Result<Self> {
        // With bracketed paste the lines of a paste would become one; here each is a command.
        // While the editor waits for an answer of its own, above all for a second Tab or another page, no alarm could be
        // told: so it lists what fits at once and asks nothing.
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .completion_prompt_limit(usize::MAX)
            .bracketed_paste(false)
            .max_history_size(HISTORY_MAX)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(io::Error::other)?
            .build();
        let mut editor = Editor::with_config(config).map_err(io::Error::other)?;
        let ways_out = if house.is_here() {
            "`q` stops the server, Ctrl-D leaves the console"
        } else {
            "`q` or Ctrl-D leaves the console; the server goes on in any case"
        };
        editor.set_helper(Some(Prompt { house, printer: printer.clone() }));
        let history = history.and_then(|path| load_history(&mut editor, path));

        let mut above = editor.create_external_printer().map_err(io::Error::other)?;
        // A log that goes to a file stays there.
        printer.open(stderr().is_terminal());
        let printing = printer.clone();
        spawn("printer", move || {
            // It fails only when the editor has gone, and with it the console.
            printing.run(|text, _| drop(above.print(text)));
        })?;
        Ok(Self { editor, history, printer, ways_out })
    }

    fn remember(&mut self, line: &str) {
        let added = self.editor.add_history_entry(line).unwrap_or(false);
        if let Some(path) = self.history.as_ref().filter(|_| added)
            && let Err(cause) = self.editor.append_history(path)
        {
            tell_no_history(path, &cause);
            self.history = None;
        }
    }
}

impl Lines for Terminal {
    fn next(&mut self) -> Line {
        loop {
            let line = self.editor.readline(PROMPT);
            if self.printer.has_closed() {
                return Line::End;
            }
            self.printer.prompt_gone();
            match line {
                Ok(line) => {
                    if !line.trim().is_empty() {
                        self.remember(&line);
                    }
                    return Line::Text(line);
                }
                Err(ReadlineError::Interrupted) => print(self.ways_out),
                Err(ReadlineError::Signal(_)) => {}
                Err(_) => return Line::End,
            }
        }
    }
}

/// The file is for its owner only: what people type can be about people.
fn load_history(editor: &mut Editor<Prompt, DefaultHistory>, path: PathBuf) -> Option<PathBuf> {
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    match opened.map_err(ReadlineError::Io).and_then(|_| editor.load_history(&path)) {
        Ok(()) => Some(path),
        Err(cause) => {
            tell_no_history(&path, &cause);
            None
        }
    }
}

/// Without a history there is still the server.
fn tell_no_history(path: &Path, cause: &ReadlineError) {
    warn!(%cause, "the history of the console cannot be kept in {}: {cause}", path.display());
}

/// What the editor asks while a line is typed.
struct Prompt {
    house: Arc<dyn House>,
    printer: Printer,
}

impl Helper for Prompt {}
impl Highlighter for Prompt {}
impl Validator for Prompt {}

impl Hinter for Prompt {
    type Hint = String;

    /// There are no hints, but this is where the editor is ready: from now on it can print above the prompt.
    fn hint(&self, _line: &str, _position: usize, _: &Context<'_>) -> Option<String> {
        self.printer.prompt_shown();
        None
    }
}

impl Completer for Prompt {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete::complete(&line[..position], &*self.house))
    }
}
