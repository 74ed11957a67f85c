#!/usr/bin/env python3
"""send_link: whole frames by `synstep send`: corrupted ones arrive so, with nothing else changed;
neighbours are asked and answer; what the raw wire cannot send takes the link wire."""
import fcntl
import os
import shutil
import signal
import struct

import lab
import tap
from crafted import FAR, IFF_NOARP, IFF_UP, NEAR, TARGET, hardware, set_addresses, set_flags
from far_host import PACKET_AUXDATA, SOL_PACKET, capture, next_frame, with_tag
from lab import named, private
from sender import SEED, FrameLink, Silent, fails, send, sent, start
from tap import equal, need
from wire import Capture

IPV4, ARP, VLAN, IPV6 = b"\x08\0", b"\x08\x06", b"\x81\0", b"\x86\xdd"
ICMP6 = 58
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x1, 0x1000


# --- corruption ----------------------------------------------------------------------------------

CORRUPTIONS = [  # version, words, octets of the datagram that must differ, whether raw could not
    (4, "corrupt=tcp.checksum", {36, 37}, False),
    (4, "corrupt=ip.checksum", {10, 11}, True),
    (4, "corrupt=ip.length+4", {2, 3}, True),
    (4, "corrupt=tcp.offset=3", {32}, False),
    (4, "flip=bit:77", {9}, True),
    (6, "corrupt=tcp.checksum", {56, 57}, False),
    (6, "corrupt=ip6.length+4", {4, 5}, False),
    (6, "corrupt=tcp.offset=3", {52}, False),
    (6, "flip=bit:77", {9}, False),
]


def is_series(octets):
    """No talk between the two kernels, which have neighbours and groups to find."""
    ours = octets[12:14] == IPV4 or (octets[12:14] == IPV6 and octets[20] != ICMP6)
    return ours and octets[0] & 1 == 0


def captured(case, *words):
    """One frame of a long series as the other private host gets it, its number, and what was said
    of the series."""
    running = start(case, SEED, "--json", "--no-answers", "-i", "20ms", "-c", "2000", *words)
    sock = capture(case, running)
    card = hardware("far0", sock)
    frame = next_frame(sock, is_series)
    running.stop(signal.SIGINT)
    equal(frame[:6], card, "whom it is for")
    number = (struct.unpack_from("!H", frame, 18)[0] - 1 - 9293) % 65535
    return frame, number if frame[12:14] == IPV4 else 0, lab.outcome_of(running).of("series")[0]


def described(case, number, *words):
    """The datagram of that number, as the words describe it."""
    outcome = sent(case, SEED, "--dry-run", "--json", "-c", number + 1, *words)
    return bytes.fromhex(outcome.of("frame")[number]["octets"])


def corrupted(version, harm, place, not_raw):
    @private
    def test(case):
        words = ["--syn", f"-{version}", "private"]
        wire = [] if not_raw else ["--wire=link"]
        frame, number, series = captured(case, harm, *wire, *words)
        good, bad = described(case, number, *words), frame[14:]
        equal(len(bad), len(good), "length")
        changed = {at for at, (one, two) in enumerate(zip(good, bad)) if one != two}
        need(changed and changed <= place, "octets that differ:", changed)
        equal(bad, described(case, number, harm, *words), "what --dry-run shows")
        equal((series["wire"], bool(series["why"])), ("link", not_raw), "wire")
    return named(test, f"test_{harm}_ipv{version}", "arrives so in the other host, and no more")


@private
def test_truncated_to_17_octets_arrives_so(case):
    frame, number, series = captured(case, "truncate=17", "--syn", "private")
    equal(frame[14:], described(case, number, "--syn", "private")[:17], "what is left")
    need("shorter than an IP header" in series["why"], series)


# --- frames --------------------------------------------------------------------------------------

@private
def test_what_raw_rewrites_arrives_as_it_is(case):
    for words, at, octets in ((["ip", "id=0"], 4, b"\0\0"), (["ip", "src=0.0.0.0"], 12, bytes(4)),
                              (["ip", "length=9"], 2, b"\0\x09")):
        frame = captured(case, *words, "udp", "data=x", "private")[0]
        equal(frame[14 + at:14 + at + len(octets)], octets, words)


class TaggedLink(FrameLink):
    """With the tags, which the kernel takes out of what it shows."""

    def __init__(self, case):
        super().__init__(case)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def receive(self, _version):
        octets = with_tag(self.socket)
        return octets if octets[6:12] == self.near and octets[38:39] != b"\xff" else None


