#!/usr/bin/env python3
"""send: what `synstep send` puts on the wire, octet for octet, and what it refuses."""
import json
import os
import re
import struct

import lab
from bad_input import copied
from crafted import PORT, TARGET, Link
from lab import named, private
from sender import ICMP, ICMP6, SEED, TCP, UDP, Silent, WholeLink, arrived, dry, fails, fence, send, \
    sent, transport
from tap import BUILD, WRAP, equal, need, program
from wire import WORD

FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ece": 64, "cwr": 128,
         "null": 0, "xmas": 41}


# --- what crosses --------------------------------------------------------------------------------

def flag_form(name, version):
    def test(case):
        words = ["--" + name, TARGET[version]]
        got = arrived(case, *words, version=version)
        equal(got, dry(case, *words), "what crossed")
        protocol, segment = transport(got[0])
        equal((protocol, len(segment), segment[13]), (TCP, 20, FLAGS[name]), "TCP")
        equal(struct.unpack_from("!H", segment, 2)[0], PORT, "port")
    return named(private(test), f"test_short_form_{name}_ipv{version}", "crosses octet for octet")


def ping(version):
    def test(case):
        got = arrived(case, "--ping", "-i", "0", "-c", "3", version=version)
        equal(len(got), 3, "requests")
        for number, datagram in enumerate(got, 1):
            protocol, message = transport(datagram)
            equal((protocol, message[0], message[1]),
                  (ICMP6, 128, 0) if version == 6 else (ICMP, 8, 0), "echo")
            equal(struct.unpack_from("!H", message, 6)[0], number, "sequence number")
        equal(len({datagram[-4:-2] for datagram in got}), 1, "identifiers")
    return named(private(test), f"test_ping_ipv{version}", "crosses, counted from 1")


@private
def test_udp_echo_crosses_to_port_7(case):
    protocol, datagram = transport(arrived(case, "--udp-echo")[0])
    equal((protocol, datagram[2:4], datagram[8:]), (UDP, b"\0\7", b"hello"), "UDP")


@private
def test_every_field_of_a_segment_crosses_verbatim(case):
    got = arrived(case, "ip", "ttl=7", "tos=0xb8", "id=4242", "df=0", "tcp", "sport=1",
                  "dport=2", "seq=0xfffffffe", "ack=5", "flags=SYN+FIN", "reserved=5", "window=9",
                  "urgent=3", "mss=1400", "sackok", "nop", "nop", "data=hex:00ff")[0]
    equal(got[:10], bytes.fromhex("45b8003210920000" "0706"), "IP header")
    expected = struct.pack("!HHIIBBH", 1, 2, 0xFFFFFFFE, 5, 0x75, 3, 9)
    equal(transport(got)[1][:16], expected, "TCP header")
    equal(got[38:], b"\0\3" + bytes.fromhex("02040578" "0402" "0101") + b"\0\xff", "the rest")


@private
def test_lists_cross_in_order_the_last_the_fastest(case):
    got = arrived(case, "ip", "ttl=5,9", "tcp", "dport=1-3", "seq=J+1460*i")
    equal([(octets[8], octets[23]) for octets in got],
          [(5, 1), (5, 2), (5, 3), (9, 1), (9, 2), (9, 3)], "combinations")
    numbers = [struct.unpack_from("!I", octets, 24)[0] for octets in got]
    equal([(number - numbers[0]) % WORD for number in numbers], [1460 * i for i in range(6)], "seq")


@private
def test_extension_headers_cross_as_layers(case):
    got = arrived(case, "ip6", "hop", "dest", "udp", "sport=9", "dport=5", "data=x", version=6)[0]
    equal((got[6], got[40], got[48], got[56:60]), (0, 60, 17, b"\0\x09\0\5"), "headers")


