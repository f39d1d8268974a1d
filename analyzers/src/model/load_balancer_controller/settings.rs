//! What the controller was told: the flags in the arguments of its Deployment, and their defaults (its documentation, "Controller
//! configuration options").

use std::collections::{BTreeMap, BTreeSet};

use super::annotation::truth;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::{Entity, Model};

/// The flags that decide.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "the controller's flags")]
pub struct Settings {
    /// `--cluster-name`; without it no hash in a name can be told.
    pub cluster_name: Option<String>,
    /// `--default-tags`
    pub default_tags: BTreeMap<String, String>,
    /// `--external-managed-tags`
    pub external_managed_tags: BTreeSet<String>,
    /// `--default-ssl-policy`
    pub default_ssl_policy: String,
    /// `--default-target-type`: `instance` or `ip`
    pub default_target_type: String,
    /// `--default-load-balancer-scheme`
    pub default_scheme: String,
    /// `--enable-backend-security-group`
    pub backend_security_group_enabled: bool,
    /// `--backend-security-group`: the shared group's id, where it was given.
    pub backend_security_group: Option<String>,
    /// `--enable-manage-backend-security-group-rules`
    pub manage_backend_rules: bool,
    /// `--disable-restricted-sg-rules`
    pub unrestricted_rules: bool,
    /// `--tolerate-non-existent-backend-service`
    pub tolerates_missing_service: bool,
    /// `--tolerate-non-existent-backend-action`
    pub tolerates_missing_action: bool,
    /// `--ingress-class`
    pub ingress_class: String,
    /// `--load-balancer-class`
    pub load_balancer_class: String,
    /// Gate `EnableIPTargetType`
    pub ip_targets: bool,
    /// Gate `NLBSecurityGroup`
    pub nlb_security_groups: bool,
    /// Gate `NLBHealthCheckAdvancedConfig`
    pub nlb_advanced_health_checks: bool,
    /// Gate `EnableDefaultTagsLowPriority`
    pub default_tags_last: bool,
    /// Gate `ServiceTypeLoadBalancerOnly`
    pub load_balancer_services_only: bool,
    /// Gate `EnableTCPUDPListener`
    pub tcp_udp_listeners: bool,
    /// Where the flags stand; `None` where they were not pasted, and the defaults are taken.
    pub evidence: Option<Evidence>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cluster_name: None,
            default_tags: BTreeMap::new(),
            external_managed_tags: BTreeSet::new(),
            default_ssl_policy: "ELBSecurityPolicy-2016-08".to_owned(),
            default_target_type: "instance".to_owned(),
            default_scheme: "internal".to_owned(),
            backend_security_group_enabled: true,
            backend_security_group: None,
            manage_backend_rules: false,
            unrestricted_rules: false,
            tolerates_missing_service: true,
            tolerates_missing_action: true,
            ingress_class: "alb".to_owned(),
            load_balancer_class: "service.k8s.aws/nlb".to_owned(),
            ip_targets: true,
            nlb_security_groups: true,
            nlb_advanced_health_checks: true,
            default_tags_last: false,
            load_balancer_services_only: false,
            tcp_udp_listeners: false,
            evidence: None,
        }
    }
}

impl Settings {
    /// Those of the controller's Deployment, or of one of its pods.
    pub fn new(model: &Model<'_>) -> Self {
        let mut settings = Self::default();
        let found = model
            .all("Deployment")
            .filter_map(|entity| arguments(entity, &["spec", "template", "spec", "containers"]))
            .chain(
                model
                    .all("Pod")
                    .filter_map(|entity| arguments(entity, &["spec", "containers"])),
            )
            .next();
        let Some(arguments) = found else { return settings };
        settings.evidence = Some(arguments.evidence());
        let items = arguments.items();
        let mut words = items.iter().filter_map(Node::str).peekable();
        while let Some(word) = words.next() {
            let word = word.trim_start_matches('-');
            match word.split_once('=') {
                Some((flag, value)) => settings.set(flag, value),
                None => match words.next_if(|next| !next.starts_with('-')) {
                    Some(value) => settings.set(word, value),
                    // A flag alone turns on what it names.
                    None => settings.set(word, "true"),
                },
            }
        }
        settings
    }

