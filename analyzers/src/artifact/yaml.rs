//! YAML: reading it, and finding where a pointer stands.

/// The bytes of the value at an RFC 6901 pointer in one YAML document, or `None` where there is no such value.
pub fn locate(_text: &str, _pointer: &str) -> Option<std::ops::Range<usize>> {
    None
}
