//! Bytes to text. Nothing is refused: what is not text becomes U+FFFD and is counted.

/// A decoded text, and what had to be replaced to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// How many U+FFFD replacements were made; 0 for clean input.
    pub replaced: usize,
    /// The encoding that was read.
    pub encoding: &'static str,
    /// Whether the bytes look like a binary file rather than text (NUL bytes, or many bytes that are no text).
    pub binary: bool,
}

/// Decodes UTF-8 (with or without a byte order mark) and UTF-16 with one, which is what `PowerShell` redirection writes.
pub fn decode(bytes: &[u8]) -> Decoded {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes, "UTF-16LE"),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes, "UTF-16BE"),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    }
}

/// Whether [`decode`] says that bytes are binary, without making a text of them where that can be told at once.
pub fn is_binary(bytes: &[u8]) -> bool {
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    !utf16 && (has_nul(bytes) || (std::str::from_utf8(bytes).is_err() && decode(bytes).binary))
}

/// [`decode`] for bytes that nobody else needs: those of clean UTF-8 become the text without a copy.
pub fn decode_owned(bytes: Vec<u8>) -> Decoded {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return decode(&bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => clean(text),
        Err(error) => utf8(error.as_bytes()),
    }
}

fn utf8(bytes: &[u8]) -> Decoded {
    match std::str::from_utf8(bytes) {
        Ok(text) => clean(text.to_owned()),
        Err(_) => damaged(bytes),
    }
}

/// Terminals print no NUL.
fn has_nul(bytes: &[u8]) -> bool {
    bytes.get(..bytes.len().min(8192)).unwrap_or_default().contains(&0)
}

fn clean(text: String) -> Decoded {
    let binary = has_nul(text.as_bytes());
    Decoded {
        text,
        replaced: 0,
        encoding: "UTF-8",
        binary,
    }
}

fn damaged(bytes: &[u8]) -> Decoded {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let replaced = text.matches('\u{FFFD}').count();
    // A mis-decoded log has far fewer than one bad byte in twenty.
    let binary = has_nul(bytes) || (replaced > 16 && replaced * 20 > bytes.len());
    Decoded {
        text,
        replaced,
        encoding: "UTF-8",
        binary,
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, encoding: &'static str) -> Decoded {
    let units = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)]));
    let mut replaced = bytes.len() % 2;
    let text = char::decode_utf16(units)
        .map(|c| {
            c.unwrap_or_else(|_| {
                replaced += 1;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    Decoded {
        text,
        replaced,
        encoding,
        binary: false,
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_owned, is_binary};

    #[test]
    fn utf16_from_powershell_is_text() {
        let bytes: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("NAME  READY\r\n".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decode(&bytes).text, "NAME  READY\r\n");
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        assert_eq!(decode(b"\xEF\xBB\xBFkind: Pod").text, "kind: Pod");
    }

    #[test]
    fn binary_is_told_from_text_with_a_few_bad_bytes() {
        assert!(decode(b"\x7fELF\x00\x01").binary);
        let log = decode(b"caf\xe9 says hello to everybody who reads this log line");
        assert!(!log.binary);
        assert_eq!(log.replaced, 1);
        assert_eq!(decode_owned(b"caf\xe9".to_vec()).text, "caf\u{FFFD}");
    }

    #[test]
    fn owned_bytes_are_decoded_alike() {
        for bytes in [
            b"\xEF\xBB\xBFa".as_slice(),
            b"\xFF\xFEa\0",
            b"\xFE\xFF\0a",
            b"a\0",
            b"a",
            b"",
        ] {
            assert_eq!(decode_owned(bytes.to_vec()), decode(bytes));
            assert_eq!(is_binary(bytes), decode(bytes).binary);
        }
    }
}
