//! A clock of a server's own, which a test sets as it likes.

use super::{Setup, ground::has_program};
use std::{fs, path::PathBuf, process::Command};

/// Stands between a program and the system's clock, and adds the seconds that a file tells.
const WRONG_CLOCK: &str = r#"
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>

    int clock_gettime(clockid_t clock, struct timespec *time) {
        int result = syscall(SYS_clock_gettime, clock, time);
        char text[32] = {0};
        if (clock == CLOCK_REALTIME) {
            int file = open(getenv("WRONG_CLOCK_FILE"), O_RDONLY);
            if (file >= 0) {
                if (read(file, text, sizeof text - 1) > 0) time->tv_sec += atoll(text);
                close(file);
            }
        }
        return result;
    }
"#;

/// The clock that the server goes by.
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// A clock that is right, and a setup whose server goes by it.
    pub fn new(test: &str) -> Option<(Self, Setup)> {
        if !has_program(test, "gcc") {
            return None;
        }
        let setup = Setup::new();
        let [source, library, file] =
            ["clock.c", "clock.so", "offset"].map(|name| setup.scratch().join(name));
        fs::write(&source, WRONG_CLOCK).unwrap();
        let built = Command::new("gcc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .status()
            .unwrap();
        assert!(built.success());
        let clock = Self { file };
        clock.set(0);
        let setup = setup.env("LD_PRELOAD", library).env("WRONG_CLOCK_FILE", &clock.file);
        Some((clock, setup))
    }

    /// Sets it this many seconds off, all at once.
    pub fn set(&self, offset_s: i64) {
        let new = self.file.with_extension("new");
        fs::write(&new, offset_s.to_string()).unwrap();
        fs::rename(&new, &self.file).unwrap();
    }
}
