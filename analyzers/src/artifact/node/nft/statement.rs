//! Statements: what a rule asks and does, in the shape of `nft -j` (`man libnftables-json`, "STATEMENTS").

use super::expression::{attributes, constant, data, duration, elements, key, number, right, word_value, wrap};
use super::token::{Cursor, Kind};
use crate::artifact::Placed;
use crate::text::Piece;

/// The next statement. `None`, with the cursor where it was, where none begins here that is known.
pub fn statement(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let place = cursor.place();
    let found = verdict(cursor)
        .or_else(|| named(cursor))
        .or_else(|| {
            cursor.back(place);
            other(cursor)
        })
        .or_else(|| {
            cursor.back(place);
            comparison(cursor)
        });
    if found.is_none() {
        cursor.back(place);
    }
    found
}

fn null(word: Piece<'_>) -> Placed {
    Placed::value(serde_json::Value::Null, word)
}

/// What ends the way through a chain.
pub fn verdict(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let word = cursor.ahead(0).filter(|token| token.kind == Kind::Word)?.piece;
    match word.str() {
        "accept" | "drop" | "continue" | "return" => {
            cursor.next();
            Some(wrap(word.str(), null(word), word))
        }
        "jump" | "goto" => {
            let target = cursor.ahead(1).filter(|token| token.kind != Kind::Mark)?.piece;
            cursor.next();
            cursor.next();
            let mut inner = Placed::object(target);
            inner.put_text("target", target);
            Some(wrap(word.str(), inner, word))
        }
        _ => None,
    }
}

/// Statements that are told by their first word.
fn named(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let word = cursor.ahead(0).filter(|token| token.kind == Kind::Word)?.piece;
    let read: fn(&mut Cursor<'_, '_>) -> Option<Placed> = match word.str() {
        "counter" => counter,
        "limit" => limit,
        "quota" => quota,
        "log" => log,
        "reject" => reject,
        "masquerade" | "redirect" | "dnat" | "snat" | "tproxy" => nat,
        _ => return None,
    };
    cursor.next();
    let mut value = read(cursor)?;
    if value.is_empty() {
        value = null(word);
    } else {
        value.extend(cursor.last());
    }
    Some(wrap(word.str(), value, word))
}

/// Statements of several words, or with a name before them.
fn other(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let word = cursor.word()?;
    match word.str() {
        "notrack" => Some(wrap("notrack", null(word), word)),
        "add" | "update" | "delete" => update(cursor, word),
        "xt" => {
            let mut inner = Placed::object(word);
            inner.put_text("type", cursor.one_of(&["match", "target", "watcher"])?);
            inner.put_text("name", cursor.word()?);
            Some(wrap("xt", inner, word))
        }
        // nft before 1.0.7, built without iptables' library: `# xt_comment`.
        "#" => {
            let name = cursor.word()?.strip_prefix("xt_")?;
            let mut inner = Placed::object(name);
            inner.put_text("name", name);
            Some(wrap("xt", inner, name))
        }
        "queue" => queue(cursor, word),
        "dup" | "fwd" => {
            let mut inner = Placed::object(word);
            cursor.eat("to")?;
            let to = key(cursor).or_else(|| constant(cursor))?;
            inner.put(if word.str() == "fwd" { "dev" } else { "addr" }, to);
            if cursor.eat("device").is_some() {
                inner.put("dev", key(cursor).or_else(|| constant(cursor))?);
            }
            Some(wrap(word.str(), inner, word))
        }
        "flow" => {
            let mut inner = Placed::object(word);
            inner.put_text("op", cursor.one_of(&["add", "offload"])?);
            inner.put_text("flowtable", cursor.word()?);
            Some(wrap("flow", inner, word))
        }
        "ct" => ct(cursor, word),
        "synproxy" => {
            let mut inner = Placed::object(word);
            while let Some(name) = cursor.one_of(&["mss", "wscale", "timestamp", "sack-perm"]) {
                if matches!(name.str(), "mss" | "wscale") {
                    inner.put_number(name.str(), cursor.word()?);
                } else {
                    inner.push_at(&["flags"], name, Placed::text(name));
                }
            }
            Some(wrap("synproxy", inner, word))
        }
        _ => None,
    }
}

