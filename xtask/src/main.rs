//! `cargo xtask …`: set-up, serve, build, test.

mod aws_shapes;
mod bench;
mod build;
mod error;
mod freshness;
mod fuzz;
mod process;
mod project;
mod seal;
mod serve;
mod setup;
mod site;
mod sizes;
mod test;

use std::env;
use std::process::ExitCode;

use error::{Error, Result};
use project::Project;
use setup::Tools;

/// What the command line understands.
const USAGE: &str = "\
Usage: cargo xtask <command>

  setup                        find or install everything that the other commands need
  serve [--port N] [--watch]   build what has changed, and serve the page on 127.0.0.1 (port 8080)
  build                        build the static site into dist/
  test                         run every test: Rust, wasm in a browser, the page in a browser
  bench                        measure how long the analyzers' stages take, also beside other tools
  fuzz [NAME…] [--seconds N]   run the fuzz targets, or the parsers of the formats named (needs cargo-fuzz)
  aws-shapes                   write analyzers/src/artifact/aws/shapes.txt again (needs python3 with botocore)";

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<ExitCode> {
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    if !matches!(command.as_str(), "serve" | "fuzz")
        && let Some(surplus) = rest.first()
    {
        return Err(Error::Usage(format!("`{command}` takes no `{surplus}`")));
    }
    match command.as_str() {
        "setup" => setup::everything(&Project::find()?).map(|_| ExitCode::SUCCESS),
        "serve" => {
            let options = serve::Options::parse(&rest)?;
            serve::serve(&Project::find()?, options).map(|()| ExitCode::SUCCESS)
        }
        "build" => {
            let project = Project::find()?;
            build::build(&project, &Tools::ready(&project)?).map(|()| ExitCode::SUCCESS)
        }
        "aws-shapes" => aws_shapes::write(&Project::find()?).map(|()| ExitCode::SUCCESS),
        "bench" => bench::bench(&Project::find()?).map(|()| ExitCode::SUCCESS),
        "fuzz" => {
            let options = fuzz::Options::parse(&rest)?;
            fuzz::fuzz(&Project::find()?, &options).map(|()| ExitCode::SUCCESS)
        }
        "test" => Ok(test::test(&Project::find()?)),
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(Error::Usage(format!("unknown command `{other}`"))),
    }
}
