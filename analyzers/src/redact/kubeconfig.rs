//! Private keys in a kubeconfig: `client-key-data` (client-go, tools/clientcmd/api/v1/types.go).

use super::named::Named;
use super::{Secret, base64};

/// Finds client keys.
pub fn find(text: &str, out: &mut Vec<Secret>) {
    let named = Named {
        names: &["client-key-data"],
        least: 16,
        most: usize::MAX,
        kind: "client-key",
    };
    named.find(text, base64, out);
}
