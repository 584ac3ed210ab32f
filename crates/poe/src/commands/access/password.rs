//! Passwords as people type them: twice and unseen at a terminal, or in one line from a program.

use crate::process;
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use std::{
    error::Error,
    io::{self, BufRead, IsTerminal, Read, Write, stderr, stdin},
};

/// More than any password has.
const LINE_BYTES_MAX: u64 = 4_096;
/// The exit status of what was ended by Ctrl-C, as shells have it.
const INTERRUPTED: i32 = 130;

/// Whoever ends the command in the middle has a terminal again that shows what is typed. To be called before anything else:
/// a thread that was there before would get the signal instead.
pub(in crate::commands) fn guard_terminal() -> io::Result<()> {
    let Ok(before) = tcgetattr(stdin()) else { return Ok(()) };
    process::on_stop_signal(move || {
        tcsetattr(stdin(), SetArg::TCSANOW, &before).ok();
        std::process::exit(INTERRUPTED);
    })
}

/// A new password for this user, which will do.
pub(in crate::commands) fn read(user: &str) -> Result<String, Box<dyn Error>> {
    let password = if stdin().is_terminal() { ask_twice(user)? } else { line()? };
    poe_api::password::check(user, &password).map_err(|unfit| unfit.to_string())?;
    Ok(password)
}

fn ask_twice(user: &str) -> Result<String, Box<dyn Error>> {
    let _unseen = Unseen::begin()?;
    let password = ask(&format!("Password for {user}: "))?;
    if ask("The same once more: ")? != password {
        return Err("these are two passwords; nothing was changed".into());
    }
    Ok(password)
}

fn ask(question: &str) -> Result<String, Box<dyn Error>> {
    let say = |text: &str| stderr().write_all(text.as_bytes()).and_then(|()| stderr().flush());
    say(question)?;
    let line = line();
    // The end of the line was not shown either.
    say("\n")?;
    line
}

fn line() -> Result<String, Box<dyn Error>> {
    let mut line = String::new();
    // Byte by byte out of a buffer that all lines share.
    stdin().lock().take(LINE_BYTES_MAX).read_line(&mut line)?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if line.is_empty() {
        Err("there is no password in the first line of standard input".into())
    } else {
        Ok(line)
    }
}

/// A terminal that does not show what is typed, for as long as this lives.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut mode = before.clone();
        mode.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(stdin(), SetArg::TCSAFLUSH, &mode)?;
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        tcsetattr(stdin(), SetArg::TCSANOW, &self.0).ok();
    }
}
