//! Programs that only start another one: `sudo`, `timeout`, `watch`, with their options.

/// Such a program.
struct Wrapper {
    name: &'static str,
    /// Its options that take the next word as their value.
    with_value: &'static [&'static str],
    /// How many words stand before the program that it starts.
    words: usize,
}

const fn wrapper(name: &'static str, with_value: &'static [&'static str]) -> Wrapper {
    Wrapper {
        name,
        with_value,
        words: 0,
    }
}

/// Their options are of sudo(8), coreutils' manual, watch(1), time(1), ionice(1).
const WRAPPERS: &[Wrapper] = &[
    wrapper(
        "sudo",
        &[
            "-u", "--user", "-g", "--group", "-h", "--host", "-p", "--prompt", "-C", "-R", "-D", "-r", "-t", "-T", "-U",
        ],
    ),
    wrapper("doas", &["-u", "-C"]),
    wrapper("env", &["-u", "--unset", "-C", "--chdir"]),
    wrapper("time", &["-f", "--format", "-o", "--output"]),
    wrapper("watch", &["-n", "--interval", "-q", "--equexit"]),
    wrapper("nohup", &[]),
    wrapper("command", &[]),
    wrapper("nice", &["-n", "--adjustment"]),
    wrapper("ionice", &["-c", "--class", "-n", "--classdata"]),
    wrapper("stdbuf", &["-i", "--input", "-o", "--output", "-e", "--error"]),
    wrapper("setsid", &[]),
    wrapper("winpty", &[]),
    Wrapper {
        name: "timeout",
        with_value: &["-k", "--kill-after", "-s", "--signal"],
        words: 1,
    },
];

fn of(word: &str) -> Option<&'static Wrapper> {
    let name = word.rsplit('/').next().unwrap_or_default();
    WRAPPERS.iter().find(|wrapper| wrapper.name == name)
}

/// Whether a word names such a program.
pub fn is_wrapper(word: &str) -> bool {
    of(word).is_some()
}

/// Takes the first program off, with its options, where it only starts another. Of `sudo -i`, which starts a shell, the option stays.
pub fn take_off(words: &mut Vec<String>) -> bool {
    let Some(wrapper) = words.first().and_then(|word| of(word)) else {
        return false;
    };
    let mut at = 1;
    let mut shell = None;
    while let Some(option) = words.get(at).filter(|word| word.starts_with('-')) {
        at += 1;
        if option == "--" {
            break;
        }
        // `-iu USER`: the last of several letters.
        let letter = option.chars().next_back().map(|last| format!("-{last}"));
        let bundle = !option.starts_with("--") && option.len() > 2;
        let takes = |name: &str| wrapper.with_value.contains(&name);
        if wrapper.name == "sudo" && !option.starts_with("--") && option.contains(['i', 's']) {
            shell = Some("-i".to_owned());
        }
        if takes(option) || bundle && letter.as_deref().is_some_and(takes) {
            at += 1;
        }
    }
    let number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    at += words
        .iter()
        .skip(at)
        .take(wrapper.words)
        .filter(|word| number(word))
        .count();
    if at < words.len() {
        words.drain(..at);
        return true;
    }
    // Nothing is started but a shell.
    let shells = matches!(wrapper.name, "sudo" | "doas") && words.len() > 1;
    if shells {
        let last = shell.or_else(|| words.last().cloned());
        words.clear();
        words.extend(last);
    }
    shells
}

#[cfg(test)]
mod tests {
    use super::WRAPPERS;
    use crate::segment::CommandLine;

    #[test]
    fn the_cleaner_knows_the_same_names() {
        let names: Vec<&str> = WRAPPERS.iter().map(|wrapper| wrapper.name).collect();
        assert_eq!(names, crate::text::STARTERS);
    }

    #[test]
    fn what_starts_another_program_is_not_the_program() {
        for command in [
            "timeout 5 kubectl get ns",
            "timeout -k 2 10s kubectl get ns",
            "sudo -u ops kubectl get ns",
            "sudo -Eu ops kubectl get ns",
            "sudo --user ops -- kubectl get ns",
            "env -u AWS_PROFILE X=1 kubectl get ns",
            "watch -n 1 kubectl get ns",
            "watch -n1 -d kubectl get ns",
            "watch -n 2 'kubectl get ns'",
            "time kubectl get ns",
            "/usr/bin/time -f %e kubectl get ns",
            "stdbuf -oL nice -n 5 kubectl get ns",
            "sudo timeout 3 nice kubectl get ns",
        ] {
            let line = CommandLine::new(command);
            assert_eq!(
                (line.program.as_str(), line.args.join(" ")),
                ("kubectl", "get ns".to_owned()),
                "{command}"
            );
        }
        for (command, program) in [
            ("sudo -i", "-i"),
            ("sudo -iu ops", "-i"),
            ("sudo -u ops -i", "-i"),
            ("sudo -i -u ops", "-i"),
            ("env", "env"),
            ("env -0", "env"),
            ("time", "time"),
            ("timeout kubectl get ns", "kubectl"),
        ] {
            assert_eq!(CommandLine::new(command).program, program, "{command}");
        }
    }
}
