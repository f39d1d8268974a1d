//! An error or a warning of terraform (internal/command/format/diagnostic.go).

use crate::artifact::Placed;
use crate::text::Piece;

/// A diagnostic, as its lines are read.
pub struct Diagnostic<'a> {
    severity: Piece<'a>,
    summary: Vec<Piece<'a>>,
    address: Option<Piece<'a>>,
    /// The file, the line and what stands there.
    place: Option<(Piece<'a>, Piece<'a>, Option<Piece<'a>>)>,
    code: Vec<Piece<'a>>,
    detail: Vec<Piece<'a>>,
    /// Whether the summary ended.
    told: bool,
    end: Piece<'a>,
}

impl<'a> Diagnostic<'a> {
    /// `Error: …` begins one.
    pub fn begin(text: Piece<'a>) -> Option<Self> {
        let (severity, summary) = text.split_once(": ")?;
        matches!(severity.str(), "Error" | "Warning").then(|| Self {
            severity,
            summary: vec![summary.trim()],
            address: None,
            place: None,
            code: Vec::new(),
            detail: Vec::new(),
            told: false,
            end: text,
        })
    }

    /// A line of it, without the border.
    pub fn line(&mut self, text: Piece<'a>) {
        let trimmed = text.trim();
        if !trimmed.is_empty() {
            self.end = text;
        }
        if trimmed.is_empty() {
            self.told = true;
            if !self.detail.is_empty() {
                self.detail.push(trimmed);
            }
        } else if let Some(address) = text.strip_prefix("  with ").filter(|_| self.place.is_none()) {
            self.address = Some(address.trim());
            if let Some(address) = self
                .address
                .and_then(|address| address.strip_suffix(",").or_else(|| address.strip_suffix(":")))
            {
                self.address = Some(address);
            }
        } else if let Some(place) = text.strip_prefix("  on ").and_then(place) {
            self.place = Some(place);
        } else if self.place.is_some() && self.detail.is_empty() && is_code(text.str()) {
            self.code.push(trimmed);
        } else if self.told {
            self.detail.push(trimmed);
        } else {
            self.summary.push(trimmed);
        }
    }

    /// The diagnostic as a value.
    pub fn finish(mut self, whole: Piece<'a>) -> Placed {
        while self.detail.last().is_some_and(|line| line.is_empty()) {
            self.detail.pop();
        }
        let all = self.severity.to(self.end, whole);
        let mut value = Placed::object(all);
        value.put_text("severity", self.severity);
        for (name, lines) in [("summary", &self.summary), ("detail", &self.detail)] {
            if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
                let text: Vec<&str> = lines.iter().map(|line| line.str()).collect();
                value.put(name, Placed::value(text.join("\n"), first.to(*last, whole)));
            }
        }
        if let Some(address) = self.address {
            value.put_text("address", address);
        }
        if let Some((file, number, context)) = self.place {
            value.put_at(&["range", "filename"], file, Placed::text(file));
            value.put_at(&["range", "start", "line"], number, Placed::number(number));
            if let Some(context) = context {
                value.put_at(&["snippet", "context"], context, Placed::text(context));
            }
        }
        for line in self.code {
            value.push_at(&["snippet", "code"], line, Placed::text(line));
        }
        value
    }
}

/// `main.tf line 3, in resource "x" "y":`.
fn place(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Option<Piece<'_>>)> {
    let (file, rest) = text.split_once(" line ")?;
    let text = rest.trim();
    let text = text.strip_suffix(":").unwrap_or(text);
    match text.split_once(", in ") {
        Some((number, context)) => Some((file, number, Some(context))),
        None => Some((file, text.strip_suffix(",").unwrap_or(text), None)),
    }
}

/// `   4: resource "x" "y" {`, what stands below it about values (`    ├────────────────`, `    │ var.x is "y"`).
fn is_code(text: &str) -> bool {
    let trimmed = text.trim_start();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && trimmed.get(digits..).is_some_and(|rest| rest.starts_with(':'))
        || text.starts_with("    ") && trimmed.starts_with(['├', '│'])
}
