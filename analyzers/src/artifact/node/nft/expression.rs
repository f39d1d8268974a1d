//! Expressions: what a rule looks at, and the values that it compares with, in the shape of `nft -j` (`man libnftables-json`,
//! "EXPRESSIONS").

use super::token::{Cursor, Kind, Token};
use crate::artifact::Placed;
use crate::text::Piece;

/// meta's keys that are printed without the word `meta` (nftables, `src/meta.c`, `meta_expr_print`; iptables' translations write `mark`,
/// too).
const BARE_META: [&str; 17] = [
    "iif",
    "iifname",
    "iiftype",
    "iifgroup",
    "oif",
    "oifname",
    "oiftype",
    "oifgroup",
    "mark",
    "skuid",
    "skgid",
    "nftrace",
    "rtclassid",
    "pkttype",
    "cpu",
    "cgroup",
    "ibrname",
];

/// Protocols whose fields are read from the packet (nftables, `src/proto.c`).
const PROTOCOLS: [&str; 19] = [
    "ether", "vlan", "arp", "ip", "ip6", "icmp", "icmpv6", "igmp", "tcp", "udp", "udplite", "sctp", "dccp", "ah",
    "esp", "comp", "th", "gre", "vxlan",
];

/// Fields, of any of these protocols: what follows a protocol's name must be one of them.
const FIELDS: [&str; 59] = [
    "saddr",
    "daddr",
    "type",
    "id",
    "cfi",
    "dei",
    "pcp",
    "htype",
    "ptype",
    "hlen",
    "plen",
    "operation",
    "version",
    "hdrlength",
    "dscp",
    "ecn",
    "length",
    "frag-off",
    "ttl",
    "protocol",
    "checksum",
    "flowlabel",
    "nexthdr",
    "hoplimit",
    "code",
    "gateway",
    "mtu",
    "sequence",
    "parameter-problem",
    "packet-too-big",
    "max-delay",
    "taddr",
    "sport",
    "dport",
    "ackseq",
    "doff",
    "reserved",
    "flags",
    "window",
    "urgptr",
    "csumcov",
    "vtag",
    "spi",
    "cpi",
    "mrt",
    "group",
    "vni",
    "port-unreachable",
    "hdr-length",
    "flowid",
    "l4proto",
    "sll",
    "tll",
    "addr",
    "size",
    "reserved1",
    "unused",
    "option",
    "chunk",
];

/// Headers behind an IPv6 header (nftables, `src/exthdr.c`).
const EXTENSIONS: [&str; 6] = ["hbh", "frag", "dst", "mh", "srh", "exthdr"];

/// What is looked at: one thing, several joined by ` . `, calculated with, or looked up in a map. `None`, with the cursor where it was,
/// where no expression begins here.
pub fn key(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let place = cursor.place();
    let start = cursor.here();
    let found = joined(cursor).and_then(|value| looked_up(cursor, start, value));
    if found.is_none() {
        cursor.back(place);
    }
    found
}

/// `EXPR map @NAME`, `EXPR map { … }`.
fn looked_up(cursor: &mut Cursor<'_, '_>, start: Piece<'_>, value: Placed) -> Option<Placed> {
    let Some(word) = cursor.eat("map") else {
        return Some(value);
    };
    let mut map = Placed::object(start);
    map.put("key", value);
    map.put("data", data(cursor)?);
    map.extend(cursor.last());
    Some(wrap("map", map, word))
}

/// What a map maps to: `@NAME` or `{ KEY : VALUE, … }`.
pub fn data(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    if cursor.peek().starts_with('@') {
        return cursor.word().map(Placed::text);
    }
    set(cursor)
}

/// `{ "NAME": value }`, told by `piece`.
pub fn wrap(name: &str, value: Placed, piece: Piece<'_>) -> Placed {
    let mut object = Placed::object(piece);
    object.put(name, value);
    object
}