CORRUPTIONS = [  # version, words, octets that may differ
    (4, "corrupt=tcp.checksum", range(36, 38)),
    (4, "corrupt=tcp.offset=3", range(32, 33)),
    (4, "corrupt=tcp.window-1", range(34, 36)),
    (4, "flip=bit:319", range(39, 40)),
    (6, "corrupt=tcp.checksum", range(56, 58)),
    (6, "corrupt=ip6.length+4", range(4, 6)),
    (6, "flip=bit:77", range(9, 10)),
]


def corrupted(version, harm, place):
    def test(case):
        link = Link(case)
        words = ["--syn", TARGET[version]]
        more = ["--spoof"] if "77" in harm else []
        good = arrived(case, *words, version=version, link=link)[0]
        bad = arrived(case, harm, *more, *words, version=version, link=link)[0]
        changed = [at for at, (one, two) in enumerate(zip(good, bad)) if one != two]
        equal(len(bad), len(good), "length")
        need(changed and set(changed) <= set(place), "octets that differ:", changed)
    return named(private(test), f"test_{harm}_ipv{version}", "arrives so, and nothing else changed")


@private
def test_truncated_datagram_arrives_truncated(case):
    link = Link(case)
    whole = arrived(case, "--syn", TARGET[6], version=6, link=link)[0]
    equal(arrived(case, "truncate=47", "--syn", TARGET[6], version=6, link=link)[0], whole[:47],
          "what is left")


REWRITTEN = [
    (["corrupt=ip.checksum"], "ip.checksum"), (["corrupt=ip.length+4"], "ip.length"),
    (["truncate=39"], "ip.length"), (["truncate=17"], "shorter than an IP header"),
    (["ip", "id=0"], "ip.id"), (["--spoof", "ip", "src=0.0.0.0"], "ip.src"),
    (["ether"], "below IP"), (["vlan"], "below IP"),
]


@private
def test_what_the_kernel_would_rewrite_is_refused_and_written_to_files(case):
    host = Silent(case, link=WholeLink(case))
    path = os.path.join(case.folder(), "probe.pcap")
    for words, text in lab.some(REWRITTEN, 3):
        fails(send(case, "--wire=raw", *words, "--syn", TARGET[4]), 2, text, "--wire=link",
              "-w FILE")
        sent(case, SEED, "-w", path, *words, "--syn", TARGET[4])
        with open(path, "rb") as file:
            head, octets = file.read(24), file.read()
        equal(struct.unpack("=IHHiIII", head)[6], 1 if "below" in text else 101, "link type")
        equal([octets[16:]], dry(case, *words, "--syn", TARGET[4]), words)
    equal(fence(case, host), [], "what crossed")


# --- bad input -----------------------------------------------------------------------------------

