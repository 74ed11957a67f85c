#!/usr/bin/env python3
"""verify: captures made here octet by octet, and what `synstep verify` says of them."""
import gzip
import json
import os
import re
import struct

import dialogs
import lab
from lab import named
from tap import equal, need, program
from wire import WORD, checksum

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
RAW, ETHERNET = 101, 1
BASES = (0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1)
J, K = 1000, 5000
SOURCES = os.environ.get("SYNSTEP_SRCDIR", os.path.join(os.path.dirname(__file__), ".."))
ENDS = "10.0.0.1:4001 > 10.0.0.2:80"
BACK = "10.0.0.2:80 > 10.0.0.1:4001"


# --- captures ------------------------------------------------------------------------------------

def datagram(back, payload, number, ports=(4001, 80)):
    """IPv4 around a TCP segment without its checksum."""
    ends = [bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))][::-1 if back else 1]
    tcp = struct.pack(">HH", *ports[::-1 if back else 1]) + payload
    pseudo = b"".join(ends) + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), number, 0x4000, 64, 6, 0) + b"".join(ends)
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp


def segment(back, flags, seq, ack=0, data=b"", window=8000, number=1, scale=b"", **more):
    """`seq` and `ack` as they stand."""
    options = b"\x02\x04\x05\xb4" + scale if flags & SYN else b""
    header = struct.pack(">IIBBHHH", seq % WORD, ack % WORD, (20 + len(options)) << 2, flags, window,
                         0, 0)
    return datagram(back, header + options + data, number, **more)


def whole(j=J, k=K, third=1, **more):
    """A connection of ten segments; `third`: what the handshake's ACK acknowledges, from K."""
    return [segment(*one, number=i + 1, **more) for i, one in enumerate((
        (0, SYN, j), (1, SYN | ACK, k, j + 1), (0, ACK, j + 1, k + third),
        (0, PSH | ACK, j + 1, k + 1, b"hello"), (1, ACK, k + 1, j + 6),
        (1, PSH | ACK, k + 1, j + 6, b"hello"), (0, ACK, j + 6, k + 6),
        (0, FIN | ACK, j + 6, k + 6), (1, FIN | ACK, k + 6, j + 7), (0, ACK, j + 7, k + 7)))]


def kept(case, datagrams, name="it.pcap", link=RAW):
    path = os.path.join(case.folder(), name)
    dialogs.write_pcap(path, [((i + 1) * 10 ** 6, octets) for i, octets in enumerate(datagrams)],
                       link)
    return path


def snapped(case, datagrams, length):
    """The same, of which the capture kept `length` octets each."""
    path = os.path.join(case.folder(), "snapped.pcap")
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, length, RAW))
        for i, octets in enumerate(datagrams):
            file.write(struct.pack("<IIII", 0, i * 1000, min(length, len(octets)), len(octets)) +
                       octets[:length])
    return path


# --- asking --------------------------------------------------------------------------------------

def verify(case, *words, **more):
    running = case.start([*program("synstep"), "verify", *map(str, words)], **more)
    status = running.end()
    return lab.Outcome(status, running.out, lab.WRAPPER_TALK.sub("", running.err))


def says(outcome, status, *lines):
    """All of standard output, and nothing else."""
    equal((outcome.status, outcome.err, outcome.out.splitlines()), (status, "", list(lines)), outcome)


def refused(case, words, *texts):
    outcome = verify(case, *words)
    lines = outcome.err.splitlines()
    need(outcome.status == 2 and len(lines) == 1 and lines[0].startswith("synstep verify: "),
         "one line and status 2 expected:", outcome)
    for text in texts:
        need(text in lines[0], f"{text!r} is not in:", lines[0])


def rows(case, path, fields, *words):
    outcome = verify(case, f"--fields={fields}", *words, path)
    equal(outcome.err, "", outcome)
    return [line.split("\t") for line in outcome.out.splitlines()]


# --- findings ------------------------------------------------------------------------------------

def test_a_connection_that_keeps_all_rules(case):
    for j, k in zip(BASES, BASES[::-1]):
        path = kept(case, whole(j, k))
        says(verify(case, "--level=note", path), 0,
             f"{path}: 10 frames, 10 TCP segments, 1 connection: 1 closed", "nothing to tell")
        says(verify(case, "-q", path), 0)


