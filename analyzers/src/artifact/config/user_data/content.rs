//! What user data holds, part by part.

use std::ops::Range;

use super::{mime, script};
use crate::artifact::config::toml;
use crate::artifact::{Placed, base64, yaml};
use crate::text::Piece;

/// What was read.
pub struct Content<'a> {
    /// The document.
    pub values: Placed,
    /// YAML in it, a document of its own each.
    pub inner: Vec<Inner<'a>>,
    /// What is wrong: the bytes, and a sentence.
    pub faults: Vec<(Range<usize>, String)>,
}

/// YAML in user data.
pub enum Inner<'a> {
    /// As it stands there.
    Yaml(Piece<'a>),
    /// It stands in a part that is encoded: the piece.
    Decoded(serde_json::Value, Piece<'a>),
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A shell's script.
    Script,
    /// cloud-init's YAML.
    CloudConfig,
    /// nodeadm's YAML.
    NodeConfig,
    /// Bottlerocket's TOML.
    Bottlerocket,
    /// PowerShell.
    PowerShell,
    /// Something else, which is named and not read.
    Other,
}

impl Kind {
    /// By the first line that is not blank: cloud-init tells its formats so (cloudinit/user_data.py, `INCLUSION_TYPES_MAP`).
    pub fn of_text(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.find(|line| *line != "---").unwrap_or_default();
        if first.starts_with("#!") {
            Self::Script
        } else if first.starts_with("#cloud-config") {
            Self::CloudConfig
        } else if first.starts_with("apiVersion:") || first.starts_with("kind:") {
            Self::NodeConfig
        } else if first.starts_with("[settings") || first.starts_with("settings.") {
            Self::Bottlerocket
        } else if first.starts_with("<powershell") || first.starts_with("<script") {
            Self::PowerShell
        } else {
            Self::Other
        }
    }

    fn of_type(content_type: &str, text: &str) -> Self {
        match content_type {
            "text/x-shellscript" => Self::Script,
            "text/cloud-config" => Self::CloudConfig,
            "application/node.eks.aws" => Self::NodeConfig,
            _ => Self::of_text(text),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Script => "shell-script",
            Self::CloudConfig => "cloud-config",
            Self::NodeConfig => "node-config",
            Self::Bottlerocket => "bottlerocket",
            Self::PowerShell => "powershell",
            Self::Other => "unknown",
        }
    }
}

/// Reads user data.
pub fn read(text: Piece<'_>) -> Content<'_> {
    let mut content = Content {
        values: Placed::object(text),
        inner: Vec::new(),
        faults: Vec::new(),
    };
    let mut parts = Placed::array(text);
    match mime::parts(text) {
        Some(found) => {
            for part in found {
                parts.push(of_mime(&part, &mut content));
            }
        }
        None => parts.push(of_part(Kind::of_text(&text), text, &mut content)),
    }
    content.values.put("parts", parts);
    content
}

fn of_mime<'a>(part: &mime::Part<'a>, content: &mut Content<'a>) -> Placed {
    let content_type = part.header("content-type");
    let named = content_type.map_or("", |value| value.str().split(';').next().unwrap_or_default().trim());
    let packed = part
        .header("content-transfer-encoding")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("base64"));
    let mut placed = if packed {
        decoded(named, part.body, content)
    } else {
        of_part(Kind::of_type(named, &part.body), part.body, content)
    };
    if let Some(value) = content_type {
        let kind = value.split(|c| c == ';').next().unwrap_or(value);
        placed.put_text("contentType", kind.trim());
    }
    if let Some((_, name)) = part
        .header("content-disposition")
        .and_then(|value| value.split_once("filename="))
    {
        placed.put_text(
            "filename",
            name.split(|c| matches!(c, '"' | ';'))
                .find(|name| !name.is_empty())
                .unwrap_or(name),
        );
    }
    placed
}

/// A part in base64: all that is in it stands at the whole of it.
fn decoded<'a>(content_type: &str, body: Piece<'a>, content: &mut Content<'a>) -> Placed {
    let Some(text) = base64::decode(&body).and_then(|bytes| String::from_utf8(bytes).ok()) else {
        content.faults.push((
            body.range(),
            "This part is no base64 of a text; it may be cut or blacked out.".to_owned(),
        ));
        return Placed::object(body);
    };
    let mut inside = Content {
        values: Placed::object(body),
        inner: Vec::new(),
        faults: Vec::new(),
    };
    let piece = Piece::new(&text);
    let placed = of_part(Kind::of_type(content_type, &text), piece, &mut inside).all_at(body);
    content.inner.extend(
        inside
            .inner
            .into_iter()
            .map(|inner| Inner::Decoded(inner.value(), body)),
    );
    content
        .faults
        .extend(inside.faults.into_iter().map(|(_, message)| (body.range(), message)));
    content.values.merge(inside.values.all_at(body));
    placed
}

impl Inner<'_> {
    /// The values.
    pub fn value(self) -> serde_json::Value {
        match self {
            Self::Yaml(piece) => yaml::read(&piece).value.to_json(),
            Self::Decoded(value, _) => value,
        }
    }
}

fn of_part<'a>(kind: Kind, text: Piece<'a>, content: &mut Content<'a>) -> Placed {
    let mut part = Placed::object(text);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or(text);
    part.put("type", Placed::value(kind.name(), first));
    match kind {
        Kind::Script => script::shell(text, &mut part),
        Kind::PowerShell => script::powershell(text, &mut part),
        Kind::CloudConfig | Kind::NodeConfig => content.inner.push(Inner::Yaml(text.trim())),
        Kind::Bottlerocket => {
            let found = toml::read(text);
            content.faults.extend(found.faults);
            content.values.merge(found.values);
        }
        Kind::Other => content.faults.push((
            first.range(),
            format!(
                "This part of the user data is not read; it begins with `{}`.",
                crate::problem::excerpt(first.trim().str())
            ),
        )),
    }
    part
}
