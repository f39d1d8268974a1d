//! The checksum of gzip and zip (RFC 1952, section 8).

const TABLE: [u32; 256] = {
    let mut table = [0_u32; 256];
    let mut byte = 0_u32;
    while byte < 256 {
        let mut value = byte;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 0 {
                value >> 1
            } else {
                (value >> 1) ^ 0xEDB8_8320
            };
            bit += 1;
        }
        #[allow(clippy::indexing_slicing, reason = "computed when it is compiled")]
        {
            table[byte as usize] = value;
        }
        byte += 1;
    }
    table
};

/// The checksum of bytes.
pub fn of(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        let at = usize::from(sum.to_le_bytes().first().copied().unwrap_or_default() ^ byte);
        TABLE.get(at).copied().unwrap_or_default() ^ (sum >> 8)
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_value_is_right() {
        // The catalogue of parametrised CRC algorithms, CRC-32/ISO-HDLC.
        assert_eq!(super::of(b"123456789"), 0xCBF4_3926);
        assert_eq!(super::of(b""), 0);
    }
}
