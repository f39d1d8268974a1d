//! How many tests passed, failed and were skipped, read from what the test programs print.

use std::fmt;

/// The counts of one stage, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and stages that broke.
    pub failed: u64,
    /// Tests that were not run.
    pub skipped: u64,
}

impl Tally {
    /// A stage that broke before it could count.
    pub const BROKEN: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };

    /// Adds another stage's counts.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Reads a line of a Rust test program: `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    pub fn read_rust(&mut self, line: &str) {
        let Some(counts) = line
            .trim()
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
            .map(|(_, counts)| counts)
        else {
            return;
        };
        for count in counts.split(';') {
            let mut words = count.split_whitespace();
            let number = words.next().and_then(|number| number.parse::<u64>().ok());
            match (number, words.next()) {
                (Some(number), Some("passed")) => self.passed += number,
                (Some(number), Some("failed")) => self.failed += number,
                (Some(number), Some("ignored")) => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Reads a line of the summary at the end of Node's TAP report: `# pass 3`.
    pub fn read_tap(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        if words.next() != Some("#") {
            return;
        }
        let (kind, number) = (words.next(), words.next());
        // A diagnostic may begin with the same word; only the summary has nothing after its number.
        let (Some(number), None) = (number.and_then(|n| n.parse::<u64>().ok()), words.next())
        else {
            return;
        };
        match kind {
            Some("pass") => self.passed += number,
            // A cancelled test is one whose file broke or took too long.
            Some("fail" | "cancelled") => self.failed += number,
            Some("skipped" | "todo") => self.skipped += number,
            _ => {}
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn every_summary_of_a_rust_test_program_is_added() {
        let mut tally = Tally::default();
        for line in [
            "running 8 tests",
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test tests::test_result ... ok",
        ] {
            tally.read_rust(line);
        }
        assert_eq!(tally.to_string(), "6 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn the_summary_of_a_tap_report_is_read_and_its_comments_are_not() {
        let mut tally = Tally::default();
        for line in [
            "# Subtest: pass 9",
            "ok 1 - a page",
            "# pass 9 things on",
            "# tests 6",
            "# pass 3",
            "# fail 1",
            "# cancelled 1",
            "# skipped 1",
            "# todo 0",
            "# duration_ms 1820.5",
        ] {
            tally.read_tap(line);
        }
        assert_eq!(tally.to_string(), "3 passed, 2 failed, 1 skipped");
    }
}
