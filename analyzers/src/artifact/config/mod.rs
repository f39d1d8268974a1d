//! Configuration of nodes and of the mesh.

pub(crate) mod envoy_clusters;
pub(crate) mod istioctl_analyze;
pub(crate) mod user_data;
