//! Disks of a test's own: small enough to be filled, and cut off from power without harm to others.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// Tells that a test, or a part of one, is skipped, by its name: to whoever watches, and in a list beside the build, from which
/// the end of the whole run tells it again.
pub fn skip(test: &str, why: &str) {
    let skipped = format!("{test} ({why})");
    eprintln!("skipped: {skipped}");
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("skipped-tests.txt");
    let mut list = fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
    writeln!(list, "{skipped}").unwrap();
}

/// Whether the test may go on. If something is missing here, it is told as skipped.
pub fn has(test: &str, what: &str, there: bool) -> bool {
    if !there {
        skip(test, &format!("needs {what}"));
    }
    there
}

/// Whether a program of the system runs here.
pub fn has_program(test: &str, program: &str) -> bool {
    has(test, program, run(program, ["--version"]).is_ok())
}

/// Whether the tests may take minutes.
pub fn long_tests() -> bool {
    std::env::var_os("POE_LONG_TESTS").is_some_and(|value| value == "1")
}

/// Runs a program of the system to its end; what it said if it failed.
pub fn run<A: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = A>) -> Result<(), String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(cause) => Err(format!("{program}: {cause}")),
    }
}

/// A file system of its own. It goes when this does.
pub struct Disk {
    folder: TempDir,
    mounted: bool,
}

impl Disk {
    /// A few megabytes of memory.
    pub fn in_memory(megabytes: u32) -> Result<Self, String> {
        let mut disk = Self { folder: TempDir::new().unwrap(), mounted: false };
        fs::create_dir(disk.path()).unwrap();
        let size = format!("size={megabytes}m");
        run(
            "mount",
            ["-t", "tmpfs", "-o", &size, "tmpfs"]
                .map(OsStr::new)
                .into_iter()
                .chain([disk.path().as_os_str()]),
        )?;
        disk.mounted = true;
        Ok(disk)
    }

    /// A disk as servers have it, in a file.
    pub fn in_a_file(megabytes: u64) -> Result<Self, String> {
        let mut disk = Self { folder: TempDir::new().unwrap(), mounted: false };
        fs::create_dir(disk.path()).unwrap();
        fs::File::create(disk.image()).unwrap().set_len(megabytes << 20).unwrap();
        run("mkfs.ext4", [OsStr::new("-q"), OsStr::new("-F"), disk.image().as_os_str()])?;
        disk.mount()?;
        Ok(disk)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    fn mount(&mut self) -> Result<(), String> {
        run(
            "mount",
            [OsStr::new("-o"), OsStr::new("loop"), self.image().as_os_str(), self.path().as_os_str()],
        )?;
        self.mounted = true;
        Ok(())
    }

    /// The power goes: what is not on the disk by now never gets there, and every later access fails.
    pub fn cut_power(&self) -> Result<(), String> {
        // EXT4_IOC_SHUTDOWN without flushing the file system's own journal.
        let program = "import fcntl, os, struct, sys; \
                       fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";
        run("python3", [OsStr::new("-c"), OsStr::new(program), self.path().as_os_str()])
    }

    /// The power is back.
    #[track_caller]
    pub fn restore_power(&mut self) {
        run("umount", [self.path()]).unwrap();
        self.mounted = false;
        self.mount().unwrap();
    }

    /// Takes every last byte of the disk.
    pub fn fill(&self) -> Filler {
        let path = self.path().join("filler");
        let mut filler = fs::File::create(&path).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while filler.write(&vec![7; size]).is_ok_and(|written| written == size) {}
        }
        filler.sync_all().ok();
        Filler(path)
    }
}

/// What fills a disk, until it is dropped.
pub struct Filler(PathBuf);

impl Drop for Filler {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            run("umount", [OsStr::new("-l"), self.path().as_os_str()]).ok();
        }
    }
}