def test_a_handshake_that_acknowledges_too_much(case):
    for j, k in zip(BASES, BASES):
        path = kept(case, whole(j, k, third=5))
        outcome = verify(case, "--only=handshake_ack_not_isn_plus_1", path)
        says(outcome, 1,
             f"violation: frame 3, connection 1, {ENDS}: handshake_ack_not_isn_plus_1 "
             f"(RFC 9293 3.10.7.4): expected {(k + 1) % WORD} = K+1, got {(k + 5) % WORD} = K+5: "
             "it acknowledges anything else",
             f"{path}: 10 frames, 10 TCP segments, 1 connection: 1 closed",
             "       1  violation  handshake_ack_not_isn_plus_1  RFC 9293 3.10.7.4    "
             "it acknowledges anything else")
        equal(verify(case, "-q", path).status, 1, "-q")


def test_only_and_except_and_level_choose(case):
    path = kept(case, whole(third=5))
    equal(verify(case, "-q", "--except=handshake_ack_not_isn_plus_1", "--except=ack_of_unsent",
                 "--except=ack_regressed", path).status, 0, "all left out")
    equal(verify(case, "-q", "--only=retransmission", path).status, 0, "another rule alone")
    again = whole()
    again.insert(5, again[3])
    path = kept(case, again)
    equal(verify(case, path).out.splitlines()[-1], "nothing to tell", "a note")
    need("note: frame 6, connection 1, " in verify(case, "--level=note", path).out, "the note")


def test_numbers_are_relative_beyond_every_wrap(case):
    """Seven times around by windows of nearly 2^30; then octets are acknowledged unsent."""
    number, large = J + 1, {"window": 65535, "scale": b"\x03\x03\x0e\0"}
    said = [segment(0, SYN, J, **large), segment(1, SYN | ACK, K, J + 1, **large),
            segment(0, ACK, J + 1, K + 1, **large), segment(1, ACK, K + 1, J + 1, **large)]
    for _ in range(56):
        number += 2 ** 29
        said.append(segment(0, ACK, number - 1, K + 1, b"x", **large))
        said.append(segment(1, ACK, K + 1, number, **large))
    said.append(segment(1, ACK, K + 1, number + 7, **large))
    out = verify(case, "--only=ack_of_unsent", kept(case, said)).out
    need(f"expected {number % WORD} = J+{number - J}, got {(number + 7) % WORD} = J+{number - J + 7}"
         in out, number, out)


def test_a_frame_that_lies_is_a_finding(case):
    lie = bytearray(whole()[0])
    lie[2:4] = struct.pack(">H", 4000)
    lie[10:12] = bytes(2)
    lie[10:12] = struct.pack(">H", checksum(bytes(lie[:20])))
    short = bytearray(whole()[1])
    short[32] = 0x10
    outcome = verify(case, kept(case, [bytes(lie), bytes(short), b"\x45\0\0\x14"]))
    equal(outcome.status, 1, outcome)
    found = re.findall(r"^violation: frame (\d).*: (ip|tcp)_malformed", outcome.out, re.MULTILINE)
    equal(found, [("1", "ip"), ("2", "tcp"), ("3", "ip")], outcome)


def test_what_the_capture_cut_is_no_lie(case):
    path = snapped(case, whole(), 44)
    says(verify(case, "--level=note", path), 0,
         f"{path}: 10 frames, 10 TCP segments, 1 connection: 1 closed", "nothing to tell")
    equal([row[0] for row in rows(case, path, "length")][3], "5", "the data's length")
    equal(verify(case, snapped(case, whole(), 30)).status, 0, "no TCP header in it")


def test_fragments_are_put_together(case):
    said = whole()
    head, data = said[3][:20], said[3][20:]
    parts = []
    for offset in (0, 16):
        piece = data[offset:offset + 16]
        flags = offset // 8 | (0x2000 if offset == 0 else 0)
        ip = head[:2] + struct.pack(">HHH", 20 + len(piece), 4, flags) + head[8:10] + bytes(2) + \
            head[12:]
        parts.append(ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + piece)
    path = kept(case, said[:3] + parts + said[4:])
    says(verify(case, path), 0, f"{path}: 11 frames, 10 TCP segments, 1 connection: 1 closed",
         "nothing to tell")
    path = kept(case, said[:3] + parts[:1])
    need("1 fragmented datagram could not be put together" in verify(case, path).out, "said")


