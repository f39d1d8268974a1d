//! Configuration of nodes and of the mesh, and what their tools print.

pub(crate) mod containerd;
pub(crate) mod envoy_admin;
pub(crate) mod envoy_clusters;
pub(crate) mod etc_hosts;
mod flags;
pub(crate) mod istioctl_analyze;
pub(crate) mod istioctl_proxy;
pub(crate) mod istioctl_version;
pub(crate) mod nsswitch;
pub(crate) mod ps;
mod shell;
pub(crate) mod systemd;
mod table;
mod toml;
pub(crate) mod user_data;
