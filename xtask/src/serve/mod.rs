//! The built site on this machine, for its own browser only.

mod files;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::setup::Tools;
use crate::{build, freshness};

use files::Found;

/// How many requests are answered at once; a browser asks for six at most.
const THREADS: usize = 6;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// Whether to build again whenever a source changes.
    pub watch: bool,
}

impl Options {
    /// Reads the command line.
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self {
            port: 8080,
            watch: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let port = match argument.as_str() {
                "--watch" => {
                    options.watch = true;
                    continue;
                }
                "--port" => arguments.next().map(String::as_str),
                other => other.strip_prefix("--port="),
            };
            options.port = port.and_then(|port| port.parse().ok()).ok_or_else(|| {
                Error::Usage(format!(
                    "`serve` takes --port with a number below 65536, and --watch, not `{argument}`"
                ))
            })?;
        }
        Ok(options)
    }
}

/// Builds the site if need be, and serves it until the program is stopped.
pub fn serve(project: &Project, options: Options) -> Result<()> {
    // The port first: to hear after minutes of building that it is taken would be a pity.
    let server = listen(options.port)?;
    let tools = Tools::ready(project)?;
    build::if_stale(project, &tools)?;

    let server = Arc::new(server);
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let server = Arc::clone(&server);
            let dist = project.dist();
            thread::spawn(move || answer_all(&server, &dist))
        })
        .collect();
    println!(
        "serve: http://127.0.0.1:{} (stop with Ctrl-C)",
        options.port
    );
    if options.watch {
        watch(project, &tools)?;
    }
    for thread in threads {
        // A thread ends only with the program.
        let _ = thread.join();
    }
    Ok(())
}

fn listen(port: u16) -> Result<Server> {
    // Never another address than this machine's own: what is pasted is nobody else's business.
    Server::http(("127.0.0.1", port)).map_err(|error| {
        let taken = error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse);
        if taken {
            Error::PortTaken(port)
        } else {
            Error::Listen {
                port,
                message: error.to_string(),
            }
        }
    })
}

fn answer_all(server: &Server, dist: &Path) {
    while let Ok(request) = server.recv() {
        // A browser that went away is no reason to stop.
        let _ = answer(request, dist);
    }
}

fn answer(request: Request, dist: &Path) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return refuse(request, 405);
    }
    match files::find(dist, request.url()) {
        Some(Found { path, mime }) => send(request, &path, mime),
        None => refuse(request, 404),
    }
}

fn send(request: Request, path: &PathBuf, mime: &'static str) -> io::Result<()> {
    let Ok(file) = std::fs::File::open(path) else {
        return refuse(request, 404);
    };
    let mut response = Response::from_file(file);
    let headers = [
        ("Content-Type", mime),
        // A developer's next build has to arrive; the worker's files keep their names.
        ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
    ];
    for (name, value) in headers {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    request.respond(response)
}

fn refuse(request: Request, status: u16) -> io::Result<()> {
    request.respond(Response::empty(StatusCode(status)))
}

fn watch(project: &Project, tools: &Tools) -> Result<()> {
    let mut built = freshness::newest_source(project)?;
    loop {
        thread::sleep(LOOK_EVERY);
        let newest = freshness::newest_source(project)?;
        if newest > built {
            // A build that fails is tried again when something changes, not over and over.
            built = newest;
            if let Err(error) = build::build(project, tools) {
                eprintln!("error: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(arguments: &[&str]) -> Option<Options> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        Options::parse(&arguments).ok()
    }

    #[test]
    fn the_port_can_be_given_in_both_ways() {
        assert_eq!(parse(&[]).map(|o| o.port), Some(8080));
        assert_eq!(parse(&["--port", "9000"]).map(|o| o.port), Some(9000));
        assert_eq!(
            parse(&["--port=9000", "--watch"]).map(|o| o.watch),
            Some(true)
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(parse(&["--port"]), None);
        assert_eq!(parse(&["--port", "x"]), None);
        assert_eq!(parse(&["--port=70000"]), None);
        assert_eq!(parse(&["9000"]), None);
    }
}