fn joined(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let start = cursor.here();
    let first = calculated(cursor)?;
    if cursor.peek() != "." {
        return Some(first);
    }
    let mut list = Placed::array(start);
    list.push(first);
    while let Some(dot) = cursor.eat(".") {
        list.push(calculated(cursor)?);
        list.extend(dot);
    }
    list.extend(cursor.last());
    Some(wrap("concat", list, start))
}

/// `meta mark & 0xff`, with iptables' words for the operators, too.
fn calculated(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let start = cursor.here();
    let mut left = single(cursor)?;
    loop {
        let operator = match cursor.peek() {
            "&" | "and" => "&",
            "|" | "or" => "|",
            "^" | "xor" => "^",
            "<<" => "<<",
            ">>" => ">>",
            _ => return Some(left),
        };
        let sign = cursor.next()?.piece;
        let right = if cursor.peek() == "(" {
            masks(cursor)?
        } else {
            single(cursor).or_else(|| constant(cursor))?
        };
        let mut list = Placed::array(start);
        list.push(left);
        list.push(right);
        list.extend(cursor.last());
        left = wrap(operator, list, sign);
    }
}

/// `(fin | syn | rst | ack)`, as nft before 1.0.2 prints the flags that are looked at.
fn masks(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let open = cursor.eat("(")?;
    let mut list = Placed::array(open);
    loop {
        list.push(constant(cursor)?);
        if let Some(close) = cursor.eat(")") {
            list.extend(close);
            return Some(list);
        }
        cursor.eat("|").or_else(|| cursor.eat("or"))?;
    }
}

/// One thing that is looked at.
fn single(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let place = cursor.place();
    let first = cursor.ahead(0).filter(|token| token.kind == Kind::Word)?.piece;
    let found = match first.str() {
        "meta" => {
            cursor.next();
            keyed("meta", first, cursor)
        }
        "ct" => ct(cursor),
        "fib" => fib(cursor),
        "numgen" => numgen(cursor),
        "jhash" | "symhash" => hash(cursor),
        "socket" => {
            cursor.next();
            keyed("socket", first, cursor)
        }
        "rt" => route(cursor),
        "osf" => osf(cursor),
        "tcp" | "ip" | "sctp" if matches!(cursor.word_ahead(1), "option" | "chunk") => option(cursor),
        word if EXTENSIONS.contains(&word) => extension(cursor),
        word if BARE_META.contains(&word) => {
            let key = cursor.word()?;
            let mut inner = Placed::object(key);
            inner.put_text("key", key);
            Some(wrap("meta", inner, key))
        }
        word if word.starts_with('@') => raw(cursor),
        word if PROTOCOLS.contains(&word) => payload(cursor),
        _ => None,
    };
    if found.is_none() {
        cursor.back(place);
    }
    found
}

/// `{ "NAME": {"key": …} }` of the next word.
fn keyed(name: &str, first: Piece<'_>, cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let mut inner = Placed::object(first);
    inner.put_text("key", cursor.word()?);
    Some(wrap(name, inner, first))
}

/// `tcp dport`, `arp saddr ip`.
fn payload(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let protocol = cursor.word()?;
    let field = cursor.one_of(&FIELDS)?;
    let mut inner = Placed::object(protocol);
    inner.extend(field);
    inner.put_text("protocol", protocol);
    let second = (protocol.str() == "arp" && matches!(field.str(), "saddr" | "daddr"))
        .then(|| cursor.one_of(&["ip", "ether"]))
        .flatten();
    if let Some(second) = second {
        inner.put(
            "field",
            Placed::value(format!("{} {}", field.str(), second.str()), field),
        );
    } else {
        inner.put_text("field", field);
    }
    Some(wrap("payload", inner, protocol))
}

/// `@th,16,16`: bytes that have no name.
fn raw(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let base = cursor.word()?;
    cursor.eat(",")?;
    let offset = cursor.word()?;
    cursor.eat(",")?;
    let len = cursor.word()?;
    let mut inner = Placed::object(base);
    inner.extend(len);
    inner.put_text("base", base.skip(1));
    inner.put_number("offset", offset);
    inner.put_number("len", len);
    Some(wrap("payload", inner, base))
}

