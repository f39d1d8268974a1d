//! How far the analysis is.

use crate::protocol::Progress;

/// What the analysis is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Run {
    /// The program is being fetched.
    #[default]
    Starting,
    /// There is nothing to do.
    Idle,
    /// It works.
    Working(Progress),
    /// What is shown is up to date.
    Done,
    /// It was stopped; the sources are still there.
    Cancelled,
    /// It broke, and why, in a sentence; it can be used again.
    Broken(String),
    /// It cannot be used at all, and why, in a sentence.
    Unusable(String),
}

impl Run {
    /// Whether there is something to wait for, and to cancel.
    pub fn is_working(&self) -> bool {
        matches!(self, Self::Working(_))
    }

    /// One word, which tests wait for.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Idle => "idle",
            Self::Working(_) => "working",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Broken(_) => "broken",
            Self::Unusable(_) => "unusable",
        }
    }

    /// One sentence for the reader; empty where there is nothing to say.
    pub fn sentence(&self) -> String {
        match self {
            Self::Starting => "Starting…".into(),
            Self::Idle | Self::Done => String::new(),
            Self::Working(progress) => match progress {
                Progress::Loading => "Loading the text…".into(),
                Progress::Unpacking => "Opening what is packed…".into(),
                Progress::Decoding => "Decoding the text…".into(),
                Progress::Splitting => "Looking for commands and their outputs…".into(),
                Progress::Reading { done, total } => {
                    format!("Reading output {} of {}…", grouped(done + 1), grouped(*total))
                }
                Progress::Flows => "Following packets, names and credentials…".into(),
                Progress::Findings => "Looking for what is wrong…".into(),
                Progress::Drawing => "Drawing…".into(),
            },
            Self::Cancelled => "Cancelled. Your sources are still here: analyse them again whenever you like.".into(),
            Self::Broken(why) | Self::Unusable(why) => why.clone(),
        }
    }

    /// How much is done, from 0 to 1, as far as that can be told.
    pub fn fraction(&self) -> Option<f64> {
        match self {
            // Reading is what takes the time; the rest is split evenly around it.
            Self::Working(progress) => Some(match progress {
                Progress::Loading => 0.02,
                Progress::Unpacking => 0.03,
                Progress::Decoding => 0.05,
                Progress::Splitting => 0.1,
                Progress::Reading { done, total } => 0.3 + 0.5 * ratio(*done, *total),
                Progress::Flows => 0.8,
                Progress::Findings => 0.9,
                Progress::Drawing => 0.95,
            }),
            _ => None,
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a bar's length needs no more than a few digits"
)]
fn ratio(done: usize, total: usize) -> f64 {
    if total == 0 { 1.0 } else { done as f64 / total as f64 }
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn progress_only_grows() {
        let stages = [
            Progress::Loading,
            Progress::Unpacking,
            Progress::Decoding,
            Progress::Splitting,
            Progress::Reading { done: 0, total: 9 },
            Progress::Reading { done: 8, total: 9 },
            Progress::Flows,
            Progress::Findings,
            Progress::Drawing,
        ];
        let fractions: Vec<f64> = stages
            .into_iter()
            .filter_map(|progress| Run::Working(progress).fraction())
            .collect();
        assert_eq!(fractions.len(), stages.len());
        assert!(fractions.is_sorted(), "{fractions:?}");
    }
}
