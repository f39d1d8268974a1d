//! What was not read, said once for each reason, and never without the first line of it.

use crate::problem::Problem;
use crate::text::Span;

/// How many packets have a fault, and where the first stands.
#[derive(Default)]
pub struct Fault {
    count: usize,
    first: Option<Span>,
    last: Option<Span>,
}

impl Fault {
    /// One more.
    pub fn add(&mut self, span: Span) {
        self.count += 1;
        self.first.get_or_insert(span);
        self.last = Some(span);
    }

    /// Says it, where there is anything to say.
    pub fn say(&self, problems: &mut Vec<Problem>, thing: (&str, &str), message: &str) {
        let Some(span) = self.first else { return };
        let (count, thing) = (self.count, if self.count == 1 { thing.0 } else { thing.1 });
        problems.push(Problem::new(span, format!("{count} {thing} {message}")));
    }
}

/// The reasons why a packet is not complete.
#[derive(Default)]
pub struct Faults {
    /// Host names instead of addresses.
    pub names: Fault,
    /// Addresses that somebody blacked out.
    pub hidden: Fault,
    /// IP without addresses that can be read.
    pub shape: Fault,
    /// Lines that are none of tcpdump's.
    pub strange: Fault,
}

impl Faults {
    /// Says all of them.
    pub fn say(&self, problems: &mut Vec<Problem>) {
        self.names.say(
            problems,
            ("packet of this capture shows", "packets of this capture show"),
            "host names instead of addresses, which cannot be compared with the cluster's; this is the first. Capture again with `tcpdump -nn`.",
        );
        self.hidden.say(
            problems,
            ("packet of this capture has", "packets of this capture have"),
            "blacked-out addresses, which can be compared with no others; this is the first. Where addresses must stay secret, replace \
             each by another one, the same everywhere.",
        );
        self.shape.say(
            problems,
            ("packet of this capture has", "packets of this capture have"),
            "no `source > destination:` that can be read; this is the first.",
        );
        self.strange.say(
            problems,
            ("line between these packets is", "lines between these packets are"),
            "none that tcpdump prints, or the rest of a line that the terminal broke; this is the first.",
        );
    }
}
