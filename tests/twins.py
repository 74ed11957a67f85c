"""twins: a scenario's mutated twins, each with one thing that it expects made wrong.

Every number is off by one, every text has another letter, every flag list one flag less, every state
is another one. A twin must fail, and fail at its changed line.
"""
import re
from typing import NamedTuple

ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
NAME = re.compile(r"[A-Za-z_]\w*\Z")
EXPECTATION = re.compile(r"(<[?*]?)\s+(\S+)(.*)")
QUICK = " within 60ms"

PROTOCOLS = ("UDP", "ICMP", "IGMP", "ARP")
ADDRESSES = ("source", "destination", "group", "spa", "tpa", "sha", "tha", "ether.dst",
             "ether.src")
BITS = ("ip.rf", "ip.df", "ip.mf")
ERRORS = ("port-unreachable", "protocol-unreachable", "fragmentation-needed", "time-exceeded")
OTHER_TYPES = {"ICMP": "time-exceeded", "IGMP": "leave", "leave": "report-v1", "ARP": "request",
               "request": "reply"}


class Twin(NamedTuple):
    line: int  # counted from 1
    what: str
    timed: bool  # only "after" is wrong: to be seen where time is exact
    text: str


def without_comment(line):
    kept, quoted = "", False
    for at, character in enumerate(line):
        if character == '"' and line[at - 1] != "\\":
            quoted = not quoted
        if character == "#" and not quoted:
            break
        kept += character
    return kept.rstrip()


def is_bound(value, known):
    """A name that stands alone for the first time becomes what is there: it expects nothing."""
    if value == "*":
        return True
    if NAME.match(value) and value not in known:
        known.add(value)
        return True
    return False


def off_by_one(value):
    return "..".join(part + "+1" for part in value.split(".."))


def other_value(name, value):
    """An address of either kind with another last digit, a bit turned, or a number off by one."""
    if name in ADDRESSES:
        return value[:-1] + ("5" if value[-1] != "5" else "6")
    if name in BITS:
        return "0" if value == "1" else "1"
    return off_by_one(value)


def other_text(text):
    return text[:-2] + ("y" if text[-2] == "x" else "x") + '"'


def other_parts(item, known):
    """The wrong forms of field=value, of a bare option, of a payload."""
    name, equals, values = item.partition("=")
    if item.startswith('"'):
        yield other_text(item)
    elif item.startswith("hex:"):
        yield item[:-1] + ("0" if item[-1] != "0" else "1")
    elif equals:
        parts = values.split(",")
        for at, part in enumerate(parts):
            if not is_bound(part, known):
                wrong = parts[:at] + [other_value(name, part)] + parts[at + 1:]
                yield f"{name}={','.join(wrong)}"


def wrong_items(items, known):
    """Each list of items with one of them wrong."""
    at = 0
    while at < len(items):
        item = items[at]
        if item in ("size", "after") and items[at + 1] != "*":
            number = re.match(r"([\d.]+)(.*)", items[at + 1])
            yield items[:at + 1] + [f"{float(number[1]) + 1:g}{number[2]}"] + items[at + 2:]
        elif item == "no":
            yield items[:at] + items[at + 1:]
        elif item in ("mss", "wscale", "sackok"):
            yield items[:at] + ["no", item] + items[at + 1:]
        else:
            for wrong in other_parts(item, known):
                yield items[:at] + [wrong] + items[at + 1:]
        at += 2 if item in ("size", "after", "within", "no") else 1


def other_flags(flags):
    less = flags.split(",")[:-1]
    return ",".join(less) if less else "URG"


def wrong_messages(protocol, items, known):
    """What is no TCP: of another protocol or type, with another quote, or with one item wrong."""
    if protocol == "UDP":
        yield ["ICMP", "echo-reply"]
        yield from ([protocol, *some] for some in wrong_items(items, known))
        return
    kind, *items = items
    yield [protocol, OTHER_TYPES.get(kind, OTHER_TYPES[protocol]), *items]
    if kind in ERRORS and not any(item.startswith(('"', "hex:", "size")) for item in items):
        yield [protocol, kind, *items, '"x"']
    yield from ([protocol, kind, *some] for some in wrong_items(items, known))


def wrong_expectations(line, known):
    mark, flags, rest = EXPECTATION.match(line).groups()
    items = ITEM.findall(rest)
    if flags in PROTOCOLS:
        yield from (" ".join([mark, *words]) for words in wrong_messages(flags, items, known))
        return
    for wrong in [[other_flags(flags), *items], *([flags, *some]
                                                  for some in wrong_items(items, known))]:
        yield " ".join([mark, *wrong])


def wrong_testimony(line):
    words = ITEM.findall(line)
    kind = words[2]
    if kind == "state":
        yield f"peer expect state {'LISTEN' if words[3] != 'LISTEN' else 'CLOSED'}"
    elif kind in ("read", "datagram") and words[3].startswith('"'):
        yield f"peer expect {kind} {other_text(words[3])}"
    elif kind == "datagram" and words[3] == "size":
        yield f"peer expect datagram size {int(words[4]) + 1}"
    elif kind == "error":
        yield "peer expect error EPIPE"
    elif kind == "end":
        yield 'peer expect read "x"'
    elif kind in ("rcv_nxt", "write_seq"):
        yield f"peer expect {kind} = {' '.join(words[4:])}+1"


def wrong_lines(line, known):
    if line.startswith("<!") or line.startswith("<?"):
        return
    if line.startswith("<"):
        yield from wrong_expectations(line, known)
    elif line.startswith("peer expect"):
        for wrong in wrong_testimony(line):
            yield wrong + QUICK


def learn(line, known):
    """Names that a statement other than an expectation makes known."""
    if match := re.match(r"(?:let|param)\s+(\w+)", line):
        known.add(match[1])
    elif line.startswith(">"):
        for item in ITEM.findall(line)[2:]:
            is_bound(item.partition("=")[2] or "*", known)


def untimed(line):
    return " ".join(re.sub(r"\bafter\s+\S+", "", line).split())


def of(text):
    known, lines = set(), text.splitlines()
    for at, line in enumerate(lines):
        statement = without_comment(line).strip()
        learn(statement, known)
        for wrong in wrong_lines(statement, known):
            timed = untimed(wrong) == untimed(statement)
            if wrong.startswith("<*"):
                wrong = re.sub(r"\bwithin\s+\S+", "", wrong) + QUICK
            changed = lines[:at] + [wrong] + lines[at + 1:]
            yield Twin(at + 1, wrong, timed, "\n".join(changed) + "\n")
