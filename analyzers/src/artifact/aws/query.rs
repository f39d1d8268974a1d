//! What `--query` does to an answer, and how it is undone: an expression that picks and regroups says of everything it prints where it
//! was cut out, so that it can be put back there. What it computes (`length`, `join`, `||`) has no such place and stays apart.

mod parse;
mod put_back;

use super::expected::Expected;
use super::shapes::{Kind, Shape};
use parse::Expr;
pub use put_back::put_back;

/// A step on the way to a value of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member.
    Member(String),
    /// An element of a list: of those that a projection prints each one, or the one that is picked so.
    Element(String),
}

/// A member that the query says the value of: `[?Key=='Name']`.
#[derive(Debug, Clone, PartialEq)]
pub struct Implied {
    /// The way from the element.
    pub path: Vec<Step>,
    /// The value.
    pub value: serde_json::Value,
}

/// Where a printed value comes from; the ways begin at the element of the innermost [`Each`](Self::Each) around it, or at the answer.
#[derive(Debug, Clone)]
pub enum Origin {
    /// It stands there.
    At(Vec<Step>, Type),
    /// A list: of each element there, this.
    Each(Vec<Step>, Vec<Implied>, Box<Origin>),
    /// One value, of an element about which this is known, too.
    Known(Vec<Step>, Vec<Implied>, Box<Origin>),
    /// An object that the query made.
    Members(Vec<(String, Origin)>),
    /// A list that the query made.
    Parts(Vec<Origin>),
    /// It cannot be told.
    Lost,
}

/// The type of a value in the answer, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Type(Option<Shape>);

impl Type {
    fn member(self, name: &str) -> Self {
        Self(self.0.and_then(|shape| match shape.kind() {
            Kind::Map(_) => shape.element(),
            _ => shape.member(name),
        }))
    }

    fn element(self) -> Self {
        Self(
            self.0
                .filter(|shape| matches!(shape.kind(), Kind::List(_)))
                .and_then(Shape::element),
        )
    }

    /// Whether it is a list, or may be one.
    fn may_be_list(self) -> bool {
        self.0.is_none_or(|shape| matches!(shape.kind(), Kind::List(_)))
    }

    fn is_list(self) -> bool {
        self.0.is_some_and(|shape| matches!(shape.kind(), Kind::List(_)))
    }
}

/// Whether a query picks some elements of lists that stand inside of the answer's own list: `SecurityGroups[].IpPermissions[?FromPort==...]`.
/// What it picks of the answer's list itself, which its first brackets say, is whole.
pub fn picks_inside(query: &str) -> bool {
    let name = query.trim_start_matches(|byte: char| byte.is_ascii_alphanumeric() || byte == '_');
    let inside = match name.strip_prefix('[') {
        Some(rest) => behind_bracket(rest),
        None => name,
    };
    let picks = |(at, _): (usize, &str)| {
        let next = inside.get(at + 1..).and_then(|rest| rest.trim_start().chars().next());
        next.is_some_and(|next| matches!(next, '?' | ':' | '-') || next.is_ascii_digit())
    };
    inside.match_indices('[').any(picks) || inside.contains('(') || inside.contains('|')
}

