//! What aws-cli prints as JSON or YAML: the API's answer, or what `--query` made of it, put back into the API's shape.

use std::collections::BTreeMap;
use std::ops::Range;

use super::expected::Expected;
use super::query::{self, Origin, Step, put_back};
use super::recognise::{self, Told};
use super::shapes::{self, Operation};
use crate::artifact::config::user_data;
use crate::artifact::kubernetes_object::{Ending, json_value, yaml_value};
use crate::artifact::outline::Outline;
use crate::artifact::{
    Artifact, ArtifactId, Artifacts, Content, Cut, Document, Map, Placed, Places, Syntax, Value, json, yaml,
};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::Part;
use crate::text::{Piece, Span};

/// The member that holds what a `--query` cut out and that cannot be put back: no API has a name with such a beginning, so nothing that
/// looks for a field of the API can take it for one.
pub const REMAINDER: &str = "--query";

/// An operation that may have answered, and its name.
pub type Answering = (Operation, &'static str);

/// What the command tells about its answer.
#[derive(Debug, Default)]
pub struct Context {
    /// The command.
    pub line: Option<CommandLine>,
    /// The service and the operation that it names.
    pub named: Option<(String, String)>,
    /// The same, where it is one whose answer's shape is known.
    pub operation: Option<Operation>,
    /// The value of `--query`.
    pub query: Option<String>,
    /// Where what it prints comes from.
    origin: Option<Origin>,
}

impl Context {
    /// What the part's command tells.
    pub fn new(part: &Part<'_>) -> Self {
        part.command().map_or_else(Self::default, Self::of)
    }

    /// What a command tells.
    pub fn of(line: CommandLine) -> Self {
        let named = line
            .aws_operation()
            .map(|(service, operation)| (service.to_owned(), operation.to_owned()));
        let operation = named
            .as_ref()
            .and_then(|(service, operation)| shapes::operation(service, operation));
        let query = line.option(&["--query"]).map(str::to_owned);
        Self {
            operation,
            origin: query
                .as_ref()
                .map(|query| query::origin(query, operation.and_then(Operation::shape))),
            query,
            named,
            line: Some(line),
        }
    }

    /// What an operation's answer is expected to be, after the query.
    pub fn expected(&self, operation: Operation) -> Expected {
        match (&self.origin, operation.shape()) {
            (Some(origin), _) => origin.expected(),
            (None, Some(shape)) => Expected::Api(shape),
            _ => Expected::Unknown,
        }
    }

    /// What the answer is expected to be, after the query; of an operation whose shape is not known only a value that a query walks to.
    pub fn wanted(&self) -> Option<Expected> {
        match self.operation {
            Some(operation) => Some(self.expected(operation)),
            None => self.picked().map(|_| Expected::Unknown),
        }
    }

    /// From now on what is printed is taken as it is.
    pub fn forget_origin(&mut self) {
        self.origin = None;
    }

    /// The name of the one member that the query cuts out.
    pub fn picked(&self) -> Option<&str> {
        match self.origin.as_ref()?.whole()?.last()? {
            Step::Member(name) => Some(name),
            Step::Element(_) => None,
        }
    }

    /// The members that the parts are of the lists that the query makes.
    pub fn parts(&self) -> Vec<&str> {
        self.origin.as_ref().map(Origin::parts).unwrap_or_default()
    }

    /// The kind of an artifact, where the command names the operation, or where these may have answered.
    fn kind(&self, operations: &[Answering]) -> String {
        if let Some((service, operation)) = &self.named {
            return format!("aws/{service}/{operation}");
        }
        if let [(only, name)] = operations {
            return Told::Operation(only.service(), name).kind();
        }
        let mut services: Vec<&str> = operations.iter().map(|(operation, _)| operation.service()).collect();
        services.sort_unstable();
        services.dedup();
        if services.is_empty() {
            return "aws".to_owned();
        }
        Told::Services(services).kind()
    }

    /// The members of the answer that the command's arguments name: their pointers and values.
    fn arguments(&self) -> Vec<(&'static str, &str)> {
        let (Some(line), Some((service, operation))) = (&self.line, &self.named) else {
            return Vec::new();
        };
        NAMED_BY
            .iter()
            .filter(|(of, called, ..)| of == service && called == operation)
            .filter_map(|(_, _, option, pointer)| Some((*pointer, line.name(&[option])?)))
            .collect()
    }

    /// Where elements of the API's lists are missing that a program or a condition in the query left out. What is picked from the answer's own
    /// list is told by the command.
    fn picked_from(&self) -> Cut {
        let filtered = self.line.as_ref().is_some_and(CommandLine::filtered);
        if filtered || self.query.as_deref().is_some_and(query::picks_inside) {
            Cut::Anywhere
        } else {
            Cut::Nowhere
        }
    }

    /// The same of a document with its own end.
    fn cut(&self, page: &Page<'_>, value: &Value) -> Cut {
        match (self.picked_from(), page.ending) {
            (Cut::Nowhere, Ending::Whole) => Cut::Nowhere,
            (Cut::Nowhere, Ending::Short) => Cut::behind_last(value, &outline(page)),
            _ => Cut::Anywhere,
        }
    }

    /// Adds what was printed in a format that leaves out what is empty.
    pub fn add(
        &self,
        part: &Part<'_>,
        printed: Placed,
        operations: &[Answering],
        cut: Cut,
        artifacts: &mut Artifacts,
        problems: &mut Vec<Problem>,
    ) {
        let id = self.add_placed(part, part.span(), printed, operations, cut, artifacts);
        user_data::encoded::of_answer(part.sources, id, artifacts, problems);
    }

    /// Adds printed values whose places count from the beginning of `span`.
    fn add_placed(
        &self,
        part: &Part<'_>,
        span: Span,
        printed: Placed,
        operations: &[Answering],
        cut: Cut,
        artifacts: &mut Artifacts,
    ) -> ArtifactId {
        let body = Piece::new(part.sources.text(span));
        let mut cells = BTreeMap::new();
        let values = match &self.origin {
            Some(origin) => {
                let restored = put_back(origin, printed, &self.arguments(), body);
                if let Some(command) = &part.segment.command {
                    cells.extend(restored.told.into_iter().map(|pointer| (pointer, command.span)));
                }
                restored.values
            }
            None => printed,
        };
        let mut document = Document::placed(span, values, false);
        document.cells = cells;
        document.cut = match cut {
            Cut::Nowhere => self.picked_from(),
            cut => cut,
        };
        let kind = if self.named.is_none() && operations.is_empty() {
            recognise::by_value(&document.value).map_or_else(|| "aws".to_owned(), |told| told.kind())
        } else {
            self.kind(operations)
        };
        artifacts.add(Artifact {
            segment: part.index,
            span,
            kinds: vec![(kind, count(&document.value))],
            content: Content::Document(document),
        })
    }

    /// Adds a document whose syntax tells where its values stand.
    fn add_tree(&self, page: &Page<'_>, value: Value, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
        let id = self.add_whole(page, value, artifacts);
        user_data::encoded::of_answer(page.part.sources, id, artifacts, problems);
    }

    fn add_whole(&self, page: &Page<'_>, mut value: Value, artifacts: &mut Artifacts) -> ArtifactId {
        let mut prefix = String::new();
        let mut cut = self.cut(page, &value);
        let mut cells = BTreeMap::new();
        if let Some(origin) = &self.origin {
            let Some(path) = origin.whole() else {
                let outline = outline(page);
                let all = 0..page.part.sources.text(page.span).len();
                let printed = Placed::of(&value, &mut String::new(), &|pointer| {
                    outline.find(pointer).unwrap_or(all.clone())
                });
                if cut != Cut::Nowhere {
                    cut = Cut::Anywhere;
                }
                return self.add_placed(page.part, page.span, printed, &[], cut, artifacts);
            };
            for step in path.iter().rev() {
                match step {
                    Step::Member(name) => {
                        prefix.insert_str(0, &format!("/{}", name.replace('~', "~0").replace('/', "~1")));
                        value = Value::Object(Map::from_iter([(name.clone(), value)]));
                    }
                    Step::Element(_) => {
                        prefix.insert_str(0, "/0");
                        value = Value::Array([value].into());
                    }
                }
            }
            if let Cut::Behind(last) = cut {
                cut = Cut::Behind([prefix.as_str(), &last].concat().into());
            }
            if let Some(command) = &page.part.segment.command {
                for (pointer, name) in self.arguments() {
                    if put(&mut value, pointer, name) {
                        cells.insert(pointer.to_owned(), command.span);
                    }
                }
            }
        }
        decode_policies(&mut value, 0);
        let filtered = self.line.as_ref().is_some_and(CommandLine::filtered);
        let kind = match self.named {
            Some(_) => self.kind(&[]),
            None => recognise::by_value(&value).map_or_else(|| "aws".to_owned(), |told| told.kind()),
        };
        artifacts.add(Artifact {
            segment: page.part.index,
            span: page.span,
            kinds: vec![(kind, count(&value))],
            content: Content::Document(Document {
                span: page.span,
                syntax: page.syntax,
                value,
                prefix,
                complete: page.complete && !filtered && self.query.is_none(),
                cut,
                cells,
                places: Places::default(),
            }),
        })
    }

    /// Adds the parts of an answer, which are the elements of a list.
    fn add_stream(&self, page: &Page<'_>, items: &[Value], artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
        let outline = outline(page);
        for (number, item) in items.iter().enumerate() {
            let root = format!("/{number}");
            let Some(range) = outline.find(&root) else { continue };
            let locate = |pointer: &str| {
                // What stands inside of a text is where the text is.
                let mut way = [root.as_str(), pointer].concat();
                let mut found = outline.find(&way);
                while found.is_none()
                    && let Some((owner, _)) = way.rsplit_once('/')
                {
                    way.truncate(owner.len());
                    found = outline.find(&way);
                }
                let found = found.unwrap_or(range.clone());
                found.start.saturating_sub(range.start)..found.end.saturating_sub(range.start)
            };
            // aws-cli gives the parts of an answer as the API sends them, with policies as texts.
            let mut item = item.clone();
            decode_policies(&mut item, 0);
            let printed = Placed::of(&item, &mut String::new(), &locate);
            let cut = self.cut(page, &item);
            let id = self.add_placed(page.part, page.span.slice(range.clone()), printed, &[], cut, artifacts);
            user_data::encoded::of_answer(page.part.sources, id, artifacts, problems);
        }
    }
}

/// Where the values of a document stand.
fn outline(page: &Page<'_>) -> Outline {
    let text = page.part.sources.text(page.span);
    match page.syntax {
        Syntax::Yaml => yaml::outline(text),
        _ => json::outline(text),
    }
}

/// What cannot be put back where a query cut it out.
pub fn remainder(printed: Placed, body: Piece<'_>) -> Placed {
    let mut root = Placed::object(body);
    root.put(REMAINDER, printed);
    root
}

/// The arguments that name the object that an answer describes: operation, option, where the answer has it.
const NAMED_BY: [(&str, &str, &str, &str); 6] = [
    ("iam", "get-role", "--role-name", "/Role/RoleName"),
    ("iam", "get-role-policy", "--role-name", "/RoleName"),
    ("iam", "get-role-policy", "--policy-name", "/PolicyName"),
    ("eks", "describe-cluster", "--name", "/cluster/name"),
    (
        "eks",
        "describe-nodegroup",
        "--nodegroup-name",
        "/nodegroup/nodegroupName",
    ),
    ("eks", "describe-nodegroup", "--cluster-name", "/nodegroup/clusterName"),
];

/// Reads what aws-cli printed as JSON: an answer, or several where it comes in parts.
pub fn read_json(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let context = Context::new(part);
    let ranges = pages(part.text());
    let alone = ranges.len() == 1;
    for range in ranges {
        let span = part.span().slice(range);
        let Some((value, ending)) = json_value(part.sources, span, problems) else {
            continue;
        };
        let page = Page {
            part,
            span,
            syntax: Syntax::Json,
            complete: ending == Ending::Whole && alone,
            ending,
        };
        context.add_tree(&page, value, artifacts, problems);
    }
}

/// Reads what aws-cli printed as YAML: with `--output yaml` a document, with `yaml-stream` a list of the parts of the answer.
pub fn read_yaml(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let context = Context::new(part);
    let output = context.line.as_ref().and_then(|line| line.option(&["--output"]));
    let ranges = yaml::documents(part.text());
    let alone = ranges.len() == 1;
    for range in ranges {
        let span = part.span().slice(range);
        let Some((value, whole)) = yaml_value(part.sources, span, problems) else {
            continue;
        };
        let page = Page {
            part,
            span,
            syntax: Syntax::Yaml,
            complete: whole && alone,
            ending: if whole { Ending::Whole } else { Ending::Damaged },
        };
        let stream = match output {
            Some(output) => output == "yaml-stream",
            None => context.query.is_none() && value.is_array(),
        };
        match value.as_array().filter(|_| stream) {
            Some(items) => context.add_stream(&page, items, artifacts, problems),
            None => context.add_tree(&page, value, artifacts, problems),
        }
    }
}

/// The documents of a JSON text, which stand one after the other.
fn pages(text: &str) -> Vec<Range<usize>> {
    if !text.contains("\n{") {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.trim_start().is_empty()) {
        let extent = json::extent(rest);
        let after = rest.get(extent.end..).unwrap_or_default();
        if !extent.whole || !after.trim_start().starts_with('{') {
            break;
        }
        found.push(at..at + extent.end);
        at = text.len() - after.trim_start().len();
    }
    found.push(at..text.len());
    found
}

/// A document of a part.
struct Page<'a> {
    part: &'a Part<'a>,
    span: Span,
    syntax: Syntax,
    complete: bool,
    ending: Ending,
}

