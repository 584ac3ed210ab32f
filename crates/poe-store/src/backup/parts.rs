//! What is ours and belongs into a backup. A new part of the data folder is added here, and nowhere else.

/// `state.db` in the archive and in the data folder.
pub(crate) const STATE: &str = "state.db";
/// The file of the table, whose own name may be any.
pub(crate) const TABLE: &str = "table.db";
/// The journal's mark.
pub(crate) const MARK: &str = crate::mark::FILE;

/// A folder in the data folder whose files are copied.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) name: &'static str,
    /// The permissions that the server gives it.
    pub(crate) mode: u32,
    /// The permissions of a file in it,
    pub(crate) file_mode: u32,
    /// unless it ends like this: then everybody may read it.
    pub(crate) public: Option<&'static str>,
    pub(crate) files: Files,
}

/// How the files of a folder come into a backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Files {
    /// None of them is ever changed: it is replaced by another, or removed. They are found in the folder.
    Still,
    /// Which of them belong together, and how far, is known to another. They may lie in folders of their own.
    OfHistory,
}

/// Every such folder.
pub(crate) const FOLDERS: [Folder; 6] = [
    // Pictures of floor plans, each named by the SHA-256 of its bytes.
    Folder { name: "plans", mode: 0o700, file_mode: 0o600, public: None, files: Files::Still },
    // Certificates, which are for everybody, and their keys.
    Folder { name: "tls", mode: 0o755, file_mode: 0o600, public: Some(".pem"), files: Files::Still },
    // Readings that are not sealed yet, in a format of ours.
    Folder { name: "batches", mode: 0o700, file_mode: 0o600, public: None, files: Files::OfHistory },
    // Readings of each day, and what they come to by minute and hour: for the tools of those in the server's group.
    Folder { name: "history", mode: 0o750, file_mode: 0o640, public: None, files: Files::OfHistory },
    // Which of these files there are. Archives of the earlier layout have it in `history`, where the next start finds it.
    Folder { name: "catalogue", mode: 0o750, file_mode: 0o640, public: None, files: Files::OfHistory },
    Folder { name: "rollups", mode: 0o750, file_mode: 0o640, public: None, files: Files::OfHistory },
];

/// The longest name of a file in one of them,
const NAME_BYTES_MAX: usize = 80;
/// and of a folder in a folder: `date=2026-11-23`.
const INNER_BYTES_MAX: usize = 24;
/// How many folders may lie in each other there: `rollups/minute/date=2026-11-23`.
pub(crate) const INNER_MAX: usize = 2;

/// Whether a file of this name belongs to a folder's: not one that is being written, nor one that somebody has hidden.
pub(crate) fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(is_plain)
        && !name.starts_with('.')
        && ![".new", ".tmp", ".part"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a folder in one of the history's may be called this.
pub(crate) fn is_inner_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    (1..=INNER_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_plain)
}

/// Whether something of this name can be in a backup. Whatever else an archive names is never touched.
pub(crate) fn is_member(name: &str) -> bool {
    let Some((path, file)) = name.rsplit_once('/') else { return [STATE, TABLE, MARK].contains(&name) };
    let mut folders = path.split('/');
    let folder = folders.next().and_then(|first| FOLDERS.iter().find(|known| known.name == first));
    let inner: Vec<&str> = folders.collect();
    let most = match folder.map(|folder| folder.files) {
        Some(Files::OfHistory) => INNER_MAX,
        Some(Files::Still) => 0,
        None => return false,
    };
    inner.len() <= most && inner.into_iter().all(is_inner_name) && is_file_name(file)
}

/// The folder that a member is in, if it is in one.
pub(crate) fn folder(name: &str) -> Option<&'static Folder> {
    let (folder, _) = name.split_once('/')?;
    FOLDERS.iter().find(|known| known.name == folder)
}

/// The permissions of a member where it is restored.
pub(crate) fn mode(name: &str) -> u32 {
    match folder(name) {
        Some(Folder { public: Some(ending), .. }) if name.ends_with(ending) => 0o644,
        Some(folder) => folder.file_mode,
        None if name == TABLE => 0o644,
        None => 0o600,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        for name in ["state.db", "table.db", "journal.mark", "plans/0a1b", "tls/server.key", "tls/ca.pem"] {
            assert!(is_member(name), "{name}");
        }
        for name in [
            "history/date=2026-11-23/000042.parquet",
            "history/catalogue.json",
            "catalogue/catalogue.json",
            "rollups/minute/date=2026-11-23/1.parquet",
            "batches/7",
        ] {
            assert!(is_member(name), "{name}");
        }
        for name in [
            "",
            "/",
            "/etc/passwd",
            "../state.db",
            "plans/../state.db",
            "plans/..",
            "plans/.",
            "plans/",
            "plans",
            "plans/a/b",
            "plans//a",
            "./state.db",
            "state.db/",
            "state.db-wal",
            "poe.lock",
            "tls/.hidden",
            "other/a",
            "plans/a\0",
            "plans/a b",
            "tls/server.key.new",
            "history/../state.db",
            "history/../../state.db",
            "history/./a",
            "history/date=2026-11-23/../a",
            "history/date=2026-11-23/a/b/c",
            "history//a",
            "history/date=2026-11-23/",
            "history/.hidden/a",
        ] {
            assert!(!is_member(name), "{name:?}");
        }
        assert!(!is_member(&format!("plans/{}", "a".repeat(81))));
        assert!(!is_member(&format!("history/{}/a", "d".repeat(25))));
    }

    #[test]
    fn only_the_table_and_certificates_are_for_everybody() {
        assert_eq!([mode(TABLE), mode("tls/ca.pem")], [0o644; 2]);
        let ours = [STATE, MARK, "tls/ca.key", "plans/a.pem", "batches/1.log"];
        assert_eq!(ours.map(mode), [0o600; 5]);
        let of_group = ["catalogue/catalogue.json", "rollups/minute/date=2026-11-23/1.parquet"];
        assert_eq!(of_group.map(mode), [0o640; 2]);
    }
}