# --- connections ---------------------------------------------------------------------------------

def several(case):
    one, two, three = (whole(third=third, ports=(port, 80))
                       for port, third in ((4001, 1), (4002, 5), (4003, 1)))
    return kept(case, one[:2] + two[:5] + one[2:] + two[5:] + three[:1])


def test_list_tells_every_connection(case):
    outcome = verify(case, "--list", several(case))
    cells = [re.split(r"  +", line.strip()) for line in outcome.out.splitlines()]
    equal([[row[0], row[1], row[3], *row[5:]] for row in cells],
          [["1", "10.0.0.1:4001", "10 segments", "closed", "ShADadFf"],
           ["2", "10.0.0.1:4002", "10 segments", "closed", "ShAgDadFf"],
           ["3", "10.0.0.1:4003", "1 segment", "no answer", "S"]], outcome)


def test_connection_is_shown_as_a_run_is(case):
    path = several(case)
    outcome = verify(case, "-n", 2, "--ascii", path)
    equal(outcome.status, 1, outcome)
    for text in ("10.0.0.1:4002", "SYN J", "SYN K, ACK J+1", "ACK K+5", "FIN N, ACK M+1"):
        need(text in outcome.out, text, "is not in", outcome.out)
    need("10.0.0.1:4001" not in outcome.out, "another connection", outcome.out)
    refused(case, ["-n", 4, path], "no connection 4", "it has 3", "--list")


def test_connection_in_json_has_the_events_of_a_run(case):
    outcome = verify(case, "-n2", "--json", several(case))
    events = [json.loads(line) for line in outcome.out.splitlines()]
    equal([event["event"] for event in events], ["start"] + 10 * ["segment"] + ["end"], outcome)
    equal(events[3]["symbols"], {"seq": "J+1", "ack": "K+5"}, events[3])
    equal(events[-1]["ok"], False, events[-1])


def test_json_tells_findings_connections_and_the_end(case):
    path = several(case)
    outcome = verify(case, "--json", "--only=handshake_ack_not_isn_plus_1", path)
    events = [json.loads(line) for line in outcome.out.splitlines()]
    equal([event["event"] for event in events], ["finding"] + 3 * ["connection"] + ["verified"])
    finding, first, end = events[0], events[1], events[-1]
    equal((finding["frame"], finding["connection"], finding["expected"], finding["actual"],
           finding["symbols"]["actual"], finding["ok"]), (5, 2, K + 1, K + 5, "K+5", False))
    equal((first["connection"], first["ended"], first["local"]["octets"], first["local"]["isn"],
           first["completeness"]), (1, "closed", 5, J, 31))
    equal((end["ok"], end["frames"], end["violations"], end["findings"]),
          (False, 21, 1, {"handshake_ack_not_isn_plus_1": 1}))


def keys_of(value, path=""):
    """Of an event, the objects' own names left out; both ends have the same."""
    if not isinstance(value, dict):
        return {path}
    return set().union(*(keys_of(part, f"{path}.{key}".lstrip(".")) for key, part in value.items()))


def test_every_key_of_json_stands_in_the_manual(case):
    foreseen = [segment(0, SYN, J, ports=(5000 + i, 80)) for i in range(7)]
    out = verify(case, "--json", kept(case, whole() + foreseen)).out
    events = [json.loads(line) for line in out.splitlines()]
    written = set().union(*map(keys_of, events))
    written = {key for key in written if not key.startswith(("peer.", "findings."))}
    written -= {"local.rtt", "local.options"}  # null in place of the object
    with open(os.path.join(SOURCES, "man/synstep-verify.1"), encoding="utf-8") as page:
        items = [line[7:] for line in page if line.startswith(".It Va ")]
    told = {word for item in items for word in item.split() if word != ","}
    equal(written, told - {"findings", "local", "peer"}, "keys")


def test_stats_tell_both_ends(case):
    said = whole()
    said.insert(4, said[3])
    out = verify(case, "--stats", kept(case, said)).out
    for text in ("completeness 31; A opens; A closes first; handshake 2.000 ms",
                 "A 10.0.0.1:4001: 7 segments, 10 octets, 5 unique of 5; ISN 1000; MSS 1460",
                 "retransmitted 1 (5 octets)", "data in a segment 5 to 5, mean 5; window 8000 to 8000, mean 8000"):
        need(text in out, text, "is not in", out)


