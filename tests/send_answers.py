#!/usr/bin/env python3
"""send_answers: which answers `synstep send` finds, what it makes of them, and of silence."""
import signal
import struct

import lab
import tap
from crafted import FAR, MSS_1460, PORT, TARGET, Host, Link, around, resets
from lab import named, private
from sender import HOST, ICMP, UDP, Silent, fails, fence, send, sent, start
from tap import equal, need
from wire import ACK, RST, SYN, checksum

# --- answers -------------------------------------------------------------------------------------

class Answering(Silent):
    """Answers each SYN as `how` says: a list of (flags, what is added to J+1)."""

    how = [(SYN | ACK, 0)]

    def arrive(self, octets):
        Host.arrive(self, octets)

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
    # Told apart by their numbers, and each answer comes after both of the one before.
    outcome = answered(case, [(SYN | ACK, 0), (SYN | ACK, 0)], "tcp", "seq=1000,2000")
    total = outcome.of("sum")[0]
    need(total["duplicates"] >= 1 and total["sent"] == 2, total)


class Echoing(Silent):
    """Sends the octets of the first datagram back."""

    def arrive(self, octets):
        if len(self.crossed) == 1 and octets[9] == UDP:
            ports = octets[22:24] + octets[20:22]
            self.put(around(4, UDP, ports + octets[24:26] + b"\0\0" + octets[28:]))


@private
def test_udp_answer_is_matched_and_this_host_says_nothing_to_it(case):
    host = Echoing(case)
    answer = sent(case, "--json", "--udp-echo", "10.9.0.2").of("answer")[0]
    equal((answer["kind"], answer["port"]), ("udp", 7), "answer")
    equal([octets[9] for octets in fence(case, host)], [UDP], "what crossed")


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


def test_one_octet_is_told_as_one(case):
    need("  UDP, 1 octet ttl" in sent(case, "udp", "data=x", "private").out, "the answer's line")


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
    in_private(["icmp", "type=timestamp", "originate=1000+i", "-c3", "private"], "icmp", 3),
    in_private(["icmp6", "type=neighbor-solicitation", "-6", "private"], "icmp"),
    in_private(["--traceroute", "private"], "icmp"),
]


TESTS = [
    one_answer(4), one_answer(6),
    test_wrong_acknowledgment_is_a_failed_check,
    test_refusal_is_an_answer,
    test_one_octet_is_told_as_one,
    test_duplicates_are_counted,
    test_udp_answer_is_matched_and_this_host_says_nothing_to_it,
    test_silence_is_told_and_listed,
    test_traceroute_goes_on_until_the_target_answers,
    test_interrupt_prints_the_sum,
    *lab.some(PRIVATE, 4),
]

if __name__ == "__main__":
    lab.run(TESTS)
