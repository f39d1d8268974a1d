//! Known outputs, shuffled into pastes with random prompts and the dirt that terminals, chats and tickets add, have to come back as
//! what they are: the same command, the same format, the same lines.
//!
//! A sample is one file, `samples/FORMAT/NAME.txt`: the command after `$ ` on its first line, then what it printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use whypath_analyzers::segment::Format;
use whypath_analyzers::{Analysis, Input, analysis};

/// A known output.
#[derive(Debug, Clone)]
struct Sample {
    name: String,
    command: String,
    output: Vec<String>,
    format: String,
}

/// A sample as it stands in a paste.
struct Placed<'a> {
    sample: &'a Sample,
    /// The first and the last line of its output that are not blank, 1-based.
    lines: (usize, usize),
}

/// xorshift64*: the same pastes on every machine and in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What is done to a paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dirt {
    None,
    Colours,
    Crlf,
    Quoted,
    NoBreakSpaces,
    Fences,
    JiraMarks,
    Notices,
    Prose,
    WithoutPrompts,
    ZeroWidth,
    Everything,
}

const DIRT: [Dirt; 12] = [
    Dirt::None,
    Dirt::Colours,
    Dirt::Crlf,
    Dirt::Quoted,
    Dirt::NoBreakSpaces,
    Dirt::Fences,
    Dirt::JiraMarks,
    Dirt::Notices,
    Dirt::Prose,
    Dirt::WithoutPrompts,
    Dirt::ZeroWidth,
    Dirt::Everything,
];

/// Pastes of each kind of dirt.
const PASTES: usize = 150;
const SEED: u64 = 0x00DE_C0DE_2024_1121;

/// Prompts of the shells that people paste from.
const PROMPTS: [&str; 24] = [
    "$ ",
    "$ ",
    "# ",
    "❯ ",
    "➜  ~ ",
    "➜  infra git:(main) ✗ ",
    "me@laptop:~/infra$ ",
    "me@laptop infra % ",
    "[ec2-user@ip-10-0-1-7 ~]$ ",
    "[root@ip-10-0-1-7 /]# ",
    "root@netshoot:/# ",
    "sh-4.2$ ",
    "sh-5.2# ",
    "bash-5.1# ",
    "/ # ",
    "~ $ ",
    "PS C:\\Users\\me> ",
    "C:\\Users\\me>",
    "(⎈|prod:shop) ➜  ~ ",
    "[10:22:33] me@laptop:~$ ",
    "me@laptop ~/infra> ",
    "[ssm-user@control]$ ",
    "╭─me@laptop ~/infra  ‹main*›\n╰─$ ",
    "infra on \u{e0a0} main via ☁️  (eu-west-1) took 2s\n❯ ",
];

/// What tools print around an output.
const NOTICES: [&str; 5] = [
    "Warning: policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+",
    "Defaulted container \"app\" out of: app, istio-proxy, init (init)",
    "W1121 10:00:00.123456    4711 loader.go:222] Config not found: /home/me/.kube/staging",
    "Unable to use a TTY - input is not a terminal or the right kind of file",
    "Flag --export has been deprecated, This flag is deprecated and will be removed in future.",
];

const PROSE: [&str; 5] = [
    "Here is what we see on the cluster:",
    "And this is the other one, taken a minute later.",
    "Any idea what is wrong here? Thanks!",
    "2) then I checked the rest",
    "Best regards, Ana",
];

/// A paste as it is written.
struct Paste<'a> {
    text: String,
    placed: Vec<Placed<'a>>,
}

impl Paste<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn lines(&self) -> usize {
        self.text.matches('\n').count()
    }
}

/// Whether a command is known without a prompt before it, and its output tells itself from text around it.
fn bare(sample: &Sample) -> bool {
    ["kubectl get", "aws ", "tcpdump ", "dig ", "iptables-save"]
        .iter()
        .any(|program| sample.command.starts_with(program))
}

