#!/usr/bin/env python3
"""make_captures: writes tests/captures/*.pcap and the like, octet for octet the same each time.

    tests/make_captures.py             # those made here
    tests/make_captures.py SYNSTEP     # and those of that program's own runs, in private hosts

The latter are a real kernel's answers, so that no two runs make the same: they are made anew only
for a reason.

Not run by any check: the captures are kept. It needs Debian's python3-scapy, which builds all
headers, so that none of them comes from this project's own code; the files around the frames are
written here, from draft-ietf-opsawg-pcap and -pcapng. What `synstep verify` says of each is kept
beside it by scripts/update-goldens.
"""
import gzip
import io
import os
import struct
import subprocess
import sys

from scapy.all import (CookedLinux, Dot1AD, Dot1Q, Ether, GRE, ICMP, IP, IPv6,
                       IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PPP, PPPoE, Raw,
                       TCP, UDP, fragment, in4_chksum)

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "captures")
WORD = 1 << 32
ETHERNET, NULL, PPP_PLAIN, RAW_OLD, PPP_ETHER, RAW, LOOP, COOKED, COOKED_2 = \
    1, 0, 9, 12, 51, 101, 108, 113, 276
MSS = [("MSS", 1460)]
TO_A, TO_B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"


# --- conversations -------------------------------------------------------------------------------

class Talk:
    """Two ends; `seq` and `ack` are told from J and K: those of the end that opens, and the other's."""

    def __init__(self, j=1000, k=5000, port=4001, v6=False, start_ms=0):
        self.isn = (j, k)
        self.ports = (port, 80)
        self.v6 = v6
        self.now_us = start_ms * 1000
        self.ids = [100, 200]
        self.frames = []  # (microseconds, a packet of scapy's)

    def say(self, side, flags, seq=0, ack=None, data=b"", win=8000, opts=None, after=1000, urg=0,
            chksum=None, ident=None):
        if opts is None:
            opts = MSS if "S" in flags else []
        self.now_us += after
        self.ids[side] += 1
        tcp = TCP(sport=self.ports[side], dport=self.ports[1 - side],
                  seq=(self.isn[side] + seq) % WORD,
                  ack=0 if ack is None else (self.isn[1 - side] + ack) % WORD,
                  flags=flags, window=win, options=opts, urgptr=urg)
        if chksum is not None:
            tcp.chksum = chksum
        if self.v6:
            head = IPv6(src=f"2001:db8::{1 + side}", dst=f"2001:db8::{2 - side}")
        else:
            head = IP(src=f"10.0.0.{1 + side}", dst=f"10.0.0.{2 - side}", flags="DF",
                      id=self.ids[side] if ident is None else ident)
        self.frames.append((self.now_us, head / tcp / Raw(data) if data else head / tcp))
        return self

    def a(self, flags, seq=0, ack=None, data=b"", **more):
        return self.say(0, flags, seq, ack, data, **more)

    def b(self, flags, seq=0, ack=None, data=b"", **more):
        return self.say(1, flags, seq, ack, data, **more)

    def open(self, a_opts=None, b_opts=None, **more):
        self.a("S", opts=a_opts, **more)
        self.b("SA", 0, 1, opts=b_opts, **more)
        return self.a("A", 1, 1, **more)

    def close(self, seq=1, ack=1):
        """From where both ends are: FIN M, ACK M+1 with FIN N, ACK N+1."""
        self.a("FA", seq, ack).b("FA", ack, seq + 1)
        return self.a("A", seq + 1, ack + 1)

    def whole(self):
        self.open().a("PA", 1, 1, b"hello").b("A", 1, 6).b("PA", 1, 6, b"world").a("A", 6, 6)
        return self.close(6, 6)


def together(*talks):
    """All their frames in order of time, as octets from the IP header on."""
    frames = [frame for talk in talks for frame in talk.frames]
    return [(time, bytes(packet)) for time, packet in sorted(frames, key=lambda frame: frame[0])]


def apart(*talks):
    """One talk after the other, a second between them."""
    now_us, frames = 0, []
    for talk in talks:
        frames += [(now_us + time, bytes(packet)) for time, packet in talk.frames]
        now_us = frames[-1][0] + 1000000
    return frames


# --- files ---------------------------------------------------------------------------------------