/// `ct state`, `ct original ip saddr`. `ct count` and `ct … set` of other words are statements.
fn ct(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let first = cursor.eat("ct")?;
    let mut inner = Placed::object(first);
    if let Some(direction) = cursor.one_of(&["original", "reply"]) {
        inner.put_text("dir", direction);
    }
    let key = cursor.word()?;
    inner.extend(key);
    if key.str() == "count" {
        return None;
    }
    if matches!(key.str(), "ip" | "ip6")
        && let Some(address) = cursor.one_of(&["saddr", "daddr"])
    {
        inner.put("key", Placed::value(format!("{} {}", key.str(), address.str()), key));
    } else {
        inner.put_text("key", key);
    }
    Some(wrap("ct", inner, first))
}

/// `fib saddr . iif oif`.
fn fib(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let first = cursor.eat("fib")?;
    let mut flags = Placed::array(first);
    loop {
        flags.push(Placed::text(cursor.word()?));
        if cursor.eat(".").is_none() {
            break;
        }
    }
    let mut inner = Placed::object(first);
    inner.put_text("result", cursor.one_of(&["type", "oif", "oifname"])?);
    inner.put("flags", flags);
    Some(wrap("fib", inner, first))
}

/// `numgen random mod 3 offset 100`.
fn numgen(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let first = cursor.eat("numgen")?;
    let mut inner = Placed::object(first);
    inner.put_text("mode", cursor.one_of(&["random", "inc"])?);
    modulus(cursor, &mut inner)?;
    Some(wrap("numgen", inner, first))
}

/// `jhash ip saddr . tcp sport mod 2 seed 0xdeadbeef`, `symhash mod 2`.
fn hash(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let first = cursor.word()?;
    let mut inner = Placed::object(first);
    if first.str() == "jhash" {
        // nft knows no hash of a hash.
        if cursor.depth > 0 {
            return None;
        }
        cursor.depth += 1;
        let of = joined(cursor);
        cursor.depth -= 1;
        inner.put("expr", of?);
    }
    modulus(cursor, &mut inner)?;
    Some(wrap(first.str(), inner, first))
}

fn modulus(cursor: &mut Cursor<'_, '_>, inner: &mut Placed) -> Option<()> {
    cursor.eat("mod")?;
    inner.put("mod", number(cursor.word()?));
    while let Some(name) = cursor.one_of(&["seed", "offset"]) {
        inner.put(name.str(), number(cursor.word()?));
    }
    inner.extend(cursor.last());
    Some(())
}

/// `rt mtu`, `rt ip nexthop`; an IPv6 routing header's fields are printed with `rt`, too.
fn route(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let first = cursor.eat("rt")?;
    if let Some(field) = cursor.one_of(&["nexthdr", "hdrlength", "type", "seg-left"]) {
        let mut inner = Placed::object(first);
        inner.put_text("name", first);
        inner.put_text("field", field);
        return Some(wrap("exthdr", inner, first));
    }
    let family = cursor.one_of(&["ip", "ip6"]);
    let mut inner = Placed::object(first);
    inner.put_text("key", cursor.one_of(&["classid", "nexthop", "mtu", "ipsec"])?);
    if let Some(family) = family {
        inner.put_text("family", family);
    }
    Some(wrap("rt", inner, first))
}

/// `osf ttl skip name`.
fn osf(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let first = cursor.eat("osf")?;
    let mut inner = Placed::object(first);
    if cursor.eat("ttl").is_some() {
        inner.put_text("ttl", cursor.word()?);
    }
    inner.put_text("key", cursor.one_of(&["name", "version"])?);
    Some(wrap("osf", inner, first))
}

/// `tcp option maxseg size`, `ip option lsrr type`, `sctp chunk data`; without a field it is asked whether it is there.
fn option(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let protocol = cursor.word()?;
    let word = cursor.word()?;
    let mut inner = Placed::object(protocol);
    inner.put_text("name", cursor.word()?);
    if !matches!(
        cursor.peek(),
        "exists" | "missing" | "" | "==" | "!=" | "{" | "set" | "."
    ) && !cursor.peek().starts_with(|c: char| c.is_ascii_digit())
    {
        inner.put_text("field", cursor.word()?);
    }
    Some(wrap(&format!("{} {}", protocol.str(), word.str()), inner, protocol))
}