#[allow(clippy::too_many_lines, reason = "one kind of dirt after the other")]
fn write<'a>(samples: &[&'a Sample], dirt: Dirt, random: &mut Random) -> Paste<'a> {
    let mut paste = Paste {
        text: String::new(),
        placed: Vec::new(),
    };
    let everything = dirt == Dirt::Everything;
    let prompt = *random.pick(&PROMPTS);
    for sample in samples {
        if matches!(dirt, Dirt::Prose | Dirt::Fences | Dirt::JiraMarks) || (everything && random.below(2) == 0) {
            let prose = *random.pick(&PROSE);
            if dirt == Dirt::Prose || everything {
                paste.line("");
            }
            paste.line(prose);
        }
        let (open, close) = match dirt {
            Dirt::Fences => *random.pick(&[("```", "```"), ("```bash", "```"), ("~~~", "~~~")]),
            Dirt::JiraMarks => *random.pick(&[
                ("{code:bash}", "{code}"),
                ("{noformat}", "{noformat}"),
                ("<pre>", "</pre>"),
            ]),
            _ if everything => ("```console", "```"),
            _ => ("", ""),
        };
        if !open.is_empty() {
            paste.line(open);
        }
        let shown = if dirt == Dirt::WithoutPrompts && bare(sample) {
            sample.command.clone()
        } else {
            format!("{prompt}{}", sample.command)
        };
        if dirt == Dirt::Colours || everything {
            let (head, command) = shown.split_at(shown.len() - sample.command.len());
            let mut coloured = String::new();
            for (at, line) in head.split('\n').enumerate() {
                let _ = write!(
                    coloured,
                    "{}\u{1b}[01;32m{line}\u{1b}[00m",
                    if at > 0 { "\n" } else { "" }
                );
            }
            paste.line(&format!(
                "\u{1b}]0;shell\u{7}{coloured}\u{1b}[?2004h{command}\u{1b}[?2004l"
            ));
        } else {
            paste.line(&shown);
        }
        if dirt == Dirt::Notices {
            let notice = *random.pick(&NOTICES);
            paste.line(notice);
        }
        // A log that begins with a notice is one log.
        let before = paste.lines() - usize::from(dirt == Dirt::Notices && sample.format == "log");
        let shift = paste.lines() - before;
        for line in &sample.output {
            let mut line = line.clone();
            if dirt == Dirt::NoBreakSpaces || everything {
                line = line.replace("  ", "\u{a0} ");
            }
            if dirt == Dirt::Colours && !line.trim().is_empty() {
                line = format!("\u{1b}[0m\u{1b}[38;5;208m{line}\u{1b}[0m\u{1b}[K");
            }
            if dirt == Dirt::ZeroWidth && !line.trim().is_empty() {
                line.insert(0, '\u{feff}');
                line.push('\u{200b}');
            }
            paste.line(&line);
        }
        let first = sample
            .output
            .iter()
            .position(|line| !line.trim().is_empty())
            .unwrap_or(0);
        let last = sample
            .output
            .iter()
            .rposition(|line| !line.trim().is_empty())
            .unwrap_or(0);
        paste.placed.push(Placed {
            sample,
            lines: (
                if shift > 0 { before + 1 } else { before + first + 1 },
                before + shift + last + 1,
            ),
        });
        if !close.is_empty() {
            paste.line(close);
        }
        if random.below(3) == 0 {
            paste.line("");
        }
    }
    if dirt == Dirt::Quoted || everything {
        let quoted: String = paste.text.lines().fold(String::new(), |mut all, line| {
            let _ = writeln!(all, "> {line}");
            all
        });
        paste.text = quoted;
    }
    if dirt == Dirt::Crlf || everything {
        paste.text = paste.text.replace('\n', "\r\n");
    }
    paste
}

/// What came back of a sample, where it is not what was put in.
fn wrong(analysis: &Analysis, placed: &Placed<'_>) -> Option<String> {
    let (first, last) = placed.lines;
    let mut found = Vec::new();
    for segment in &analysis.segments {
        let lines = analysis.sources.lines(segment.body);
        if analysis.sources.text(segment.body).is_empty() || lines.last < first || lines.first > last {
            continue;
        }
        found.push((segment, lines));
    }
    let Some((begin, begin_lines)) = found.first() else {
        return Some("is in no segment".to_owned());
    };
    let (_, end_lines) = found.last()?;
    let command = begin.command.as_ref().map(|command| command.text.as_str());
    if command != Some(placed.sample.command.as_str()) {
        return Some(format!("has the command {command:?}"));
    }
    if let Some((segment, lines)) = found
        .iter()
        .find(|(segment, _)| segment.format.name() != placed.sample.format)
    {
        return Some(format!(
            "is {} in lines {}-{}",
            segment.format.name(),
            lines.first,
            lines.last
        ));
    }
    if (begin_lines.first, end_lines.last) != (first, last) {
        return Some(format!(
            "takes lines {}-{} for {first}-{last}",
            begin_lines.first, end_lines.last
        ));
    }
    None
}

/// The samples of the folder.
fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|format| std::fs::read_dir(format.unwrap().path()).into_iter().flatten())
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let (command, output) = text.split_once('\n').unwrap();
            let format = path
                .parent()
                .unwrap()
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            Sample {
                name: format!("{format}/{}", path.file_name().unwrap().to_string_lossy()),
                command: ["$ ", "/ # ", "# "]
                    .iter()
                    .find_map(|prompt| command.strip_prefix(prompt))
                    .unwrap_or_else(|| panic!("{} does not begin with `$ `", path.display()))
                    .to_owned(),
                output: output.lines().map(str::to_owned).collect(),
                format,
            }
        })
        .collect()
}