/// What follows the bracket that is open.
fn behind_bracket(text: &str) -> &str {
    let mut open = 1_usize;
    let mut quote = None;
    for (at, sign) in text.char_indices() {
        match (quote, sign) {
            (Some(own), sign) if own == sign => quote = None,
            (None, '\'' | '"' | '`') => quote = Some(sign),
            (None, '[') => open += 1,
            (None, ']') => open -= 1,
            _ => {}
        }
        if open == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

/// Where what a query prints comes from, for an answer of that shape.
pub fn origin(query: &str, shape: Option<Shape>) -> Origin {
    parse::parse(query).map_or(Origin::Lost, |expression| {
        evaluate(&expression, Origin::At(Vec::new(), Type(shape)))
    })
}

impl Origin {
    /// What the printed value is expected to be.
    pub fn expected(&self) -> Expected {
        match self {
            Self::At(path, Type(Some(shape))) => {
                let document = matches!(path.last(), Some(Step::Member(name)) if name.ends_with("Document"));
                Expected::Api(if document && shape.is_scalar() {
                    shape.decoded()
                } else {
                    *shape
                })
            }
            Self::At(_, Type(None)) | Self::Lost => Expected::Unknown,
            Self::Each(_, _, inner) => Expected::List(Box::new(inner.expected())),
            Self::Known(_, _, inner) => inner.expected(),
            Self::Members(members) => Expected::Members(
                members
                    .iter()
                    .map(|(name, member)| (name.clone(), member.expected()))
                    .collect(),
            ),
            Self::Parts(parts) => Expected::Parts(parts.iter().map(Self::expected).collect()),
        }
    }

    /// The way to a whole value of the answer, where the query does nothing but cut that out.
    pub fn whole(&self) -> Option<&[Step]> {
        match self {
            Self::At(path, _) => Some(path),
            // `Subnets[]`, `Subnets[?State=='available']`: the elements are whole.
            Self::Each(path, _, inner) => match (inner.as_ref(), path.split_last()) {
                (Self::At(rest, _), Some((Step::Element(_), list)))
                    if rest.is_empty() && list.iter().all(|step| matches!(step, Step::Member(_))) =>
                {
                    Some(list)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The last member on the way to each part of a list that the query makes, or of those in a list.
    pub fn parts(&self) -> Vec<&str> {
        match self {
            Self::Each(_, _, inner) | Self::Known(_, _, inner) => inner.parts(),
            Self::Parts(parts) => parts.iter().map(Self::last_member).collect(),
            _ => Vec::new(),
        }
    }

    /// The last member on the way to it; empty where it is no member.
    fn last_member(&self) -> &str {
        match self {
            Self::At(path, _) => last_member(path),
            Self::Each(path, _, inner) | Self::Known(path, _, inner) => match inner.last_member() {
                "" => last_member(path),
                name => name,
            },
            _ => "",
        }
    }

    /// The same, seen from outside of the element that `path` leads to.
    fn seen_from_outside(self, path: &[Step]) -> Self {
        let longer = |rest: Vec<Step>| path.iter().cloned().chain(rest).collect();
        match self {
            Self::At(rest, of) => Self::At(longer(rest), of),
            Self::Each(rest, implied, inner) => Self::Each(longer(rest), implied, inner),
            Self::Known(rest, implied, inner) => Self::Known(longer(rest), implied, inner),
            Self::Members(members) => Self::Members(
                members
                    .into_iter()
                    .map(|(name, member)| (name, member.seen_from_outside(path)))
                    .collect(),
            ),
            Self::Parts(parts) => Self::Parts(parts.into_iter().map(|part| part.seen_from_outside(path)).collect()),
            Self::Lost => Self::Lost,
        }
    }

    /// The elements of a list: the way to them, and what is taken of each.
    fn elements(self) -> Option<(Vec<Step>, Vec<Implied>, Self)> {
        match self {
            Self::At(mut path, of) if of.may_be_list() => {
                path.push(Step::Element(String::new()));
                Some((path, Vec::new(), Self::At(Vec::new(), of.element())))
            }
            Self::Each(path, implied, inner) => Some((path, implied, *inner)),
            _ => None,
        }
    }

    /// A list of lists as one list; what in it is no list stays an element.
    fn flat(self) -> Self {
        match self {
            Self::At(path, of) if of.is_list() && of.element().is_list() => Self::At(path, of)
                .elements()
                .map_or(Self::Lost, |(path, implied, inner)| {
                    Self::Each(path, implied, Box::new(inner)).flat()
                }),
            Self::Each(path, implied, inner) => match *inner {
                // What is known of the outer elements is not known of the inner ones.
                Self::At(rest, of) if of.is_list() => match Self::At(rest, of).elements() {
                    Some((more, _, inner)) => {
                        Self::Each(path.into_iter().chain(more).collect(), Vec::new(), Box::new(inner))
                    }
                    None => Self::Lost,
                },
                Self::Each(more, further, inner) => Self::Each(path.into_iter().chain(more).collect(), further, inner),
                Self::Parts(_) | Self::Lost => Self::Lost,
                inner => Self::Each(path, implied, Box::new(inner)),
            },
            other => other,
        }
    }
}

fn last_member(path: &[Step]) -> &str {
    let mut names = path.iter().rev().filter_map(|step| match step {
        Step::Member(name) => Some(name.as_str()),
        Step::Element(_) => None,
    });
    names.next().unwrap_or_default()
}

/// Takes `inner` of each element.
fn project(of: Origin, right: &Expr) -> Origin {
    let Some((path, implied, element)) = of.elements() else {
        return Origin::Lost;
    };
    match evaluate(right, element) {
        Origin::Lost => Origin::Each(path, implied, Box::new(Origin::Lost)),
        inner => Origin::Each(path, implied, Box::new(inner)),
    }
}

fn evaluate(expression: &Expr, current: Origin) -> Origin {
    match expression {
        Expr::Current => current,
        Expr::Field(name) => match current {
            Origin::At(mut path, of) if !of.is_list() => {
                path.push(Step::Member(name.clone()));
                Origin::At(path, of.member(name))
            }
            Origin::Known(path, implied, inner) => Origin::Known(path, implied, Box::new(evaluate(expression, *inner))),
            Origin::Members(members) => members
                .into_iter()
                .find(|(known, _)| known == name)
                .map_or(Origin::Lost, |(_, member)| member),
            _ => Origin::Lost,
        },
        Expr::Index(number) => index(current, *number),
        Expr::Sub(left, right) | Expr::Pipe(left, right) => evaluate(right, evaluate(left, current)),
        Expr::Project(left, right) => project(evaluate(left, current), right),
        Expr::Flatten(left, right) => project(evaluate(left, current).flat(), right),
        Expr::Filter(left, condition, right) => {
            let Some((path, mut implied, element)) = evaluate(left, current).elements() else {
                return Origin::Lost;
            };
            if matches!(&element, Origin::At(rest, _) if rest.is_empty()) {
                facts(condition, &mut implied);
            }
            Origin::Each(path, implied, Box::new(evaluate(right, element)))
        }
        Expr::List(parts) => Origin::Parts(parts.iter().map(|part| evaluate(part, current.clone())).collect()),
        Expr::Hash(members) => Origin::Members(
            members
                .iter()
                .map(|(name, member)| (name.clone(), evaluate(member, current.clone())))
                .collect(),
        ),
        Expr::Call(name, arguments) => call(name, arguments, current),
        Expr::Literal(_) | Expr::Reference(_) | Expr::Equal(..) | Expr::And(..) | Expr::Other => Origin::Lost,
    }
}

/// One element of a list.
fn index(list: Origin, number: i64) -> Origin {
    match list {
        Origin::At(mut path, of) if of.may_be_list() => {
            path.push(Step::Element(number.to_string()));
            Origin::At(path, of.element())
        }
        Origin::Each(mut path, implied, inner) => {
            if let Some(Step::Element(which)) = path.last_mut() {
                // Two filters pick two elements, though both take the first of what is left.
                *which = implied
                    .iter()
                    .map(|known| format!("{:?}={} ", known.path, known.value))
                    .chain(std::iter::once(number.to_string()))
                    .collect();
            }
            if implied.is_empty() {
                inner.seen_from_outside(&path)
            } else {
                Origin::Known(path, implied, inner)
            }
        }
        Origin::Parts(parts) => usize::try_from(number)
            .ok()
            .and_then(|number| parts.into_iter().nth(number))
            .unwrap_or(Origin::Lost),
        _ => Origin::Lost,
    }
}

/// The functions that leave values as they are.
fn call(name: &str, arguments: &[Expr], current: Origin) -> Origin {
    match (name, arguments) {
        ("sort" | "reverse" | "to_array" | "not_null", [list]) | ("sort_by", [list, _]) => {
            let list = evaluate(list, current);
            match (&list, name) {
                // An array is made of what is none.
                (Origin::At(_, of), "to_array") if !of.is_list() => Origin::Lost,
                _ => list,
            }
        }
        ("max_by" | "min_by", [list, _]) => index(evaluate(list, current), if name == "max_by" { -1 } else { 0 }),
        ("map", [Expr::Reference(each), list]) => project(evaluate(list, current), each),
        _ => Origin::Lost,
    }
}

/// What a condition says of the elements that it leaves: `a.b == 'c'`, and several of them.
fn facts(condition: &Expr, implied: &mut Vec<Implied>) {
    match condition {
        Expr::And(left, right) => {
            facts(left, implied);
            facts(right, implied);
        }
        Expr::Equal(left, right) => {
            let ((way, Expr::Literal(value)) | (Expr::Literal(value), way)) = (left.as_ref(), right.as_ref()) else {
                return;
            };
            if let Some(path) = members(way)
                && !value.is_null()
                && !value.is_array()
                && !value.is_object()
            {
                implied.push(Implied {
                    path,
                    value: value.clone(),
                });
            }
        }
        _ => {}
    }
}

/// The way of `a.b`.
fn members(expression: &Expr) -> Option<Vec<Step>> {
    match expression {
        Expr::Field(name) => Some(vec![Step::Member(name.clone())]),
        Expr::Sub(left, right) => {
            let mut path = members(left)?;
            path.extend(members(right)?);
            Some(path)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