/// How many things an answer holds: the elements of its only list, or one. Words without a name are counted nowhere: how many things they
/// are is not known.
fn count(value: &Value) -> usize {
    let Some(object) = value.as_object() else {
        return value.as_array().map_or(1, <[Value]>::len);
    };
    let named = object.iter().filter(|(name, _)| *name != super::text::UNNAMED);
    let mut lists = named.filter_map(|(_, value)| value.as_array());
    match (lists.next(), lists.next()) {
        (Some(list), None) => list.len(),
        _ => 1,
    }
}

/// Puts a string where the answer has nothing at `pointer`, inside an object that it has.
fn put(value: &mut Value, pointer: &str, text: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    let Some(object) = value.pointer_mut(parent).and_then(Value::as_object_mut) else {
        return false;
    };
    if object.contains_key(name) {
        return false;
    }
    object.insert(name, Value::from(text));
    true
}

/// Policy documents that are given as text: IAM's API returns them percent-encoded (IAM API reference, GetRole: "URL-encoded
/// compliant with RFC 3986"); aws-cli decodes them, SDKs and older tools do not.
fn decode_policies(value: &mut Value, depth: usize) {
    if depth > 6 {
        return;
    }
    match value {
        Value::Object(object) => {
            for (name, member) in object.iter_mut() {
                if let Some(text) = member.as_str() {
                    let policy = name.ends_with("PolicyDocument") || name == "Document";
                    if policy && let Some(decoded) = policy_text(text) {
                        *member = decoded;
                    }
                } else {
                    decode_policies(member, depth + 1);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| decode_policies(item, depth + 1)),
        _ => {}
    }
}

pub fn policy_text(text: &str) -> Option<Value> {
    let text = text.trim();
    let decoded = if text.starts_with("%7B") || text.starts_with("%7b") {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).ok()?
    } else if text.starts_with('{') {
        text.to_owned()
    } else {
        return None;
    };
    serde_json::from_str(&decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::{pages, policy_text};
    use crate::artifact::testing::read;
    use serde_json::json;

    #[test]
    fn documents_one_after_the_other_are_told_apart() {
        assert_eq!(pages("{\n}\n{}\n"), [0..3, 4..7]);
        assert_eq!(pages("{\n\"a\": [\n{}]\n}").len(), 1);
        let text = "{\n}\n\n{\n}\n";
        assert_eq!(pages(text), [0..3, 5..9]);
        let text = "$ aws eks list-clusters --page-size 1 --no-paginate\n{\n  \"clusters\": [\"a\"],\n  \"nextToken\": \"x\"\n}\n{\n  \"clusters\": [\"b\"]\n}\n";
        let read = read(text);
        read.is("aws-json");
        assert_eq!(read.documents(), 2);
        assert_eq!(read.at("/clusters/0"), "a");
        assert!(!read.complete());
    }

    #[test]
    fn the_parts_of_a_yaml_stream_are_documents_of_their_own() {
        let text = "$ aws ec2 describe-vpcs --output yaml-stream\n\
            - Vpcs:\n  - CidrBlock: 10.20.0.0/16\n    IsDefault: false\n    VpcId: vpc-0a1b2c3d4e5f60718\n\
            - Vpcs:\n  - CidrBlock: 10.30.0.0/16\n    VpcId: vpc-0a1b2c3d4e5f60719\n";
        for text in [text, text.split_once('\n').unwrap().1] {
            let read = read(text);
            read.is("aws-yaml");
            assert_eq!(read.documents(), 2);
            assert!(read.kind().starts_with("aws/ec2"), "{}", read.kind());
            assert_eq!(read.at("/Vpcs/0/IsDefault"), "false");
            assert_eq!(read.shown("/Vpcs/0/CidrBlock"), "CidrBlock: 10.20.0.0/16");
        }
    }

    #[test]
    fn a_value_alone_and_an_empty_list_are_printed_as_json_by_the_yaml_output() {
        let endpoint = read(include_str!("../../../../tests/samples/aws-json/endpoint.txt"));
        assert_eq!(
            endpoint.at("/cluster/endpoint"),
            "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
        );
        assert_eq!(endpoint.at("/cluster/name"), "shop");
        let none = read(
            "$ aws eks describe-nodegroup --cluster-name shop --nodegroup-name blue --query nodegroup.health.issues --output yaml\n[]\n",
        );
        assert_eq!(none.kind(), "aws/eks/describe-nodegroup");
        assert_eq!(none.at("/nodegroup/health/issues"), "[]");
    }

    #[test]
    fn a_template_that_aws_cli_decoded_is_an_ordered_mapping() {
        let template = read(include_str!("../../../../tests/samples/aws-yaml/template.txt"));
        template.is("aws-yaml");
        assert_eq!(
            template.at("/TemplateBody/Resources/NodeRole/Properties/RoleName"),
            "shop-node"
        );
        assert_eq!(
            template.shown("/TemplateBody/Resources/NodeRole/Type"),
            "Type: AWS::IAM::Role"
        );
    }

    #[test]
    fn policies_in_a_stream_are_texts_and_are_read() {
        let text = "$ aws ec2 describe-vpc-endpoints --output yaml-stream\n- VpcEndpoints:\n  - PolicyDocument: '{\"Version\": \"2008-10-17\",\n      \"Statement\": [{\"Effect\": \"Allow\"}]}'\n    VpcEndpointId: vpce-0a1b2c3d4e5f60718\n";
        let endpoints = read(text);
        endpoints.is("aws-yaml");
        assert_eq!(
            endpoints.at("/VpcEndpoints/0/PolicyDocument/Statement/0/Effect"),
            "Allow"
        );
        assert!(
            endpoints
                .shown("/VpcEndpoints/0/PolicyDocument/Statement/0/Effect")
                .starts_with("PolicyDocument:")
        );
    }

    #[test]
    fn yaml_with_and_without_its_command() {
        let text = "$ aws eks describe-cluster --name shop --output yaml\n\
            cluster:\n  name: shop\n  resourcesVpcConfig:\n    subnetIds:\n    - subnet-1\n    vpcId: vpc-1\n  version: '1.31'\n";
        let cluster = read(text);
        cluster.is("aws-yaml");
        assert_eq!(cluster.at("/cluster/version"), "1.31");
        assert!(cluster.complete());
        let text = "Subnets:\n- AvailabilityZone: eu-west-1a\n  AvailableIpAddressCount: 3\n  SubnetId: subnet-1\n";
        let subnets = read(text);
        subnets.is("aws-yaml");
        assert_eq!(subnets.kind(), "aws/ec2/describe-subnets");
        let text = "$ aws ec2 describe-subnets --query Subnets[].SubnetId --output yaml\n- subnet-1\n- subnet-2\n";
        let subnets = read(text);
        subnets.is("aws-yaml");
        assert_eq!(subnets.at("/Subnets/1/SubnetId"), "subnet-2");
        assert_ne!(read("Items:\n- a\n- b\n").format, "aws-yaml");
    }

    #[test]
    fn yaml_with_names_in_lower_case_or_a_scalar_first_is_told_by_all_of_its_names() {
        let cluster = read(
            "cluster:\n  arn: arn:aws:eks:eu-west-1:444455556666:cluster/blue\n  name: blue\n  resourcesVpcConfig:\n    subnetIds:\n    - subnet-0c1b2c3d4e5f60718\n    vpcId: vpc-0c1b2c3d4e5f60718\n  status: ACTIVE\n",
        );
        cluster.is("aws-yaml");
        assert_eq!(cluster.kind(), "aws/eks");
        assert_eq!(cluster.at("/cluster/resourcesVpcConfig/vpcId"), "vpc-0c1b2c3d4e5f60718");
        let caller = read(
            "Account: '444455556666'\nArn: arn:aws:sts::444455556666:assumed-role/ops/mia\nUserId: AROAEXAMPLEEXAMPLE1:mia\n",
        );
        caller.is("aws-yaml");
        assert_eq!(caller.kind(), "aws/sts/get-caller-identity");
        for ordinary in [
            "cluster:\n  name: blue\n  version: '1.31'\n  status: ACTIVE\n",
            "cluster:\n  name: blue\n  domain: cluster.local\n  arn: arn:aws:eks:eu-west-1:444455556666:cluster/blue\n",
            "Role: arn:aws:iam::444455556666:role/blue\n",
            "tags:\n  team: shop\n  arn: arn:aws:iam::444455556666:role/blue\n",
            "name: blue\nversion: 2\ntags: arn:aws:iam::444455556666:role/blue\n",
        ] {
            assert_ne!(read(ordinary).format, "aws-yaml", "{ordinary}");
        }
    }

    #[test]
    fn two_answers_in_yaml_with_a_blank_line_between_are_two() {
        let text = "Subnets:\n- AvailabilityZone: eu-west-1a\n  SubnetId: subnet-0c1b2c3d4e5f60718\n\nVpcs:\n- CidrBlock: 10.9.0.0/16\n  VpcId: vpc-0c1b2c3d4e5f60718\n";
        let both = read(text);
        assert_eq!(both.formats(), ["aws-yaml", "aws-yaml"]);
        assert_eq!(both.documents(), 2);
        let identity = "Vpcs:\n- CidrBlock: 10.9.0.0/16\n  VpcId: vpc-0c1b2c3d4e5f60718\n\nnodegroup:\n  clusterName: blue\n  nodegroupName: a\n  nodegroupArn: arn:aws:eks:eu-west-1:444455556666:nodegroup/blue/a/1\n";
        assert_eq!(read(identity).documents(), 2);
        // Names are not listed in one answer with a group.
        let names = "Vpcs:\n- CidrBlock: 10.9.0.0/16\n  VpcId: vpc-0c1b2c3d4e5f60718\n\nclusters:\n- blue\n- green\n";
        let names = read(names);
        assert_eq!(names.formats().first(), Some(&"aws-yaml"));
        assert_eq!(names.at("/clusters/0"), "");
    }

    #[test]
    fn percent_encoded_policies_are_decoded() {
        let text = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        assert_eq!(
            policy_text(text),
            Some(json!({"Version": "2012-10-17", "Statement": []}).into())
        );
        assert_eq!(policy_text("%7B%2"), None);
    }
}
