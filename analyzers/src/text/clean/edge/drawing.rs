//! Tables with borders.

use super::super::Line;

/// A table with borders (aws-cli's) whose first ruling was wrapped: all of its lines were, at the same place. Joins them and returns how
/// many they are.
pub(super) fn wrapped_drawing(part: &mut [Line<'_>], edge: usize) -> usize {
    let ruling = |line: &&Line<'_>| !line.text.is_empty() && line.text.bytes().all(|byte| byte == b'-');
    let height = part.iter().take_while(ruling).count();
    let top = part.get(..height).unwrap_or_default();
    let Some((last, full)) = top.split_last() else { return 0 };
    let rest = last.width();
    if full.is_empty() || rest > edge || full.iter().any(|line| line.width() != edge) {
        return 0;
    }
    let border = |c: char| matches!(c, '|' | '+');
    // A line that has all its pieces: the last one ends where that of the ruling does.
    let drawn = |lines: &[Line<'_>]| {
        lines.len() == height
            && lines.first().is_some_and(|line| line.text.starts_with(border))
            // A piece that is not the last ends with blanks, which may be lost, where it does not reach the edge; so a bar may be the last
            // thing on it. Of a narrower table below the lines are all as wide as the last piece would have to be.
            && lines
                .iter()
                .take(height - 1)
                .all(|line| line.width() == edge || !line.text.ends_with(border) || line.width() != rest)
            && lines
                .last()
                .is_some_and(|line| line.text.ends_with(border) && line.width() == rest)
    };
    let below = part.get(height..).unwrap_or_default();
    let count = below.chunks(height).take_while(|lines| drawn(lines)).count();
    if count < 2 {
        return 0;
    }
    let all = height * (count + 1);
    for lines in part.get_mut(..all).unwrap_or_default().chunks_mut(height) {
        for line in lines.iter_mut().take(height - 1) {
            line.joined = true;
            line.fill(edge);
        }
    }
    all
}