BAD = [
    ([], ["where to?"]),
    (["--syn"], ["where to?", "private"]),
    (["private"], ["nothing to send"]),
    (["--snyn", "private"], ["--snyn"]),
    (["--synn", "private"], ["did you mean --syn"]),
    (["tpc", "dport=1", "private"], ["no layer 'tpc'", "did you mean tcp"]),
    (["tcp", "dprot=1", "private"], ["no field 'dprot'", "did you mean dport"]),
    (["tcp", "dport=70000", "private"], ["16 bits", "0 to 65535"]),
    (["ip", "ttl=300", "tcp", "private"], ["8 bits", "0 to 255"]),
    (["tcp", "dport=9-1", "private"], ["backwards"]),
    (["tcp", "seq=j", "private"], ["'j'", "not known"]),
    (["tcp", "ip", "private"], ["ip cannot follow tcp", "the order is"]),
    (["ip6", "tcp", "private"], ["the target is IPv4"]),
    (["ip", "mf=1", "offset=8191", "raw", "data=size:64", "private"], ["65,535"]),
    (["udp", "data=size:65530", "private"], ["16 bits"]),
    (["udp", "data=size:2000", "private"], ["MTU of 1500"]),
    (["udp", "data=@/nonexistent/file", "private"], ["/nonexistent/file", "No such file"]),
    (["--syn", "--ping", "private"], ["give one"]),
    (["--syn", "--rate=5", "-i1", "private"], ["once"]),
    (["--syn", "-i", "5m", "private"], ["--interval", "'5m'"]),
    (["--syn", "-i", "-1", "private"], ["--interval", "'-1'"]),
    (["--syn", "-c0", "private"], ["--count", "'0'"]),
    (["--syn", "-c", "4294967296", "private"], ["--count"]),
    (["--syn", "-c", "2000000", "private"], ["--no-answers"]),
    (["--syn", "--wire=lnk", "private"], ["--wire", "auto, raw, link or packet", "'lnk'"]),
    (["--syn", "--wire=packet", "private"], ["--wire=packet hears nothing", "--no-answers"]),
    (["--wire=link", "udp", "data=size:1473", "private"], ["1501 octets", "MTU of 1500"]),
    (["vlan", "udp", "data=size:1473", "private"], ["1501 octets", "MTU of 1500"]),
    (["ether", "truncate=13", "udp", "private"], ["13 octets", "no whole Ethernet header"]),
    (["arp", "-6", "private"], ["arp asks for IPv4 addresses"]),
    (["--syn", "--let=5", "private"], ["--let", "J=5"]),
    (["--syn", "--private", "localhost:80"], ["not both"]),
    (["--syn", "--source=10.0.0.1", "private"], ["--source", "HOST"]),
    (["--syn", "localhost"], ["to which port?"]),
    (["--syn", "localhost:0"], ["port '0'"]),
    (["--syn", "[::1"], ["'[::1'", "not closed"]),
    (["--syn", "no-such-host.invalid:80"], ["no-such-host.invalid"]),
    (["--syn", "--dry-run", "-w", "x", "private"], ["give one"]),
    (["--syn", "-w", "/nonexistent/file.pcap", "private"], ["/nonexistent/file.pcap"]),
    (["--traceroute", "--no-answers", "private"], ["--traceroute"]),
    (["--fields", "tpc"], ["did you mean tcp"]),
    (["--syn", "flip=bit:320", "private"], ["only 40 octets"]),
    (["--syn", "corrupt=tcp.chksum", "private"], ["chksum"]),
]


def bad(words, texts):
    @private
    def test(case):
        equal(fails(send(case, *words), 2, *texts).out, "", "standard output")
    return named(test, "test_bad_words", " ".join(words)[:40], "are usage")


def test_listings_are_printed(case):
    need("  dport" in sent(case, "--fields", "tcp").out, "fields")
    listed = sent(case, "--list-interfaces").out
    need(re.search(r"^ *\d+ lo +up +MTU \d+  127\.0\.0\.1", listed, re.M), listed)
    need("  tcp    TCP, RFC 9293" in sent(case, "--fields").out, "layers")
    frames = sent(case, SEED, "--dry-run", "-q", "--syn", "private").out
    need(frames.startswith("packet 1, 40 octets\n  0000  45 00 00 28"), frames)


EXPLAINED = [
    ["--syn"],
    ["-6", "tcp", "mss=1400", "sackok", "data=hello"],
    ["ip", "ttl=1", "udp", "data=hello", "corrupt=udp.checksum"],
    ["ether", "dst=02:00:00:00:00:02", "arp", "tpa=10.0.0.2"],
    ["icmp", "type=3", "code=1", "ip", "src=10.0.0.2", "dst=10.0.0.1", "udp", "dport=9"],
    ["--syn", "truncate=33"],
    ["ip", "offset=100", "raw", "data=size:24"],
    ["tcp", "dport=1-3", "--ascii", "--color=always"],
]