/// `ct count over 10`, `ct helper set "ftp"`.
fn ct(cursor: &mut Cursor<'_, '_>, word: Piece<'_>) -> Option<Placed> {
    let what = cursor.one_of(&["count", "helper", "timeout", "expectation"])?;
    if what.str() == "count" {
        let mut inner = Placed::object(what);
        if let Some(over) = cursor.eat("over") {
            inner.put("inv", Placed::value(true, over));
        }
        inner.put_number("val", cursor.word()?);
        return Some(wrap("ct count", inner, word));
    }
    cursor.eat("set")?;
    Some(wrap(&format!("ct {}", what.str()), Placed::text(cursor.word()?), word))
}

/// `update @seen { ip saddr timeout 1h }`.
fn update(cursor: &mut Cursor<'_, '_>, word: Piece<'_>) -> Option<Placed> {
    let set = cursor.word().filter(|name| name.starts_with('@'))?;
    cursor.eat("{")?;
    let start = cursor.here();
    let value = key(cursor).or_else(|| constant(cursor))?;
    let value = attributes(cursor, start, value)?;
    let mut inner = Placed::object(word);
    inner.put_text("op", word);
    inner.put("elem", value);
    // `add @map { ip saddr : 10.0.0.1 }`.
    if cursor.eat(":").is_some() {
        inner.put("data", key(cursor).or_else(|| constant(cursor))?);
        inner.put_text("map", set);
        inner.extend(cursor.eat("}")?);
        return Some(wrap("map", inner, word));
    }
    inner.put_text("set", set);
    inner.extend(cursor.eat("}")?);
    Some(wrap("set", inner, word))
}

/// `counter packets 3 bytes 180`, `counter name "hits"`.
fn counter(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    if cursor.eat("name").is_some() {
        return cursor.word().map(Placed::text);
    }
    let mut inner = Placed::object(cursor.here());
    while let Some(name) = cursor.one_of(&["packets", "bytes"]) {
        inner.put_number(name.str(), cursor.word()?);
    }
    Some(inner)
}

/// `limit rate over 10/minute burst 20 packets`, `limit name "lim1"`.
fn limit(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    if cursor.eat("name").is_some() {
        return cursor.word().map(Placed::text);
    }
    rate(cursor)
}

/// `rate over 10/minute burst 20 packets`, `rate 10 mbytes/second`.
pub fn rate(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let mut inner = Placed::object(cursor.eat("rate")?);
    if let Some(over) = cursor.eat("over") {
        inner.put("inv", Placed::value(true, over));
    }
    let first = cursor.word()?;
    if let Some((count, per)) = first.split_once("/") {
        inner.put_number("rate", count);
        inner.put_text("per", per);
    } else {
        inner.put_number("rate", first);
        let (unit, per) = cursor.word()?.split_once("/")?;
        inner.put_text("rate_unit", unit);
        inner.put_text("per", per);
    }
    if cursor.eat("burst").is_some() {
        inner.put_number("burst", cursor.word()?);
        let unit = cursor.word()?;
        if unit.str() != "packets" {
            inner.put_text("burst_unit", unit);
        }
    }
    Some(inner)
}

/// `quota over 25 mbytes used 3 kbytes`, `quota name "q1"`.
pub fn quota(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    if cursor.eat("name").is_some() {
        return cursor.word().map(Placed::text);
    }
    let mut inner = Placed::object(cursor.here());
    if let Some(over) = cursor.eat("over") {
        inner.put("inv", Placed::value(true, over));
    } else {
        cursor.eat("until");
    }
    inner.put_number("val", cursor.word()?);
    inner.put_text("val_unit", cursor.word()?);
    if cursor.eat("used").is_some() {
        inner.put_number("used", cursor.word()?);
        inner.put_text("used_unit", cursor.word()?);
    }
    Some(inner)
}

/// `log prefix "in: " level info flags tcp options`.
fn log(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let mut inner = Placed::object(cursor.here());
    while let Some(name) = cursor.one_of(&["prefix", "level", "group", "snaplen", "queue-threshold", "flags"]) {
        match name.str() {
            "prefix" => inner.put("prefix", Placed::text(cursor.word()?)),
            "level" => inner.put_text("level", cursor.word()?),
            "flags" => loop {
                let flag = cursor.one_of(&["tcp", "ip", "skuid", "ether", "all"])?;
                inner.push_at(&["flags"], flag, Placed::text(flag));
                cursor.one_of(&["options", "sequence"]);
                if cursor.eat(",").is_none() {
                    break;
                }
            },
            _ => inner.put_number(name.str(), cursor.word()?),
        }
    }
    Some(inner)
}

