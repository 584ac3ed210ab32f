//! The six kinds of sensor, as a byte on the wire and as the word that tables and people use.

use core::{fmt, str::FromStr};

/// What a sensor measures: the third byte of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum SensorKind {
    /// A flame detector, active low: 0 is a flame.
    Fire = 0,
    /// An MQ gas sensor: a 10-bit reading scaled to 0..=255.
    Smoke = 1,
    /// A passive infrared detector: 1 is motion.
    Motion = 2,
    /// Relative humidity in percent.
    Humidity = 3,
    /// Degrees Fahrenheit.
    Temperature = 4,
    /// The low byte of a 10-bit reading.
    Water = 5,
}

impl SensorKind {
    /// Every kind, in the order of its byte on the wire.
    pub const ALL: [Self; 6] =
        [Self::Fire, Self::Smoke, Self::Motion, Self::Humidity, Self::Temperature, Self::Water];

    /// The kind that this byte of a frame names, if any.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        if (byte as usize) < Self::ALL.len() { Some(Self::ALL[byte as usize]) } else { None }
    }

    /// The byte that names this kind in a frame.
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// The word for it in tables, on screens and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fire => "FIRE",
            Self::Smoke => "SMOKE",
            Self::Motion => "MOTION",
            Self::Humidity => "HUMIDITY",
            Self::Temperature => "TEMPERATURE",
            Self::Water => "WATER",
        }
    }

    /// The unit of its value: `%`, `degF`, or nothing where the value is a bare number.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Humidity => "%",
            Self::Temperature => "degF",
            Self::Fire | Self::Smoke | Self::Motion | Self::Water => "",
        }
    }
}

impl fmt::Display for SensorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no [`SensorKind::name`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownKind;

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a sensor kind; the kinds are")?;
        SensorKind::ALL.iter().try_for_each(|kind| write!(f, " {kind}"))
    }
}

impl core::error::Error for UnknownKind {}

impl FromStr for SensorKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == word).ok_or(UnknownKind)
    }
}