START = 1700000000


def pcap(frames, link=RAW, order="<", nano=False, snap=262144, patched=False):
    magic = 0xA1B2CD34 if patched else 0xA1B23C4D if nano else 0xA1B2C3D4
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)
    for time_us, octets in frames:
        parts = time_us % 1000000 * (1000 if nano else 1)
        out += struct.pack(order + "IIII", START + time_us // 1000000, parts,
                           min(len(octets), snap), len(octets))
        if patched:
            out += struct.pack(order + "IHBB", 1, 0x0800, 0, 0)
        out += octets[:snap]
    return out


def padded(octets):
    return octets + bytes(-len(octets) % 4)


def block(kind, body, order="<"):
    total = 12 + len(padded(body))
    return struct.pack(order + "II", kind, total) + padded(body) + struct.pack(order + "I", total)


def option(code, value, order="<"):
    return struct.pack(order + "HH", code, len(value)) + padded(value)


def section(order="<"):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link, order="<", options=b"", snap=0):
    return block(1, struct.pack(order + "HHI", link, 0, snap) + options, order)


def enhanced(number, ticks, octets, order="<"):
    return block(6, struct.pack(order + "IIIII", number, ticks >> 32, ticks % WORD, len(octets),
                                len(octets)) + padded(octets), order)


def pcapng(frames, link=RAW, order="<"):
    out = section(order) + interface(link, order)
    for time_us, octets in frames:
        out += enhanced(0, START * 1000000 + time_us, octets, order)
    return out


def framed(frames, head):
    """`head`: octets, or what makes them of the IP packet."""
    return [(time, (head(octets) if callable(head) else head) + octets) for time, octets in frames]


def version(octets):
    return octets[0] >> 4


# --- rules ---------------------------------------------------------------------------------------

def wrap_bases():
    edges = (0, 2 ** 31 - 1, 2 ** 31, WORD - 1)
    return pcap(apart(*(Talk(j, k, port=4001 + i, v6=i % 2 == 1).whole()
                        for i, (j, k) in enumerate(zip(edges, edges[::-1])))))


def wrap_edges():
    """What happens right where octets end at number 0: a repetition, a gap, an ACK of the unseen."""
    talk = Talk(j=-6, k=-6).open().a("PA", 1, 1, b"hello").b("A", 1, 6)
    talk.a("PA", 1, 1, b"hello", after=300000).b("A", 1, 6)
    talk.b("PA", 1, 6, b"world").b("PA", 16, 6, b"gap").a("A", 6, 6).a("A", 6, 30)
    gap = Talk(j=-6, k=77, port=4002).open().a("PA", 1, 1, b"hello").a("PA", 11, 1, b"later")
    gap.b("A", 1, 6).b("A", 1, 6).b("A", 1, 6).a("PA", 6, 1, b"there").b("A", 1, 16)
    return pcap(apart(talk, gap))


def synack_ack():
    talks = []
    for i, (ack, answer) in enumerate(((0, 0), (2, 2), (-500, 7))):
        # The RST that is due has the number of that ACK (RFC 9293 section 3.10.7.3); the last lies.
        talks.append(Talk(j=WORD - 1, k=3, port=4001 + i).a("S").b("SA", 0, ack).a("R", answer))
    fast_open = Talk(port=4004).a("S", data=b"GET /", opts=[*MSS, ("TFO", (0x0a0b0c0d, 0x0e0f))])
    fast_open.b("SA", 0, 6).a("A", 6, 1)
    data = Talk(port=4005).a("S", data=b"early").b("SA", 0, 1).a("PA", 1, 1, b"early").b("A", 1, 6)
    return pcap(apart(*talks, fast_open, data))


def third_ack():
    talks = [Talk(j=2 ** 31 - 1, k=WORD - 2, port=4001 + i).a("S").b("SA", 0, 1).a("A", seq, ack)
             .b("R", ack).close()
             for i, (seq, ack) in enumerate(((1, 0), (1, 5), (0, 1), (3, 1)))]
    missed = Talk(port=4009).a("S").a("A", 1, 1).b("PA", 1, 1, b"hi")
    return pcap(apart(*talks, missed))


