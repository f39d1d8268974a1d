//! What kubectl prints, but for the API's own JSON and YAML.

pub(crate) mod describe;