@private
def test_vlan_tags_arrive(case):
    link = TaggedLink(case)
    host = Silent(case, link=link)
    outcome = sent(case, "--no-answers", "vlan", "vid=42", "pcp=5", "vlan", "vid=7", "udp",
                   "data=hello", "10.9.0.2:9")
    need("by the link wire: ether, vlan and arp are below IP" in outcome.out, outcome)
    frame = host.received(1)[-1]
    equal(frame[6:22], link.near + VLAN + struct.pack("!H", 5 << 13 | 42) + VLAN +
          struct.pack("!H", 7) + IPV4, "tags")
    equal(frame[-5:], b"hello", "payload")


@private
def test_every_octet_of_a_link_header_is_the_users(case):
    host = Silent(case, link=FrameLink(case))
    sent(case, "--no-answers", "--spoof", "ether", "src=02:00:00:00:00:09", "udp", "data=x",
         "10.9.0.2:9")
    frame = host.received(1)[-1]
    equal(frame[6:14], bytes.fromhex("020000000009") + IPV4, "link header")


@private
def test_a_series_by_the_packet_wire_arrives_counted(case):
    host = Silent(case, link=FrameLink(case))
    outcome = sent(case, "--json", "--wire=packet", "--no-answers", "tcp", "dport=1-500",
                   "10.9.0.2")
    equal((outcome.of("series")[0]["wire"], outcome.of("sum")[0]["sent"]), ("packet", 500), "sum")
    got = host.received(500)
    equal([struct.unpack_from("!H", frame, 36)[0] for frame in got], list(range(1, 501)), "ports")


# --- neighbours ----------------------------------------------------------------------------------

@private
def test_arp_is_answered_by_the_other_hosts_kernel(case):
    outcome = sent(case, "--json", "arp", "-c", "2", "private")
    for number, answer in enumerate(outcome.of("answer"), 1):
        equal((answer["probe"], answer["kind"], answer["source"]), (number, "arp", "10.0.0.2"),
              "answer")
        frame = bytes.fromhex(answer["octets"])
        equal((answer["arp"]["op"], answer["arp"]["spa"], answer["arp"]["sha"].replace(":", "")),
              (2, "10.0.0.2", frame[6:12].hex()), "reply")
    equal(outcome.of("sum")[0]["answered"], 2, "answered")
    need(" is at " in sent(case, "arp", "private").out, "in words")


@private
def test_a_solicitation_is_answered_by_the_other_hosts_kernel(case):
    target = "fd000000000000000000000000000002"
    answer = sent(case, "--json", "ip6", "dst=ff02::1:ff00:2", "hop=255", "icmp6", "type=135",
                  "rest=0", "raw", f"data=hex:{target}", "-6", "private").of("answer")[0]
    equal((answer["kind"], answer["icmp"]["type"], answer["source"]), ("icmp", 136, "fd00::2"),
          "answer")
    need(target in answer["octets"][80:], answer)


ANSWERED = [
    (["--syn", "--wire=link"], "tcp"), (["--syn", "--wire=link", "-6"], "tcp"),
    (["--ping", "--wire=link", "-6", "-c1"], "icmp"), (["udp", "dport=9", "--wire=link"], "icmp"),
    (["ip", "id=0", "udp", "dport=8888", "data=x"], "udp"),
]


def answered(words, kind):
    """Which asks for the neighbour first: nobody knows it in new private hosts."""
    def test(case):
        outcome = sent(case, "--json", *words, "private")
        equal([answer["kind"] for answer in outcome.of("answer")], [kind], "answers")
        equal((outcome.of("series")[0]["wire"], outcome.of("sum")[0]["failed"]), ("link", 0), "sum")
    return named(test, "test_by_the_link_wire", *words, "is answered")


class AskedLink(FrameLink):
    """Its host is at another card than the link's, which it tells whoever asks by ARP."""

    card, asked = bytes.fromhex("0200000000aa"), 0

    def receive(self, version):
        octets = super().receive(version)
        if octets is None or octets[12:14] != ARP:
            return octets
        if octets[20:22] == b"\0\1" and octets[38:42] == FAR[4]:
            self.asked += 1
            self.socket.send(octets[6:12] + self.card + ARP + octets[14:20] + b"\0\2" + self.card +
                             FAR[4] + octets[6:12] + NEAR[4])
        return None

    def forget(self):
        """The kernel forgets its neighbours when ARP ends, and asks again when it is back."""
        set_flags("near", IFF_UP | IFF_NOARP)
        set_flags("near", IFF_UP)


@private
def test_a_neighbour_outside_is_asked_before_the_first_frame(case):
    link = AskedLink(case)
    link.forget()
    host = Silent(case, link=link)
    link.forget()
    asked = link.asked
    sent(case, "--no-answers", "--wire=link", "--syn", TARGET[4])
    frame = host.received(1)[-1]
    equal(frame[:12], link.card + link.near, "cards")
    need(link.asked > asked, "nobody asked")


