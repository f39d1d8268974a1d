//! What a command's output is piped through.

use super::shell_words::words;

/// The programs of a pipeline, from its `|` on.
pub fn pipeline(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.strip_prefix('|').filter(|rest| !rest.starts_with('|')) {
        let (mut words, after) = words(next);
        if let Some(program) = words.first_mut() {
            let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
            *program = name.strip_suffix(".exe").unwrap_or(name).to_owned();
        }
        found.push(words);
        rest = after;
    }
    found
}

/// Whether a pipeline, from its `|` on, prints some of the lines that go into it as they are.
pub fn leaves_lines_whole(pipeline: &str) -> bool {
    let mut rest = pipeline;
    let mut some = false;
    while let Some(next) = rest.strip_prefix('|').filter(|rest| !rest.starts_with('|')) {
        let (words, after) = words(next);
        let mut words = words.iter().map(String::as_str);
        let Some(program) = words.next() else { return false };
        let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let program = program.strip_suffix(".exe").unwrap_or(program);
        // Options that count, number or cut: `grep -c`, `grep -n`, `grep -o`, `uniq -c`.
        let changes: &[char] = match program {
            "grep" | "egrep" | "fgrep" | "rg" | "zgrep" => &['c', 'n', 'o', 'l', 'L', 'b'],
            "uniq" => &['c'],
            // On Windows options are words: `findstr /n`, `Select-String -Context 2`.
            "findstr" | "find" | "Select-String" | "sls" => {
                let changes = ["/n", "/o", "/m", "/c", "-context", "-list", "-quiet"];
                if words.any(|word| changes.contains(&word.to_ascii_lowercase().as_str())) {
                    return false;
                }
                &[]
            }
            "head" | "tail" | "sort" | "cat" | "tee" | "less" | "more" | "Where-Object" | "where" | "Sort-Object"
            | "Out-String" | "Out-Host" | "Tee-Object" => &[],
            _ => return false,
        };
        if words.any(|word| {
            word.strip_prefix('-')
                .is_some_and(|flags| !flags.starts_with('-') && flags.contains(changes))
        }) {
            return false;
        }
        some = true;
        rest = after;
    }
    some && rest.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::segment::CommandLine;

    #[test]
    fn pipelines_that_leave_lines_whole() {
        for (text, whole) in [
            ("kubectl get po -A -o wide | grep ip-10-77-18-240", true),
            (
                "kubectl get po 2>&1 | egrep -v 'Running|Completed' | sort | head -20",
                true,
            ),
            ("kubectl get po | findstr web", true),
            ("kubectl get po | findstr.exe web", true),
            ("kubectl get po | findstr /i /c:\"web a\" | more", true),
            ("kubectl get po | Select-String -Pattern web", true),
            ("kubectl get po | where { $_ -match 'web' }", true),
            ("kubectl get po | findstr /n web", false),
            ("kubectl get po | find /c \"web\"", false),
            ("kubectl get po | sls web -Context 2", false),
            ("kubectl get po -o json | ConvertFrom-Json | where { $_ }", false),
            ("kubectl get po", false),
            ("kubectl get po || true", false),
            ("kubectl get po | grep -c Running", false),
            ("kubectl get po | awk '{print $4}'", false),
            ("kubectl get po | grep web | wc -l", false),
        ] {
            assert_eq!(CommandLine::new(text).selected, whole, "{text}");
        }
    }

    #[test]
    fn a_pipeline_has_its_programs() {
        let line = CommandLine::new("kubectl get cm x -o yaml 2>&1 | /bin/grep -A3 'a|b' | head -2; ls | wc");
        assert_eq!(line.pipeline, [vec!["grep", "-A3", "a|b"], vec!["head", "-2"]]);
        let inner = CommandLine::new("kubectl exec x -- sh -c 'cat a.yaml | tail -3' | grep b").inner();
        assert_eq!(inner.unwrap().pipeline, [vec!["tail", "-3"], vec!["grep", "b"]]);
    }
}
