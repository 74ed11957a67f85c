"""frames: IP datagrams and capture files read by the RFCs alone, to judge `synstep` from outside."""
import struct

from tap import equal, need
from wire import WORD, checksum

NAMES = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
TCP = 6
LINKTYPE_RAW = 101


class Frame:
    """One TCP segment in its IP datagram, every length checked."""

    def __init__(self, octets):
        self.octets = bytes(octets)
        self.version = octets[0] >> 4
        tcp = self._ipv4(octets) if self.version == 4 else self._ipv6(octets)
        self.source_port, self.port, self.seq, self.ack, offset, flags, self.window, \
            self.checksum, self.urgent = struct.unpack_from("!HHIIBBHHH", tcp)
        header = (offset >> 4) * 4
        need(20 <= header <= len(tcp), "TCP data offset", header, self)
        equal(offset & 15, 0, "reserved bits")
        self.flags = [name for bit, name in enumerate(NAMES) if flags >> bit & 1]
        self.options = dict(_options(tcp[20:header]))
        self.payload = tcp[header:]
        pseudo = self.pseudo + (struct.pack("!HH", TCP, len(tcp)) if self.version == 4 else
                                struct.pack("!IxxxB", len(tcp), TCP))
        self.checksum_right = checksum(pseudo + tcp) == 0
        # What a kernel leaves to the card: the sum of the pseudo-header, not complemented.
        self.checksum_left = self.checksum == ~checksum(pseudo) & 0xFFFF

    def _ipv4(self, octets):
        header, total = (octets[0] & 15) * 4, struct.unpack_from("!H", octets, 2)[0]
        equal(total, len(octets), "IPv4 total length")
        equal(checksum(octets[:header]), 0, "IPv4 header checksum")
        equal(octets[9], TCP, "IPv4 protocol")
        self.source, self.target = octets[12:16], octets[16:20]
        self.pseudo = self.source + self.target
        return octets[header:]

    def _ipv6(self, octets):
        equal(struct.unpack_from("!H", octets, 4)[0], len(octets) - 40, "IPv6 payload length")
        equal(octets[6], TCP, "IPv6 next header")
        self.source, self.target = octets[8:24], octets[24:40]
        self.pseudo = self.source + self.target
        return octets[40:]

    def has(self, *names):
        return all(name in self.flags for name in names)

    @property
    def length(self):
        """SEG.LEN: SYN and FIN count one each (RFC 9293 section 3.4)."""
        return len(self.payload) + self.has("SYN") + self.has("FIN")

    def __repr__(self):
        return f"{','.join(self.flags)} seq={self.seq} ack={self.ack} length={len(self.payload)}"


def _options(octets):
    at = 0
    while at < len(octets) and octets[at] != 0:
        if octets[at] == 1:
            at += 1
            continue
        need(at + 1 < len(octets) and 2 <= octets[at + 1] <= len(octets) - at, "option length")
        yield octets[at], bytes(octets[at + 2:at + octets[at + 1]])
        at += octets[at + 1]


# --- capture files -------------------------------------------------------------------------------

class Packet:
    def __init__(self, octets, time_us, comments=()):
        self.octets, self.time_us, self.comments = octets, time_us, list(comments)


def read_pcap(path):
    with open(path, "rb") as file:
        octets = file.read()
    magic, major, minor, _, _, snap, link = struct.unpack_from("=IHHiIII", octets)
    equal((magic, major, minor), (0xA1B2C3D4, 2, 4), "pcap header")
    equal(link, LINKTYPE_RAW, "pcap link type")
    packets, at = [], 24
    while at < len(octets):
        seconds, micros, here, length = struct.unpack_from("=IIII", octets, at)
        need(here == length <= snap, "cut packet", here, length, snap)
        packets.append(Packet(octets[at + 16:at + 16 + here], seconds * 1000000 + micros))
        at += 16 + here
    equal(at, len(octets), "pcap: octets after the last packet")
    return packets


def _pcapng_options(octets, order):
    at, found = 0, {}
    while at < len(octets):
        code, length = struct.unpack_from(order + "HH", octets, at)
        if code == 0:
            equal((length, at + 4), (0, len(octets)), "end of options")
            return found
        found.setdefault(code, []).append(octets[at + 4:at + 4 + length])
        at += 4 + (length + 3) // 4 * 4
    equal(at, 0, "options without an end")
    return found


def _pcapng_blocks(octets, order):
    """Each block's type and body; every length checked."""
    at = 0
    while at < len(octets):
        kind, length = struct.unpack_from(order + "II", octets, at)
        need(length % 4 == 0 and 12 <= length <= len(octets) - at, "block length", kind, length)
        equal(struct.unpack_from(order + "I", octets, at + length - 4)[0], length, "block trailer")
        yield kind, octets[at + 8:at + length - 4]
        at += length


