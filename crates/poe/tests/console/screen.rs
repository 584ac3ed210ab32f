//! What a person sees and hears: as much of a terminal as the console makes use of.

/// The rows of a terminal that never scrolls.
pub struct Screen {
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
    width: usize,
    /// The beginning of an escape sequence or of a character.
    pending: Vec<u8>,
    bells: usize,
}

impl Screen {
    pub fn new(width: usize) -> Self {
        Self { rows: vec![Vec::new()], row: 0, column: 0, width, pending: Vec::new(), bells: 0 }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.pending.push(*byte);
            if self.pending[0] == b'\x1b' {
                let complete = self.pending.len() > 2 && byte.is_ascii_alphabetic();
                if complete {
                    let sequence = String::from_utf8(std::mem::take(&mut self.pending)).unwrap();
                    self.obey(&sequence[2..]);
                }
            } else if let Ok(text) = std::str::from_utf8(&self.pending) {
                let character = text.chars().next().unwrap();
                self.pending.clear();
                self.put(character);
            }
        }
    }

    /// The rows with something in them.
    pub fn rows(&self) -> Vec<String> {
        let text = |row: &Vec<char>| row.iter().collect::<String>().trim_end().to_owned();
        self.rows.iter().map(text).filter(|row| !row.is_empty()).collect()
    }

    /// How often it has rung.
    pub fn bells(&self) -> usize {
        self.bells
    }

    fn put(&mut self, character: char) {
        match character {
            '\r' => self.column = 0,
            '\n' => self.down(),
            '\x07' => self.bells += 1,
            _ => {
                if self.column == self.width {
                    self.column = 0;
                    self.down();
                }
                let row = &mut self.rows[self.row];
                row.resize(row.len().max(self.column + 1), ' ');
                row[self.column] = character;
                self.column += 1;
            }
        }
    }

    fn down(&mut self) {
        self.row += 1;
        self.rows.resize(self.rows.len().max(self.row + 1), Vec::new());
    }

    fn obey(&mut self, sequence: &str) {
        let (number, order) = sequence.split_at(sequence.len() - 1);
        let count = number.parse().unwrap_or(1);
        match order {
            "A" => self.row = self.row.saturating_sub(count),
            "C" => self.column = (self.column + count).min(self.width),
            "D" => self.column = self.column.saturating_sub(count),
            "K" => self.rows[self.row].truncate(self.column),
            "J" => {
                self.rows[self.row].truncate(self.column);
                self.rows.truncate(self.row + 1);
            }
            // Colours, and marks around an update.
            "m" | "h" | "l" => {}
            other => panic!("a sequence that this terminal does not know: {number}{other}"),
        }
    }
}