def fins():
    missing = Talk(j=WORD - 6).open().a("PA", 1, 1, b"hello").b("A", 1, 6).a("FA", 6, 1)
    missing.b("A", 1, 6).b("FA", 1, 7).a("A", 7, 2)
    forgets = Talk(port=4002).open().a("FA", 1, 1).b("PA", 1, 2, b"more").a("A", 1, 5)
    moved = Talk(port=4003).open().a("FA", 1, 1).b("A", 1, 2).a("PA", 2, 1, b"after")
    moved.a("FA", 9, 1)
    return pcap(apart(missing, forgets, moved))


def acks():
    unsent = Talk(k=WORD - 3).open().a("PA", 1, 1, b"hello").b("A", 1, 9).b("A", 1, 6)
    back = Talk(port=4002).open().a("PA", 1, 1, b"hello").a("PA", 6, 1, b"world").b("A", 1, 11)
    back.b("A", 1, 6).b("A", 1, 11)
    older = Talk(port=4003).open().a("PA", 1, 1, b"hello").a("PA", 6, 1, b"world")
    older.b("A", 1, 11, ident=300).b("A", 1, 6, ident=299)
    far = Talk(port=4004).open(win=10).a("PA", 1, 1, b"0123456789", win=10).b("A", 1, 11, win=10)
    far.a("PA", 11, 1, b"0123456789", win=10).b("A", 1, 21, win=10).b("A", 1, 4, win=10)
    partial = Talk(port=4005).open().a("PA", 1, 1, b"hello").a("PA", 6, 1, b"world").b("A", 1, 6)
    partial.b("A", 1, 8).b("A", 1, 11)
    unseen = Talk(port=4006).open().a("PA", 1, 1, b"hello").a("PA", 11, 1, b"again").b("A", 1, 16)
    bare = Talk(port=4007).open().a("P", 1, data=b"hello")
    return pcap(apart(unsent, back, older, far, partial, unseen, bare))


def windows():
    full = Talk(k=WORD - 9).a("S").b("SA", 0, 1, win=20).a("A", 1, 1).a("A", 1, 1, b"x" * 20)
    full.b("A", 1, 21, win=0).a("A", 21, 1, b"p", after=200000).b("A", 1, 21, win=0)
    full.a("A", 21, 1, b"p", after=400000).b("A", 1, 22, win=500).b("A", 1, 22, win=900)
    beyond = Talk(port=4002).a("S").b("SA", 0, 1, win=20).a("A", 1, 1).a("A", 1, 1, b"x" * 25)
    shrunk = Talk(port=4003).open().a("PA", 1, 1, b"hello").b("A", 1, 6, win=700)
    shrunk.a("PA", 6, 1, b"hello").b("A", 1, 11, win=8000)
    outside = Talk(port=4004).open(win=100).a("A", 500, 1, win=100).b("A", 1, 1, win=100)
    # The window of a SYN is never scaled (RFC 7323 section 2.2): 64 octets, then 256.
    scaled = Talk(port=4005).open([*MSS, ("WScale", 7)], [*MSS, ("WScale", 2)], win=64)
    scaled.a("A", 1, 1, b"x" * 64, win=64).b("A", 1, 65, win=64).a("A", 65, 1, b"y" * 256, win=64)
    scaled.b("A", 1, 321, win=0).b("A", 1, 321, win=64)
    return pcap(apart(full, beyond, shrunk, outside, scaled))


def resets():
    exact = Talk().open().b("RA", 1, 1).a("PA", 1, 1, b"hello").b("PA", 1, 1, b"still")
    inside = Talk(port=4002, k=WORD - 5).open().b("R", 100).a("A", 1, 1).b("R", 1)
    outside = Talk(port=4003).open().b("R", 20000).a("PA", 1, 1, b"goes on").b("A", 1, 8)
    refused = Talk(port=4004, k=0).a("S").b("RA", 0, 1)
    wrong = Talk(port=4005, k=0).a("S").b("RA", 7, 5)
    nothing = Talk(port=4006, k=0).a("S").b("R", 0)
    late = Talk(port=4007).a("PA", 50, 60, b"late").b("R", 90, 54)
    return pcap(apart(exact, inside, outside, refused, wrong, nothing, late))


