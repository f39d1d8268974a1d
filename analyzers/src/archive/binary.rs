//! What a file that is no text is, by its magic number: named, and not read as text.

/// The kinds and the bytes that they begin with, at which offset.
const MAGIC: [(usize, &[u8], &str); 22] = [
    (0, b"LPKSHHRH", JOURNAL),
    (0, b"\x7FELF", "program"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"\x89PNG\r\n\x1A\n", "image"),
    (0, b"\xFF\xD8\xFF", "image"),
    (0, b"GIF87a", "image"),
    (0, b"GIF89a", "image"),
    (8, b"WEBP", "image"),
    (0, b"\0\0\x01\0", "image"),
    (0, b"%PDF-", "PDF file"),
    (0, b"\0asm", "program"),
    (0, b"\xCA\xFE\xBA\xBE", "program"),
    (0, b"\xFE\xED\xFA\xCE", "program"),
    (0, b"\xCF\xFA\xED\xFE", "program"),
    (0, b"\xED\xAB\xEE\xDB", "package"),
    (0, b"!<arch>\n", "package"),
    // bbolt's meta page: page header of 16 bytes, then the magic (etcd, containerd's metadata).
    (16, b"\xED\xDA\x0C\xED", "bolt database"),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "office document"),
    (0, b"OggS", "recording"),
    (0, b"\x1A\x45\xDF\xA3", "recording"),
    (4, b"ftyp", "recording"),
    (0, b"PAR1", "Parquet file"),
];

/// What a journal of systemd is called.
pub const JOURNAL: &str = "journal of systemd";

/// The kind of a binary file, where it is known.
pub fn kind(bytes: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find_map(|(at, magic, kind)| {
        let found = bytes.get(*at..)?.starts_with(magic);
        found.then_some(*kind)
    })
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        assert_eq!(kind(b"LPKSHHRH\x01\0\0\0"), Some("journal of systemd"));
        assert_eq!(kind(b"\x7FELF\x02\x01\x01"), Some("program"));
        assert_eq!(kind(b"RIFF\x10\0\0\0WEBPVP8 "), Some("image"));
        assert_eq!(kind(b"NAME   READY\n"), None);
        assert_eq!(kind(b""), None);
    }
}
