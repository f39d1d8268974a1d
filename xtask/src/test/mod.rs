//! Every test there is, counted.

mod stage;
mod tally;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::error::{Error, Result};
use crate::project::Project;
use crate::setup::{self, Browser, Tools};
use crate::{build, process};

use tally::Tally;

/// A test in a browser that takes longer than this is stuck.
const BROWSER_TEST_TIMEOUT: &str = "--test-timeout=180000";

/// Runs all stages, and prints the sums as the last line.
pub fn test(project: &Project) -> ExitCode {
    let mut run = Run::default();
    match setup::everything(project) {
        Ok((tools, browser)) => run.stages(project, &tools, &browser),
        Err(error) => run.broke("set-up", &error),
    }
    for broken in &run.broken {
        println!("broken: {broken}");
    }
    println!("{}", run.tally);
    if run.tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[derive(Default)]
struct Run {
    tally: Tally,
    broken: Vec<String>,
}

impl Run {
    fn stages(&mut self, project: &Project, tools: &Tools, browser: &Browser) {
        self.stage("Rust tests", || rust(project, tools));
        let built = self.stage("build of the page", || {
            build::if_stale(project, tools).map(|()| Tally::default())
        });
        self.stage("wasm tests in the browser", || wasm(project, tools, browser));
        if built {
            self.stage("browser tests", || in_browser(project, browser));
        } else {
            println!("test: no browser tests, because there is no page to test");
        }
    }

    /// Runs one stage; the others are run even if it breaks, to show all there is to repair. Says whether it ended.
    fn stage(&mut self, name: &str, run: impl FnOnce() -> Result<Tally>) -> bool {
        println!("test: {name}");
        let started = Instant::now();
        match run() {
            Ok(tally) => {
                println!("test: {name}: {tally} ({:.0} s)", started.elapsed().as_secs_f32());
                self.tally.add(tally);
                true
            }
            Err(error) => {
                self.broke(name, &error);
                false
            }
        }
    }

    fn broke(&mut self, name: &str, error: &Error) {
        eprintln!("error: {name}: {error}");
        self.broken.push(name.to_owned());
        self.tally.add(Tally::BROKEN);
    }
}

fn rust(project: &Project, tools: &Tools) -> Result<Tally> {
    let mut cargo = process::cargo();
    project
        .prepare(&mut cargo)
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("PATH", tools.tests_path());
    stage::count(&mut cargo, Tally::read_rust)
}

/// The tests of the page's crate that need a browser's interfaces but not the page.
fn wasm(project: &Project, tools: &Tools, browser: &Browser) -> Result<Tally> {
    let names = test_files(&project.root().join("app/tests"), ".rs");
    if names.is_empty() {
        return Ok(Tally::default());
    }
    if browser.driver.is_none() {
        return Err(Error::missing(
            "ChromeDriver",
            "Install the one that fits the browser, on PATH or named by CHROMEDRIVER.",
        ));
    }
    let mut cargo = tools.wasm_cargo(project);
    cargo
        .args(["test", "--package", "whypath-app", "--no-fail-fast"])
        .args(["--target", "wasm32-unknown-unknown"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools.wasm_test_runner());
    for name in names {
        cargo.args(["--test", name.trim_end_matches(".rs")]);
    }
    stage::count(browser.select(&mut cargo), Tally::read_rust)
}

/// The page itself, driven by Playwright.
fn in_browser(project: &Project, browser: &Browser) -> Result<Tally> {
    let directory = project.browser_tests();
    let files = test_files(&directory, ".test.mjs");
    if files.is_empty() {
        return Ok(Tally::default());
    }
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap", BROWSER_TEST_TIMEOUT])
        .args(files)
        .current_dir(&directory)
        .env("WHYPATH_DIST", project.dist());
    if let Some(program) = terminal_program(project)? {
        node.env("WHYPATH_BIN", program);
    }
    stage::count(browser.select(&mut node), Tally::read_tap)
}

/// The analyzers as a program of the terminal, built if there is one: the page has to say the same.
fn terminal_program(project: &Project) -> Result<Option<PathBuf>> {
    if !project.root().join("analyzers/src/bin/whypath/main.rs").is_file() {
        return Ok(None);
    }
    let mut cargo = process::cargo();
    process::run(project.prepare(&mut cargo).args([
        "build",
        "--release",
        "--package",
        "whypath-analyzers",
        "--bin",
        "whypath",
    ]))?;
    Ok(Some(project.target().join("release/whypath")))
}

/// The names of a directory's files with an ending, in order; none where there is no such directory.
fn test_files(directory: &Path, ending: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(ending))
        .collect();
    names.sort();
    names
}
