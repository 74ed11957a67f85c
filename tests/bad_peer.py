#!/usr/bin/env python3
"""bad_peer: servers that refuse, fall silent, reset, lie about numbers, and noise on the wire."""
import socket
import struct

import lab
from crafted import ACK, FAR, MSS_1460, NEAR, PORT, PSH, RST, SYN, TARGET, WORD, Frame, Host, \
    around, resets, tcp_octets
from lab import fails, held, named, private, synstep
from recount import octets
from servers import LOCAL, Server
from tap import equal, need, receive
from wire import checksum


def one(outcome, **wanted):
    """The one segment that has these values."""
    found = [segment for segment in outcome.segments
             if all(segment.get(key) == value for key, value in wanted.items())]
    equal(len(found), 1, "segments with", wanted, outcome)
    return found[0]


def not_held(outcome):
    end = outcome.end
    need(end["ok"] is False, "end event:", end)
    return end


# --- refusals ------------------------------------------------------------------------------------

def closed(version, isn):
    @private
    def test(case):
        holder = case.open_socket(socket.AF_INET if version == 4 else socket.AF_INET6)
        holder.bind((LOCAL[version], 0))
        port = holder.getsockname()[1]
        host = LOCAL[4] if version == 4 else f"[{LOCAL[6]}]"
        outcome = synstep(case, f"{host}:{port}", "--json", f"--isn={isn}")
        fails(outcome, 1, f"{host}:{port}", "refused", "RST")
        reset = one(outcome, **{"from": "peer", "flags": ["RST", "ACK"]})
        # RFC 9293 section 3.10.7.1: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
        equal((reset["seq"], reset["ack"], reset["length"]), (0, (isn + 1) % WORD, 0), "the RST")
        equal(reset["symbols"]["ack"], "J+1", "the RST's ack")
        need(reset["checks"] and all(check["ok"] for check in reset["checks"]), "checks", reset)
        equal((not_held(outcome)["failed"], outcome.end["segments"]), (0, 2), "end", outcome.end)
        equal(reset["states"]["local"], {"before": "SYN-SENT", "after": "CLOSED"}, "our state")
    return named(test, f"test_closed_port_ipv{version}_isn", isn, "has its RST verified")


class Silent(Host):
    def on_syn(self, frame):
        pass


@private
def test_silent_target_has_its_syn_sent_again(case):
    host = Silent(case)
    outcome = synstep(case, TARGET[4], "--json", "--timeout=5")
    fails(outcome, 1, TARGET[4], "does not answer", "sent 3 times")
    equal([segment["flags"] for segment in outcome.segments], [["SYN"]] * 3, "segments")
    equal(len({segment["seq"] for segment in outcome.segments}), 1, "one J")
    first, second, third = (segment["time_us"] for segment in outcome.segments)
    # RFC 6298 section 5.5: the timer is doubled. Not how long: only by how much it is longer.
    need(third - second > 1.5 * (second - first), "gaps", first, second, third)
    not_held(outcome)
    host.close()
    equal([octets for _, octets in host.crossed if Frame(octets).flags != ["SYN"]], [], "crossed")


class Unreachable(Host):
    """An ICMP error in place of an answer; it quotes the SYN, or what was never sent."""

    def __init__(self, *words, code, shift=0, **more):
        self.code, self.shift, self.told = code, shift, 0
        super().__init__(*words, **more)

    def on_syn(self, frame):
        quoted = bytearray(frame.octets[:28 if self.version == 4 else 60])
        struct.pack_into("!I", quoted, 24 if self.version == 4 else 44,
                         (frame.seq + self.shift) % WORD)
        if self.version == 4:
            message = struct.pack("!BBHI", 3, self.code, 0, 0) + bytes(quoted)
            message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
            self.put(around(4, 1, message))
        else:
            message = struct.pack("!BBHI", 1, self.code, 0, 0) + bytes(quoted)
            pseudo = FAR[6] + NEAR[6] + struct.pack("!IxxxB", len(message), 58)
            message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
            self.put(around(6, 58, message))
        if self.shift:
            super().on_syn(frame)


def unreachable(version, code, words):
    @private
    def test(case):
        host = Unreachable(case, 5, version, code=code)
        fails(synstep(case, TARGET[version], "--json"), 1, "ICMP", words)
        host.close()
    return named(test, f"test_icmp_ipv{version}_code", code, "refuses")


@private
def test_icmp_about_what_was_never_sent_is_ignored(case):
    Unreachable(case, 5, 4, code=3, shift=70000)
    held(case, TARGET[4])


# --- resets --------------------------------------------------------------------------------------

def reset_at_once(connection):
    receive(connection, 5)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@private