@private
def test_a_neighbour_that_the_kernel_knows_is_not_asked(case):
    link = AskedLink(case)
    link.forget()
    host = Silent(case, link=link)
    asked = link.asked
    sent(case, "--no-answers", "--wire=packet", "--syn", TARGET[4])
    equal((host.received(1)[-1][:6], link.asked), (link.card, asked), "cards")


# --- where it may be -----------------------------------------------------------------------------

def copied(case):
    """The programs where any user may start them."""
    folder = case.folder()
    os.chmod(folder, 0o755)
    for name in ("synstep", "synstep-peer"):
        shutil.copy(os.path.join(tap.BUILD, "src", name), folder)
    return os.path.join(folder, "synstep")


def test_an_ordinary_user_needs_no_root(case):
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    program = copied(case)
    for words in (["arp"], ["--syn", "--wire=link", "-6"],
                  ["--syn", "--wire=packet", "--no-answers"]):
        running = case.start([*tap.WRAP, program, "send", "--json", *words, "private"], **nobody,
                             cwd="/")
        outcome = lab.outcome_of(running)
        need(outcome.status == 0 and outcome.err == "", words, outcome)
        equal(outcome.of("sum")[0]["sent"], 1, words)


@private
def test_loopback_carries_frames_too(case):
    answer = sent(case, "--json", "--wire=link", "udp", "data=x", "[::1]:9").of("answer")[0]
    equal((answer["kind"], answer["icmp"]["text"]), ("icmp", "port unreachable"), "answer")


@private
def test_an_interface_without_frames_has_only_the_raw_wire(case):
    try:
        tunnel = case.enter_context(open("/dev/net/tun", "r+b", buffering=0))
    except OSError as error:
        raise lab.Skip("/dev/net/tun: " + error.strerror) from error
    fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI))
    set_addresses("tun0", NEAR)
    set_flags("tun0", IFF_UP)
    none = "tun0 carries no Ethernet frames: only the raw wire sends there"
    fails(send(case, "--wire=link", "--syn", TARGET[4]), 2, none)
    fails(send(case, "--wire=packet", "--no-answers", "--syn", TARGET[4]), 2, none)
    fails(send(case, "ip", "id=0", "udp", TARGET[4]), 2, "ip.id of 0 would be rewritten", none)
    sent(case, "--no-answers", "--syn", TARGET[4])
    equal(next_datagram(tunnel)[16:20], FAR[4], "destination")


def next_datagram(tunnel):
    """The first of IPv4 that comes out: the kernel has talk of its own by IPv6."""
    while (octets := tunnel.read(2048))[0] >> 4 != 4:
        pass
    return octets


@private
def test_loopback_of_ipv4_is_told_to_drop_frames(case):
    capture_lo = Capture(case)
    outcome = send(case, "--wire=link", "--timeout=0.1", "udp", "data=x", "127.0.0.1:9")
    fails(outcome, 1, "no answer")
    need("IPv4 drops what comes by the link wire on loopback" in outcome.out, outcome)
    equal([segment.target for segment in capture_lo.take()], [9], "what a capture sees")


@private
def test_no_packet_sockets_says_what_to_do(case):
    for wire in (["--wire=link"], ["--wire=packet", "--no-answers"]):
        outcome = send(case, "--syn", *wire, "127.0.0.1:9", preexec_fn=lab.powerless)
        need(outcome.status == 3 and "setcap" in outcome.err, outcome)


TESTS = [
    *lab.some([corrupted(*row) for row in CORRUPTIONS], 4),
    test_truncated_to_17_octets_arrives_so,
    test_what_raw_rewrites_arrives_as_it_is,
    test_vlan_tags_arrive,
    test_every_octet_of_a_link_header_is_the_users,
    test_a_series_by_the_packet_wire_arrives_counted,
    test_arp_is_answered_by_the_other_hosts_kernel,
    test_a_solicitation_is_answered_by_the_other_hosts_kernel,
    *lab.some([answered(*row) for row in ANSWERED], 3),
    test_a_neighbour_outside_is_asked_before_the_first_frame,
    test_a_neighbour_that_the_kernel_knows_is_not_asked,
    test_an_ordinary_user_needs_no_root,
    test_loopback_carries_frames_too,
    test_an_interface_without_frames_has_only_the_raw_wire,
    test_loopback_of_ipv4_is_told_to_drop_frames,
    test_no_packet_sockets_says_what_to_do,
]

if __name__ == "__main__":
    lab.run(TESTS)
