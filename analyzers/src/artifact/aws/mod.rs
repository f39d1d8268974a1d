//! What aws-cli prints, in each of its output formats, and its errors; all in the shape of the API's answer.

pub(crate) mod answer;
pub(crate) mod error;
mod recognise;
mod shapes;

pub(crate) use recognise::recognises;
