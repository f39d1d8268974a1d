//! What the tools on a node print: its packet filter, routes, links, connections and counters. One format a file.

pub mod bridge_fdb;
pub mod conntrack;
pub mod ethtool;
pub mod ethtool_settings;
pub mod ifconfig;
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
pub(crate) mod lines;
pub mod net_dev;
pub mod net_tools;
pub mod nft;
pub mod nft_trace;
pub mod snmp;
pub mod softnet;
pub mod ss;
pub mod ss_summary;
pub mod sysctl;
