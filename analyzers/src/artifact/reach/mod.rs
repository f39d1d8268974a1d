//! What tools print that try whether something is reached: `ping`, `traceroute`, `tracepath`, `mtr`, `nc`, `telnet`, `wget`, and bash's
//! `/dev/tcp`. One format a file.

pub mod arping;
pub mod connect;
pub mod http_body;
pub mod mtr;
pub mod nmap;
pub mod ping;
pub mod test_net_connection;
pub mod traceroute;
pub mod wget;
