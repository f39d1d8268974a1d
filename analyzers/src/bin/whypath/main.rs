//! The same analyzers from a terminal. Exit status: 0 analysed (whatever was found), 2 the call was wrong.

#![allow(clippy::print_stdout, reason = "a terminal program prints")]

mod arguments;
mod files;
mod members;
mod people;

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use whypath_analyzers::flow::{Flow, Flows};
use whypath_analyzers::{Analysis, analysis, diagram, export, flow, what_if};

use arguments::{Arguments, Command, Output, PathCall, USAGE, UsageError};

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            // A reader that has seen enough (`| head`) is no failure.
            match io::stdout().lock().write_all(text.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(why) if why.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
                Err(why) => wrong(&format!("the output cannot be written: {why}")),
            }
        }
        Err(UsageError::Help) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(UsageError::Wrong(why)) => wrong(&why),
    }
}

fn wrong(why: &str) -> ExitCode {
    eprintln!("whypath: {why}\nTry `whypath --help`.");
    ExitCode::from(2)
}

fn run() -> Result<String, UsageError> {
    let arguments = Arguments::parse(lexopt::Parser::from_env())?;
    let inputs = files::read_all(&arguments.files)?;
    let choices = &arguments.choices(&inputs.inputs)?;
    let quiet = &mut |_| {};
    Ok(match &arguments.command {
        Command::Read => {
            let analysis = analysis::read_unpacked(inputs, choices, quiet);
            let report = analysis.read_report();
            match arguments.output {
                Output::Json => json(&report),
                _ => people::read(&report, &arguments.files),
            }
        }
        Command::Diagnose => {
            let analysis = analysis::analyze_unpacked(inputs, choices, quiet);
            diagnosis(&analysis, arguments.output)
        }
        Command::Path(call) => path(analysis::read_unpacked(inputs, choices, quiet), call, arguments.output)?,
        Command::Reach => {
            let analysis = analysis::read_unpacked(inputs, choices, quiet);
            let model = analysis.model();
            let matrix = flow::policy::Matrix::new(&model);
            let reach = flow::policy::reach::compute(&matrix);
            let report = flow::policy::reach::report(&analysis, &reach);
            match arguments.output {
                Output::Json => json(&report),
                Output::People => people::reach(&report),
                output => {
                    let flow = flow::policy::grid::flow(&matrix);
                    of_flow(analysis, flow, &report, output)
                }
            }
        }
        Command::Dns(query) => {
            let analysis = analysis::read_unpacked(inputs, choices, quiet);
            let flow = flow::dns::compute(&analysis.model(), query);
            let report = flow::dns::report(&analysis, &flow);
            of_flow(analysis, flow, &report, arguments.output)
        }
        Command::Auth(question) => {
            let analysis = analysis::read_unpacked(inputs, choices, quiet);
            let flow = flow::auth::compute(&analysis.model(), question);
            let report = flow::auth::report(&analysis, &flow);
            of_flow(analysis, flow, &report, arguments.output)
        }
    })
}

fn path(mut analysis: Analysis, call: &PathCall, output: Output) -> Result<String, UsageError> {
    let wrong = |why: what_if::Impossible| UsageError::Wrong(why.to_string());
    let mut flow = flow::packet_path::compute(&analysis.model(), &call.query);
    let changes = call
        .ifs
        .iter()
        .map(|text| what_if::parse(&analysis, text))
        .collect::<Result<Vec<_>, _>>()
        .map_err(wrong)?;
    if !changes.is_empty() {
        flow = what_if::path(&mut analysis, &flow, &changes).map_err(wrong)?;
    }
    let mut report = flow::packet_path::report::report(&analysis, &flow);
    if !call.what_if {
        return Ok(of_flow(analysis, flow, &report, output));
    }
    let remedies = what_if::remedies(&mut analysis, &flow, &changes);
    let remedies = flow::packet_path::report::what_if(&analysis, &remedies);
    let listed = people::what_if(&remedies);
    report.what_if = Some(remedies);
    let text = of_flow(analysis, flow, &report, output);
    Ok(if output == Output::People { text + &listed } else { text })
}

fn diagnosis(analysis: &Analysis, output: Output) -> String {
    // The picture that shows the first finding, else the first there is.
    let flow = analysis
        .findings
        .iter()
        .find_map(|finding| analysis.flows.all.get(finding.flow?))
        .or_else(|| analysis.flows.all.first());
    match output {
        Output::Json => json(&analysis.diagnosis()),
        Output::People => people::diagnosis(analysis),
        Output::Svg => flow.map(svg).unwrap_or_default(),
        Output::Mermaid => flow.map(export::mermaid::write).unwrap_or_default(),
        Output::Markdown => export::markdown::report(analysis),
        Output::Html => export::html::report(analysis),
    }
}

/// What a command about one flow prints: the same exports, over an analysis that holds just that flow.
fn of_flow(mut analysis: Analysis, flow: Flow, report: &impl Serialize, output: Output) -> String {
    match output {
        Output::Json => return json(report),
        Output::People => return people::flow(&analysis, &flow),
        Output::Svg => return svg(&flow),
        Output::Mermaid => return export::mermaid::write(&flow),
        Output::Markdown | Output::Html => {}
    }
    analysis.next.clone_from(&flow.next);
    analysis.flows = Flows { all: vec![flow] };
    if output == Output::Markdown {
        export::markdown::report(&analysis)
    } else {
        export::html::report(&analysis)
    }
}

fn svg(flow: &Flow) -> String {
    export::svg::write(&diagram::draw(flow))
}

fn json(report: &impl Serialize) -> String {
    // Reports hold strings, numbers and lists; nothing in them can fail to become JSON.
    serde_json::to_string_pretty(report).map_or_else(|why| format!("{{\"error\": \"{why}\"}}"), |text| text + "\n")
}
