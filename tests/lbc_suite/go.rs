//! Reads the composite literals of Go in which the suite's cases are written, into the JSON of the Kubernetes API.

use serde_json::{Map, Value, json};

/// A value of Go.
#[derive(Debug, Clone, PartialEq)]
pub enum Go {
    /// A string.
    Text(String),
    /// A number.
    Number(i64),
    /// A name: a variable, a constant, `true`, `nil`.
    Word(String),
    /// A call.
    Call(String, Vec<Go>),
    /// `[]T{…}`, or any literal whose elements have no keys.
    List(Vec<Go>),
    /// A struct or a map: names of fields, and whether they are such or keys.
    Fields(Vec<(String, bool, Go)>),
    /// A function literal: its body.
    Code(String),
}

impl Go {
    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&Go> {
        match self {
            Self::Fields(fields) => fields.iter().find(|(field, _, _)| field == name).map(|(_, _, go)| go),
            _ => None,
        }
    }

    /// The field reached by several names.
    pub fn at(&self, path: &[&str]) -> Option<&Go> {
        path.iter().try_fold(self, |go, name| go.get(name))
    }

    /// The elements of a list.
    pub fn items(&self) -> &[Go] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The text, also of what is wrapped: `awssdk.String("…")`, `errors.New("…")`.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Call(_, arguments) => arguments.first()?.text(),
            Self::Word(word) => constant(word).map(str::to_owned),
            _ => None,
        }
    }

    /// The truth value, also of what is wrapped.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Word(word) => word.parse().ok(),
            Self::Call(_, arguments) => arguments.first()?.truth(),
            _ => None,
        }
    }

    /// The JSON of the Kubernetes API. `variables` says what the names of the test's own variables stand for.
    pub fn json(&self, variables: &dyn Fn(&str) -> Option<Value>) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Word(word) => match word.as_str() {
                "true" => json!(true),
                "false" => json!(false),
                "nil" => Value::Null,
                word => variables(word)
                    .or_else(|| constant(word).map(|text| json!(text)))
                    .unwrap_or_else(|| panic!("nothing is known of {word}")),
            },
            Self::Call(name, arguments) => match (name.as_str(), arguments.first()) {
                ("time.Now" | "metav1.Now", _) => json!("2024-05-17T09:30:00Z"),
                (_, Some(first)) => first.json(variables),
                _ => panic!("nothing is known of {name}()"),
            },
            Self::List(items) => items.iter().map(|item| item.json(variables)).collect(),
            Self::Fields(fields) => {
                let mut object = Map::new();
                for (name, is_field, go) in fields {
                    let value = go.json(variables);
                    match (is_field, name.as_str()) {
                        // Structs that lie flat in their own.
                        (true, "IngressRuleValue" | "Time") => {
                            if let Value::Object(inner) = value {
                                object.extend(inner);
                            } else {
                                return value;
                            }
                        }
                        (true, name) => {
                            object.insert(field(name), value);
                        }
                        (false, name) => {
                            object.insert(name.to_owned(), value);
                        }
                    }
                }
                Value::Object(object)
            }
            Self::Code(_) => panic!("a function is no value of an object"),
        }
    }
}

/// The name that a field of Go has in JSON.
fn field(name: &str) -> String {
    match name {
        "ObjectMeta" => "metadata".to_owned(),
        "IDs" => "ids".to_owned(),
        "IPv4IPAMPoolId" => "ipv4IPAMPoolId".to_owned(),
        "WAFv2ACLArn" => "wafv2AclArn".to_owned(),
        "WAFv2ACLName" => "wafv2AclName".to_owned(),
        "PrefixListsIDsLegacy" => "PrefixListsIDs".to_owned(),
        _ => {
            let capitals = name.bytes().take_while(u8::is_ascii_uppercase).count();
            // Of several capitals the last one begins the next word.
            let lower = if capitals > 1 && capitals < name.len() {
                capitals - 1
            } else {
                capitals
            };
            name[..lower].to_ascii_lowercase() + &name[lower..]
        }
    }
}

