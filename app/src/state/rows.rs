//! The rows of the text pane: lines, and above the first line of each part its head.

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The head of a part: which of the heads it is.
    Head(usize),
    /// A line, from 1.
    Line(usize),
}

/// The rows of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    lines: usize,
    /// The lines that stand below a head, in order.
    heads: Vec<usize>,
}

impl Rows {
    /// So many lines, with heads above these; lines count from 1.
    pub fn new(lines: usize, heads: impl IntoIterator<Item = usize>) -> Self {
        let mut heads: Vec<usize> = heads.into_iter().filter(|line| (1..=lines).contains(line)).collect();
        heads.sort_unstable();
        Self { lines, heads }
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.lines + self.heads.len()
    }

    /// The row, from 1, in which a line stands.
    pub fn row_of(&self, line: usize) -> usize {
        line + self.heads.partition_point(|head| *head <= line)
    }

    /// What stands in a row, which counts from 1.
    pub fn at(&self, row: usize) -> Row {
        // A head stands in the row before its line; of several above one line, each in one of its own.
        let stands = |(index, line): (usize, &usize)| line + index;
        let (mut from, mut to) = (0, self.heads.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            let head = self.heads.get(middle).map(|line| stands((middle, line)));
            if head.is_some_and(|head| head < row) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        match self.heads.get(from).map(|line| stands((from, line))) {
            Some(head) if head == row => Row::Head(from),
            _ => Row::Line(row.saturating_sub(from)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Rows};

    #[test]
    fn heads_stand_above_their_lines() {
        let rows = Rows::new(5, [4, 1, 4, 9]);
        assert_eq!(rows.count(), 8);
        let all: Vec<Row> = (1..=8).map(|row| rows.at(row)).collect();
        assert_eq!(
            all,
            [
                Row::Head(0),
                Row::Line(1),
                Row::Line(2),
                Row::Line(3),
                Row::Head(1),
                Row::Head(2),
                Row::Line(4),
                Row::Line(5),
            ]
        );
        for line in 1..=5 {
            assert_eq!(rows.at(rows.row_of(line)), Row::Line(line));
        }
    }

    #[test]
    fn without_heads_rows_are_lines() {
        let rows = Rows::new(3, []);
        assert_eq!((rows.count(), rows.row_of(2), rows.at(3)), (3, 2, Row::Line(3)));
    }
}