def test_a_reset_in_mid_stream_is_told(case):
    server = Server(case, reset_at_once)
    outcome = fails(synstep(case, server.target, "--json", "--isn=-3"), 1, server.target, "reset")
    last = outcome.segments[-1]
    need(last["from"] == "peer" and "RST" in last["flags"], "the last segment", last)
    equal((last["symbols"]["seq"], last["states"]["local"]["after"]), ("K+1", "CLOSED"), "the RST")
    need(all(check["ok"] for check in last["checks"]), "checks", last)
    equal(not_held(outcome)["failed"], 0, "checks failed")


class Intruder(Host):
    """A blind RST inside the window but not at its edge comes before the echo (RFC 5961)."""

    def on_data(self, frame):
        self.tcp(RST, seq=self.nxt + 77)
        super().on_data(frame)


@private
def test_a_blind_reset_is_challenged(case):
    host = Intruder(case, 2**32 - 50)
    outcome = synstep(case, TARGET[4], "--json")
    host.close()
    equal(resets(host), [], "our RSTs")
    wrong = next(index for index, (ours, octets) in enumerate(host.crossed)
                 if not ours and Frame(octets).has("RST"))
    answers = [Frame(octets) for ours, octets in host.crossed[wrong:] if ours]
    equal((answers[0].flags, answers[0].ack), (["ACK"], 2**32 - 49), "the challenge ACK")
    need("TIME-WAIT" in outcome.out, "it went to its end", outcome)


# --- wrong numbers -------------------------------------------------------------------------------

class Liar(Host):
    """Acknowledges a SYN with a number that is off by `shift`."""

    def __init__(self, *words, shift, **more):
        self.shift = shift
        super().__init__(*words, **more)

    def on_syn(self, _frame):
        self.tcp(SYN | ACK, seq=self.isn, ack=self.rcv + self.shift, options=MSS_1460)


def wrong_ack(shift, version, isn):
    @private
    def test(case):
        host = Liar(case, 77, version, shift=shift)
        outcome = synstep(case, TARGET[version], "--json", f"--isn={isn}")
        wrong = (isn + 1 + shift) % WORD
        fails(outcome, 1, str(wrong), str((isn + 1) % WORD), "RST")
        host.close()
        answers = [Frame(octets) for ours, octets in host.crossed if ours]
        # RFC 9293 section 3.10.7.3: <SEQ=SEG.ACK><CTL=RST>
        equal([(answer.flags, answer.seq) for answer in answers],
              [(["SYN"], isn % WORD), (["RST"], wrong)], "our segments")
        equal(answers[-1].checksum_right, True, "the RST's checksum")
        bad = one(outcome, **{"from": "peer"})
        failed = [check for check in bad["checks"] if not check["ok"]]
        need(any((check["expected"], check["actual"]) == ((isn + 1) % WORD, wrong) and
                 "9293" in check["rfc"] for check in failed), "the check that fails:", bad)
        need(not_held(outcome)["failed"] >= 1, "failed", outcome.end)
    return named(test, f"test_wrong_ack_ipv{version}_isn", isn, "off by", shift, "is answered RST")


class OldHalf(Host):
    """An older connection's half answers the first SYN; our RST ends it (RFC 9293 section 3.5.1)."""

    def on_syn(self, frame):
        if len(self.frames()) > 1:
            super().on_syn(frame)
        else:
            self.tcp(ACK, seq=300, ack=self.rcv + 70)


@private
def test_an_old_half_is_reset_and_the_connection_made(case):
    host = OldHalf(case, 2**32 - 1)
    outcome = synstep(case, TARGET[4], "--json", "--isn=100")
    host.close()
    equal([reset.seq for reset in resets(host)], [171], "our RSTs")
    equal((outcome.status, outcome.end["ok"]), (0, True), "exit status", outcome)


class OffByOne(Host):
    """Its echo begins one octet too far: a gap that is never filled."""

    def on_data(self, frame):
        self.tcp(PSH | ACK, seq=self.nxt + 1, payload=frame.payload)


@private
def test_a_gap_that_is_never_filled_is_not_an_echo(case):
    host = OffByOne(case, 2**31 - 2)
    outcome = synstep(case, TARGET[4], "--json", "--timeout=3")
    host.close()
    acks = {Frame(octets).ack for ours, octets in host.crossed if ours} - {0}
    equal(acks, {2**31 - 1}, "nothing beyond the gap is acknowledged")
    need(outcome.status == 1 or "no echo" in outcome.out, "what is said", outcome)


class AcksTheFuture(Host):
    """Acknowledges ten octets that were never sent."""

    def on_data(self, frame):
        self.tcp(ACK, ack=self.rcv + 10)
        super().on_data(frame)


@private
def test_an_ack_of_what_was_never_sent_fails_a_check(case):
    host = AcksTheFuture(case, 9)
    outcome = fails(synstep(case, TARGET[4], "--json", "--isn=-4"), 1, "check")
    host.close()
    bad = [segment for segment in outcome.segments
           if any(not check["ok"] for check in segment["checks"])]
    equal([segment["ack"] for segment in bad], [12], "the segments that fail")


