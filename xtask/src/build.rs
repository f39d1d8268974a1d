//! The static site: Trunk bundles it, then it is sealed and put in place as a whole.

use std::fs::{self, File};
use std::time::{Instant, SystemTime};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::setup::Tools;
use crate::{freshness, process, seal, sizes};

/// Builds the site if something is newer than it.
pub fn if_stale(project: &Project, tools: &Tools) -> Result<()> {
    if freshness::is_stale(project)? {
        build(project, tools)
    } else {
        println!("build: dist/ is up to date");
        Ok(())
    }
}

/// Builds the site into `dist/`.
pub fn build(project: &Project, tools: &Tools) -> Result<()> {
    println!("build: compiling and bundling the page (1 to 5 minutes the first time)");
    let started = Instant::now();
    // What is edited from here on is newer than the site, even if it is saved before the build ends.
    let as_of = SystemTime::now();

    // Not target/site: that is where cargo keeps what it builds for this machine by the profile of that name.
    let staged = project.root().join("target/staged-site");
    if staged.exists() {
        fs::remove_dir_all(&staged).map_err(Error::file("clear", &staged))?;
    }
    fs::create_dir_all(&staged).map_err(Error::file("create", &staged))?;
    process::run(
        tools
            .trunk(project)
            // Relative URLs: the site works under any path of any host.
            .args([
                "build",
                "--release",
                "--cargo-profile",
                "site",
                "--offline",
                "--public-url",
                "./",
            ])
            .arg("--dist")
            .arg(&staged),
    )?;
    seal::seal(&staged)?;

    let index = staged.join("index.html");
    File::options()
        .append(true)
        .open(&index)
        .and_then(|file| file.set_modified(as_of))
        .map_err(Error::file("set the time of", &index))?;

    // A failed build leaves the last good site in place, and nobody is served half a site.
    let dist = project.dist();
    if dist.exists() {
        fs::remove_dir_all(&dist).map_err(Error::file("clear", &dist))?;
    }
    fs::rename(&staged, &dist).map_err(Error::file("move the site to", &dist))?;

    println!("build: done in {:.0} s", started.elapsed().as_secs_f32());
    sizes::print(&dist)
}
