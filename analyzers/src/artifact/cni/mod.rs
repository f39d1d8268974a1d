//! What the tools of CNI plugins print of packets and of themselves: Cilium's and Hubble's, Calico's. One format a file.

pub mod calico_node_status;
pub mod cilium_endpoints;
pub mod cilium_monitor;
pub mod cilium_services;
pub mod cilium_status;
pub mod hubble;
mod summary;