class BrokenSum(Host):
    """Before the echo, data and a RST with a wrong checksum: neither may be taken in."""

    def on_data(self, frame):
        for flags, payload in ((PSH | ACK, b"XXXXX"), (RST, b"")):
            octets = bytearray(tcp_octets(4, self.ports, self.nxt, self.rcv, flags, payload))
            octets[16] ^= 0xFF
            self.put(around(4, 6, bytes(octets)))
        super().on_data(frame)


@private
def test_a_wrong_checksum_is_told_and_not_taken(case):
    host = BrokenSum(case, 9)
    outcome = fails(synstep(case, TARGET[4], "--json"), 1, "checksum")
    host.close()
    need("TIME-WAIT" in outcome.out, "it went to its end", outcome)
    equal(resets(host), [], "RSTs")
    need("no echo" not in outcome.out, "the echo", outcome)


# --- noise ---------------------------------------------------------------------------------------

def noise(host):
    """Frames that are no segment of any connection, and some that look nearly like one of ours."""
    version, whole = host.version, around(host.version, 6, tcp_octets(
        host.version, host.ports, host.nxt, host.rcv, PSH | ACK, b"XXXXX"))
    yield from (whole[:length] for length in range(1, len(whole) - 1))
    yield from (bytes([first]) + octets(60, first) for first in (0x00, 0x45, 0x4F, 0x60, 0xFF))
    tcp = bytearray(tcp_octets(version, host.ports, host.nxt, host.rcv, RST))
    for words in (0, 1, 4, 6, 15):
        tcp[12] = words << 4
        yield around(version, 6, bytes(tcp))
    for options in (b"\x02\x00\x00\x00", b"\x02\x01\x00\x00", b"\x08\x28\x00\x00"):
        yield around(version, 6, tcp_octets(version, host.ports, host.nxt, host.rcv, RST,
                                            options=options))
    yield around(version, 6, tcp_octets(version, (host.ports[0] + 1, host.ports[1]), host.nxt,
                                        host.rcv, RST))
    yield around(version, 6, tcp_octets(version, (host.ports[0], host.ports[1] ^ 1), host.nxt,
                                        host.rcv, RST))
    yield from (around(version, kind, octets(length, kind)) for kind in (1, 58, 17, 0, 43, 60, 44)
                for length in (0, 1, 7, 8, 40))
    if version == 4:
        cut = bytearray(whole)
        cut[6] = 0x20  # more fragments
        cut[10:12] = b"\0\0"
        yield bytes(cut[:10]) + struct.pack("!H", checksum(bytes(cut[:20]))) + bytes(cut[12:])
    yield around(version, 6, tcp_octets(version, host.ports, host.nxt, host.rcv, RST)) \
        .replace(FAR[version], NEAR[version], 1)


class Noisy(Host):
    def take(self, frame):
        if frame.has("SYN"):
            self.ports, self.rcv = (PORT, frame.source_port), (frame.seq + 1) % WORD
        for garbage in noise(self):
            self.link.send(garbage, self.version)
        super().take(frame)


def noisy(version):
    @private
    def test(case):
        host = Noisy(case, 2**32 - 3, version)
        outcome = held(case, TARGET[version], "--data=truth")
        host.close()
        equal(resets(host), [], "RSTs")
        need("no echo" not in outcome.out, "the echo came back", outcome)
        need("ignored" in str(outcome.of("note")), "that frames were ignored", outcome)
        equal(len(outcome.segments), len(host.frames()), "segments shown and true ones", outcome)
    return named(test, f"test_noise_ipv{version}", "does not disturb")


TESTS = [
    test_silent_target_has_its_syn_sent_again,
    *lab.some([closed(version, isn) for version in (4, 6)
               for isn in (0, 2**31 - 1, 2**31, 2**32 - 1)], 5),
    *lab.some([unreachable(4, code, "ICMP") for code in (2, 3, 9, 10, 13)], 5),
    *lab.some([unreachable(6, code, "ICMP") for code in (1, 4)], 2),
    test_icmp_about_what_was_never_sent_is_ignored,
    test_a_reset_in_mid_stream_is_told,
    test_a_blind_reset_is_challenged,
    *lab.some([wrong_ack(shift, version, isn) for shift in (-1, 1, 2**31) for version in (4, 6)
               for isn in (0, 2**32 - 1)], 7),
    test_an_old_half_is_reset_and_the_connection_made,
    test_a_gap_that_is_never_filled_is_not_an_echo,
    test_an_ack_of_what_was_never_sent_fails_a_check,
    test_a_wrong_checksum_is_told_and_not_taken,
    noisy(4),
    noisy(6),
]

if __name__ == "__main__":
    lab.run(TESTS, at_a_time=3)