def read_pcapng(path):
    """One section, one interface, enhanced packets (draft-ietf-opsawg-pcapng)."""
    with open(path, "rb") as file:
        octets = file.read()
    equal(octets[:4], b"\x0a\x0d\x0d\x0a", "the first block")
    order = "<" if octets[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    packets, links, per_second = [], [], []
    for number, (kind, body) in enumerate(_pcapng_blocks(octets, order)):
        if number == 0:
            equal(struct.unpack_from(order + "IHH", body), (0x1A2B3C4D, 1, 0), "section header")
        elif kind == 1:
            links.append(struct.unpack_from(order + "H", body)[0])
            per_second.append(10 ** _pcapng_options(body[8:], order).get(9, [b"\x06"])[0][0])
        elif kind == 6:
            interface, high, low, here, whole = struct.unpack_from(order + "IIIII", body)
            equal(here, whole, "cut packet")
            comments = _pcapng_options(body[20 + (here + 3) // 4 * 4:], order).get(1, [])
            packets.append(Packet(body[20:20 + here],
                                  (high << 32 | low) * 1000000 // per_second[interface],
                                  [comment.decode() for comment in comments]))
    equal(links, [LINKTYPE_RAW], "link types of the interfaces")
    return packets


# --- the arithmetic of a whole connection --------------------------------------------------------

class Side:
    """What one end has sent, by its own segments.

    Those of a kernel may overtake each other on a veth pair when it sends from two processors:
    what came too early waits for what it overtook.
    """

    def __init__(self, is_kernel=False):
        self.isn = self.next = self.fin = self.ack = None
        self.stream = bytearray()
        self.early = [] if is_kernel else None

    def take(self, frame):
        if frame.has("SYN"):
            need(self.isn in (None, frame.seq), "two initial sequence numbers:", frame)
            self.isn = frame.seq
            self.next = self.next if self.next is not None else (frame.seq + 1) % WORD
            return
        need(self.isn is not None, "a segment before the SYN:", frame)
        at = (frame.seq - self.isn - 1) % WORD
        gap = 0 < (frame.seq - self.next) % WORD < WORD // 2
        if gap and self.early is not None:
            self.early.append(frame)
            return
        need(not gap, "a gap before", frame, "expected", self.next)
        need(at <= len(self.stream) or not frame.payload, "octets beyond", frame)
        again = bytes(self.stream[at:at + len(frame.payload)])
        equal(frame.payload[:len(again)], again, "octets sent again differ")
        self.stream += frame.payload[len(again):]
        if frame.has("FIN"):
            place = (frame.seq + len(frame.payload)) % WORD
            need(self.fin in (None, place), "two places of the FIN:", frame)
            self.fin = place
        if (frame.seq + frame.length - self.next) % WORD < WORD // 2:
            self.next = (frame.seq + frame.length) % WORD
        if self.early:
            early, self.early = self.early, []
            for each in early:
                self.take(each)


class Recount:
    """A whole connection counted again from its frames: J, K, M, N, both streams, every ack."""

    def __init__(self, frames, local_port):
        self.ours, self.theirs = Side(), Side(is_kernel=True)
        for number, frame in enumerate(frames):
            mine = frame.source_port == local_port
            side, other = (self.ours, self.theirs) if mine else (self.theirs, self.ours)
            side.take(frame)
            if number == 0:
                equal((mine, frame.flags), (True, ["SYN"]), "the first segment")
                continue
            if mine and frame.flags == ["SYN"]:
                continue  # sent again: its number was the first's
            need(frame.has("ACK"), "no ACK in", frame)
            # Nothing is acknowledged that was not sent, and none of our acknowledgements goes back.
            # A kernel's may, when one overtook the other.
            ahead = (other.next - frame.ack) % WORD
            need(ahead < WORD // 2, "acknowledges what was never sent:", frame, other.next)
            back = side.ack is not None and (frame.ack - side.ack) % WORD >= WORD // 2
            need(not (mine and back), "the ack goes back:", frame)
            if not back:
                side.ack = frame.ack

    def closed(self):
        """Both FINs are there and acknowledged."""
        for side, other in ((self.ours, self.theirs), (self.theirs, self.ours)):
            need(not side.early, "a gap before", side.early, "expected", side.next)
            need(side.fin is not None, "an end without FIN")
            equal(side.fin, (side.isn + 1 + len(side.stream)) % WORD, "the number of the FIN")
            equal(other.ack, (side.fin + 1) % WORD, "the ack of the FIN")
        return self
