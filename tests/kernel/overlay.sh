#!/usr/bin/env bash
# Builds three nodes with an overlay network out of network namespaces, breaks what it is told to, prints the nodes' tables as their shells
# would, and sends packets from a pod of the first node to a pod of the second. The namespaces hold all of the traffic.
#
#   10.98.0.11 node-one   10.244.0.0/24   pod a 10.244.0.7
#   10.98.0.12 node-two   10.244.1.0/24   pod b 10.244.1.5, which answers what it gets at UDP 7777
#   10.98.0.13 node-three 10.244.2.0/24   no pod
#
# usage: overlay.sh KIND WHEN FAULT…    KIND: vxlan | host-gw    WHEN the tables are printed: before | after the packets
set -euo pipefail
kind=$1 when=$2
shift 2
run=wp$$
names=(wire one two three a b)
heard=$(mktemp) said=$(mktemp)

cleanup() {
  for name in "${names[@]}"; do
    ip netns pids "$run-$name" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "$run-$name" 2>/dev/null || true
  done
  rm -f "$heard" "$said"
}
trap cleanup EXIT

on() { local name=$1; shift; ip netns exec "$run-$name" "$@"; }

for name in "${names[@]}"; do
  ip netns add "$run-$name"
  on "$name" ip link set lo up
done
on wire ip link add br0 type bridge
on wire ip link set br0 up

declare -A address=([one]=10.98.0.11 [two]=10.98.0.12 [three]=10.98.0.13)
declare -A number=([one]=0 [two]=1 [three]=2)
declare -A mac=([one]=02:00:00:00:00:11 [two]=02:00:00:00:00:12 [three]=02:00:00:00:00:13)

for node in one two three; do
  ip link add eth0 netns "$run-$node" type veth peer name "$node" netns "$run-wire"
  on wire ip link set "$node" master br0 up
  on "$node" ip addr add "${address[$node]}/24" dev eth0
  on "$node" ip link set eth0 up
  on "$node" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  on "$node" ip link add cni0 type bridge
  on "$node" ip addr add "10.244.${number[$node]}.1/24" dev cni0
  on "$node" ip link set cni0 up
  case $kind in
    vxlan)
      port=8472 id=1
      if [ "$node" = two ]; then
        [[ " $* " == *" two-port "* ]] && port=4789
        [[ " $* " == *" two-id "* ]] && id=9
      fi
      on "$node" ip link add flannel.1 address "${mac[$node]}" type vxlan id "$id" dev eth0 local "${address[$node]}" dstport "$port" nolearning
      on "$node" ip addr add "10.244.${number[$node]}.0/32" dev flannel.1
      on "$node" ip link set flannel.1 up
      ;;
  esac
done
for node in one two three; do
  for other in one two three; do
    [ "$node" = "$other" ] && continue
    block=10.244.${number[$other]}
    case $kind in
      vxlan)
        on "$node" ip route add "$block.0/24" via "$block.0" dev flannel.1 onlink
        on "$node" ip neigh add "$block.0" lladdr "${mac[$other]}" dev flannel.1 nud permanent
        on "$node" bridge fdb add "${mac[$other]}" dev flannel.1 dst "${address[$other]}" self permanent
        ;;
      host-gw) on "$node" ip route add "$block.0/24" via "${address[$other]}" dev eth0 ;;
    esac
  done
done
for pod in "a one 0.7" "b two 1.5"; do
  read -r name node end <<<"$pod"
  ip link add eth0 netns "$run-$name" type veth peer name "veth$name" netns "$run-$node"
  on "$node" ip link set "veth$name" master cni0 up
  on "$name" ip addr add "10.244.$end/24" dev eth0
  on "$name" ip link set eth0 up
  on "$name" ip route add default via "10.244.${number[$node]}.1"
done

for fault in "$@"; do
  # one-…: what the packet meets; two-…: what it meets at the other node, and what its answer does.
  node=${fault%%-*}
  case $node in one) other=two ;; *) other=one ;; esac
  block=10.244.${number[$other]}
  case $fault in
    two-port | two-id) ;;
    *-fdb) on "$node" bridge fdb del "${mac[$other]}" dev flannel.1 dst "${address[$other]}" self ;;
    *-neighbour) on "$node" ip neigh del "$block.0" dev flannel.1 ;;
    *-route) on "$node" ip route del "$block.0/24" ;;
    *-stale) on "$node" bridge fdb replace "${mac[$other]}" dev flannel.1 dst "${address[three]}" self permanent ;;
    *-mac) on "$node" ip neigh replace "$block.0" lladdr 02:00:00:00:00:99 dev flannel.1 nud permanent
      on "$node" bridge fdb add 02:00:00:00:00:99 dev flannel.1 dst "${address[$other]}" self permanent ;;
    *-all) on "$node" bridge fdb add 00:00:00:00:00:00 dev flannel.1 dst "${address[$other]}" self permanent ;;
    *-bridge) on "$node" ip route del "10.244.${number[$node]}.0/24" dev cni0 ;;
    *-blackhole) on "$node" ip route add blackhole "10.244.${number[$node]}.$([ "$node" = one ] && echo 7 || echo 5)/32" ;;
    *) echo "no fault is called $fault" >&2; exit 1 ;;
  esac
done

tables() {
  for node in one two; do
    for command in "ip route" "ip neigh show dev flannel.1" "bridge fdb show dev flannel.1" "ip -d link show flannel.1" "ip addr"; do
      case "$kind $command" in host-gw*flannel*) continue ;; esac
      echo "[root@node-$node ~]# $command"
      # shellcheck disable=SC2086
      on "$node" $command
    done
  done
}

[ "$when" = before ] && tables
on b timeout 10 python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 7777))
open(sys.argv[1], "a").write("ready ")
while True:
    data, who = s.recvfrom(100)
    open(sys.argv[1], "a").write("got ")
    s.sendto(data, who)' "$heard" </dev/null >/dev/null 2>&1 &
for _ in $(seq 50); do grep -q ready "$heard" && break; sleep 0.05; done
on a timeout 10 python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.3)
for _ in range(int(sys.argv[1])):
    try:
        s.sendto(b"x", ("10.244.1.5", 7777)); s.recvfrom(100); print("answered"); break
    except OSError: pass' "$([ "$when" = before ] && echo 3 || echo 14)" >"$said" </dev/null
[ "$when" = after ] && tables
echo "# arrived: $(grep -q got "$heard" && echo yes || echo no)"
echo "# answered: $(grep -q answered "$said" && echo yes || echo no)"
