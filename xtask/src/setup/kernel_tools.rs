//! What lets tests ask the Linux kernel itself: namespaces, its packet filter, and tcpdump to see what it does; and what
//! other tools read of the same captures and pack as archives.
//!
//! These tests need root. Where that, or one of the tools, is not to be had, they are counted as ignored and say so; so
//! nothing here is an error.

use std::process::Command;

use super::apt;
use crate::process;

/// The programs, and the Debian packages that they come in.
const TOOLS: [(&str, &str); 21] = [
    ("ip", "iproute2"),
    ("iptables", "iptables"),
    ("nft", "nftables"),
    ("ipvsadm", "ipvsadm"),
    ("sysctl", "procps"),
    ("tcpdump", "tcpdump"),
    ("tshark", "tshark"),
    ("python3", "python3"),
    ("dig", "bind9-dnsutils"),
    ("ethtool", "ethtool"),
    ("netstat", "net-tools"),
    ("ping", "iputils-ping"),
    ("nslookup", "bind9-dnsutils"),
    ("host", "bind9-host"),
    ("openssl", "openssl"),
    ("zip", "zip"),
    ("xz", "xz-utils"),
    ("bzip2", "bzip2"),
    ("zstd", "zstd"),
    ("bsdtar", "libarchive-tools"),
    ("7z", "p7zip-full"),
];

/// Installs what is missing, for root on a system with apt-get.
pub fn ready() {
    let missing: Vec<&str> = TOOLS
        .iter()
        .filter(|(program, _)| process::which(program).is_none())
        .map(|(_, package)| *package)
        .collect();
    let is_root = process::probe(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if missing.is_empty() || !is_root || !apt::present() {
        return;
    }
    super::announce(
        &format!("{} for tests of the kernel", missing.join(", ")),
        "half a minute",
    );
    if let Err(error) = apt::install(&missing) {
        println!("set-up: {error}; the tests that need it are ignored");
    }
}
