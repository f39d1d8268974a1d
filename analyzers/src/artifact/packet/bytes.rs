//! Numbers in the order of the network, at offsets that may not be there.

/// One byte.
pub fn u8_at(data: &[u8], at: usize) -> Option<u8> {
    data.get(at).copied()
}

/// Two bytes.
pub fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

/// Four bytes.
pub fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// An Ethernet address.
pub fn mac_at(data: &[u8], at: usize) -> Option<[u8; 6]> {
    data.get(at..)?.first_chunk().copied()
}

/// What follows the first bytes; nothing where there are no more.
pub fn from(data: &[u8], at: usize) -> &[u8] {
    data.get(at..).unwrap_or_default()
}
