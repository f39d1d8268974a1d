//! The browser that the tests drive.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt;
use crate::error::{Error, Result};
use crate::process;

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const MAC_APPS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// A Chromium, and its driver where there is one.
#[derive(Debug)]
pub struct Browser {
    /// The program.
    pub chrome: PathBuf,
    /// What drives it for `wasm-bindgen-test`. Playwright needs none.
    pub driver: Option<PathBuf>,
}

impl Browser {
    /// Tells a program where the browser is.
    pub fn select<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some(driver) = &self.driver {
            command.env("CHROMEDRIVER", driver);
        }
        command.env("CHROME", &self.chrome)
    }
}

/// Finds a browser, or installs Debian's.
pub fn ready() -> Result<Browser> {
    let present = chrome()?;
    // A driver fits the browser it was built with: only one that comes from the same place may be added.
    let from_apt = present
        .as_deref()
        .is_none_or(|chrome| chrome == Path::new("/usr/bin/chromium"));
    if from_apt && apt::present() && (present.is_none() || driver().is_none()) {
        super::announce("Chromium and its driver", "about a minute");
        apt::install(&["chromium", "chromium-driver"])?;
    }
    let chrome = match present {
        Some(chrome) => chrome,
        None => chrome()?.ok_or_else(|| {
            Error::missing(
                "a browser for the tests",
                "Install Chromium or Google Chrome, or set CHROME to the path of one.",
            )
        })?,
    };
    Ok(Browser {
        chrome,
        driver: driver(),
    })
}

fn chrome() -> Result<Option<PathBuf>> {
    if let Some(chosen) = env::var_os("CHROME").map(PathBuf::from) {
        return if chosen.is_file() {
            Ok(Some(chosen))
        } else {
            Err(Error::missing(
                format!("{} (from the variable CHROME)", chosen.display()),
                "Set CHROME to the path of a Chromium or Google Chrome, or unset it.",
            ))
        };
    }
    Ok(NAMES
        .iter()
        .find_map(|name| process::which(name))
        .or_else(|| {
            MAC_APPS
                .iter()
                .map(PathBuf::from)
                .find(|path| path.is_file())
        }))
}

fn driver() -> Option<PathBuf> {
    env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
        .or_else(|| process::which("chromedriver"))
}