/// What a constant of the Kubernetes, AWS or controller packages stands for.
fn constant(word: &str) -> Option<&'static str> {
    Some(match word.rsplit('.').next()? {
        "ServiceTypeLoadBalancer" => "LoadBalancer",
        "ServiceTypeNodePort" => "NodePort",
        "ServiceTypeClusterIP" => "ClusterIP",
        "ServiceExternalTrafficPolicyTypeCluster" => "Cluster",
        "ServiceExternalTrafficPolicyTypeLocal" => "Local",
        "ProtocolTCP" => "TCP",
        "ProtocolUDP" => "UDP",
        "ProtocolHTTP" => "HTTP",
        "ProtocolHTTPS" => "HTTPS",
        "IPv4Protocol" => "IPv4",
        "IPv6Protocol" => "IPv6",
        "TargetTypeIP" | "LoadBalancerTargetTypeIP" => "ip",
        "TargetTypeInstance" | "LoadBalancerTargetTypeInstance" => "instance",
        "LoadBalancerTypeNLBIP" => "nlb-ip",
        "LoadBalancerTypeExternal" => "external",
        "LoadBalancerSchemeInternal" => "internal",
        "LoadBalancerSchemeInternetFacing" => "internet-facing",
        "IPAddressTypeDualStack" => "dualstack",
        "IPAddressTypeIPV4" => "ipv4",
        "PathTypeExact" => "Exact",
        "PathTypePrefix" => "Prefix",
        "PathTypeImplementationSpecific" => "ImplementationSpecific",
        _ => return None,
    })
}

/// Reads the first value of a text.
pub fn read(text: &str) -> Option<Go> {
    Reader { rest: text }.value()
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix("//") {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => return,
            }
        }
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_blanks();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> String {
        self.skip_blanks();
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    /// Skips what stands between brackets, the first of which is next, and returns it.
    fn between(&mut self, open: char, close: char) -> Option<String> {
        self.skip_blanks();
        let mut depth = 0;
        for (at, c) in self.rest.char_indices() {
            depth += i32::from(c == open) - i32::from(c == close);
            if depth == 0 {
                let (inside, rest) = self.rest.split_at(at + 1);
                self.rest = rest;
                return Some(inside.to_owned());
            }
        }
        None
    }

    /// A type in a literal: its name matters to nobody.
    fn type_name(&mut self) -> Option<()> {
        loop {
            if self.take("[") || self.take("map[") {
                self.rest = self.rest.split_once(']')?.1;
            } else if !self.take("*") {
                break;
            }
        }
        self.word();
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        if self.take("`") {
            let (raw, rest) = self.rest.split_once('`')?;
            self.rest = rest;
            return Some(raw.to_owned());
        }
        if !self.take("\"") {
            return None;
        }
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                '\\' => match characters.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    other => text.push(other),
                },
                c => text.push(c),
            }
        }
        None
    }

    fn value(&mut self) -> Option<Go> {
        while self.take("&") || self.take("*") {}
        self.skip_blanks();
        let first = self.rest.chars().next()?;
        if matches!(first, '"' | '`') {
            return self.text().map(Go::Text);
        }
        if first == '-' || first.is_ascii_digit() {
            let end = self.rest[1..]
                .find(|c: char| !c.is_ascii_digit())
                .map_or(self.rest.len(), |end| end + 1);
            let (number, rest) = self.rest.split_at(end);
            self.rest = rest;
            return number.parse().ok().map(Go::Number);
        }
        if first == '{' {
            return self.literal(false);
        }
        if first == '(' {
            // A conversion: `(*T)(value)`.
            self.between('(', ')')?;
            return self.value_in_brackets();
        }
        if first == '[' || self.rest.starts_with("map[") {
            let is_list = first == '[';
            self.type_name()?;
            return self.literal(is_list);
        }
        let word = self.word();
        if word == "func" {
            self.between('(', ')')?;
            self.rest = &self.rest[self.rest.find('{')?..];
            // A slice of a struct as result: its own braces come first.
            let body = self.between('{', '}')?;
            if self.rest.starts_with('(') {
                self.between('(', ')')?;
            }
            return Some(Go::Code(body));
        }
        match self.rest.chars().next() {
            Some('{') => self.literal(false),
            Some('(') => {
                self.take("(");
                let mut arguments = Vec::new();
                while !self.take(")") {
                    arguments.push(self.value()?);
                    self.take(",");
                }
                Some(Go::Call(word, arguments))
            }
            _ if word.is_empty() => None,
            _ => Some(Go::Word(word)),
        }
    }

    fn value_in_brackets(&mut self) -> Option<Go> {
        let value = self.take("(").then(|| self.value())??;
        self.take(")").then_some(value)
    }

    fn literal(&mut self, is_list: bool) -> Option<Go> {
        if !self.take("{") {
            return None;
        }
        let mut fields = Vec::new();
        let mut items = Vec::new();
        while !self.take("}") {
            let element = self.value()?;
            if self.take(":") {
                let (name, is_field) = match element {
                    Go::Text(name) => (name, false),
                    // The keys of a map may be constants; those of the suite's are features and ports.
                    Go::Word(name) => (name, true),
                    Go::Number(number) => (number.to_string(), false),
                    _ => return None,
                };
                fields.push((name, is_field, self.value()?));
            } else {
                items.push(element);
            }
            self.take(",");
        }
        Some(if is_list || !items.is_empty() {
            Go::List(items)
        } else {
            Go::Fields(fields)
        })
    }
}