/// `frag more-fragments`, `exthdr frag`.
fn extension(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let mut name = cursor.word()?;
    let mut inner = Placed::object(name);
    if name.str() == "exthdr" {
        name = cursor.word()?;
        inner.put_text("name", name);
    } else {
        inner.put_text("name", name);
        inner.put_text("field", cursor.word()?);
    }
    Some(wrap("exthdr", inner, name))
}

/// A number: as digits or, with `0x`, of base 16. The text where it is none.
pub fn number(piece: Piece<'_>) -> Placed {
    let hex = piece
        .strip_prefix("0x")
        .and_then(|digits| u64::from_str_radix(digits.str(), 16).ok());
    match hex {
        Some(number) => Placed::value(number, piece),
        None => Placed::number(piece),
    }
}

/// Whether a text is a number, or an address: what ranges are made of.
fn is_end(text: &str) -> bool {
    let hex = text.strip_prefix("0x");
    let digits = hex.map_or_else(
        || text.bytes().all(|b| b.is_ascii_digit()),
        |hex| hex.bytes().all(|b| b.is_ascii_hexdigit()),
    );
    !text.is_empty() && (digits || super::super::lines::is_address(text) || super::super::lines::is_mac(text))
}

/// A value of one word: `80`, `10.0.0.0/8`, `1024-65535`, `established`.
pub fn word_value(piece: Piece<'_>) -> Placed {
    if let Some((address, len)) = piece.split_once("/")
        && super::super::lines::is_address(piece.str())
    {
        let mut inner = Placed::object(piece);
        inner.put_text("addr", address);
        inner.put_number("len", len);
        return wrap("prefix", inner, piece);
    }
    if let Some((first, last)) = piece.split_once("-")
        && is_end(first.str())
        && is_end(last.str())
    {
        let mut list = Placed::array(piece);
        list.push(number(first));
        list.push(number(last));
        return wrap("range", list, piece);
    }
    match piece.str() {
        "exists" => Placed::value(true, piece),
        "missing" => Placed::value(false, piece),
        _ => number(piece),
    }
}

/// A value that is compared with or set: `80`, `"eth0"`, `10.0.0.1 . 80`.
pub fn constant(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let start = cursor.here();
    let first = simple(cursor)?;
    if cursor.peek() != "." {
        return Some(first);
    }
    let mut list = Placed::array(start);
    list.push(first);
    while cursor.eat(".").is_some() {
        list.push(simple(cursor)?);
    }
    list.extend(cursor.last());
    Some(wrap("concat", list, start))
}

fn simple(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let token = cursor.ahead(0).filter(|token| token.kind != Kind::Mark)?;
    cursor.next();
    if token.kind == Kind::Word {
        return Some(word_value(token.piece));
    }
    // `"08:00"-"17:00"`.
    if cursor.peek() == "-"
        && let Some(Token {
            kind: Kind::Quoted,
            piece,
        }) = cursor.ahead(1)
    {
        cursor.next();
        cursor.next();
        let mut list = Placed::array(token.piece);
        list.push(Placed::text(token.piece));
        list.push(Placed::text(piece));
        return Some(wrap("range", list, token.piece));
    }
    Some(Placed::text(token.piece))
}

/// What stands to the right of a comparison: a set, the name of one, a value, or several flags with commas.
pub fn right(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    if cursor.peek() == "{" {
        return set(cursor);
    }
    let start = cursor.here();
    let first = constant(cursor)?;
    if cursor.peek() != "," {
        return Some(first);
    }
    let mut list = Placed::array(start);
    list.push(first);
    while cursor.eat(",").is_some() {
        list.push(constant(cursor)?);
    }
    list.extend(cursor.last());
    Some(list)
}

