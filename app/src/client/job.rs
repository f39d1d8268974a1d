//! Which question an answer belongs to.

/// A number that no other job of this page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(u32);

impl JobId {
    /// The job before the first.
    pub(super) const NONE: Self = Self(0);

    /// The one after this.
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// As it is written in a message.
    pub(super) fn to_message(self) -> f64 {
        f64::from(self.0)
    }

    /// Whether a message's number is this job.
    pub(super) fn is(self, message: f64) -> bool {
        (self.to_message() - message).abs() < 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::JobId;

    #[test]
    fn a_job_is_recognised_by_the_number_it_was_sent_with() {
        let first = JobId::NONE.next();
        assert!(first.is(first.to_message()));
        assert!(!first.next().is(first.to_message()));
    }
}
