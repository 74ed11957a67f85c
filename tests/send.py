#!/usr/bin/env python3
"""send: what `synstep send` puts on the wire, what it makes of answers, and what it refuses.

The far host is Python behind a veth pair (crafted.py): it sees each octet that crosses, and it is
outside for the program under test, so that the bounds hold.
"""
import os
import signal
import socket
import struct
import time

import lab
import tap
from crafted import FAR, MSS_1460, PORT, TARGET, Host, Link, around, resets
from lab import named, private
from tap import equal, need
from wire import ACK, RST, SYN, WORD, checksum

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
HOST = {4: "10.9.0.2", 6: "fd09::2"}
FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ece": 64, "cwr": 128,
         "null": 0, "xmas": 41}
SEED = "--seed=9293"


def start(case, *words, **more):
    return case.start([*tap.program("synstep"), "send", *map(str, words)], **more)


def send(case, *words, **more):
    running = start(case, *words, **more)
    status = running.end()
    return lab.Outcome(status, running.out, lab.WRAPPER_TALK.sub("", running.err))


def sent(case, *words):
    """One that must end well."""
    outcome = send(case, *words)
    need(outcome.status == 0 and outcome.err == "", words, outcome)
    return outcome


def fails(outcome, status, *texts):
    equal(outcome.status, status, outcome)
    need(outcome.err.count("\n") == 1 and outcome.err.startswith("synstep send: "), outcome)
    for text in texts:
        need(text in outcome.err, f"{text!r} is not in:", outcome.err)
    return outcome


class Silent(Host):
    """Answers nothing, whatever comes, and believes none of it."""

    def arrive(self, _octets):
        pass

    def received(self, count=0):
        """All that came; waits until there are so many."""
        tap.until(lambda: len(self.crossed) >= count, count, "datagrams")
        self.close()
        return [octets for ours, octets in self.crossed if ours]


class WholeLink(Link):
    """Sees datagrams to anybody; the kernel's own talk with its neighbours is multicast."""

    def receive(self, _version):
        octets = self.socket.recv(1 << 17)
        kind, datagram = struct.unpack_from("!H", octets, 12)[0], octets[14:]
        multicast = kind == 0x86DD and datagram[24] == 0xFF
        return datagram if kind in (0x0800, 0x86DD) and not multicast else None


def fence(case, host):
    """All that crossed before is known once a datagram that is sent now is there."""
    sent(case, "--no-answers", "udp", "dport=4242", "10.9.0.2")
    tap.until(lambda: host.crossed and host.crossed[-1][1][22:24] == struct.pack("!H", 4242))
    return host.received()[:-1]


def arrived(case, *words, version=4, link=None):
    """The datagrams that reach the far host, which says nothing."""
    host = Silent(case, version=version, link=link or Link(case))
    target = () if words[-1] == TARGET[version] else (HOST[version],)
    outcome = sent(case, SEED, "--no-answers", "--json", *words, *target)
    return host.received(outcome.of("sum")[0]["sent"])


def dry(case, *words):
    outcome = sent(case, SEED, "--dry-run", "--json", *words)
    return [bytes.fromhex(event["octets"]) for event in outcome.of("frame")]


def transport(datagram):
    """The protocol, and the octets that IP carries; all checksums must be right."""
    version = datagram[0] >> 4
    if version == 4:
        equal(checksum(datagram[:20]), 0, "IP checksum")
        protocol, ends, payload = datagram[9], datagram[12:20], datagram[20:]
    else:
        protocol, ends, payload = datagram[6], datagram[8:40], datagram[40:]
    pseudo = ends + (struct.pack("!HH", protocol, len(payload)) if version == 4
                     else struct.pack("!IxxxB", len(payload), protocol))
    equal(checksum(payload if protocol == ICMP else pseudo + payload), 0, "checksum")
    return protocol, payload


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
    for words, text in REWRITTEN:
        fails(send(case, *words, "--syn", TARGET[4]), 2, text, "-w FILE")
        sent(case, SEED, "-w", path, *words, "--syn", TARGET[4])
        with open(path, "rb") as file:
            head, octets = file.read(24), file.read()
        equal(struct.unpack("=IHHiIII", head)[6], 1 if "below" in text else 101, "link type")
        equal([octets[16:]], dry(case, *words, "--syn", TARGET[4]), words)
    equal(fence(case, host), [], "what crossed")


