#!/usr/bin/env bash
# Sets up a network namespace with addresses, routes, rules, neighbours and packet filter rules, and prints what the tools say of it,
# as text and as the same tool's JSON. Each output follows a line `=== NAME`.
set -euo pipefail
run=wp$$-tools
trap 'ip netns del "$run" 2>/dev/null || true' EXIT
ip netns add "$run"
on() { ip netns exec "$run" "$@"; }
# What a kernel without a driver or an option refuses is left out, of the text and of the JSON alike.
may() { on "$@" 2>/dev/null || true; }

on ip link set lo up
on ip link add eth0 type veth peer name eni4f2b7c91a0d
on ip addr add 10.20.3.41/24 brd + dev eth0
on ip addr add 10.20.3.55/24 dev eth0
on ip -6 addr add fd00:20::41/64 dev eth0 nodad
on ip link set eth0 mtu 1400 up
on ip link set eni4f2b7c91a0d up
may ip link add flannel.1 type vxlan id 1 dev eth0 dstport 8472 local 10.20.3.41 nolearning
may ip link add link eth0 name vlan.eth.1 type vlan id 5
may ip link set flannel.1 up
may ip link add cilium_geneve type geneve external
may ip link add gnv1 type geneve id 5 remote 10.20.3.7
may ip link add gnv6 type geneve id 6 remote fd00:20::7 ttl 9
may ip link add vxlan6 type vxlan id 7 dev eth0 dstport 4789 remote fd00:20::8
may ip link add br0 type bridge
may ip link add link eth0 name mv0 type macvlan mode bridge

on ip route add default proto dhcp metric 512 nexthop via 10.20.3.1 dev eth0 weight 1 nexthop via 10.20.3.2 dev eth0 weight 5
on ip route add 10.20.3.90 dev eni4f2b7c91a0d scope link
on ip route add 10.7.0.0/24 via 10.20.9.9 dev eth0 onlink mtu 1300 advmss 1200 src 10.20.3.41
on ip route add default via 10.20.3.1 dev eth0 table 2
on ip route add blackhole 10.101.0.0/16 proto static metric 7
on ip route add unreachable 10.102.0.0/16 metric 8
on ip route add prohibit 10.103.0.0/16
on ip -6 route add fd00:99::/64 via fd00:20::1 dev eth0 metric 99

on ip rule add to 10.20.3.90 table main pref 512
on ip rule add fwmark 0x80/0x80 table main pref 1024
on ip rule add not from 10.20.3.55 to 10.20.0.0/16 iif eth0 table 2 pref 1536
on ip rule add tos 0x10 ipproto tcp sport 1-5 dport 80 uidrange 0-99 oif eth0 table 5 pref 2000
on ip rule add from 10.1.1.0/24 unreachable pref 2001
on ip rule add table main suppress_prefixlength 0 pref 2002

on ip neigh add 169.254.1.1 lladdr ee:3f:10:aa:20:9c dev eth0 nud permanent
on ip neigh add 10.20.3.77 lladdr ee:3f:10:aa:20:9d dev eth0 nud reachable
on ip -6 neigh add fd00:20::1 lladdr ee:3f:10:aa:20:9e dev eth0 router nud permanent
may bridge fdb add 00:11:22:33:44:55 dev flannel.1 dst 10.20.4.17 self permanent
may bridge fdb append 00:00:00:00:00:00 dev flannel.1 dst 10.20.4.18 vni 5 port 99 via eth0

# iptables-restore may not know every extension of this kernel: each rule by itself.
on iptables -t nat -N KUBE-SERVICES
on iptables -t nat -A PREROUTING -j KUBE-SERVICES
may iptables -t nat -A KUBE-SERVICES -d 172.20.31.8/32 -p tcp -m comment --comment 'shop/cart:http "cluster" IP' -m tcp --dport 80 -j DNAT --to-destination 10.20.3.90:8080
may iptables -t nat -A KUBE-SERVICES -m statistic --mode random --probability 0.5 -j RETURN
may iptables -t nat -A KUBE-SERVICES ! -s 10.20.0.0/16 ! -o vlan+ -m addrtype ! --dst-type LOCAL -j MASQUERADE --random-fully
may iptables -t nat -A KUBE-SERVICES -p tcp -m multiport ! --dports 80,443 -m conntrack --ctstate NEW -j RETURN
may iptables -t nat -A KUBE-SERVICES -m mark ! --mark 0x4000/0x4000 -j RETURN
may iptables -t nat -A KUBE-SERVICES -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -g PREROUTING
may iptables -t nat -A KUBE-SERVICES -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP --mask 255.255.255.255 --rsource -j RETURN
sleep 2

show() { local name=$1; shift; echo "=== $name"; on "$@"; echo; }
show ip-route ip route show table all
show ip-route.json ip -j route show table all
show ip-route ip -6 route show table all
show ip-route.json ip -j -6 route show table all
show ip-route ip -d route
show ip-route.json ip -j -d route
show ip-rule ip rule
show ip-rule.json ip -j rule
show ip-addr ip addr
show ip-addr.json ip -j addr
show ip-link ip link
show ip-link.json ip -j link
show ip-addr ip -br addr
show ip-addr.json ip -j -br addr
show ip-link ip -br link
show ip-link.json ip -j -br link
show ip-link ip -o link
show ip-link.json ip -j -o link
show ip-route ip -o route
show ip-route.json ip -j -o route
show ip-route ip route get 10.7.0.5
show ip-route.json ip -j route get 10.7.0.5
show ip-route ip route get fd00:99::5
show ip-route.json ip -j route get fd00:99::5
show ip-rule ip -6 rule
show ip-rule.json ip -j -6 rule
show ip-link ip -s -s link show eth0
show ip-link.json ip -j -s -s link show eth0
show ip-link ip -d -s link
show ip-link.json ip -j -d -s link
show ip-neigh ip neigh
show ip-neigh.json ip -j neigh
show bridge-fdb bridge fdb
show bridge-fdb.json bridge -j fdb
show iptables-save iptables-save -t nat
show iptables-save iptables -t nat -S
show iptables-list iptables -t nat -L -n -v
show sysctl sysctl net.ipv4.ip_forward net.ipv4.conf.eth0.rp_filter net.ipv4.ip_local_port_range
show proc-net-dev cat /proc/net/dev
show proc-net-snmp cat /proc/net/snmp
show proc-net-snmp cat /proc/net/netstat
show softnet-stat cat /proc/net/softnet_stat
show nstat nstat -az
show ss-summary ss -s
# What not every system has.
extra() { if command -v "$2" >/dev/null; then show "$@"; fi; }
extra ip-route route -n
extra ip-route netstat -rn
extra ip-route netstat -rn6
extra ip-neigh arp -n
extra ip-addr ifconfig
extra ss netstat -tan
extra netstat-counters netstat -s
extra netstat-interfaces netstat -i
extra ethtool ethtool eth0
extra ethtool-driver ethtool -i eth0
extra ethtool-features ethtool -k eth0
extra ethtool-features.json ethtool --json -k eth0
extra ping ping -c 1 10.20.3.41