    fn set(&mut self, flag: &str, value: &str) {
        let yes = truth(value);
        let pairs = || {
            value
                .split(',')
                .filter_map(|pair| pair.split_once('='))
                .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        };
        match flag {
            "cluster-name" => self.cluster_name = Some(value.to_owned()),
            "default-tags" => self.default_tags = pairs().collect(),
            "external-managed-tags" => {
                self.external_managed_tags = value.split(',').map(|tag| tag.trim().to_owned()).collect();
            }
            "default-ssl-policy" => value.clone_into(&mut self.default_ssl_policy),
            "default-target-type" => value.clone_into(&mut self.default_target_type),
            "default-load-balancer-scheme" => value.clone_into(&mut self.default_scheme),
            "enable-backend-security-group" => put(&mut self.backend_security_group_enabled, yes),
            "backend-security-group" => {
                self.backend_security_group = Some(value.to_owned()).filter(|id| !id.is_empty());
            }
            "enable-manage-backend-security-group-rules" => put(&mut self.manage_backend_rules, yes),
            "disable-restricted-sg-rules" => put(&mut self.unrestricted_rules, yes),
            "tolerate-non-existent-backend-service" => put(&mut self.tolerates_missing_service, yes),
            "tolerate-non-existent-backend-action" => put(&mut self.tolerates_missing_action, yes),
            "ingress-class" => value.clone_into(&mut self.ingress_class),
            "load-balancer-class" => value.clone_into(&mut self.load_balancer_class),
            "feature-gates" => {
                for (gate, value) in pairs() {
                    self.set_gate(&gate, truth(&value));
                }
            }
            _ => {}
        }
    }

    /// One of `--feature-gates`.
    pub fn set_gate(&mut self, gate: &str, value: Option<bool>) {
        match gate {
            "EnableIPTargetType" => put(&mut self.ip_targets, value),
            "NLBSecurityGroup" => put(&mut self.nlb_security_groups, value),
            "NLBHealthCheckAdvancedConfig" => put(&mut self.nlb_advanced_health_checks, value),
            "EnableDefaultTagsLowPriority" => put(&mut self.default_tags_last, value),
            "ServiceTypeLoadBalancerOnly" => put(&mut self.load_balancer_services_only, value),
            "EnableTCPUDPListener" => put(&mut self.tcp_udp_listeners, value),
            _ => {}
        }
    }
}

fn put(flag: &mut bool, value: Option<bool>) {
    if let Some(value) = value {
        *flag = value;
    }
}

/// The arguments of the controller's container: by the container's image, which all ways to install it share.
fn arguments<'a>(entity: &Entity<'a>, containers: &[&str]) -> Option<Node<'a>> {
    entity.at(containers)?.items().iter().find_map(|container| {
        let image = container.str_of("image")?;
        let own = image.contains("aws-load-balancer-controller");
        container.get("args").filter(|_| own)
    })
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::{Input, analysis};

    #[test]
    fn the_flags_of_the_deployment_are_read_and_the_rest_are_defaults() {
        let text = "$ kubectl get deploy -n kube-system aws-load-balancer-controller -o yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: aws-load-balancer-controller
  namespace: kube-system
spec:
  template:
    spec:
      containers:
      - args:
        - --cluster-name=shop-prod
        - --ingress-class
        - alb-public
        - --default-tags=team=shop,env=prod
        - --feature-gates=NLBSecurityGroup=false,EnableTCPUDPListener=true
        - --disable-restricted-sg-rules
        - --enable-backend-security-group=false
        image: public.ecr.aws/eks/aws-load-balancer-controller:v2.8.1
        name: aws-load-balancer-controller
";
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let analysis = analysis::read(vec![input], &mut |_| {});
        let settings = Settings::new(&analysis.model());
        assert_eq!(settings.cluster_name.as_deref(), Some("shop-prod"));
        assert_eq!(settings.ingress_class, "alb-public");
        assert_eq!(settings.default_tags.get("env").map(String::as_str), Some("prod"));
        assert!(!settings.nlb_security_groups);
        assert!(settings.tcp_udp_listeners);
        assert!(settings.unrestricted_rules);
        assert!(!settings.backend_security_group_enabled);
        assert!(settings.tolerates_missing_service);
        assert_eq!(settings.default_scheme, "internal");
        assert!(settings.evidence.is_some());
    }
}