# --- answers -------------------------------------------------------------------------------------

class Answering(Host):
    """Answers each SYN as `how` says: a list of (flags, what is added to J+1)."""

    how = [(SYN | ACK, 0)]

    def on_syn(self, frame):
        for flags, more in self.how:
            self.tcp(flags, seq=self.isn, ack=frame.seq + 1 + more, options=MSS_1460)


def answered(case, how, *words, version=4):
    host = Answering(case, version=version)
    host.how = how
    outcome = send(case, "--json", "--syn", *words, TARGET[version])
    host.close()
    equal(resets(host), [], "RSTs of this host's kernel")
    return outcome


def one_answer(version):
    def test(case):
        outcome = answered(case, [(SYN | ACK, 0)], version=version)
        equal((outcome.status, outcome.err), (0, ""), outcome)
        answer, total = outcome.of("answer")[0], outcome.of("sum")[0]
        equal((answer["probe"], answer["kind"], answer["source"], answer["port"]),
              (1, "tcp", HOST[version], PORT), "answer")
        need("synack_ack" in [check["name"] for check in answer["checks"]], "checks:", answer)
        equal((total["sent"], total["answered"], total["failed"], total["unanswered"]),
              (1, 1, 0, []), "sum")
        need(0 <= total["rtt_ms"]["min"] <= total["rtt_ms"]["max"], "round trip:", total)
    return named(private(test), f"test_syn_ack_ipv{version}", "is matched and checked")


@private
def test_wrong_acknowledgment_is_a_failed_check(case):
    outcome = answered(case, [(SYN | ACK, 1)])
    fails(outcome, 1, "checks of the answers failed")
    answer = outcome.of("answer")[0]
    equal(answer["wrong_numbers"], True, "wrong numbers")
    need("synack_ack_not_isn_plus_1" in [check["name"] for check in answer["checks"]], answer)


@private
def test_refusal_is_an_answer(case):
    outcome = answered(case, [(RST | ACK, 0)])
    equal(outcome.of("answer")[0]["tcp"]["flags"], "RST,ACK", "flags")


@private
def test_duplicates_are_counted(case):
    outcome = answered(case, [(SYN | ACK, 0), (SYN | ACK, 0)], "-c", "2", "-i", "50ms")
    total = outcome.of("sum")[0]
    need(total["duplicates"] >= 1 and total["sent"] == 2, total)


@private
def test_silence_is_told_and_listed(case):
    host = Silent(case)
    outcome = send(case, "--timeout=0.1", "tcp", f"dport={PORT},1-3", "10.9.0.2")
    fails(outcome, 1, "no answer to 4 packets")
    need("no answer to 1-4\n4 sent, 0 answered" in outcome.out, outcome)
    equal(len(host.received(4)), 4, "probes")


def icmp_error(kind, code, quoted, source):
    """From that address, about a datagram; routers quote 8 octets behind its IP header."""
    body = struct.pack("!BBHI", kind, code, 0, 0) + quoted[:28]
    datagram = around(4, ICMP, body[:2] + struct.pack("!H", checksum(body)) + body[4:])
    head = datagram[:10] + b"\0\0" + source + datagram[16:20]
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + datagram[20:]


class RoutedLink(Link):
    """Tells of every datagram to a function."""

    heard = None

    def receive(self, version):
        octets = super().receive(version)
        if octets is not None and self.heard:
            self.heard(octets)
        return octets


