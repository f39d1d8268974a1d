//! Which lines of a document a pipeline let through: whether lines that stand together in the paste stood together in the document.

use crate::segment::CommandLine;

/// What a pipeline left of the lines that went into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selection {
    /// The document from its beginning on, or all of it but for single lines.
    Beginning,
    /// Stretches of it: lines that stand together stood together.
    Stretches,
    /// Single lines: of lines that stand together nothing is known.
    Lines,
    /// Something that it made of them: columns, counts.
    Made,
}

/// What the command's pipeline leaves of its output; also what `grep PATTERN FILE` itself does.
pub fn of(line: &CommandLine) -> Selection {
    let source = stage(&line.program, &line.args);
    let piped = line.pipeline.iter().map(|words| match words.split_first() {
        Some((program, args)) => stage(program, args).unwrap_or(Selection::Made),
        None => Selection::Made,
    });
    piped
        .chain(source.filter(|_| !line.is_kubectl()))
        .max()
        .unwrap_or(Selection::Beginning)
}

/// Whether lines have their numbers before them.
pub fn numbered(line: &CommandLine) -> bool {
    let asks = |program: &str, args: &[String]| {
        is_grep(program) && (has_flag(args, 'n') || args.iter().any(|arg| arg == "--line-number"))
    };
    asks(&line.program, &line.args)
        || line
            .pipeline
            .iter()
            .any(|words| words.split_first().is_some_and(|(program, args)| asks(program, args)))
}

fn is_grep(program: &str) -> bool {
    matches!(program, "grep" | "egrep" | "fgrep" | "ggrep" | "zgrep" | "rg")
}

/// Whether a flag of one letter is among these: `-n`, `-inA3`. What follows a letter that takes a number is its number.
fn has_flag(args: &[String], flag: char) -> bool {
    args.iter().any(|arg| {
        arg.strip_prefix('-')
            .filter(|flags| !flags.starts_with('-'))
            .is_some_and(|flags| flags.chars().take_while(char::is_ascii_alphabetic).any(|c| c == flag))
    })
}

/// What one program leaves of its lines; nothing where it is not known.
fn stage(program: &str, args: &[String]) -> Option<Selection> {
    Some(match program {
        "cat" | "tee" | "less" | "more" | "bat" | "head" | "jq" | "yq" | "kubectl-neat" => Selection::Beginning,
        "tail" => Selection::Stretches,
        "Select-Object" | "select" => {
            let last = args
                .iter()
                .any(|arg| matches!(arg.to_ascii_lowercase().as_str(), "-last" | "-skip" | "-index"));
            if last {
                Selection::Stretches
            } else {
                Selection::Beginning
            }
        }
        "Select-String" | "sls" => {
            if args.iter().any(|arg| arg.eq_ignore_ascii_case("-context")) {
                // It prints `>` before the lines that it found.
                Selection::Made
            } else {
                Selection::Lines
            }
        }
        "findstr" | "sort" => Selection::Lines,
        "uniq" if !has_flag(args, 'c') => Selection::Lines,
        "sed" | "gsed" => sed(args),
        "awk" | "gawk" | "mawk" => awk(args),
        _ if is_grep(program) => grep(args),
        _ => return None,
    })
}

fn grep(args: &[String]) -> Selection {
    if ['o', 'c', 'l', 'L', 'q'].into_iter().any(|flag| has_flag(args, flag)) {
        return Selection::Made;
    }
    let context = ['A', 'B', 'C'].into_iter().any(|flag| has_flag(args, flag))
        || args.iter().any(|arg| {
            ["--after-context", "--before-context", "--context"]
                .iter()
                .any(|name| arg.starts_with(name))
                || arg
                    .strip_prefix('-')
                    .is_some_and(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
        });
    if context && !args.iter().any(|arg| arg == "--no-group-separator") {
        Selection::Stretches
    } else if has_flag(args, 'v') || args.iter().any(|arg| arg == "--invert-match") {
        Selection::Beginning
    } else {
        Selection::Lines
    }
}

fn sed(args: &[String]) -> Selection {
    let quiet = has_flag(args, 'n') || args.iter().any(|arg| arg == "--quiet" || arg == "--silent");
    let script = args.iter().find(|arg| !arg.starts_with('-'));
    let script = script.map_or("", |script| script.as_str()).trim();
    if quiet && script.starts_with("1,") {
        Selection::Beginning
    } else if script.ends_with("!d") || quiet && script.contains(',') {
        Selection::Stretches
    } else if quiet {
        Selection::Lines
    } else {
        Selection::Beginning
    }
}

fn awk(args: &[String]) -> Selection {
    let script = args.iter().find(|arg| !arg.starts_with('-'));
    let script = script.map_or("", |script| script.as_str());
    if script.contains("print $0") || !script.contains("print") {
        // `/from/,/to/`, `NR>10`, `/from/{found=1} found`.
        let range = script.contains("/,/") || script.contains("NR") || script.contains('{');
        if range { Selection::Stretches } else { Selection::Lines }
    } else {
        Selection::Made
    }
}

#[cfg(test)]
mod tests {
    use super::{Selection, numbered, of};
    use crate::segment::CommandLine;

    #[test]
    fn pipelines_leave_what_they_leave() {
        for (pipeline, selection) in [
            ("", Selection::Beginning),
            ("| head -20", Selection::Beginning),
            ("| grep -v uid", Selection::Beginning),
            ("| sed -n 1,40p", Selection::Beginning),
            ("| sed 's/a/b/'", Selection::Beginning),
            ("| tail -20", Selection::Stretches),
            ("| grep -A4 -B1 image:", Selection::Stretches),
            ("| grep -i -nA4 image:", Selection::Stretches),
            ("| grep --context=3 image:", Selection::Stretches),
            ("| grep -3 image: | head", Selection::Stretches),
            ("| sed -n '/spec:/,/status:/p'", Selection::Stretches),
            ("| awk '/spec:/,/status:/'", Selection::Stretches),
            ("| Select-Object -Last 20", Selection::Stretches),
            ("| egrep 'image|name' | sort", Selection::Lines),
            ("| grep -A4 image: | grep name", Selection::Lines),
            ("| sed -n '/image/p'", Selection::Lines),
            ("| grep -o 'image.*'", Selection::Made),
            ("| awk '{print $2}'", Selection::Made),
            ("| grep image: | wc -l", Selection::Made),
        ] {
            let line = CommandLine::new(&format!("kubectl get deploy web -o yaml {pipeline}"));
            assert_eq!(of(&line), selection, "{pipeline}");
        }
        assert_eq!(
            of(&CommandLine::new("grep -A3 mode kube-proxy.yaml")),
            Selection::Stretches
        );
        for (text, expected) in [
            ("| grep -nA3 x", true),
            ("| grep -A3 n", false),
            ("| grep --line-number x", true),
        ] {
            assert_eq!(numbered(&CommandLine::new(&format!("cat a.yaml {text}"))), expected);
        }
    }
}
