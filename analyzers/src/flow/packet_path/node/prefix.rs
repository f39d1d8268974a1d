//! A block of addresses, by its first bits.

use std::net::IpAddr;

/// `10.0.0.0/8`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// An address of it.
    pub address: IpAddr,
    /// How many bits of it count.
    pub bits: u8,
}

impl Prefix {
    /// `10.0.0.0/8`, `fd00::1`, `default` of the family.
    pub fn new(text: &str, six: bool) -> Option<Self> {
        if matches!(text, "default" | "all") {
            let any: IpAddr = if six {
                std::net::Ipv6Addr::UNSPECIFIED.into()
            } else {
                std::net::Ipv4Addr::UNSPECIFIED.into()
            };
            return Some(Self { address: any, bits: 0 });
        }
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv6() { 128 } else { 32 };
        let bits: u8 = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// Its first address.
    pub fn first(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let shift = 32_u32.saturating_sub(self.bits.into());
                let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let shift = 128_u32.saturating_sub(self.bits.into());
                let mask = u128::MAX.checked_shl(shift).unwrap_or(0);
                IpAddr::V6((u128::from(address) & mask).into())
            }
        }
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = self.bits;
        address.is_ipv4() == self.address.is_ipv4() && Self { address, bits }.first() == self.first()
    }
}

#[cfg(test)]
mod tests {
    use super::Prefix;

    #[test]
    fn first_bits_tell() {
        let of = |text: &str| Prefix::new(text, false).unwrap();
        let holds = |block: &str, address: &str| of(block).contains(address.parse().unwrap());
        assert!(holds("10.42.0.0/16", "10.42.255.1"));
        assert!(!holds("10.42.0.0/16", "10.43.0.1"));
        assert!(holds("default", "203.0.113.5"));
        assert!(!holds("default", "fd00::1"));
        assert!(holds("10.42.3.9", "10.42.3.9") && !holds("10.42.3.9", "10.42.3.8"));
        assert!(holds("fd00:20::/64", "fd00:20::77") && !holds("fd00:20::/64", "fd00:21::77"));
        assert_eq!(Prefix::new("10.0.0.0/33", false), None);
        assert_eq!(Prefix::new("ten", false), None);
    }
}
