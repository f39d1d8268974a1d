//! Whole pastes against the verdicts of their flows.

use crate::analysis::{Analysis, Input, read};
use crate::flow::auth::{AuthReport, Question, Subject, compute};
use crate::flow::{Flow, Reason, Verdict};

const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/AAAA1111AAAA1111AAAA1111AAAA1111";

const ACCOUNT: &str = "$ kubectl get sa uploader -n shop -o yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::444455556666:role/up
  name: uploader
  namespace: shop
";

const POD: &str = "$ kubectl get pod uploader-0 -n shop -o yaml
apiVersion: v1
kind: Pod
metadata:
  name: uploader-0
  namespace: shop
spec:
  containers:
  - name: main
    env:
    - name: AWS_ROLE_ARN
      value: arn:aws:iam::444455556666:role/up
    - name: AWS_WEB_IDENTITY_TOKEN_FILE
      value: /var/run/secrets/eks.amazonaws.com/serviceaccount/token
    volumeMounts:
    - name: aws-iam-token
      mountPath: /var/run/secrets/eks.amazonaws.com/serviceaccount
  serviceAccountName: uploader
  volumes:
  - name: aws-iam-token
    projected:
      sources:
      - serviceAccountToken:
          audience: sts.amazonaws.com
          path: token
";

fn role(subject: &str) -> String {
    format!(
        r#"$ aws iam get-role --role-name up --query Role.AssumeRolePolicyDocument
{{
    "Version": "2012-10-17",
    "Statement": [
        {{
            "Effect": "Allow",
            "Principal": {{ "Federated": "arn:aws:iam::444455556666:oidc-provider/{ISSUER}" }},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {{
                "StringEquals": {{
                    "{ISSUER}:aud": "sts.amazonaws.com",
                    "{ISSUER}:sub": "{subject}"
                }}
            }}
        }}
    ]
}}
"#
    )
}

fn cluster() -> String {
    format!(
        "$ aws eks describe-cluster --name prod --query cluster.identity.oidc.issuer --output text\nhttps://{ISSUER}\n"
    )
}

fn load(paste: &str) -> Analysis {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: paste.as_bytes().to_vec(),
    };
    read(vec![input], &mut |_| ())
}

fn ask(paste: &str, action: Option<&str>) -> (Flow, AuthReport) {
    let analysis = load(paste);
    let question = Question {
        subject: Subject::ServiceAccount {
            namespace: "shop".to_owned(),
            name: "uploader".to_owned(),
        },
        access: None,
        action: action.map(str::to_owned),
        on: None,
    };
    let flow = compute(&analysis.model(), &question);
    let report = crate::flow::auth::report(&analysis, &flow).expect("an auth flow");
    (flow, report)
}

const GOOD: &str = "system:serviceaccount:shop:uploader";

#[test]
fn all_pasted_and_all_well() {
    let (flow, report) = ask(&[ACCOUNT, POD, &role(GOOD), &cluster()].concat(), None);
    assert_eq!(flow.verdict, Verdict::Passes);
    assert_eq!(report.username.as_deref(), Some(GOOD));
    assert_eq!(
        report.allowed_by.as_deref(),
        Some("trust policy of role up → statement 1")
    );
    assert_eq!(report.smallest_grant, None);
    let exchange = report.steps.get(2).expect("the exchange");
    let arn = exchange.after.get("arn").map(String::as_str);
    assert_eq!(arn, Some("arn:aws:sts::444455556666:assumed-role/up/<session>"));
    assert!(report.next.is_empty(), "{:?}", report.next);
}

#[test]
fn what_was_not_pasted_is_assumed_and_said() {
    let (flow, _) = ask(&[ACCOUNT, &role(GOOD)].concat(), None);
    assert_eq!(flow.verdict, Verdict::Assumed);
    let asked: Vec<&str> = flow.next.iter().map(|next| next.command.as_str()).collect();
    assert_eq!(asked, ["aws eks describe-cluster --name <cluster>"]);
}

