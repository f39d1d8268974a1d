//! A block of addresses as AWS writes it: `10.0.0.0/16`, `2600:1f14::/56`.

use std::fmt;
use std::net::IpAddr;

/// A block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    /// Its first address, or any in it.
    pub address: IpAddr,
    /// How many leading bits its addresses share.
    pub bits: u8,
}

impl Cidr {
    /// Reads a block; an address alone is a block of one. `None` where it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse::<u8>().ok()?)),
            None => (text.trim().parse().ok()?, None),
        };
        let most = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// The block of one address.
    pub fn of(address: IpAddr) -> Self {
        let bits = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        Self { address, bits }
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }

    /// Its first and its last address, of IPv4.
    pub fn range_v4(&self) -> Option<(u32, u32)> {
        let IpAddr::V4(own) = self.address else { return None };
        let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
        let first = u32::from(own) & mask;
        Some((first, first | !mask))
    }

    /// Whether these are all addresses of its family.
    pub fn is_everything(&self) -> bool {
        self.bits == 0
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn a_block_holds_what_shares_its_leading_bits() {
        let block = Cidr::parse("10.20.0.0/15").unwrap();
        assert!(block.contains("10.21.255.255".parse().unwrap()));
        assert!(!block.contains("10.22.0.0".parse().unwrap()));
        assert!(!block.contains("::ffff:10.20.0.1".parse().unwrap()));
        let v6 = Cidr::parse("2600:1f14:abc:de00::/56").unwrap();
        assert!(v6.contains("2600:1f14:abc:deff::7".parse().unwrap()));
        assert!(!v6.contains("2600:1f14:abc:df00::7".parse().unwrap()));
        assert!(
            Cidr::parse("0.0.0.0/0")
                .unwrap()
                .contains("198.51.100.7".parse().unwrap())
        );
        assert!(Cidr::parse("::/0").unwrap().contains("2001:db8::1".parse().unwrap()));
        assert_eq!(Cidr::parse("192.0.2.7").unwrap().bits, 32);
        for wrong in ["10.0.0.0/33", "::/129", "x/8", "10.0.0.0/", ""] {
            assert_eq!(Cidr::parse(wrong), None, "{wrong}");
        }
    }
}
