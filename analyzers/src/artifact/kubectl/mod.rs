//! What kubectl prints, but for the API's own JSON and YAML.

pub(crate) mod answer;
pub(crate) mod api_resources;
pub(crate) mod can_i;
pub(crate) mod cluster_info;
mod columns;
pub(crate) mod contexts;
pub(crate) mod describe;
pub(crate) mod diff;
pub(crate) mod dump_log;
pub(crate) mod error;
pub(crate) mod event_lines;
pub(crate) mod event_message;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod health;
mod list;
pub(crate) mod metrics;
pub(crate) mod piped;
pub(crate) mod rollout;
pub(crate) mod set_env;
pub(crate) mod table;
#[cfg(test)]
mod tested;
pub(crate) mod top;
pub(crate) mod value;
mod values;
pub(crate) mod version;
pub(crate) mod whoami;