def syns():
    inside = Talk(k=2 ** 31).open().a("S", 50).b("A", 1, 1).a("PA", 1, 1, b"on").b("A", 1, 3)
    outside = Talk(port=4002).open().a("S", 90000).b("A", 1, 1)
    changed = Talk(port=4003).a("S").b("SA", 0, 1).b("SA", 4000, 1)
    both = Talk(port=4004).a("SF").b("SA", 0, 1)
    half_open = Talk(port=4005).a("S", 70000).b("A", 90, 5).a("R", 5)
    plain = Talk(port=4006).a("S", opts=[]).b("SA", 0, 1, opts=[]).a("A", 1, 1)
    over = Talk(port=4007).open([*MSS, ("WScale", 15)], [*MSS, ("WScale", 1)])
    crossing = Talk(port=4008, j=WORD - 1, k=WORD - 1).a("S").b("S").a("SA", 0, 1).b("SA", 0, 1)
    crossing.a("PA", 1, 1, b"both").b("A", 1, 5)
    again = Talk(port=4009).whole().a("S", 70000, after=2000000).b("SA", 90000, 70001)
    again.a("A", 70001, 90001)
    early = Talk(port=4010).a("S").b("SA", 0, 1).b("PA", 1, 1, b"early")
    early.a("P", 1, data=b"no ACK").a("A", 1, 1)
    return pcap(apart(inside, outside, changed, both, half_open, plain, over, crossing, again, early))


def other_options(packet, octets):
    """Options that scapy would not write, in the place of others; a packet as octets."""
    tcp = bytearray(bytes(packet[TCP]))
    tcp[20:20 + len(octets)] = octets
    tcp[16:18] = bytes(2)
    tcp[16:18] = struct.pack(">H", in4_chksum(6, packet[IP], bytes(tcp)))
    return bytes(packet)[:20] + bytes(tcp)


def options():
    talk = Talk().open([*MSS, ("SAckOK", b"")])
    talk.a("PA", 1, 1, b"mss", opts=MSS).a("PA", 4, 1, b"scale", opts=[("WScale", 3)])
    talk.a("PA", 9, 1, b"urgent", urg=3)
    four = [("NOP", None)] * 4
    odd = Talk(port=4002).open().a("PA", 1, 1, b"short", opts=four).a("PA", 6, 1, b"stray", opts=four)
    lies = {3: b"\x08\x02\x01\x01", 4: b"\x00\x00\x07\x00"}  # a length of 2; not 0 after the end
    odd.frames = [(time, other_options(packet, lies[i]) if i in lies else packet)
                  for i, (time, packet) in enumerate(odd.frames)]
    unasked = Talk(port=4003).open(MSS, [*MSS, ("WScale", 2), ("SAckOK", b"")])
    return pcap(apart(talk, odd, unasked))


def stamp(value, echo):
    return [("NOP", None), ("NOP", None), ("Timestamp", (value, echo))]


def timestamps():
    def opened(port):
        talk = Talk(port=port).a("S", opts=[*MSS, ("Timestamp", (WORD - 2, 0))])
        talk.b("SA", 0, 1, opts=[*MSS, ("Timestamp", (700, WORD - 2))])
        return talk.a("A", 1, 1, opts=stamp(WORD - 1, 700))
    missing = opened(4001).a("PA", 1, 1, b"hello").b("A", 1, 6, opts=stamp(705, WORD - 1))
    wraps = opened(4002).a("PA", 1, 1, b"hello", opts=stamp(3, 700))
    wraps.b("A", 1, 6, opts=stamp(710, 3)).a("FA", 6, 1, opts=stamp(5, 710))
    wraps.b("FA", 1, 7, opts=stamp(720, 5)).a("A", 7, 2, opts=stamp(6, 720))
    back = opened(4003).a("PA", 1, 1, b"hello", opts=stamp(50, 700))
    back.b("A", 1, 6, opts=stamp(710, 50)).a("PA", 6, 1, b"older", opts=stamp(20, 710))
    echo = opened(4004).a("PA", 1, 1, b"hello", opts=stamp(8, 9999))
    echo.b("A", 1, 6, opts=stamp(701, 8))
    return pcap(apart(missing, wraps, back, echo))


def sack_of(*edges):
    return [("NOP", None), ("NOP", None), ("SAck", tuple(edge % WORD for edge in edges))]