/// `reject with icmp port-unreachable`; nft before 1.0 prints `icmp type port-unreachable`.
fn reject(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let mut inner = Placed::object(cursor.here());
    if cursor.eat("with").is_none() {
        return Some(inner);
    }
    let kind = cursor.one_of(&["tcp", "icmp", "icmpv6", "icmpx"])?;
    if kind.str() == "tcp" {
        cursor.eat("reset")?;
        inner.put("type", Placed::value("tcp reset", kind));
    } else {
        cursor.eat("type");
        inner.put_text("type", kind);
        inner.put_number("expr", cursor.word()?);
    }
    Some(inner)
}

/// `dnat ip to 10.0.0.5:8080 persistent`, `masquerade to :1024-65535 fully-random`, `redirect to :8082`.
fn nat(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let mut inner = Placed::object(cursor.here());
    if let Some(family) = cursor.one_of(&["ip", "ip6"]) {
        inner.put_text("family", family);
    }
    // `dnat ip addr . port to …`, `dnat ip prefix to …`: what the map's values are.
    while let Some(part) = cursor.one_of(&["addr", "port", "prefix", "interval"]) {
        inner.push_at(&["type_flags"], part, Placed::text(part));
        cursor.eat(".");
    }
    if cursor.eat("to").is_some() {
        match key(cursor) {
            Some(address) => inner.put("addr", address),
            None => target(&mut inner, cursor.word()?),
        }
    }
    let mut flags = Vec::new();
    while let Some(flag) = cursor.one_of(&["random", "fully-random", "persistent"]) {
        flags.push(flag);
        if cursor.eat(",").is_none() {
            break;
        }
    }
    match flags.as_slice() {
        [] => {}
        [one] => inner.put_text("flags", *one),
        [first, ..] => {
            let mut list = Placed::array(*first);
            for flag in flags {
                list.push(Placed::text(flag));
            }
            inner.put("flags", list);
        }
    }
    Some(inner)
}

/// `10.0.0.5:8080`, `[fd00::5]:8080`, `fd00::5`, `:8080`, `10.0.0.1-10.0.0.4:1000-2000`.
fn target(inner: &mut Placed, word: Piece<'_>) {
    let (address, port) = if word.parse::<std::net::Ipv6Addr>().is_ok() {
        (word, None)
    } else if let Some((address, port)) = word.rsplit_once("]:") {
        (address, Some(port))
    } else if word.starts_with('[') {
        (word, None)
    } else {
        match word.rsplit_once(":") {
            Some((address, port)) => (address, Some(port)),
            None => (word, None),
        }
    };
    let address = address.strip_prefix("[").unwrap_or(address);
    let address = address.strip_suffix("]").unwrap_or(address);
    if let Some((first, last)) = address.split_once("]-[") {
        let mut list = Placed::array(address);
        list.push(Placed::text(first));
        list.push(Placed::text(last));
        inner.put("addr", wrap("range", list, address));
    } else if !address.is_empty() {
        inner.put("addr", word_value(address));
    }
    if let Some(port) = port.filter(|port| !port.is_empty()) {
        inner.put("port", word_value(port));
    }
}

/// `queue flags bypass to 0-3`, `queue num 0-3 bypass,fanout`.
fn queue(cursor: &mut Cursor<'_, '_>, word: Piece<'_>) -> Option<Placed> {
    let mut inner = Placed::object(word);
    loop {
        if cursor.one_of(&["num", "to"]).is_some() {
            inner.put("num", key(cursor).or_else(|| constant(cursor))?);
        } else if cursor.eat("flags").is_some() {
        } else if let Some(flag) = cursor.one_of(&["bypass", "fanout"]) {
            inner.push_at(&["flags"], flag, Placed::text(flag));
            cursor.eat(",");
        } else {
            return Some(wrap("queue", inner, word));
        }
    }
}