/// Outputs longer than this make pastes long and tell nothing more.
const LONGEST: usize = 300;

/// What the suites beside this checkout hold, where they are there.
fn suite_samples() -> Vec<Sample> {
    let mut found = Vec::new();
    let cases = |name: &str| -> Vec<serde_json::Value> {
        whypath_tests::suite(name).map_or_else(Vec::new, |suite| {
            serde_json::from_str(&std::fs::read_to_string(suite.join("cases.json")).unwrap()).unwrap()
        })
    };
    for case in cases("awscli") {
        let (Some(command), Some(output)) = (case["command"].as_str(), case["output"].as_str()) else {
            continue;
        };
        // The published ones that are no JSON are cut and annotated: what they are is not known beforehand.
        if case["kind"] == "json"
            && serde_json::from_str::<serde_json::Value>(output).is_ok_and(|value| value.is_object())
        {
            found.push(Sample {
                name: case["file"].as_str().unwrap_or_default().to_owned(),
                command: command.split_whitespace().collect::<Vec<_>>().join(" "),
                output: output.lines().map(str::to_owned).collect(),
                format: "aws-json".to_owned(),
            });
        }
    }
    for case in cases("tcpdump") {
        let Some(output) = case["expected"].as_str().filter(|output| !output.trim().is_empty()) else {
            continue;
        };
        found.push(Sample {
            name: case["name"].as_str().unwrap_or_default().to_owned(),
            command: format!("tcpdump -# -n -r {}", case["pcap"].as_str().unwrap_or("x.pcap")),
            output: output.lines().map(str::to_owned).collect(),
            format: "tcpdump".to_owned(),
        });
    }
    found.retain(|sample| sample.output.len() <= LONGEST && !sample.command.contains(['\'', '"', '\\', '<', '^']));
    found
}

/// Score of one kind of dirt: right, all.
type Scores = BTreeMap<Dirt, (usize, usize)>;

fn run(samples: &[Sample], scores: &mut Scores, misses: &mut BTreeMap<String, Vec<String>>, random: &mut Random) {
    for dirt in DIRT {
        for _ in 0..PASTES {
            let count = 3 + random.below(6);
            let chosen: Vec<&Sample> = (0..count).map(|_| random.pick(samples)).collect();
            let paste = write(&chosen, dirt, random);
            let analysis = analysis::read(
                vec![Input {
                    name: "paste".to_owned(),
                    bytes: paste.text.clone().into_bytes(),
                }],
                &mut |_| {},
            );
            for placed in &paste.placed {
                let score = scores.entry(dirt).or_default();
                score.1 += 1;
                match wrong(&analysis, placed) {
                    None => score.0 += 1,
                    Some(how) => {
                        if std::env::var("WHYPATH_SHOW").is_ok_and(|name| placed.sample.name.contains(&name)) {
                            println!("---- {}: {dirt:?}: {how}\n{}", placed.sample.name, paste.text);
                        }
                        misses
                            .entry(placed.sample.name.clone())
                            .or_default()
                            .push(format!("{dirt:?}: {how}"));
                    }
                }
            }
        }
    }
}

#[test]
fn shuffled_outputs_come_back_as_the_same_segments() {
    let mut random = Random(SEED);
    let (own, later): (Vec<Sample>, Vec<Sample>) = samples()
        .into_iter()
        .partition(|sample| Format::named(&sample.format).is_some());
    for sample in &later {
        println!("segmentation: {} is of no format yet", sample.name);
    }
    assert!(own.len() > 20, "the samples are missing");
    let suites = suite_samples();
    let mut scores = Scores::new();
    let mut misses = BTreeMap::new();
    run(&own, &mut scores, &mut misses, &mut random);
    if !suites.is_empty() {
        let mut all = suites.clone();
        // As many of each, so that no suite drowns the hand-written ones.
        while all.len() < suites.len() * 2 {
            all.extend(own.iter().cloned());
        }
        run(&all, &mut scores, &mut misses, &mut random);
    }
    let (mut right, mut all) = (0, 0);
    println!(
        "segmentation: {} samples, {} outputs of suites",
        own.len(),
        suites.len()
    );
    for (dirt, (good, count)) in &scores {
        println!("  {dirt:?}: {good} of {count}");
        right += good;
        all += count;
    }
    println!("  all: {right} of {all}; wrong somewhere: {}", misses.len());
    let mut misses: Vec<_> = misses.into_iter().collect();
    misses.sort_by_key(|(_, how)| std::cmp::Reverse(how.len()));
    for (name, how) in misses.iter().take(200) {
        println!("  {name}: {} times, as {}; {}", how.len(), how[0], how[how.len() - 1]);
    }
    assert!(right * 100 >= all * 99, "{right} of {all}");
    for (dirt, (good, count)) in &scores {
        assert!(good * 100 >= count * 97, "{dirt:?}: {good} of {count}");
    }
}