/// `{ 80, 443 }`, `{ 80 : accept }`.
fn set(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let open = cursor.here();
    let mut unread = false;
    let elements = elements(cursor, |_, _| unread = true)?;
    (!unread).then(|| wrap("set", elements, open))
}

/// The elements between braces. One that is not understood is handed over, where it is followed by others, and left out: `None` only
/// where there is no brace.
pub fn elements<'a>(
    cursor: &mut Cursor<'a, '_>,
    mut unread: impl FnMut(Piece<'a>, &mut Cursor<'a, '_>),
) -> Option<Placed> {
    let open = cursor.eat("{")?;
    let mut list = Placed::array(open);
    while !cursor.is_done() && cursor.peek() != "}" {
        let place = cursor.place();
        let here = cursor.here();
        if let Some(value) = element(cursor).filter(|_| matches!(cursor.peek(), "," | "}")) {
            list.push(value);
        } else {
            cursor.back(place);
            skip_element(cursor);
            unread(here, cursor);
            if cursor.place() == place && cursor.peek() != "," {
                cursor.next();
            }
        }
        cursor.eat(",");
    }
    if let Some(close) = cursor.eat("}") {
        list.extend(close);
    }
    Some(list)
}

/// Goes to the comma or brace behind an element.
fn skip_element(cursor: &mut Cursor<'_, '_>) {
    let mut depth = 0_usize;
    while let Some(token) = cursor.ahead(0) {
        match token.piece.str() {
            "}" | "," if depth == 0 && token.kind == Kind::Mark => break,
            "{" if token.kind == Kind::Mark => depth += 1,
            "}" if token.kind == Kind::Mark => depth = depth.saturating_sub(1),
            _ => {}
        }
        cursor.next();
    }
}

/// An element, of a map with what it maps to, with what is said of it: when it ends, its counter, its comment.
fn element(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let start = cursor.here();
    let value = constant(cursor)?;
    let value = attributes(cursor, start, value)?;
    if cursor.eat(":").is_none() {
        return Some(value);
    }
    let mut pair = Placed::array(start);
    pair.push(value);
    pair.push(super::statement::verdict(cursor).or_else(|| constant(cursor))?);
    pair.extend(cursor.last());
    Some(pair)
}

/// `VALUE timeout 2h expires 1h59m comment "guest"`.
pub fn attributes(cursor: &mut Cursor<'_, '_>, start: Piece<'_>, value: Placed) -> Option<Placed> {
    let mut inner = Placed::object(start);
    loop {
        match cursor.peek() {
            "timeout" | "expires" => {
                let name = cursor.word()?;
                inner.put(name.str(), duration(cursor.word()?));
            }
            "comment" => {
                cursor.next();
                inner.put_text("comment", cursor.word()?);
            }
            "counter" | "limit" | "quota" | "last" => {
                let said = super::statement::statement(cursor)?;
                inner.merge(said);
            }
            _ => break,
        }
    }
    if inner.is_empty() {
        return Some(value);
    }
    inner.extend(cursor.last());
    inner.put("val", value);
    Some(wrap("elem", inner, start))
}

/// Seconds, of `1d2h3m4s567ms` (nftables, `src/datatype.c`, `time_print`). The text where it is no duration.
pub fn duration(piece: Piece<'_>) -> Placed {
    let mut seconds = 0_u64;
    let mut digits = 0_u64;
    let mut seen = false;
    let mut rest = piece.str();
    while let Some(first) = rest.chars().next() {
        if let Some(digit) = first.to_digit(10) {
            digits = digits.saturating_mul(10).saturating_add(u64::from(digit));
            seen = true;
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let (unit, factor) = match first {
            'm' if rest.starts_with("ms") => (2, 0),
            'd' => (1, 86_400),
            'h' => (1, 3_600),
            'm' => (1, 60),
            's' => (1, 1),
            _ => return Placed::text(piece),
        };
        seconds = seconds.saturating_add(digits.saturating_mul(factor));
        digits = 0;
        rest = rest.get(unit..).unwrap_or_default();
    }
    if seen && digits == 0 {
        Placed::value(seconds, piece)
    } else {
        number(piece)
    }
}
