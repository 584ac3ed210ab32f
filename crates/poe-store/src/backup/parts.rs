//! What is ours and belongs into a backup. A new part of the data folder is added here, and nowhere else.

/// `state.db` in the archive and in the data folder.
pub(crate) const STATE: &str = "state.db";
/// The file of the table, whose own name may be any.
pub(crate) const TABLE: &str = "table.db";
/// The journal's mark.
pub(crate) const MARK: &str = crate::mark::FILE;

/// A folder in the data folder whose files are copied. None of them is ever changed: it is replaced by another, or removed.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) name: &'static str,
    /// The permissions that the server gives it.
    pub(crate) mode: u32,
    /// The permissions of a file in it that ends like this; of all others it is 0600.
    pub(crate) public: Option<&'static str>,
}

/// Every such folder.
pub(crate) const FOLDERS: [Folder; 2] = [
    // Pictures of floor plans, each named by the SHA-256 of its bytes.
    Folder { name: "plans", mode: 0o700, public: None },
    // Certificates, which are for everybody, and their keys.
    Folder { name: "tls", mode: 0o755, public: Some(".pem") },
];

/// The longest name of a file in one of them; an archive has room for 100 bytes with the folder's.
const NAME_BYTES_MAX: usize = 80;

/// Whether a file of this name belongs to a folder's: not one that is being written, nor one that somebody has hidden.
pub(crate) fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(is_plain)
        && !name.starts_with('.')
        && ![".new", ".tmp", ".part"].iter().any(|ending| name.ends_with(ending))
}

/// Whether something of this name can be in a backup. Whatever else an archive names is never touched.
pub(crate) fn is_member(name: &str) -> bool {
    match name.split_once('/') {
        None => [STATE, TABLE, MARK].contains(&name),
        Some((folder, file)) => FOLDERS.iter().any(|known| known.name == folder) && is_file_name(file),
    }
}

/// The permissions of a member where it is restored.
pub(crate) fn mode(name: &str) -> u32 {
    let folder =
        name.split_once('/').and_then(|(folder, _)| FOLDERS.iter().find(|known| known.name == folder));
    match folder.and_then(|folder| folder.public) {
        Some(ending) if name.ends_with(ending) => 0o644,
        _ if name == TABLE => 0o644,
        _ => 0o600,
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
        ] {
            assert!(!is_member(name), "{name:?}");
        }
        assert!(!is_member(&format!("plans/{}", "a".repeat(81))));
    }

    #[test]
    fn only_the_table_and_certificates_are_for_everybody() {
        assert_eq!([mode(TABLE), mode("tls/ca.pem")], [0o644; 2]);
        assert_eq!([mode(STATE), mode(MARK), mode("tls/ca.key"), mode("plans/a.pem")], [0o600; 4]);
    }
}
