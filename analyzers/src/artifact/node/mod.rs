//! What the tools on a node print: its packet filter, routes, links, connections and counters. One format a file.

pub mod bridge_fdb;
pub mod conntrack;
pub mod ethtool;
pub mod ip_brief;
pub mod ip_error;
pub mod ip_link;
pub mod ip_neigh;
pub mod ip_netns;
pub mod ip_route;
pub mod ip_rule;
pub mod iptables_list;
pub mod iptables_save;
pub mod ipvsadm;
mod lines;
pub mod net_dev;
pub mod nft;
pub mod ss;
pub mod sysctl;