@private
def test_traceroute_goes_on_until_the_target_answers(case):
    link = RoutedLink(case)
    host = Silent(case, link=link)

    def heard(octets):
        hop = octets[8]
        host.put(icmp_error(11, 0, octets, bytes([10, 9, 0, 100 + hop])) if hop < 3
                 else icmp_error(3, 3, octets, FAR[4]))

    link.heard = heard
    outcome = sent(case, "--json", "--traceroute", "10.9.0.2")
    equal([(each["source"], each["icmp"]["type"]) for each in outcome.of("answer")],
          [("10.9.0.101", 11), ("10.9.0.102", 11), ("10.9.0.2", 3)], "hops")
    got = host.received()
    equal([octets[8] for octets in got], [1, 2, 3], "TTL")
    equal([struct.unpack_from("!H", octets, 22)[0] for octets in got], [33434, 33435, 33436],
          "ports")


@private
def test_interrupt_prints_the_sum(case):
    host = Silent(case)
    running = start(case, "--syn", "-i", "30s", "-c", "100", TARGET[4])
    running.wait_out("packets from")
    tap.until(lambda: host.crossed, "the first probe")
    equal(running.stop(signal.SIGINT), 1, "exit status")
    need("1 sent, 0 answered" in running.out, running.out)


# --- private hosts -------------------------------------------------------------------------------

def in_private(words, kind, count=1):
    def test(case):
        outcome = sent(case, "--json", *words)
        answers, total = outcome.of("answer"), outcome.of("sum")[0]
        equal([answer["kind"] for answer in answers], [kind] * count, "answers")
        equal((total["answered"], total["failed"], total["unanswered"]), (count, 0, []), "sum")
    return named(test, "test_private", *words, "is answered")


PRIVATE = [
    in_private(["--syn", "private"], "tcp"),
    in_private(["--syn", "-6", "--private"], "tcp"),
    in_private(["--ack", "private"], "tcp"),
    in_private(["--ping", "-i0", "private"], "icmp", 4),
    in_private(["--ping", "-i0", "-6", "private"], "icmp", 4),
    in_private(["--udp-echo", "private"], "udp"),
    in_private(["udp", "dport=9", "private"], "icmp"),
    in_private(["tcp", "dport=8880-8899", "private"], "tcp", 20),
    in_private(["--traceroute", "private"], "icmp"),
]


def test_private_hosts_have_no_bounds(case):
    outcome = sent(case, "--json", "--no-answers", "-c", "3000", "ip", "src=random", "dst=10.0.0.9",
                   "tcp", "dport=1", "private")
    total = outcome.of("sum")[0]
    equal(total["sent"], 3000, "sent")


@private
def test_loopback_has_no_rate(case):
    outcome = sent(case, "--json", "--syn", "-c", "3000", "--no-answers", "127.0.0.1:9")
    need(outcome.of("sum")[0]["sent"] == 3000, outcome)


# --- bounds --------------------------------------------------------------------------------------

BEYOND = [
    (["--rate=1001"], "bound of 1000"),
    (["--rate=1000000000"], "bound of 1000"),
    (["-i", "999us"], "bound of 1000"),
    (["-i1us", "-c1"], "bound of 1000"),
    (["-c1000001", "--no-answers"], "bound of 1000000"),
    (["-c", "4294967295", "--no-answers"], "bound of 1000000"),
    (["tcp", "seq=1-1000001", "--no-answers"], "bound of 1000000"),
    (["ip", "src=198.51.100.7"], "--spoof"),
    (["ip", "src=random"], "--spoof"),
    (["ip", "src=10.9.0.1-10.9.0.3"], "--spoof"),
    (["ip", "src=10.9.0.1,10.9.0.1,198.51.100.7"], "--spoof"),
    (["ip", "dst=198.51.100.7"], "only to the target"),
    (["--spoof", "ip", "dst=198.51.100.7"], "only to the target"),
    (["--spoof", "ip", "dst=random"], "only to the target"),
    (["ip", "dst=10.9.0.2-10.9.0.3"], "only to the target"),
    (["ip", "ip", "src=1.2.3.4", "--spoof", "--rate=2000"], "bound of 1000"),
    (["--spoof", "ip", "src=random", "--rate=1001"], "bound of 1000"),
    (["flip=bit:100"], "ip.checksum"),
    (["flip=bit:130"], "ip.checksum"),
    (["flip=bit:100", "-6"], "--spoof"),
    (["flip=bit:200", "-6"], "only to the target"),
    (["flip=bit:200", "-6", "--spoof"], "only to the target"),
    (["ip6", "src=random"], "--spoof"),
    (["ip6", "dst=fd09::3", "--spoof"], "only to the target"),
    (["corrupt=ip.ihl=4", "flip=bit:140"], "only to the target"),
    (["corrupt=ip.ihl=4", "corrupt=ip.version=6", "flip=bit:130"], "only to the target"),
    (["truncate=19"], "shorter than an IP header"),
    (["--source=198.51.100.7"], "not an address of this host"),
    (["--source=198.51.100.7", "--spoof"], "not an address of this host"),
]


