//! Everything a build, a served page or a test run needs: found where it is present, installed where it is not.
//!
//! Looking costs file checks and `--version` calls, never the network, so that a set-up with nothing to do is
//! through in a moment.

mod apt;
mod aws_clients;
mod browser;
mod cargo_install;
mod crates;
mod kernel_tools;
mod npm;
mod trunk;
mod wasm_bindgen;
mod wasm_target;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::error::Result;
use crate::process;
use crate::project::Project;

pub use browser::Browser;

/// Says in one line what is about to be done and how long it may take.
fn announce(what: &str, how_long: &str) {
    println!("set-up: {what} ({how_long})");
}

/// What builds the site.
#[derive(Debug)]
pub struct Tools {
    trunk: PathBuf,
    path: Vec<PathBuf>,
    wasm: wasm_target::Toolchain,
    wasm_bindgen: PathBuf,
    /// Where programs are that only tests run, beyond those on PATH.
    tests: Option<PathBuf>,
}

impl Tools {
    /// Finds or installs the tools that build the site.
    pub fn ready(project: &Project) -> Result<Self> {
        let started = Instant::now();
        let wasm = wasm_target::ready(project)?;
        let trunk = trunk::ready(project)?;
        let wasm_bindgen = wasm_bindgen::ready(project)?;
        let npm_programs = npm::ready(project)?;
        crates::ready(project)?;

        let path = vec![wasm_bindgen.clone(), npm_programs];
        println!("set-up: the tools are ready ({:.1} s)", started.elapsed().as_secs_f32());
        Ok(Self {
            trunk,
            path,
            wasm,
            wasm_bindgen,
            tests: None,
        })
    }

    /// Trunk, with the toolchain, the PATH and the build directory it needs.
    pub fn trunk(&self, project: &Project) -> Command {
        self.wasm_command(project, Command::new(&self.trunk))
    }

    /// Cargo of the toolchain that has the wasm32 target.
    pub fn wasm_cargo(&self, project: &Project) -> Command {
        self.wasm_command(project, Command::new("cargo"))
    }

    /// The runner that `cargo test --target wasm32-unknown-unknown` hands its binaries to.
    pub fn wasm_test_runner(&self) -> PathBuf {
        self.wasm_bindgen.join("wasm-bindgen-test-runner")
    }

    /// PATH with the programs that only tests run.
    pub fn tests_path(&self) -> OsString {
        process::path_with(self.tests.as_slice())
    }

    fn wasm_command(&self, project: &Project, mut command: Command) -> Command {
        project.prepare(&mut command);
        self.wasm.select(&mut command);
        // A library that trunk uses would prefer this variable over PATH, and so the toolchain that runs xtask.
        command.env_remove("CARGO");
        command.env("PATH", process::path_with(&self.path));
        // By convention any value of this variable asks for no color; Trunk accepts only these two, or it stops.
        if env::var_os("NO_COLOR").is_some() {
            command.env("NO_COLOR", "true");
        }
        command
    }
}

/// Sets up everything: what builds the site, the browser that tests it, and what the other tests use.
pub fn everything(project: &Project) -> Result<(Tools, Browser)> {
    // The browser comes by download and the tools by compilation; neither waits long for the other.
    let browser = browser::ready()?;
    kernel_tools::ready();
    let mut tools = Tools::ready(project)?;
    tools.tests = aws_clients::ready(project);
    Ok((tools, browser))
}
