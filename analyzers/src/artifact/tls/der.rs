//! The distinguished encoding of ASN.1 (X.690) as far as certificates need it: tags of one byte, definite lengths. A reader of this size
//! does what a certificate's fields take; a library for all of X.509 is many times as large in the page.

/// An element: its tag and its contents.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// The tag's byte.
    pub tag: u8,
    /// What is in it.
    pub body: &'a [u8],
}

/// Tags of X.690, 8.1.2 and of the universal types.
pub mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const OID: u8 = 0x06;
    pub const UTC_TIME: u8 = 0x17;
    pub const BMP_STRING: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
}

/// Reads one element after the other.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next element; `None` at the end and where the encoding is broken.
    pub fn next(&mut self) -> Option<Element<'a>> {
        let (tag, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if length >= 0x80 {
            let count = length & 0x7f;
            if count == 0 || count > 4 {
                return None;
            }
            length = 0;
            for byte in rest.get(..count)? {
                length = (length << 8) | usize::from(*byte);
            }
            rest = rest.get(count..)?;
        }
        let body = rest.get(..length)?;
        self.0 = rest.get(length..)?;
        Some(Element { tag: *tag, body })
    }

    /// The next element, where it has this tag.
    pub fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next()
            .filter(|element| element.tag == tag)
            .map(|element| element.body)
    }

    /// The next element, where it has this tag; otherwise nothing is taken.
    pub fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&tag) {
            self.expect(tag)
        } else {
            None
        }
    }
}

/// An object identifier in dotted notation (X.690, 8.19).
pub fn oid(body: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in body {
        number = number.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first);
                number -= first * 40;
            }
            numbers.push(number);
            number = 0;
        }
    }
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    numbers.join(".")
}
