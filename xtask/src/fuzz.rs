//! Runs the fuzz targets, from a corpus made of the tests' samples.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;

/// How long each target runs where nothing else is said.
const SECONDS: u32 = 600;

/// The targets that are run where none is named.
const TARGETS: [&str; 4] = ["read", "split", "format", "archive"];

/// What to run: [`TARGETS`] or names of formats (`kubectl-table`); none is all targets.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    names: Vec<String>,
    seconds: u32,
}

impl Options {
    /// Reads the arguments after `fuzz`.
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self {
            names: Vec::new(),
            seconds: SECONDS,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--seconds" {
                options.seconds = rest
                    .next()
                    .and_then(|number| number.parse().ok())
                    .ok_or_else(|| Error::Usage("`--seconds` takes a number".to_owned()))?;
            } else if argument.starts_with('-') {
                return Err(Error::Usage(format!("`fuzz` takes no `{argument}`")));
            } else {
                options.names.push(argument.clone());
            }
        }
        if options.names.is_empty() {
            options.names = TARGETS.map(str::to_owned).into();
        }
        Ok(options)
    }
}

/// Runs each target for the time given; the first that fails ends it, and its input stays in `analyzers/fuzz/artifacts`.
pub fn fuzz(project: &Project, options: &Options) -> Result<()> {
    let folder = project.root().join("analyzers/fuzz");
    let seeds = folder.join("corpus/seeds");
    seed(project.root(), &seeds)?;
    let archives = folder.join("corpus/archive-seeds");
    if options.names.iter().any(|name| name == "archive") {
        seed_archives(project.root(), &folder, &archives)?;
    }
    for name in &options.names {
        let target = if TARGETS.contains(&name.as_str()) {
            name.as_str()
        } else {
            "format"
        };
        let corpus = folder.join("corpus").join(name);
        fs::create_dir_all(&corpus).map_err(Error::file("create", &corpus))?;
        let seeds = if name == "archive" { &archives } else { &seeds };
        let mut cargo = process::cargo();
        cargo
            .current_dir(&folder)
            // The instrumentation is an unstable option of a stable compiler.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["fuzz", "run", "--fuzz-dir", ".", "--sanitizer", "none", target])
            .args([&corpus, seeds])
            .args([
                "--",
                "-dict=dictionary.txt",
                "-max_len=65536",
                "-timeout=60",
                "-rss_limit_mb=4096",
            ])
            .arg(format!("-max_total_time={}", options.seconds));
        if target == "format" && name != "format" {
            cargo.env("WHYPATH_FORMAT", name);
        }
        process::run(&mut cargo)?;
    }
    Ok(())
}

/// Writes the code blocks of the pages, and every sample and regression, as files of the corpus.
fn seed(root: &Path, seeds: &Path) -> Result<()> {
    fs::create_dir_all(seeds).map_err(Error::file("create", seeds))?;
    let mut found = Vec::new();
    for folder in ["analyzers/cases", "tests/samples", "analyzers/tests/regressions"] {
        files(&root.join(folder), &mut found);
    }
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for path in found {
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        if path.extension().is_some_and(|extension| extension == "md") {
            texts.extend(
                blocks(&String::from_utf8_lossy(&bytes))
                    .into_iter()
                    .map(String::into_bytes),
            );
        } else {
            texts.push(bytes);
        }
    }
    for (number, text) in texts.iter().enumerate() {
        let path = seeds.join(format!("{number:05}"));
        fs::write(&path, text).map_err(Error::file("write", &path))?;
    }
    Ok(())
}

/// How small archives are made of a few samples; without one of the programs its archives are not in the corpus.
const ARCHIVES: [(&str, &str); 6] = [
    ("a.tar", "tar cf a.tar -C samples ."),
    ("a.pax", "tar --format=pax -cf a.pax -C samples ."),
    ("a.tgz", "tar czf a.tgz -C samples ."),
    ("a.gz", "cat samples/* | gzip > a.gz"),
    ("a.zip", "cd samples && zip -qr ../a.zip ."),
    ("b.zip", "zip -qr - a.tgz a.gz samples | cat > b.zip"),
];

/// Writes archives as files of the corpus.
fn seed_archives(root: &Path, folder: &Path, seeds: &Path) -> Result<()> {
    let work = folder.join("corpus/archives");
    let samples = work.join("samples");
    for path in [&samples, &seeds.to_owned()] {
        fs::create_dir_all(path).map_err(Error::file("create", path))?;
    }
    for (place, sample) in ["resolv.conf/pod.txt", "ip-rule/node.txt", "log/klog.txt"]
        .iter()
        .enumerate()
    {
        let (from, to) = (root.join("tests/samples").join(sample), samples.join(place.to_string()));
        fs::copy(&from, &to).map_err(Error::file("read", &from))?;
    }
    for (name, line) in ARCHIVES {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(&work);
        if process::run(&mut shell).is_err() {
            println!("fuzz: there is no {name} in the corpus");
            continue;
        }
        let (from, to) = (work.join(name), seeds.join(name));
        fs::copy(&from, &to).map_err(Error::file("read", &from))?;
    }
    Ok(())
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// What stands between the fences of a Markdown text.
fn blocks(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for line in text.split_inclusive('\n') {
        let fence = line.bytes().take_while(|byte| *byte == b'`').count();
        match &mut open {
            Some((length, block)) if fence < *length => block.push_str(line),
            Some(_) => found.extend(open.take().map(|(_, block)| block)),
            None if fence >= 3 => open = Some((fence, String::new())),
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Options, blocks};

    #[test]
    fn blocks_are_what_stands_between_fences() {
        assert_eq!(
            blocks("a\n```text\nb\nc\n```\nd\n````\n```\n````\n"),
            ["b\nc\n", "```\n"]
        );
    }

    #[test]
    fn arguments_name_formats_and_a_time() {
        let parse = |words: &[&str]| Options::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let options = parse(&["yaml", "--seconds", "5"]).unwrap();
        assert_eq!((options.names, options.seconds), (vec!["yaml".to_owned()], 5));
        assert_eq!(parse(&[]).unwrap().names.len(), 4);
        assert!(parse(&["--seconds"]).is_err() && parse(&["--fast"]).is_err());
    }
}