/// `EXPR vmap …`, `EXPR set VALUE`, `EXPR VALUE`, `EXPR != VALUE`.
fn comparison(cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    let start = cursor.here();
    let flags = is_flags(cursor);
    let left = key(cursor)?;
    if let Some(word) = cursor.eat("vmap") {
        let mut inner = Placed::object(start);
        inner.put("key", left);
        inner.put("data", data(cursor)?);
        inner.extend(cursor.last());
        return Some(wrap("vmap", inner, word));
    }
    if let Some(word) = cursor.eat("set") {
        let mut inner = Placed::object(start);
        inner.put("key", left);
        inner.put("value", key(cursor).or_else(|| right(cursor))?);
        inner.extend(cursor.last());
        return Some(wrap("mangle", inner, word));
    }
    let mut inner = Placed::object(start);
    let operator = cursor.one_of(&["==", "!=", "<", ">", "<=", ">=", "!"]);
    let simple = !matches!(cursor.peek(), "{") && !cursor.peek().starts_with('@');
    let value = right(cursor)?;
    // `tcp flags syn / fin,syn,rst,ack`: which flags are looked at stands behind.
    if flags && let Some(slash) = cursor.eat("/") {
        let mut list = Placed::array(start);
        list.push(left);
        list.push(right(cursor)?);
        inner.put("left", wrap("&", list, slash));
        inner.put("op", Placed::value(operator.map_or("==", Piece::str), slash));
    } else {
        inner.put("left", left);
        match operator {
            Some(sign) => inner.put_text("op", sign),
            // Of flags one is enough (`OP_IMPLICIT` of a bit mask).
            None if flags && simple => inner.put("op", Placed::value("in", start)),
            None => inner.put("op", Placed::value("==", start)),
        }
    }
    inner.put("right", value);
    inner.extend(cursor.last());
    Some(wrap("match", inner, start))
}

/// Whether what is looked at is a set of flags: `ct state`, `tcp flags`.
fn is_flags(cursor: &Cursor<'_, '_>) -> bool {
    match (cursor.peek(), cursor.word_ahead(1)) {
        ("ct", "state" | "status" | "label" | "event") | ("tcp", "flags") => cursor.word_ahead(2) != ".",
        _ => false,
    }
}

/// The lines of a counter, a quota or a limit that stands in a table by its own name.
pub fn object(kind: &str, cursor: &mut Cursor<'_, '_>) -> Option<Placed> {
    match kind {
        "counter" => counter(cursor),
        "quota" => quota(cursor),
        "limit" => rate(cursor),
        _ => None,
    }
}

/// A line of a set or map: its type, its flags, its elements.
pub fn set_line<'a>(
    set: &mut Placed,
    cursor: &mut Cursor<'a, '_>,
    unread: impl FnMut(Piece<'a>, &mut Cursor<'a, '_>),
) -> Option<()> {
    let first = cursor.ahead(0).filter(|token| token.kind == Kind::Word)?.piece;
    match first.str() {
        "type" | "typeof" => {
            cursor.next();
            let from = types(cursor, first.str() == "typeof")?;
            set.put("type", from);
            if cursor.eat(":").is_some() {
                set.put("map", types(cursor, first.str() == "typeof")?);
            }
            if first.str() == "typeof" {
                set.put("typeof", Placed::value(true, first));
            }
        }
        "flags" => {
            cursor.next();
            while let Some(flag) = cursor.word() {
                set.push_at(&["flags"], flag, Placed::text(flag));
                cursor.eat(",");
            }
        }
        "timeout" | "gc-interval" => {
            cursor.next();
            set.put(first.str(), duration(cursor.word()?));
        }
        "size" => {
            cursor.next();
            set.put("size", number(cursor.word()?));
        }
        "policy" | "comment" => {
            cursor.next();
            set.put_text(first.str(), cursor.word()?);
        }
        "auto-merge" => {
            cursor.next();
            set.put("auto-merge", Placed::value(true, first));
        }
        "elements" => {
            cursor.next();
            cursor.eat("=")?;
            set.put("elem", elements(cursor, unread)?);
        }
        _ => {
            let said = statement(cursor)?;
            set.push_at(&["stmt"], first, said);
        }
    }
    cursor.eat(";");
    cursor.is_done().then_some(())
}

/// `ipv4_addr . inet_service`: names of types, or of what has the type.
fn types(cursor: &mut Cursor<'_, '_>, of: bool) -> Option<Placed> {
    let start = cursor.here();
    let mut all = Vec::new();
    loop {
        let mut name = cursor.word()?;
        // `typeof ip saddr . meta l4proto : verdict`.
        while of && !matches!(cursor.peek(), "." | ":" | "") {
            name = name.to(cursor.word()?, cursor.whole());
        }
        all.push(name);
        if cursor.eat(".").is_none() {
            break;
        }
    }
    if let [one] = all.as_slice() {
        return Some(Placed::text(*one));
    }
    let mut list = Placed::array(start);
    for name in all {
        list.push(Placed::text(name));
    }
    list.extend(cursor.last());
    Some(list)
}