@private
def test_nothing_beyond_the_bounds_leaves(case):
    host = Silent(case, link=WholeLink(case))
    for words, text in BEYOND:
        target = TARGET[6 if {"-6", "ip6"} & set(words) else 4]
        fails(send(case, "--timeout=0.01", *words, "--syn", target), 2, text)
    equal(fence(case, host), [], "what crossed")


@private
def test_a_foreign_source_leaves_with_spoof(case):
    got = arrived(case, "--spoof", "ip", "src=198.51.100.7", "tcp", TARGET[4])
    equal(got[0][12:16], socket.inet_aton("198.51.100.7"), "source")
    transport(got[0])


def paced(*words):
    def test(case):
        host = Silent(case)
        began = time.monotonic()
        sent(case, "--no-answers", "--syn", "-c", "1005", *words, TARGET[4])
        need(time.monotonic() - began >= 1, "1005 packets left within a second")
        equal(len(host.received(1005)), 1005, "packets")
    return named(private(test), "test_no_second_holds_more_than_1000", *words)


@private
def test_a_scenario_toward_others_is_bound_too(case):
    host = Silent(case, link=WholeLink(case))
    for field in ("source=198.51.100.7", "destination=198.51.100.7"):
        path = os.path.join(case.folder(), "beyond.step")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"> SYN seq=J {field}\n")
        outcome = lab.synstep(case, path, TARGET[4])
        need(outcome.status == 2 and "outside private hosts" in outcome.err, outcome)
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
    (["--syn", "--wire=link", "private"], ["--wire", "raw or auto"]),
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
    need(" lo\n" in sent(case, "--list-interfaces").out, "interfaces")
    frames = sent(case, SEED, "--dry-run", "--syn", "private").out
    need("packet 1, 40 octets\n  0000  45 00 00 28" in frames and "Control Bits" in frames, frames)


@private
def test_no_raw_sockets_says_what_to_do(case):
    fails(send(case, "--syn", "127.0.0.1:9", preexec_fn=lab.powerless), 3, "sudo", "setcap")


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
    one_answer(4), one_answer(6),
    test_wrong_acknowledgment_is_a_failed_check,
    test_refusal_is_an_answer,
    test_duplicates_are_counted,
    test_silence_is_told_and_listed,
    test_traceroute_goes_on_until_the_target_answers,
    test_interrupt_prints_the_sum,
    *lab.some(PRIVATE, 4),
    test_private_hosts_have_no_bounds,
    test_loopback_has_no_rate,
    test_nothing_beyond_the_bounds_leaves,
    test_a_foreign_source_leaves_with_spoof,
    *[paced(*words) for words in ((), ("--rate=1000",), ("-i", "1ms"))],
    test_a_scenario_toward_others_is_bound_too,
    *lab.some([bad(words, texts) for words, texts in BAD], 6),
    test_listings_are_printed,
    test_no_raw_sockets_says_what_to_do,
    test_full_disk_is_told,
]

if __name__ == "__main__":
    lab.run(TESTS)
