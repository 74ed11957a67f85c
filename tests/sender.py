"""sender: `synstep send`, run to its end, and a far host that says nothing and sees all of it.

The far host is Python behind a veth pair (crafted.py): it sees each octet that crosses, and it is
outside for the program under test, so that the bounds hold.
"""
import contextlib
import select
import socket
import struct

import lab
import tap
from crafted import TARGET, Host, Link
from tap import equal, need
from wire import checksum

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
HOST = {4: "10.9.0.2", 6: "fd09::2"}
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


def settle(link, version):
    """A link that has just come up drops what is sent before its queue is there."""
    family = socket.AF_INET6 if version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        for number in range(int(tap.DEADLINE * 20)):
            mark = b"settle %d" % number
            with contextlib.suppress(OSError):
                sock.sendto(mark, (HOST[version], 9))
            while select.select([link.socket], [], [], 0.05)[0]:
                if (link.receive(version) or b"").endswith(mark):
                    return
    need(False, "the link never carried anything")


class Silent(Host):
    """Answers nothing, whatever comes, and believes none of it."""

    def __init__(self, case, version=4, link=None):
        link = link or Link(case)
        settle(link, version)
        super().__init__(case, version=version, link=link)

    def arrive(self, _octets):
        pass

    def received(self, count=0):
        """All that came; waits until there are so many."""
        tap.until(lambda: len(self.crossed) >= count, count, "datagrams")
        self.close()
        return [octets for ours, octets in self.crossed if ours]


class FrameLink(Link):
    """Sees whole frames, whatever they carry; the kernel's own talk with neighbours is multicast."""

    def receive(self, _version):
        octets = self.socket.recv(1 << 17)
        multicast = octets[12:14] == b"\x86\xdd" and octets[38:39] == b"\xff"
        return None if multicast or octets[6:12] == self.far else octets


class WholeLink(FrameLink):
    """Datagrams to anybody; of any other frame, all of it."""

    def receive(self, version):
        octets = super().receive(version)
        is_ip = octets is not None and octets[12:14] in (b"\x08\0", b"\x86\xdd")
        return octets[14:] if is_ip else octets


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
