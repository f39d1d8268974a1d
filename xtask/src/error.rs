//! What can go wrong, each with a sentence that says what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The result of every step.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a command of `cargo xtask` stopped.
#[derive(Debug)]
pub enum Error {
    /// The command line could not be understood.
    Usage(String),
    /// A file or directory could not be read or written.
    File {
        /// What was being done, as in "read" or "create".
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not be started at all.
    Start {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ran and reported failure.
    Failed {
        /// The program with its arguments.
        command: String,
        /// How it ended.
        status: String,
    },
    /// Something this command needs is missing and could not be installed.
    Missing {
        /// What is missing.
        what: String,
        /// What the reader can do about it.
        advice: String,
    },
    /// A file of the project does not look as expected.
    Unexpected {
        /// The file.
        path: PathBuf,
        /// What was expected of it.
        expected: String,
    },
    /// The server's port is in use.
    PortTaken(u16),
    /// The server could not listen.
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        message: String,
    },
}

impl Error {
    /// A closure for `map_err` on file operations.
    pub fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    /// Something is missing; `advice` says what to do about it.
    pub fn missing(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Missing {
            what: what.into(),
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(problem) => write!(f, "{problem}\n\n{}", crate::USAGE),
            Self::File {
                doing,
                path,
                source,
            } => write!(f, "could not {doing} {}: {source}", path.display()),
            Self::Start { program, source } => {
                write!(f, "could not start `{program}`: {source}; is it on PATH?")
            }
            Self::Failed { command, status } => {
                write!(
                    f,
                    "`{command}` ended with {status}; its output above says why"
                )
            }
            Self::Missing { what, advice } => write!(f, "{what} is missing. {advice}"),
            Self::Unexpected { path, expected } => {
                write!(f, "{}: {expected}", path.display())
            }
            Self::PortTaken(port) => write!(
                f,
                "port {port} is in use; stop what listens there, or choose another: \
                 cargo xtask serve --port {}",
                port.wrapping_add(1).max(1024)
            ),
            Self::Listen { port, message } => {
                write!(f, "could not listen on 127.0.0.1:{port}: {message}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Start { source, .. } => Some(source),
            _ => None,
        }
    }
}
