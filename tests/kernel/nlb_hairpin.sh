#!/usr/bin/env bash
# Builds a VPC, a node and two pods out of network namespaces, lets a client call a load balancer that keeps client
# addresses, and prints what tcpdump sees where the client is. The namespaces hold all of the traffic.
#
#   10.99.1.12:443   the load balancer: the "vpc" namespace rewrites the destination and nothing else
#   10.99.3.41       the node, with a node port 31443 that leads to the pod "api", as kube-proxy writes it
#   10.99.3.77       the pod "pod"          10.99.3.90       the pod "api", which listens on 8443
#
# usage: nlb_hairpin.sh CLIENT TARGET      CLIENT: pod | node      TARGET: address:port that the load balancer picks
set -euo pipefail
client=$1 target=$2
run=wp$$
names=(vpc node pod api)

cleanup() {
  for name in "${names[@]}"; do
    ip netns pids "$run-$name" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "$run-$name" 2>/dev/null || true
  done
}
trap cleanup EXIT

on() { local name=$1; shift; ip netns exec "$run-$name" "$@"; }

for name in "${names[@]}"; do
  ip netns add "$run-$name"
  on "$name" ip link set lo up
done
ip link add eth0 netns "$run-node" type veth peer name node netns "$run-vpc"
on vpc ip addr add 10.99.3.1/24 dev node
on vpc ip link set node up
on node ip addr add 10.99.3.41/24 dev eth0
on node ip link set eth0 up
on node ip route add default via 10.99.3.1
# Each pod as the Amazon VPC CNI wires it: a host route to its veth on the node, and 169.254.1.1 as its gateway.
for pod in "pod 10.99.3.77" "api 10.99.3.90"; do
  read -r name address <<<"$pod"
  ip link add eth0 netns "$run-$name" type veth peer name "eni-$name" netns "$run-node"
  on "$name" ip addr add "$address/32" dev eth0
  on "$name" ip link set eth0 up
  on "$name" ip route add 169.254.1.1 dev eth0
  on "$name" ip route add default via 169.254.1.1
  on node ip link set "eni-$name" up
  on node ip route add "$address/32" dev "eni-$name"
  on node sysctl -qw "net.ipv4.conf.eni-$name.proxy_arp=1"
  on vpc ip route add "$address/32" via 10.99.3.41
done
on node sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.eth0.rp_filter=2
on vpc sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.node.rp_filter=0
on vpc iptables -t nat -A PREROUTING -d 10.99.1.12 -p tcp --dport 443 -j DNAT --to-destination "$target"
on node iptables -t nat -A PREROUTING -d 10.99.3.41 -p tcp --dport 31443 -j MARK --set-xmark 0x4000/0x4000
on node iptables -t nat -A PREROUTING -d 10.99.3.41 -p tcp --dport 31443 -j DNAT --to-destination 10.99.3.90:8443
on node iptables -t nat -A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE

# The listener keeps nobody's output open and ends by itself.
on api timeout 20 python3 -c '
import socket
s = socket.socket(); s.bind(("0.0.0.0", 8443)); s.listen(5)
while True: s.accept()[0].close()' </dev/null >/dev/null 2>&1 &
capture=$(mktemp)
on "$client" timeout 5 tcpdump -nn -l -i eth0 tcp >"$capture" 2>/dev/null &
sniffer=$!
sleep 1
on "$client" python3 -c '
import socket
s = socket.socket(); s.settimeout(2.5)
try: s.connect(("10.99.1.12", 443)); print("# connected")
except OSError as why: print("#", why)'
wait "$sniffer" || true
cat "$capture"
rm -f "$capture"
