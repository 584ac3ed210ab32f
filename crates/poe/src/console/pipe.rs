//! Lines through a pipe, for scripts and for terminals that know no more than lines.

use super::{Line, Lines, PROMPT, Printer, spawn};
use std::io::{self, BufRead, IsTerminal, Read, Stdin, Write, stdin, stdout};

/// Far beyond any command; a longer line is not kept in memory.
const LINE_MAX: u64 = 4_096;

pub(super) struct Pipe {
    input: Stdin,
    printer: Printer,
}

impl Pipe {
    pub(super) fn start(printer: Printer) -> io::Result<Self> {
        printer.open(false);
        let printing = printer.clone();
        spawn("printer", move || {
            printing.run(|text, at_prompt| {
                if at_prompt {
                    write(&format!("\n{text}{PROMPT}"));
                } else {
                    write(&text);
                }
            });
        })?;
        Ok(Self { input: stdin(), printer })
    }
}

impl Lines for Pipe {
    fn next(&mut self) -> Line {
        write(PROMPT);
        self.printer.prompt_shown();
        let line = read_line(&mut self.input.lock());
        // At the end the prompt stays, so that whoever closes the printer leaves its line.
        if !matches!(line, Line::End) {
            self.printer.prompt_gone();
            if !self.input.is_terminal() {
                // Nobody echoes the line's end, and a table's head belongs above its columns.
                write("\n");
            }
        }
        line
    }
}

fn read_line(input: &mut impl BufRead) -> Line {
    let mut line = Vec::new();
    match input.by_ref().take(LINE_MAX).read_until(b'\n', &mut line) {
        Ok(1..) => {}
        Ok(0) | Err(_) => return Line::End,
    }
    if line.len() as u64 == LINE_MAX && !line.ends_with(b"\n") {
        input.skip_until(b'\n').ok();
        return Line::Unusable("this line is too long for a command; `h` shows what there is");
    }
    Line::Text(String::from_utf8_lossy(&line).into_owned())
}

/// If nobody reads it any more, the commands work all the same.
fn write(text: &str) {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_skipped_and_the_next_one_is_heard() {
        let mut input = "x".repeat(3 * LINE_MAX as usize);
        input.push_str("\nh\nq");
        let mut input = input.as_bytes();
        assert!(matches!(read_line(&mut input), Line::Unusable(_)));
        assert!(matches!(read_line(&mut input), Line::Text(line) if line == "h\n"));
        assert!(matches!(read_line(&mut input), Line::Text(line) if line == "q"));
        assert!(matches!(read_line(&mut input), Line::End));
    }
}