#[test]
fn another_namespace_is_blocked_by_the_subject_with_both_values() {
    let wanted = "system:serviceaccount:default:uploader";
    let (flow, report) = ask(&[ACCOUNT, &role(wanted), &cluster()].concat(), None);
    assert_eq!(flow.verdict, Verdict::Blocked);
    let step = flow.steps().nth(2).expect("the exchange");
    assert_eq!(step.reason, Some(Reason::ConditionNotMet));
    let verdicts: Vec<(&str, Verdict)> = step
        .checks
        .iter()
        .map(|check| (check.what.as_str(), check.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [
            ("issuer", Verdict::Passes),
            ("action", Verdict::Passes),
            ("aud", Verdict::Assumed),
            ("sub", Verdict::Blocked),
        ]
    );
    let subject = step.checks.last().expect("checks");
    assert_eq!(subject.has.as_deref(), Some(GOOD));
    assert_eq!(subject.wants, [wanted]);
    // Both sides are cited: the policy's line, and the lines that make the subject.
    let cited = report.steps.get(2).and_then(|step| step.checks.last()).expect("checks");
    let texts: Vec<&str> = cited.evidence.iter().map(|one| one.text.as_str()).collect();
    assert!(texts.first().is_some_and(|text| text.contains(wanted)), "{texts:?}");
    assert!(texts.contains(&"namespace: shop"), "{texts:?}");
    let grant: serde_json::Value = serde_json::from_str(&report.smallest_grant.expect("a grant")).expect("JSON");
    let subjects = &grant["Statement"][0]["Condition"]["StringEquals"][format!("{ISSUER}:sub")];
    assert_eq!(*subjects, serde_json::json!([wanted, GOOD]));
}

#[test]
fn the_corrected_policy_lets_the_token_in() {
    for wanted in [
        "system:serviceaccount:default:uploader",
        "system:serviceaccount:shop:*",
        "uploader",
    ] {
        let (_, report) = ask(&[ACCOUNT, POD, &role(wanted), &cluster()].concat(), None);
        let policy = report.smallest_grant.expect("a grant");
        let printed = format!("$ aws iam get-role --role-name up --query Role.AssumeRolePolicyDocument\n{policy}\n");
        let (flow, _) = ask(&[ACCOUNT, POD, &printed, &cluster()].concat(), None);
        assert_eq!(flow.verdict, Verdict::Passes, "{wanted}");
    }
}

#[test]
fn without_the_trust_policy_it_is_unknown_and_asks_for_it() {
    let (flow, _) = ask(&[ACCOUNT, &cluster()].concat(), None);
    assert_eq!(flow.verdict, Verdict::Unknown);
    let first = flow.next.first().expect("a command");
    assert_eq!(first.command, "aws iam get-role --role-name up");
    let (flow, _) = ask("$ kubectl get pods\nNo resources found in default namespace.\n", None);
    assert_eq!(flow.verdict, Verdict::Unknown);
    let first = flow.next.first().expect("a command");
    assert_eq!(first.command, "kubectl get serviceaccount uploader -n shop -o yaml");
}

#[test]
fn what_the_role_may_do_is_another_question() {
    let paste = [ACCOUNT, POD, &role(GOOD), &cluster()].concat();
    let (flow, report) = ask(&paste, Some("s3:PutObject"));
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        report
            .next
            .iter()
            .any(|next| next.command.contains("list-attached-role-policies --role-name up"))
    );
    let (flow, _) = ask(&paste, Some("STS:AssumeRoleWithWebIdentity"));
    assert_eq!(flow.verdict, Verdict::Passes);
}

#[test]
fn a_refusal_is_laid_on_one_account_only() {
    let other = ACCOUNT.replace("uploader", "reporter").replace("role/up", "role/rep");
    let log =
        "$ kubectl logs -n shop uploader-0\nAccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity\n";
    let refused = |paste: &str| ask(paste, None).0.steps().nth(2).is_some_and(|step| step.seen);
    assert!(refused(&[ACCOUNT, log].concat()));
    assert!(!refused(&[ACCOUNT, &other, log].concat()), "it may be either's");
    assert!(
        refused(&[ACCOUNT, &other, POD, log].concat()),
        "the pod tells whose it is"
    );
    assert!(!refused(&[ACCOUNT, &log.replace("-n shop", "-n billing")].concat()));
}

#[test]
fn two_clusters_issuers_are_none() {
    let other = cluster().replace("AAAA", "BBBB");
    let (flow, _) = ask(&[ACCOUNT, POD, &role(GOOD), &cluster(), &other].concat(), None);
    assert_eq!(flow.verdict, Verdict::Assumed);
}
