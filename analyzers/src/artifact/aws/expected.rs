//! What is known of a printed value before it is read: the API's shape, or what a `--query` makes of it.

use super::shapes::{Kind, Shape};
use crate::artifact::Placed;
use crate::text::Piece;

/// What a value is expected to be.
#[derive(Debug, Clone)]
pub enum Expected {
    /// A value of the API.
    Api(Shape),
    /// A list of such values.
    List(Box<Expected>),
    /// An object that a `--query` made: its names in their order, and what they stand for.
    Members(Vec<(String, Expected)>),
    /// A list that a `--query` made, with a fixed number of parts.
    Parts(Vec<Expected>),
    /// Nothing is known.
    Unknown,
}

impl Expected {
    /// What the member of that name is.
    pub fn member(&self, name: &str) -> Option<Self> {
        match self {
            Self::Api(shape) => match shape.kind() {
                Kind::Map(_) => shape.element(),
                _ => shape.member(name),
            }
            .map(Self::Api),
            Self::Members(members) => members
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, member)| member.clone()),
            _ => None,
        }
    }

    /// What the elements of a list are.
    pub fn element(&self) -> Option<Self> {
        match self {
            Self::Api(shape) if matches!(shape.kind(), Kind::List(_)) => shape.element().map(Self::Api),
            Self::List(element) => Some((**element).clone()),
            _ => None,
        }
    }

    /// Whether it has members with names.
    pub fn is_object(&self) -> bool {
        match self {
            Self::Api(shape) => matches!(shape.kind(), Kind::Structure(_) | Kind::Map(_) | Kind::Opaque),
            Self::Members(_) => true,
            _ => false,
        }
    }

    /// Whether it is known which names its members can have.
    pub fn names_known(&self) -> bool {
        match self {
            Self::Api(shape) => matches!(shape.kind(), Kind::Structure(_)),
            Self::Members(_) => true,
            _ => false,
        }
    }

    /// Whether its members have names that the API does not know.
    pub fn is_map(&self) -> bool {
        matches!(self, Self::Api(shape) if matches!(shape.kind(), Kind::Map(_)))
    }

    /// Its members that are no scalars, and documents, which the API gives as text and aws-cli decodes.
    pub fn nested(&self) -> Vec<(String, Self)> {
        match self {
            Self::Api(shape) => shape
                .members()
                .filter(|(name, member)| !member.is_scalar() || name.ends_with("Document"))
                .map(|(name, member)| (name.to_owned(), Self::Api(member)))
                .collect(),
            Self::Members(members) => members
                .iter()
                .filter(|(_, member)| !member.is_scalar())
                .cloned()
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A number that all structures of one shape of the API have in common.
    pub fn number(&self) -> Option<usize> {
        match self {
            Self::Api(shape) => match shape.kind() {
                Kind::Structure(members) => Some(members.as_ptr().addr()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is one printed word.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Self::Api(shape) if shape.is_scalar())
    }

    /// A document that aws-cli decodes, or one whose structure is not known.
    pub fn is_document(&self) -> bool {
        matches!(self, Self::Api(shape) if shape.kind() == Kind::Opaque)
    }

    /// The member `name` as the JSON output has it: a policy that the API gives as text is read, too.
    pub fn member_scalar(&self, name: &str, piece: Piece<'_>, queried: bool) -> Placed {
        if (name.ends_with("PolicyDocument") || name == "Document")
            && let Some(policy) = super::answer::policy_text(piece.str())
        {
            return Placed::of(&policy, &mut String::new(), &|_| piece.range());
        }
        self.scalar(piece, queried)
    }

    /// A scalar as the JSON output has it, from what Python's `str()` makes of it (aws-cli's `formatter.py` and `text.py`): `True`, `None`.
    /// An answer itself has no nulls (botocore's parsers leave them out); a query makes them where a member is absent.
    pub fn scalar(&self, piece: Piece<'_>, queried: bool) -> Placed {
        let text = piece.str();
        let kind = match self {
            Self::Api(shape) => Some(shape.kind()),
            _ => None,
        };
        if text == "None" && (queried || !matches!(kind, Some(Kind::Text))) {
            return Placed::value(serde_json::Value::Null, piece);
        }
        match kind {
            Some(Kind::Bool | Kind::Opaque) | None => match text {
                "True" => Placed::value(true, piece),
                "False" => Placed::value(false, piece),
                _ => Placed::text(piece),
            },
            Some(Kind::Whole | Kind::Number | Kind::Time) => match serde_json::from_str::<serde_json::Number>(text) {
                Ok(number) => Placed::value(number, piece),
                Err(_) => Placed::text(piece),
            },
            _ => Placed::text(piece),
        }
    }
}
