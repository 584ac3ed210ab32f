//! Times of the week, as people write them: `mon-fri 07:00-18:00`.

use crate::{Hours, UnknownWord};
use core::{fmt, str::FromStr};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Minutes of a day.
const DAY: u16 = 24 * 60;

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut day = 0;
        let mut comma = "";
        while day < DAYS.len() {
            let run = self.days[day..].iter().take_while(|on| **on).count();
            match run {
                0 => {}
                1 => write!(f, "{comma}{}", DAYS[day])?,
                _ => write!(f, "{comma}{}-{}", DAYS[day], DAYS[day + run - 1])?,
            }
            if run > 0 {
                comma = ",";
            }
            day += run.max(1);
        }
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, " {}-{}", clock(self.from), clock(self.to))
    }
}

impl FromStr for Hours {
    type Err = UnknownWord;

    /// Days may go over the end of the week (`sat-mon`), hours over midnight (`22:00-06:00`).
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (days, hours) = text.trim().split_once(' ').ok_or(UnknownWord)?;
        let (from, to) = hours.trim().split_once('-').ok_or(UnknownWord)?;
        let hours = Self { days: parse_days(days)?, from: minute(from)?, to: minute(to)? };
        if hours.from < DAY { Ok(hours) } else { Err(UnknownWord) }
    }
}

fn parse_days(text: &str) -> Result<[bool; 7], UnknownWord> {
    let day = |word: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(word)).ok_or(UnknownWord);
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (day(first)?, day(last)?);
        days[at] = true;
        while at != last {
            at = (at + 1) % DAYS.len();
            days[at] = true;
        }
    }
    Ok(days)
}

fn minute(text: &str) -> Result<u16, UnknownWord> {
    let (hours, minutes) = text.split_once(':').ok_or(UnknownWord)?;
    let number = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten().ok_or(UnknownWord)
    };
    let (hours, minutes): (u16, u16) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    if minutes < 60 && minute <= DAY { Ok(minute) } else { Err(UnknownWord) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_written_as_they_are_read() {
        for text in [
            "mon-fri 07:00-18:00",
            "mon-sun 00:00-24:00",
            "sat-sun 22:30-06:00",
            "mon,wed,fri-sat 08:00-08:15",
            "sun 00:00-00:00",
        ] {
            assert_eq!(text.parse::<Hours>().unwrap().to_string(), text);
        }
        assert_eq!("Sat-Mon 8:00-9:00".parse::<Hours>(), Err(UnknownWord));
        assert_eq!("Sat-Mon 08:00-09:00".parse::<Hours>().unwrap().to_string(), "mon,sat-sun 08:00-09:00");
    }

    #[test]
    fn what_is_no_time_of_the_week_is_refused() {
        for text in [
            "",
            "mon",
            "07:00-18:00",
            "mon-fri 07:00",
            "monday 07:00-18:00",
            "mon-fri 24:00-24:00",
            "mon-fri 07:00-24:01",
            "mon-fri 07:60-18:00",
            "mon-fri +7:00-18:00",
            "mon--fri 07:00-18:00",
            "mon-fri 07:00-18:00-19:00",
        ] {
            assert_eq!(text.parse::<Hours>(), Err(UnknownWord), "{text}");
        }
    }
}
