//! MIME parts (RFC 2046, section 5.1) as cloud-init, EKS and Terraform write them. The blank line after a part's headers is left out by the
//! user data of EKS' managed node groups.

use crate::text::Piece;

/// A part.
pub struct Part<'a> {
    headers: Vec<(Piece<'a>, Piece<'a>)>,
    /// What follows the headers.
    pub body: Piece<'a>,
}

impl<'a> Part<'a> {
    /// The value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<Piece<'a>> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// Name and value of a header.
pub fn header(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once(":")?;
    let own = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    (own && name.contains('-')).then(|| (name, value.trim()))
}

/// The boundary that a `Content-Type` names.
pub fn boundary(line: &str) -> Option<&str> {
    let (_, value) = line.split_once("boundary=")?;
    let value = value.trim();
    let value = match value.strip_prefix('"') {
        Some(inside) => inside.split('"').next()?,
        None => value.split([';', ' ']).next()?,
    };
    (!value.is_empty()).then_some(value)
}

/// Whether a line separates parts: `Some(true)` where it is the last one.
pub fn separates(line: &str, boundary: &str) -> Option<bool> {
    match line.strip_prefix("--")?.strip_prefix(boundary)?.trim_end() {
        "" => Some(false),
        "--" => Some(true),
        _ => None,
    }
}

/// The parts of a text that has any.
pub fn parts(text: Piece<'_>) -> Option<Vec<Part<'_>>> {
    let mut lines = text.lines().peekable();
    let first = lines.find(|line| !line.trim().is_empty())?;
    header(first)?;
    let mut named = boundary(&first);
    while let Some(line) = lines.next_if(|line| header(*line).is_some() || line.starts_with([' ', '\t'])) {
        named = named.or_else(|| boundary(line.str()));
    }
    let named = named?;
    let mut found = Vec::new();
    let mut open: Option<(Vec<_>, usize)> = None;
    let mut in_headers = false;
    for line in lines {
        if let Some(last) = separates(&line, named) {
            if let Some((headers, start)) = open.take() {
                found.push(Part {
                    headers,
                    body: text.part(start - text.start()..line.start() - text.start()),
                });
            }
            if last {
                return Some(found);
            }
            open = Some((Vec::new(), line.end()));
            in_headers = true;
            continue;
        }
        let Some((headers, start)) = &mut open else { continue };
        if !in_headers {
            continue;
        }
        if let Some(pair) = header(line) {
            headers.push(pair);
            *start = line.end();
        } else {
            in_headers = false;
            *start = line.start();
        }
    }
    if let Some((headers, start)) = open {
        found.push(Part {
            headers,
            body: text.skip(start - text.start()),
        });
    }
    Some(found)
}
