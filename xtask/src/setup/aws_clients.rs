//! aws-cli 1 and moto's server, which the round trip of AWS answers asks; both are Python. PyPI has no aws-cli 2, which alone prints
//! YAML: that one comes from the system's packages, where they have it (Debian 12 and later).
//!
//! Where they cannot be installed (no Python, no network) that test says so and is over, so nothing here is an error.

use std::path::PathBuf;
use std::process::Command;

use super::apt;
use crate::process;
use crate::project::Project;

/// The Python packages. A newer one may print something new: the versions are those that the shapes and the samples are of.
const PACKAGES: [&str; 2] = ["awscli==1.45.11", "moto[server]==5.2.1"];

/// The Python of the system's packages.
const SYSTEM: &str = "/usr/bin/python3";

/// Installs aws-cli 2, for root on a system with apt-get.
fn second() {
    let imports = process::probe(Command::new(SYSTEM).args(["-c", "import awscli.clidriver, jmespath"])).is_some();
    let is_root = process::probe(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if imports || !is_root || !apt::present() {
        return;
    }
    super::announce("aws-cli 2 for the round trip of AWS answers", "half a minute");
    if let Err(error) = apt::install(&["awscli", "python3-jmespath"]) {
        println!("set-up: {error}; YAML is not compared");
    }
}

/// Finds or installs them; the directory of their programs, where they are not on PATH anyway.
pub fn ready(project: &Project) -> Option<PathBuf> {
    second();
    let imports =
        |python: &mut Command| process::probe(python.args(["-c", "import awscli.clidriver, moto.server"])).is_some();
    if imports(&mut Command::new("python3")) && process::which("moto_server").is_some() {
        return None;
    }
    let directory = project.tools().join(PACKAGES.join("-").replace(['[', ']', '='], "-"));
    let programs = directory.join("bin");
    if imports(&mut Command::new(programs.join("python3"))) {
        return Some(programs);
    }
    process::which("python3")?;
    super::announce("aws-cli and moto for the round trip of AWS answers", "about a minute");
    let made = process::run(Command::new("python3").args(["-m", "venv"]).arg(&directory)).and_then(|()| {
        process::run(
            Command::new(programs.join("python3"))
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(PACKAGES),
        )
    });
    if let Err(error) = made {
        println!("set-up: {error}; the test that needs it is ignored");
        return None;
    }
    Some(programs)
}
