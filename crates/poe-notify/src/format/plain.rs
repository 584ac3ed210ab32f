//! Text that stays text: nothing from a name or a message ends a line, hides a word or turns the reading direction.

/// The text as one line. Line ends and what no eye can see become one space.
pub(crate) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || is_invisible(c) {
            gap = !line.is_empty();
        } else {
            if gap {
                line.push(' ');
                gap = false;
            }
            line.push(c);
        }
    }
    line
}

/// The text, cut to so many bytes; a cut is shown.
pub(crate) fn clipped(text: &str, bytes_max: usize) -> String {
    const CUT: char = '…';
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let mut end = bytes_max.saturating_sub(CUT.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut clipped = text[..end].to_owned();
    clipped.push(CUT);
    clipped
}

/// Control characters, and those that order or join others without being seen.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(
            line("  boiler\r\nBcc: all@example.org\t\u{1b}[31mred\u{202e}der \0"),
            "boiler Bcc: all@example.org [31mred der"
        );
        assert_eq!(line("Küche 厨房"), "Küche 厨房");
        assert_eq!(line("\n\u{2028}"), "");
    }

    #[test]
    fn a_cut_is_shown_and_falls_between_characters() {
        assert_eq!(clipped("Küche", 6), "Küche");
        assert_eq!(clipped("Küchen", 6), "Kü…");
        assert_eq!(clipped("üü", 1), "…");
    }
}
