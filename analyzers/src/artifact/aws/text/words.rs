//! The words of a line: between its tabs, or between the blanks that a terminal shows for them. A tab reaches to the next multiple of eight
//! columns, so a single blank before such a column stands for a tab, or is one that a text has there. Then the line can be read in several
//! ways, and what the words can be has to decide.

use crate::text::Piece;

/// A terminal's tab stops.
const STOPS: usize = 8;
/// So many blanks of a line may be a tab or a text's own; each doubles the ways.
const UNCERTAIN: usize = 6;

/// The ways to read a line.
#[derive(Debug)]
pub struct Readings<'a> {
    /// The words of each way; the first has the fewest.
    pub ways: Vec<Vec<Piece<'a>>>,
    /// Whether blanks stand for tabs: then empty words at the end may have been cut off with them.
    pub blanks: bool,
    /// Whether there are more ways than these.
    pub more: bool,
    /// Whether the first word was taken for a name because of its capitals alone.
    pub named: bool,
}

/// Blanks between two words.
#[derive(Debug, Clone, Copy)]
struct Gap {
    start: usize,
    end: usize,
    /// Words between them that are empty.
    empty: usize,
    certain: bool,
}

/// All ways to read a line. `named`: the line begins with a name, if capitals end at its first gap.
pub fn readings(line: Piece<'_>, named: bool) -> Readings<'_> {
    let only = |words, blanks| Readings {
        ways: vec![words],
        blanks,
        more: false,
        named: false,
    };
    if line.contains(['\t', '\n']) || !line.contains(' ') {
        return only(line.split(|c| c == '\t').collect(), false);
    }
    let mut gaps = gaps(line);
    if gaps.is_empty() {
        return only(vec![line], false);
    }
    let first = gaps.first_mut().filter(|gap| {
        let name = line.get(..gap.start).unwrap_or_default();
        !gap.certain
            && name.len() > 1
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    });
    let named = named && first.is_some();
    if let Some(gap) = first.filter(|_| named) {
        gap.certain = true;
    }
    let open = |gaps: &[Gap]| gaps.iter().filter(|gap| !gap.certain).count();
    let more = open(&gaps) > UNCERTAIN;
    if more {
        gaps.retain(|gap| gap.certain || !is_prose(line, *gap));
        if open(&gaps) > UNCERTAIN {
            gaps.retain(|gap| gap.certain);
        }
    }
    let ways = (0..1_usize << open(&gaps)).map(|way| cut(line, &gaps, way)).collect();
    Readings {
        ways,
        blanks: true,
        more,
        named,
    }
}

/// The words of a line where nothing tells what they can be: where a single blank may be a text's own, it is.
pub fn words(line: Piece<'_>) -> Vec<Piece<'_>> {
    readings(line, true).ways.into_iter().next().unwrap_or_default()
}

/// The only way to read a line as `read` can, or the one of which it thinks the most.
pub fn best<'a, T>(line: Piece<'a>, read: impl Fn(&[Piece<'a>]) -> Option<(usize, T)>) -> Option<T> {
    let readings = readings(line, false);
    if readings.more {
        return None;
    }
    let mut found: Option<(usize, T)> = None;
    let mut twice = false;
    for (points, value) in readings.ways.iter().filter_map(|words| read(words)) {
        match &found {
            Some((most, _)) if *most > points => {}
            Some((most, _)) if *most == points => twice = true,
            _ => {
                found = Some((points, value));
                twice = false;
            }
        }
    }
    found.filter(|_| !twice).map(|(_, value)| value)
}

/// The blanks of a line that end at a tab stop.
fn gaps(line: Piece<'_>) -> Vec<Gap> {
    let mut found = Vec::new();
    // How many blanks stand before the letter that is looked at, and from which column on.
    let (mut blanks, mut from) = (0, 0);
    for (column, (at, c)) in line.char_indices().enumerate() {
        if c == ' ' {
            if blanks == 0 {
                from = column;
            }
            blanks += 1;
            continue;
        }
        if blanks > 0 && column % STOPS == 0 {
            let start = at - blanks;
            // People put two blanks after a sentence.
            let sentence = blanks == 2
                && line
                    .get(..start)
                    .is_some_and(|text| text.ends_with(['.', '!', '?', ':']));
            found.push(Gap {
                start,
                end: at,
                empty: (column - from).saturating_sub(1) / STOPS,
                certain: blanks > 1 && !sentence,
            });
        }
        blanks = 0;
    }
    found
}

/// Whether a gap stands between words as a sentence has them.
fn is_prose(line: Piece<'_>, gap: Gap) -> bool {
    let before = line.get(..gap.start).unwrap_or_default().rsplit(' ').next();
    let after = line.get(gap.end..).unwrap_or_default().split(' ').next();
    [before, after].into_iter().flatten().all(|word| {
        word.bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b',' | b'\''))
    })
}

/// One way to cut a line: of the gaps that are not certain those that `way` has a bit for.
fn cut<'a>(line: Piece<'a>, gaps: &[Gap], way: usize) -> Vec<Piece<'a>> {
    let mut words = Vec::new();
    let (mut start, mut bit) = (0, 0);
    for gap in gaps {
        let cuts = if gap.certain {
            true
        } else {
            bit += 1;
            (way >> (bit - 1)) & 1 == 1
        };
        if cuts {
            words.push(line.part(start..gap.start));
            words.extend((0..gap.empty).map(|_| line.part(gap.end..gap.end)));
            start = gap.end;
        }
    }
    words.push(line.skip(start).trim());
    words
}

#[cfg(test)]
mod tests {
    use super::{readings, words};
    use crate::text::Piece;

    fn ways(line: &str, named: bool) -> Vec<Vec<&str>> {
        let readings = readings(Piece::new(line), named);
        let words = readings.ways.into_iter();
        words.map(|words| words.into_iter().map(Piece::str).collect()).collect()
    }

    #[test]
    fn blanks_before_a_tab_stop_are_a_tab_for_each_stop() {
        assert_eq!(ways("TAGS\tName\t\tx y", true), [["TAGS", "Name", "", "x y"]]);
        assert_eq!(ways("TAGS    Name            x y", true), [["TAGS", "Name", "", "x y"]]);
        // Two blanks that end before no stop are a text's own.
        assert_eq!(ways("a  b c", true), [["a  b c"]]);
        assert_eq!(ways("TAGS    Name    ", true), [["TAGS", "Name"]]);
    }

    #[test]
    fn a_single_blank_before_a_stop_is_read_in_both_ways() {
        assert_eq!(ways("ROUTING a", true), [["ROUTING", "a"]]);
        assert_eq!(ways("ROUTING a", false), [vec!["ROUTING a"], vec!["ROUTING", "a"]]);
        assert_eq!(
            ways("TAGS    for the nodes", true),
            [vec!["TAGS", "for the nodes"], vec!["TAGS", "for the", "nodes"]]
        );
        assert_eq!(ways("Done.   All went down.  Again", true).len(), 2);
    }

    #[test]
    fn a_long_text_has_not_all_ways() {
        let line = "NOTES   ".to_owned() + &"of them ".repeat(40) + "x";
        let read = readings(Piece::new(&line), true);
        assert!(read.more);
        assert!(read.ways.len() <= 64);
        assert_eq!(words(Piece::new(&line)).len(), 2);
    }
}
