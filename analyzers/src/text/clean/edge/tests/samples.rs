//! How much of all samples is joined at each width, and that nothing is joined wrongly.

use super::{clean, pieces, wrapped};

/// The samples of all formats, without the lines with the commands.
fn samples() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples");
    let mut found = Vec::new();
    for format in std::fs::read_dir(folder).unwrap() {
        for sample in std::fs::read_dir(format.unwrap().path()).unwrap() {
            let path = sample.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let output = text.split_once('\n').unwrap().1.to_owned();
            found.push((path.display().to_string(), output));
        }
    }
    found.sort();
    assert!(found.len() > 60);
    found
}

#[test]
fn outputs_that_no_edge_broke_stay() {
    for (name, text) in samples() {
        let cleaned = clean(text);
        let joined = cleaned.starts.iter().flatten().skip(1);
        let broken = joined.filter(|start| cleaned.text.as_bytes().get(**start - 1) != Some(&b'\n'));
        assert_eq!(broken.count(), 0, "{name}");
    }
}

/// A text as a terminal broke it, and which of its lines are rests.
fn broken(text: &str, edge: usize) -> (String, Vec<bool>) {
    let rests = text.lines().flat_map(|line| {
        let pieces = pieces(line, edge).len();
        (0..pieces).map(|piece| piece > 0)
    });
    (wrapped(text, edge), rests.collect())
}

/// The lines of a paste that were joined to the one before, from 0.
fn joined(text: String) -> Vec<usize> {
    let cleaned = clean(text);
    let starts = cleaned.starts.into_iter().flatten().enumerate().skip(1);
    starts
        .filter(|(_, start)| cleaned.text.as_bytes().get(start - 1) != Some(&b'\n'))
        .map(|(line, _)| line)
        .collect()
}

/// Joins what a terminal broke: how many rests there are, and how many of them are whole again. No other line may be joined.
fn measure(name: &str, text: &str, edge: usize) -> (usize, usize) {
    let (broken, rests) = broken(text, edge);
    let joined = joined(broken);
    for line in &joined {
        assert!(rests[*line], "{name} at {edge}: line {} was joined", line + 1);
    }
    (rests.iter().filter(|rest| **rest).count(), joined.len())
}

/// Two lines made one is worse than one line left broken: the first invents a value, the second is named as not understood.
#[test]
fn rests_are_joined_and_lines_of_their_own_are_not() {
    let samples = samples();
    for (edge, percent) in [(72, 72), (80, 75), (100, 70), (120, 66), (160, 60)] {
        let (mut rests, mut joined) = (0, 0);
        for (name, text) in &samples {
            let (all, whole) = measure(name, text, edge);
            rests += all;
            joined += whole;
        }
        assert!(
            joined * 100 >= rests * percent,
            "only {joined} of {rests} rests of lines were joined at {edge}, less than {percent} %"
        );
    }
}

#[test]
fn at_no_width_a_line_of_its_own_is_joined() {
    for (name, text) in samples() {
        for edge in (61..=200).step_by(7) {
            measure(&name, &text, edge);
        }
    }
}

/// What was not cut is not said to be, neither whole nor broken.
#[test]
fn whole_outputs_are_not_said_to_be_cut() {
    for (name, text) in samples() {
        let said = |text: String| clean(text).notes.iter().any(|note| note.message.contains("were cut"));
        let whole = said(text.clone());
        for edge in [72, 80, 100, 120, 160] {
            assert!(whole || !said(wrapped(&text, edge)), "{name} at {edge}");
        }
        assert!(!whole || text.contains('…') || text.starts_with("Every "), "{name}");
    }
}

/// Outputs with their commands after each other, as a terminal's scroll-back has them.
fn scroll_back() -> Vec<String> {
    let mut samples: Vec<String> = samples()
        .into_iter()
        .map(|(name, _)| std::fs::read_to_string(name).unwrap())
        .collect();
    let count = samples.len();
    // Neighbours are of different formats.
    samples = (0..count).map(|at| samples[at * 97 % count].clone()).collect();
    samples.chunks(6).map(<[String]>::concat).collect()
}

#[test]
fn rests_in_a_scroll_back_are_joined() {
    assert_ne!(samples().len() % 97, 0, "every sample is taken");
    let (mut rests, mut joined) = (0, 0);
    for (at, text) in scroll_back().iter().enumerate() {
        for edge in [72, 80, 100, 120, 160] {
            let (all, whole) = measure(&format!("group {at}"), text, edge);
            rests += all;
            joined += whole;
        }
    }
    assert!(
        joined * 100 >= rests * 68,
        "only {joined} of {rests} rests of lines were joined"
    );
}

/// What `cut -c`, `less -S` and `top` leave of long lines is all of the same width, and nothing of it is another line's rest.
#[test]
fn lines_that_were_cut_are_not_joined() {
    let samples = samples();
    let texts = samples.iter().map(|(_, text)| text).cloned().chain(scroll_back());
    for text in texts {
        for edge in [60, 72, 80, 87, 100, 113, 120, 160] {
            let cut: String = text
                .lines()
                .map(|line| pieces(line, edge).swap_remove(0) + "\n")
                .collect();
            assert_eq!(joined(cut.clone()), Vec::<usize>::new(), "at {edge}:\n{cut}");
        }
    }
}