def sacks():
    j = WORD - 10
    talk = Talk(j=j).open([*MSS, ("SAckOK", b"")], [*MSS, ("SAckOK", b"")])
    talk.a("PA", 1, 1, b"12345").a("PA", 11, 1, b"abcde").a("PA", 21, 1, b"vwxyz")
    talk.b("A", 1, 6, opts=sack_of(j + 11, j + 16)).b("A", 1, 6, opts=sack_of(j + 21, j + 26, j + 11,
                                                                           j + 16))
    talk.a("PA", 6, 1, b"67890", after=5000).b("A", 1, 16, opts=sack_of(j + 21, j + 26))
    talk.a("PA", 16, 1, b"fghij", after=300000).b("A", 1, 26)
    talk.a("PA", 16, 1, b"fghij", after=1000).b("A", 1, 26, opts=sack_of(j + 16, j + 21))
    outside = Talk(port=4002, j=j).open([*MSS, ("SAckOK", b"")], [*MSS, ("SAckOK", b"")])
    outside.a("PA", 1, 1, b"hello").b("A", 1, 1, opts=sack_of(j + 3, j + 60))
    outside.b("A", 1, 1, opts=sack_of(j + 5, j + 3)).a("PA", 6, 1, b"hello")
    outside.b("A", 1, 6, opts=sack_of(j + 8, j + 11, j + 3, j + 5))
    return pcap(apart(talk, outside))


def losses():
    fast = Talk(j=WORD - 30).open()
    for i in range(5):
        fast.a("A", 1 + 10 * i, 1, b"%010d" % i)
    fast.b("A", 1, 11)
    for i in range(3):
        fast.b("A", 1, 11)
    fast.a("A", 11, 1, b"%010d" % 1, after=2000).b("A", 1, 51).a("A", 41, 1, b"%010d" % 4)
    fast.b("A", 1, 51)
    timer = Talk(port=4002).open(after=20000).a("PA", 1, 1, b"again", after=20000)
    for wait in (220000, 440000, 450000):
        timer.a("PA", 1, 1, b"again", after=wait)
    timer.b("A", 1, 6, after=20000)
    early = Talk(port=4003).open(after=50000).a("PA", 1, 1, b"early").b("A", 1, 6, after=50000)
    early.a("PA", 6, 1, b"sooner").a("PA", 6, 1, b"sooner", after=40000).b("A", 1, 12, after=30000)
    order = Talk(port=4004).open(after=10000).a("PA", 6, 1, b"world").a("PA", 1, 1, b"hello")
    order.b("A", 1, 11)
    other = Talk(port=4005).open().a("PA", 1, 1, b"hello").a("PA", 1, 1, b"jello", after=300000)
    other.b("A", 1, 6).a("PA", 4, 1, b"LOWER", after=300000).b("A", 1, 9)
    return pcap(apart(fast, timer, early, order, other))


def under_way():
    """More segments at once than an end's ring first has room for, the first of them lost."""
    j = WORD - 20
    talk = Talk(j=j).open([*MSS, ("SAckOK", b"")], [*MSS, ("SAckOK", b"")])
    for i in range(40):
        talk.a("A", 1 + i, 1, b"%d" % (i % 10), after=100)
    talk.b("A", 1, 1, opts=sack_of(j + 2, j + 41)).a("A", 1, 1, b"0", after=250000)
    talk.b("A", 1, 41).a("A", 41, 1, b"x").b("A", 1, 42, opts=sack_of(j + 1, j + 2))
    return pcap(together(talk))


def keep_alives():
    talk = Talk(j=WORD - 1, k=WORD - 1).open().a("PA", 1, 1, b"hello").b("A", 1, 6)
    for data in (b"", b"\0"):
        talk.a("A", 5, 1, data, after=7000000).b("A", 1, 6)
    return pcap(talk.close(6, 1).frames and together(talk))


def closes():
    half = Talk(j=WORD - 2).open().a("FA", 1, 1).b("A", 1, 2).b("PA", 1, 2, b"still").a("A", 2, 6)
    half.b("FA", 6, 2).a("A", 2, 7)
    both = Talk(port=4002).open().a("FA", 1, 1).b("FA", 1, 1).a("A", 2, 2).b("A", 2, 2)
    return pcap(apart(half, both))


