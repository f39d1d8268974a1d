//! Does what the page asks.

use js_sys::Array;
use whypath_analyzers::analysis::{Choices, Unpacked, analyze_unpacked};
use whypath_analyzers::archive::Fault;
use whypath_analyzers::finding::Class;
use whypath_analyzers::finding::page::{self, CaseKind};
use whypath_analyzers::scenario;
use whypath_analyzers::{Analysis, Stage};
use whypath_app::protocol::{Answer, Ask, Chosen, Handed, Pieces, Progress, Sample, Shows};

use super::body::Body;
use super::texts::Texts;

/// The page hears of the reading of outputs about so many times, however many outputs there are.
const TOLD: usize = 100;

/// Answers a question: [`Answer::Progress`] any number of times, then one last answer.
pub fn answer(
    ask: Ask,
    bodies: &Array,
    texts: &mut Texts,
    analysed: &mut Option<Analysis>,
    say: &mut dyn FnMut(&Answer),
) {
    let last = match ask {
        Ask::Samples => Answer::Samples(samples()),
        Ask::Analyze { sources, choices } => {
            // There is no room for two.
            *analysed = None;
            match read(sources, bodies, say) {
                Ok(sources) => {
                    let (analysis, answer) = analyzed(sources, &choices, say);
                    *analysed = Some(analysis);
                    answer
                }
                Err(sentence) => Answer::Failed(sentence),
            }
        }
        Ask::Path { asked, changes, also } => {
            let path = match analysed {
                Some(analysis) => analysis.path_view(&asked, &changes, also.as_deref()),
                None => Err("The analysis is gone: analyse again.".to_owned()),
            };
            path.map_or_else(Answer::Failed, |path| Answer::Path(Box::new(path)))
        }
        Ask::Open { source, folder } => match Body::read(&bodies.get(0), folder) {
            Ok(body) => {
                let mut contents = texts.open(source, body);
                for piece in Pieces::of_contents(&mut contents) {
                    say(&Answer::Piece(piece));
                }
                Answer::Opened(contents)
            }
            Err(why) => Answer::Failed(format!("The text could not be read: {why}.")),
        },
        Ask::Close { source } => {
            texts.close(source);
            Answer::Closed
        }
        Ask::Lines { text, first, count } => {
            let (lines, total) = texts.window(text, first, count);
            Answer::Lines { lines, total }
        }
    };
    say(&last);
}

/// Analyzes sources, archives taken apart.
fn analyzed(sources: Vec<(String, Body)>, choices: &[Chosen], say: &mut dyn FnMut(&Answer)) -> (Analysis, Answer) {
    say(&Answer::Progress(Progress::Unpacking));
    let mut unpacked = Unpacked::default();
    let mut texts = Vec::new();
    let mut members = Vec::new();
    let mut names = Vec::new();
    for (number, (name, body)) in sources.into_iter().enumerate() {
        let opened = body.unpack(&name);
        names.push(name);
        let count = number_of(opened.inputs.len());
        texts.extend((0..count).map(|member| (number, member)));
        members.push(count);
        unpacked.inputs.extend(opened.inputs);
        // The page lists by name what was skipped.
        let faults = opened.faults.into_iter();
        unpacked
            .faults
            .extend(faults.filter(|(_, fault)| !matches!(fault, Fault::Skipped { journal: None, .. })));
    }
    let mut chosen = Choices::default();
    for choice in choices {
        // The page offers nothing that is no format.
        if let Ok(format) = choice.format.parse() {
            chosen.add(&choice.text, choice.line, format);
        }
    }
    let analysis = analyze_unpacked(unpacked, &chosen, &mut |stage| {
        if let Some(progress) = told(stage) {
            say(&Answer::Progress(progress));
        }
    });
    // What could not be opened has a source without text, under its name.
    for (_, source) in analysis.sources.iter().skip(texts.len()) {
        let number = holder_of(&source.name, &names);
        if let Some(count) = members.get_mut(number) {
            texts.push((number, *count));
            *count = count.saturating_add(1);
        }
    }
    say(&Answer::Progress(Progress::Drawing));
    let mut workbench = analysis.workbench();
    for piece in Pieces::of_workbench(&mut workbench) {
        say(&Answer::Piece(piece));
    }
    let answer = Answer::Analyzed {
        workbench: Box::new(workbench),
        texts,
    };
    (analysis, answer)
}

/// The source that something of that name is in.
fn holder_of(name: &str, sources: &[String]) -> usize {
    let holds = |source: &str| {
        name.strip_prefix(source)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let holders = sources.iter().enumerate().filter(|(_, source)| holds(source));
    holders
        .max_by_key(|(_, source)| source.len())
        .map_or(0, |(number, _)| number)
}

fn number_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The page's words for a stage; `None` where it has heard of nearly the same before.
fn told(stage: Stage) -> Option<Progress> {
    match stage {
        Stage::Decode => Some(Progress::Decoding),
        Stage::Split => Some(Progress::Splitting),
        Stage::Read(done, total) => done
            .is_multiple_of((total / TOLD).max(1))
            .then_some(Progress::Reading { done, total }),
        Stage::Flows => Some(Progress::Flows),
        Stage::Findings => Some(Progress::Findings),
    }
}

/// Reads the sources, each under its name.
fn read(sources: Vec<Handed>, bodies: &Array, say: &mut dyn FnMut(&Answer)) -> Result<Vec<(String, Body)>, String> {
    say(&Answer::Progress(Progress::Loading));
    sources
        .into_iter()
        .zip(bodies.iter())
        .map(|(source, body)| match Body::read(&body, source.folder) {
            Ok(body) => Ok((source.name, body)),
            Err(why) => Err(format!(
                "“{}” could not be read: {why}. Was the file changed or moved since it was added? Remove it and add it again.",
                source.name
            )),
        })
        .collect()
}

/// The cases that have a sentence to be offered under, each rule's faults first, and the scenarios.
fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = page::ALL
        .iter()
        .flat_map(|(code, page)| {
            page.cases.iter().filter_map(|case| {
                Some(Sample {
                    code: (*code).to_owned(),
                    title: case.sample.clone()?,
                    shows: match case.kind {
                        CaseKind::Trigger => Shows::Fault,
                        CaseKind::NearMiss => Shows::Healthy,
                        CaseKind::Insufficient => Shows::Incomplete,
                    },
                    class: Class::from(page.front.class).word().to_owned(),
                    paste: case.paste.clone(),
                    needs: page.front.needs.clone(),
                })
            })
        })
        .collect();
    samples.extend(scenario::ALL.iter().map(|scenario| {
        Sample {
            code: scenario.code.to_owned(),
            title: scenario.title.to_owned(),
            shows: if scenario.stops { Shows::Fault } else { Shows::Picture },
            class: if scenario.stops { Class::Fault } else { Class::Note }
                .word()
                .to_owned(),
            paste: scenario.paste.to_owned(),
            needs: scenario.needs.iter().map(|need| (*need).to_owned()).collect(),
        }
    }));
    samples.sort_by(|a, b| (&a.code, a.shows).cmp(&(&b.code, b.shows)));
    samples
}