def explained(words):
    """--dry-run is `synstep explain` of the same octets, in text and as JSON."""
    def test(case):
        link = "--link=ether" if "ether" in words else "--link=ip"
        look = [word for word in words if word.startswith(("--ascii", "--color"))]
        lines = sent(case, SEED, "--dry-run", "--json", *words, "private").events
        path = os.path.join(case.folder(), "frames")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(f"0000 {' '.join(re.findall('..', each['octets']))}\n" for each in lines)
        text = case.start([*program("synstep"), "explain", link, *look, path])
        json_lines = case.start([*program("synstep"), "explain", "--json", link, path])
        equal(text.end(), json_lines.end(), "exit statuses")
        equal(sent(case, SEED, "--dry-run", *words, "private").out, text.out, "text")
        for number, each in enumerate(lines, 1):
            equal((each.pop("event"), each.pop("probe")), ("frame", number), "event")
            del each["octets"]
        equal(lines, [json.loads(line) for line in json_lines.out.splitlines()], "JSON")
    return named(test, "test_dry_run_of", *words, "is what explain says")


@private
def test_no_raw_sockets_says_what_to_do(case):
    fails(send(case, "--syn", "127.0.0.1:9", preexec_fn=lab.powerless), 3, "sudo", "setcap")


def test_libraries_that_a_packet_needs_not_are_not_loaded(case):
    program_path = os.path.join(BUILD, "src", "synstep")
    running = case.start([program_path], env={"LD_TRACE_LOADED_OBJECTS": "1"})  # as ldd(1) does
    running.end()
    need("libc." in running.out, running.out, running.err)
    for name in ("libpcap", "libdbus", "libsystemd", "libedit", "libtinfo", "libz"):
        need(name not in running.out, name, "is loaded by each start:", running.out)


def as_ordinary_user(case, *words):
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    running = case.start([*WRAP, copied(case), "send", *words], **nobody, cwd="/")
    status = running.end()
    return lab.Outcome(status, running.out, lab.WRAPPER_TALK.sub("", running.err))


def test_an_ordinary_user_sends_between_private_hosts(case):
    for words in (["--syn"], ["--syn", "-6", "--no-answers"], ["--ping", "-i0", "-c2"]):
        outcome = as_ordinary_user(case, "--json", *words, "private")
        equal((outcome.status, outcome.err), (0, ""), words, outcome)
        total = outcome.of("sum")[0]
        equal(total["answered"], total["sent"] if total["awaited"] else 0, words, total)


def test_an_ordinary_user_is_not_permitted_to_send_elsewhere(case):
    for words in (["127.0.0.1:9"], ["[::1]:9"], ["--no-answers", "127.0.0.1:9"]):
        outcome = as_ordinary_user(case, "--syn", *words)
        fails(outcome, 3, "raw socket", "private", "sudo", "setcap")
        equal(outcome.out, "", words)


def test_full_disk_is_told(case):
    fails(send(case, "-w", "/dev/full", "--syn", "private"), 1, "No space left on device")
    with open("/dev/full", "wb") as file:
        fails(send(case, "--syn", "--json", "private", stdout=file), 1, "No space left on device")


TESTS = [
    *lab.some([flag_form(name, version) for name in FLAGS for version in (4, 6)], 7),
    ping(4), ping(6),
    test_udp_echo_crosses_to_port_7,
    test_every_field_of_a_segment_crosses_verbatim,
    test_lists_cross_in_order_the_last_the_fastest,
    test_extension_headers_cross_as_layers,
    *lab.some([corrupted(*row) for row in CORRUPTIONS], 3),
    test_truncated_datagram_arrives_truncated,
    test_what_the_kernel_would_rewrite_is_refused_and_written_to_files,
    *lab.some([bad(words, texts) for words, texts in BAD], 6),
    test_listings_are_printed,
    *lab.some([explained(words) for words in EXPLAINED], 3),
    test_no_raw_sockets_says_what_to_do,
    test_libraries_that_a_packet_needs_not_are_not_loaded,
    test_an_ordinary_user_sends_between_private_hosts,
    test_an_ordinary_user_is_not_permitted_to_send_elsewhere,
    test_full_disk_is_told,
]

if __name__ == "__main__":
    lab.run(TESTS)