def test_ports_used_again_are_another_connection(case):
    path = kept(case, whole() + whole(70000, 90000))
    equal([row[0] for row in rows(case, path, "connection")], 10 * ["1"] + 10 * ["2"])
    equal(rows(case, path, "reused_ports")[10], ["1"])
    equal(len(verify(case, "--list", path).out.splitlines()), 2, "connections")


# --- rows ----------------------------------------------------------------------------------------

def test_fields_are_rows_per_frame(case):
    said = whole()
    said[4:4] = [said[3], b"\x45\0\0\x1c" + bytes(5) + b"\x11" + bytes(18)]
    got = rows(case, kept(case, said), "frame,stream,flags,retransmission,seq_symbol,ack_symbol")
    equal(got[0], ["1", "0", "", "", "J", ""])
    equal(got[4], ["5", "0", "retransmission,overlap", "1", "J+1", "K+1"])
    equal(got[5], ["6", "", "", "", "", ""])
    equal(got[11], ["12", "0", "", "", "M+1", "N+1"])
    names = verify(case, "--fields=list").out.split()
    equal(len(set(names)), len(names), "names")
    equal(len(rows(case, kept(case, said), ",".join(names))[0]), len(names), "all of them")


# --- files ---------------------------------------------------------------------------------------

def test_every_way_a_file_comes_is_the_same(case):
    path = kept(case, whole(third=5))
    plain = verify(case, path).out
    with open(path, "rb") as file:
        octets = file.read()
    packed = os.path.join(case.folder(), "it.pcap.gz")
    with gzip.open(packed, "wb") as file:
        file.write(octets)
    framed = kept(case, [bytes(12) + b"\x81\0\0\7\x08\0" + one for one in whole(third=5)], "eth.pcap",
                  ETHERNET)
    equal(verify(case, packed).out.replace(packed, path), plain, "packed")
    equal(verify(case, framed).out.replace(framed, path), plain, "Ethernet with a VLAN tag")
    with open(path, "rb") as file:
        equal(verify(case, "-", stdin=file).out.replace("standard input", path), plain, "a pipe")


def test_a_file_that_breaks_off_is_judged_as_far_as_it_goes(case):
    path = kept(case, whole(third=5))
    cut = os.path.join(case.folder(), "cut.pcap")
    with open(path, "rb") as file, open(cut, "wb") as other:
        other.write(file.read()[:-30])
    outcome = verify(case, cut, kept(case, whole(), "good.pcap"))
    equal(outcome.status, 2, outcome)
    need(re.fullmatch(r"synstep verify: \S+cut.pcap breaks off at frame 10: .*\n", outcome.err), outcome)
    need("handshake_ack_not_isn_plus_1" in outcome.out, "what came before", outcome)
    need("good.pcap: 10 frames" in outcome.out, "the other file", outcome)


def test_what_cannot_be_read_is_refused(case):
    text = os.path.join(case.folder(), "text")
    with open(text, "w", encoding="ascii") as file:
        file.write("this is no capture at all, whatever its name says\n")
    refused(case, [text], text, "no capture file")
    refused(case, [os.path.join(case.folder(), "none")], "cannot read", "No such file")
    outcome = verify(case, text, kept(case, whole()))
    equal((outcome.status, "1 closed" in outcome.out), (2, True), outcome)


def test_wrong_words_are_told_with_the_nearest(case):
    path = kept(case, whole())
    refused(case, [], "which capture file?")
    refused(case, ["--lsit", path], "--lsit", "did you mean --list")
    refused(case, ["--only=ack_of_unsen", path], "did you mean ack_of_unsent?")
    refused(case, ["--except=x", path], "no rule 'x'")
    refused(case, ["--level=held", path], "note, warning or violation")
    refused(case, ["--fields=frame,retransmision", path], "did you mean retransmission?")
    refused(case, ["--fields=frame,", path], "no field ''")
    refused(case, ["-n0", path], "--connection")
    refused(case, ["--list", "-n1", path], "enough")
    refused(case, ["--json", "--list", path], "--json")


def test_output_that_cannot_be_written_is_told(case):
    with open("/dev/full", "wb") as file:
        outcome = verify(case, kept(case, whole()), stdout=file)
    equal(outcome.status, 1, outcome)
    need("No space left on device" in outcome.err, outcome)


TESTS = [named(test, name) for name, test in sorted(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    lab.run(TESTS)