def checksums():
    talk = Talk().open().a("PA", 1, 1, b"hello", chksum=0x1234).a("PA", 1, 1, b"hello")
    talk.b("A", 1, 6)
    bad_ip = talk.frames[-1][1]
    bad_ip[IP].chksum = 0x4321
    # Only the pseudo-header was summed, as where a card is to do the rest.
    total = sum(struct.unpack(">4H", bytes((10, 0, 0, 1, 10, 0, 0, 2)))) + 6 + 20 + 4
    talk.a("PA", 6, 1, b"card", chksum=(total & 0xffff) + (total >> 16))
    return pcap(together(talk))


def malformed():
    whole = together(Talk().whole())
    frames = [bytearray(octets) for _, octets in whole]
    frames[0][2:4] = struct.pack(">H", 4000)           # a total length that lies
    frames[1][32] = 0x10                                # a data offset of 4 octets
    frames[2] = frames[2][:30]                          # half a TCP header, and the length says so
    frames[2][2:4] = struct.pack(">H", 30)
    frames[3][0] = 0x43                                 # an IP header of 12 octets
    frames[4] = frames[4][:7]                           # no IP header at all
    frames[5][32] = 0xf0                                # a data offset past the end
    return pcap([(time, bytes(octets)) for (time, _), octets in zip(whole, frames)])


# --- links, tunnels, fragments -------------------------------------------------------------------

def faulty(v6=False, port=4001):
    """A handshake whose third segment is wrong by four, so that whoever reads it says so."""
    return Talk(j=WORD - 1, k=0, v6=v6, port=port).a("S").b("SA", 0, 1).a("A", 1, 5)


def both_versions():
    return apart(faulty(), faulty(v6=True, port=4002))


def null_head(order, six):
    return lambda octets: struct.pack(order + "I", 2 if version(octets) == 4 else six)


def cooked_head(octets):
    kind = 0x0800 if version(octets) == 4 else 0x86DD
    return bytes(CookedLinux(pkttype=4, lladdrtype=1, lladdrlen=6, src=b"\2\0\0\0\0\x0a\0\0",
                             proto=kind))


def cooked_2_head(octets):
    return struct.pack(">HHIHBB8s", 0x0800 if version(octets) == 4 else 0x86DD, 0, 3, 1, 4, 6,
                       b"\2\0\0\0\0\x0a")


def ppp_head(octets):
    return b"\xff\x03" + struct.pack(">H", 0x21 if version(octets) == 4 else 0x57)


def pppoe_head(octets):
    kind = struct.pack(">H", 0x21 if version(octets) == 4 else 0x57)
    return struct.pack(">BBHH", 0x11, 0, 7, len(octets) + 2) + kind


def ethernet(frames, *between):
    """`between` Ethernet and IP: VLAN tags, a PPPoE session."""
    out = []
    for time, octets in frames:
        packet = Ether(src=TO_A, dst=TO_B)
        for layer in between:
            packet = packet / layer.copy()
        out.append((time, bytes(packet / (IP if version(octets) == 4 else IPv6)(octets))))
    return out


def tags():
    session = PPPoE(sessionid=7) / PPP(proto=0x21)
    three = [ethernet(together(faulty(port=port)), *between) for port, between in (
        (4001, ()), (4002, (Dot1Q(vlan=5),)), (4003, (Dot1AD(vlan=9), Dot1Q(vlan=5))),
        (4004, (session,)), (4005, (Dot1Q(vlan=5), session)))]
    return pcap([(i * 1000000 + time, octets) for i, frames in enumerate(three)
                 for time, octets in frames], ETHERNET)


def tunnels():
    def inner(port, v6=False):
        return faulty(v6, port).frames
    outer, outer6 = IP(src="192.0.2.1", dst="192.0.2.2", id=9), IPv6(src="2001:db8:1::1",
                                                                     dst="2001:db8:1::2")
    ways = ((inner(4001), (outer,)), (inner(4002, True), (outer,)), (inner(4003), (outer, GRE())),
            (inner(4004, True), (outer, GRE())), (inner(4005), (outer6,)),
            (inner(4006), (outer, GRE(chksum_present=1, key_present=1, key=7), outer6)))
    frames = []
    for i, (talk, heads) in enumerate(ways):
        for time, packet in talk:
            whole = packet
            for head in heads[::-1]:
                whole = head.copy() / whole
            frames.append((i * 1000000 + time, bytes(whole)))
    return pcap(frames)


