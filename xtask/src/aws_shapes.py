"""Writes the shapes of the answers of AWS APIs, from botocore's service models, to standard output.

The names of operations, members and types are facts of the APIs; botocore (https://github.com/boto/botocore) is Apache-2.0.
"""

import re

import botocore
import botocore.session
from botocore import xform_name

SERVICES = """autoscaling cloudformation cloudtrail cloudwatch directconnect ec2 ecr efs eks elb elbv2 iam kms acm logs ram route53
route53resolver servicediscovery ssm sts""".split()
READ = re.compile(r"(Describe|Get|List|Lookup|BatchGet|Filter|Simulate|AssumeRole)")
# Read operations of which only the outermost members are kept: no support call about a cluster's network or access needs more.
SHALLOW = re.compile(
    r"""ec2\.\w*(Reserved|Ipam|VerifiedAccess|Fpga|Bundle|ClientVpn|LocalGateway|TrafficMirror|Trunk|Mac|Outpost|Fleet|Spot|Scheduled
    |Capacity|Host|Byoip|Coip|Carrier|Allowed|ImageUsage|Conversion|ExportTask|ExportImage|Import|Store|Recycle|Replace|Snapshot|Elastic|Lock
    |RouteServer|NetworkInsights|Declarative|Classic|PurchaseOption|GroupsForCap|InstanceTopology|IdFormat|InstanceConnect|Encryption
    |SecondaryNetwork|SecondarySubnet|SecondaryInterface|VpnConcentrator|Console|Password|Metadata|Credit|Window|Event|Moving|PublicIpv4
    |Sql|Assistant|InstanceRequirements|AwsNetwork|Performance|Interruptible|UefiData|Attestation|Tpm|Policy|Domain|ImageReference
    |ImageAncestry|Multicast|MeteringPolicy|ConnectPeers|GatewayConnects|Serial)
    |ssm\.(?!(DescribeInstanceInformation|GetParameter|DescribeSessions|ListCommands|GetCommandInvocation|GetConnectionStatus))
    |cloudformation\.(?!(DescribeStacks|DescribeStackEvents|DescribeStackResource|ListStacks|ListStackResources|GetTemplate$|ListExports))
    |logs\.(?!(DescribeLogGroups|DescribeLogStreams|GetLogEvents|FilterLogEvents|GetQueryResults|DescribeSubscription|DescribeResourceP))
    |cloudtrail\.(?!(LookupEvents|DescribeTrails|GetTrail|GetEventSelectors|ListTrails))
    |cloudwatch\.(?!(DescribeAlarms|GetMetric|ListMetrics|DescribeAlarmHistory))
    |iam\.\w*(Credential|ServiceLast|Context|SSH|Signing|MFA|Virtual|ServerCert|Report|OrganizationsAccess|Delegat)
    |ecr\.(?!(DescribeRepositories|DescribeImages|ListImages|GetAuthorization|GetRepositoryPolicy|DescribePullThrough|BatchGetImage))
    |autoscaling\.\w*(Warm|Predictive|Metric|Adjust|Refresh|Forecast|Notification|Schedul|Traffic)
    |route53\.\w*(Traffic|Reusable|Cidr|GeoLoc|QueryLog|Dnssec|DNSSEC)
    |route53resolver\.\w*(Firewall|Outpost)
    |eks\.\w*(Insight|AnywhereSub|Capabilit)
    |kms\.\w*(Custom|Parameters)
    |(directconnect|servicediscovery|ram)\.""",
    re.X,
)

# More values than this are not kept of a string.
VALUES = 30


class Service:
    def __init__(self, model):
        self.model = model
        self.numbers = {}
        self.lines = []
        self.values = []

    def token(self, shape, deep):
        kind = shape.type_name
        if kind == "list":
            return "*" + self.token(shape.member, deep)
        if kind == "map":
            return "%" + self.token(shape.value, deep)
        if kind == "structure":
            known = self.struct(shape) if deep else self.numbers.get(shape.name)
            return ":" if known is None else f":{known}"
        # The values of long lists grow with every year: only short ones are kept.
        values = getattr(shape, "enum", None) or []
        if deep and kind == "string" and 0 < len(values) <= VALUES and not any(" " in value or not value for value in values):
            words = " ".join(values)
            if words not in self.values:
                self.values.append(words)
            return f"${self.values.index(words)}"
        return {"integer": "#", "long": "#", "float": ".", "double": ".", "boolean": "?", "timestamp": "@"}.get(kind, "")

    def members(self, shape, deep, marked=False):
        """Its members; `marked`: with a sign after the scalars that the model says are always there."""

        def token(name, member):
            scalar = member.type_name not in ("list", "map", "structure")
            always = marked and scalar and name in shape.required_members
            return name + self.token(member, deep) + ("!" if always else "")

        return " ".join(sorted(token(name, member) for name, member in shape.members.items()))

    def struct(self, shape):
        if shape.name not in self.numbers:
            number = self.numbers[shape.name] = len(self.lines)
            self.lines.append("")
            self.lines[number] = self.members(shape, True, True)
        return self.numbers[shape.name]

    def write(self):
        print(f"@{self.model.service_name}")
        outputs = {}
        for name in self.model.operation_names:
            shape = self.model.operation_model(name).output_shape
            if shape is not None and shape.members:
                outputs[name] = shape
        texts = {}
        reads = [name for name in outputs if READ.match(name)]
        for name in sorted(outputs, key=lambda name: (name not in reads, name)):
            deep = name in reads and not SHALLOW.match(f"{self.model.service_name}.{name}")
            texts[name] = self.members(outputs[name], deep)
        groups = {}
        for name, text in texts.items():
            # Changes keep no values of strings, and answer like the read operation that does.
            groups.setdefault(re.sub(r"\$\d+", "", text), []).append(name)
        for names in sorted(groups.values()):
            text = max((texts[name] for name in names), key=len)
            # Of changes that answer alike only their being several matters: none of them can be told from its answer.
            named = [name for name in names if name in reads]
            changes = [name for name in names if name not in reads]
            if len(names) > 1 and changes:
                named.append("")
            else:
                named += changes
            print(",".join(xform_name(name, "-") if name else "" for name in named) + "=" + text)
        for line in self.lines:
            print(" " + line)
        for words in self.values:
            print("!" + words)


print("# The answers of AWS APIs: names and types of their members. Written by `cargo xtask aws-shapes` from the service models of")
print(f"# botocore {botocore.__version__} (https://github.com/boto/botocore, Apache-2.0); only names, no text of theirs. See shapes.rs.")
session = botocore.session.get_session()
for service in SERVICES:
    Service(session.get_service_model(service)).write()
