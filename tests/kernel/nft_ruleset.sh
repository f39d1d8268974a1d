#!/usr/bin/env bash
# Loads rulesets into network namespaces and prints what nft lists of each, as text and as JSON. Each output follows a line `=== NAME`.
set -euo pipefail
here=$(dirname "$0")
run=wp$$-nft
trap 'ip netns del "$run" 2>/dev/null || true' EXIT
ip netns add "$run"
on() { ip netns exec "$run" "$@"; }
show() { echo "=== $1"; shift; on nft "$@" list ruleset; echo; }

on nft -f "$here/nft_kube_proxy.nft"
show kube-proxy
show kube-proxy.json -j
show kube-proxy-handles -a
show kube-proxy-handles.json -j
on nft flush ruleset

on nft -f "$here/nft_statements.nft"
refused=0
while read -r rule; do
    # A kernel without a module, or an older nft, refuses some.
    on nft "add rule $rule" 2>/dev/null || refused=$((refused + 1))
done <"$here/nft_statements.txt"
echo "$refused rules refused by this kernel" >&2
show statements -a
show statements.json -j
show statements-numeric -nn
show statements-numeric.json -j -nn