def fragments():
    whole = Talk(j=WORD - 1).whole()
    frames, number = [], 0
    for time, packet in whole.frames:
        if Raw in packet:
            packet = packet.copy()
            packet.flags = 0
            pieces = fragment(packet, 16)[::-1]  # the last one first
            frames += [(time + i, bytes(piece)) for i, piece in enumerate(pieces)]
        else:
            frames.append((time, bytes(packet)))
    for time, packet in Talk(v6=True, port=4002).whole().frames:
        number += 1
        payload = bytes(packet[TCP])
        for offset in range(0, len(payload), 16):
            piece = payload[offset:offset + 16]
            head = IPv6(src=packet[IPv6].src, dst=packet[IPv6].dst) / IPv6ExtHdrFragment(
                nh=6, offset=offset // 8, m=int(offset + 16 < len(payload)), id=number)
            frames.append((2000000 + time + offset, bytes(head / Raw(piece))))
    lost = fragment(IP(src="10.0.0.1", dst="10.0.0.2", id=77) / TCP(sport=4003, dport=80) /
                    Raw(b"never whole"), 16)
    return pcap([*frames, (9000000, bytes(lost[0]))])


def extensions():
    frames = []
    for time, packet in faulty(v6=True).frames:
        head = IPv6(src=packet[IPv6].src, dst=packet[IPv6].dst)
        frames.append((time, bytes(head / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / packet[TCP])))
    return pcap(frames)


def others():
    """What is no TCP between what is: UDP, an ICMP error that quotes a segment, ARP."""
    frames = ethernet(together(faulty()))
    quoted = IP(src="10.0.0.9", dst="10.0.0.1") / ICMP(type=3, code=1) / bytes(
        faulty().frames[0][1])[:28]
    frames.insert(1, (1200, bytes(Ether(src=TO_A, dst=TO_B) / quoted)))
    frames.insert(1, (1100, bytes(Ether(src=TO_A, dst=TO_B) / IP(src="10.0.0.1", dst="10.0.0.2") /
                                  UDP(sport=4001, dport=80) / Raw(b"no segment"))))
    frames.insert(1, (1050, bytes(Ether(src=TO_A, dst=TO_B, type=0x0806)) + bytes(28)))
    return pcap(frames, ETHERNET)


# --- files that are otherwise, or broken ---------------------------------------------------------

def interfaces():
    """Ethernet in microseconds, raw IP in nanoseconds, cooked in 1/1024 s with an offset."""
    out = section() + interface(ETHERNET) + interface(RAW, options=option(9, b"\x09"))
    out += interface(COOKED, options=option(9, b"\x8a") +
                     option(14, struct.pack("<q", START)) + option(0, b""))
    talk = together(Talk(j=WORD - 1, k=WORD - 6).whole())
    for i, (time_us, octets) in enumerate(talk):
        if i % 3 == 0:
            frame, ticks = ethernet([(0, octets)])[0][1], START * 1000000 + time_us
        elif i % 3 == 1:
            frame, ticks = octets, (START * 1000000 + time_us) * 1000
        else:
            frame, ticks = cooked_head(octets) + octets, time_us * 1024 // 1000000
        out += enhanced(i % 3, ticks, frame)
        if i == 4:
            out += block(4, struct.pack("<HH", 0, 0))  # names, none of them
    return out


def sections():
    """Two sections in different orders of octets; the second has its own interfaces."""
    first, second = together(faulty()), together(faulty(port=4002))
    return pcapng(first) + pcapng([(time + 5000000, octets) for time, octets in second], order=">")


def corrupted():
    octets = bytearray(pcapng(together(Talk().whole())))
    place = 28 + 20
    for _ in range(4):
        place += struct.unpack_from("<I", octets, place + 4)[0]
    struct.pack_into("<I", octets, place + 4, 0xFFFFFFF0)  # the fifth packet's block
    return bytes(octets)


def packed():
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as file:
        file.write(pcap(together(faulty()), nano=True))
    return out.getvalue()


CAPTURES = {
    "wrap-bases.pcap": wrap_bases,
    "wrap-edges.pcap": wrap_edges,
    "synack-ack.pcap": synack_ack,
    "third-ack.pcap": third_ack,
    "fins.pcap": fins,
    "acks.pcap": acks,
    "windows.pcap": windows,
    "resets.pcap": resets,
    "syns.pcap": syns,
    "options.pcap": options,
    "timestamps.pcap": timestamps,
    "sacks.pcap": sacks,
    "losses.pcap": losses,
    "under-way.pcap": under_way,
    "keep-alives.pcap": keep_alives,
    "closes.pcap": closes,
    "checksums.pcap": checksums,
    "malformed.pcap": malformed,
    "link-null.pcap": lambda: pcap(framed(both_versions(), null_head("<", 30)), NULL),
    "link-null-swapped.pcap": lambda: pcap(framed(both_versions(), null_head(">", 24)), NULL),
    "link-loop.pcap": lambda: pcap(framed(both_versions(), null_head(">", 28)), LOOP),
    "link-ppp.pcap": lambda: pcap(framed(both_versions(), ppp_head), PPP_PLAIN),
    "link-pppoe.pcap": lambda: pcap(framed(both_versions(), pppoe_head), PPP_ETHER),
    "link-raw-old.pcap": lambda: pcap(both_versions(), RAW_OLD),
    "link-cooked.pcap": lambda: pcap(framed(both_versions(), cooked_head), COOKED),
    "link-cooked-2.pcap": lambda: pcap(framed(both_versions(), cooked_2_head), COOKED_2),
    "link-tags.pcap": tags,
    "tunnels.pcap": tunnels,
    "fragments.pcap": fragments,
    "extensions.pcap": extensions,
    "others.pcap": others,
    "file-big-endian.pcap": lambda: pcap(together(faulty()), order=">"),
    "file-nanoseconds.pcap": lambda: pcap(together(faulty()), nano=True),
    "file-nanoseconds-big-endian.pcap": lambda: pcap(together(faulty()), order=">", nano=True),
    "file-patched.pcap": lambda: pcap(ethernet(together(faulty())), ETHERNET, patched=True),
    "file-plain.pcapng": lambda: pcapng(together(faulty())),
    "file-sections.pcapng": sections,
    "file-interfaces.pcapng": interfaces,
    "file-packed.pcap.gz": packed,
    "file-snapped.pcap": lambda: pcap(together(Talk().whole()), snap=44),
    "file-empty.pcap": lambda: pcap([]),
    "broken-truncated.pcap": lambda: pcap(together(Talk().whole()))[:-30],
    "broken-corrupted.pcapng": corrupted,
    "broken-packed.pcap.gz": lambda: packed()[:-20],
    "broken-link.pcap": lambda: pcap(together(faulty()), 147),
    "broken-text.pcap": lambda: b"this is no capture, whatever its name says\n",
}


# Runs of synstep whose captures are kept.
SCENARIOS = os.path.join(FOLDER, "..", "..", "share", "scenarios")
RUNS = {
    "run-plain.pcapng": ("--seed=9293",),  # its packets carry comments
    "run-ipv6.pcap": ("-6", "--seed=1"),
    "run-impaired.pcap": ("--impair=drop:4,dup:6", "--seed=2"),
    "run-wrap.pcap": ("--isn=-6", "--data=hello", "--seed=3"),
    **{f"run-{name}.pcap": (os.path.join(SCENARIOS, name + ".step"),) for name in (
        "dsack", "fragmentation-needed", "half-close", "lost-data", "paws", "reset-in-window",
        "syn-in-established", "zero-window")},
}


def run(program):
    """The exit status tells that all checks held."""
    for name, words in RUNS.items():
        subprocess.run([program, "run", "-q", "-w", os.path.join(FOLDER, name), *words], check=True)


def main():
    total = 0
    os.makedirs(FOLDER, exist_ok=True)
    for name, make in CAPTURES.items():
        octets = make()
        total += len(octets)
        with open(os.path.join(FOLDER, name), "wb") as file:
            file.write(octets)
    print(f"{len(CAPTURES)} captures, {total} octets")
    if len(sys.argv) > 1:
        run(sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
