"""crafted: a veth pair in this network namespace, and behind its far end a host that is only Python.

The near end has an address, or several; the far end has none and its host answers by itself, from
raw frames: it may choose any K, say what no kernel would say, and knows every octet that crossed.
"""
import fcntl
import os
import select
import socket
import struct
import threading
import time

from frames import Frame
from tap import DEADLINE, need
from wire import ACK, FIN, PSH, RST, SYN, WORD, checksum

NEAR = {4: socket.inet_aton("10.9.0.1"), 6: socket.inet_pton(socket.AF_INET6, "fd09::1")}
OTHER = {4: socket.inet_aton("10.9.0.3"), 6: socket.inet_pton(socket.AF_INET6, "fd09::3")}
FAR = {4: socket.inet_aton("10.9.0.2"), 6: socket.inet_pton(socket.AF_INET6, "fd09::2")}
PORT = 7777
TARGET = {4: f"10.9.0.2:{PORT}", 6: f"[fd09::2]:{PORT}"}
ETHERTYPE = {4: 0x0800, 6: 0x86DD}
IFF_UP, IFF_NOARP = 0x1, 0x80
MSS_1460 = struct.pack("!BBH", 2, 4, 1460)


# --- the link ------------------------------------------------------------------------------------

def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def ask_kernel(kind, body, what):
    """Something new, by rtnetlink(7)."""
    flags = 0x1 | 0x4 | 0x200 | 0x400  # request, acknowledge, exclusive, create
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        error = struct.unpack_from("=i", netlink.recv(65536), 16)[0]
    need(error == 0, f"{what}:", os.strerror(-error))


def make_veth(near, far, namespace=None):
    """RTM_NEWLINK: kind veth, its peer in IFLA_INFO_DATA, in that namespace or in this one."""
    there = attribute(28, struct.pack("=i", namespace)) if namespace is not None else b""
    peer = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + attribute(3, far.encode() + b"\0") + there
    info = attribute(1, b"veth") + attribute(2, attribute(1, peer))
    body = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + attribute(3, near.encode() + b"\0") + \
        attribute(18, info)
    ask_kernel(16, body, "veth")


def _ioctl(family, number, request):
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        return fcntl.ioctl(sock, number, request)


def set_flags(name, flags):
    _ioctl(socket.AF_INET, 0x8914, struct.pack("16sh22x", name.encode(), flags))


def set_addresses(name, addresses):
    """Of both versions; those of "near:1" are further ones of the interface near."""
    ipv4 = struct.pack("16sHH4s16x", name.encode(), socket.AF_INET, 0, addresses[4])
    mask = struct.pack("16sHH4s16x", name.encode(), socket.AF_INET, 0, b"\xff\xff\xff\0")
    _ioctl(socket.AF_INET, 0x8916, ipv4)  # SIOCSIFADDR
    _ioctl(socket.AF_INET, 0x891C, mask)  # SIOCSIFNETMASK
    _ioctl(socket.AF_INET6, 0x8916,
           struct.pack("=16sIi", addresses[6], 64, socket.if_nametoindex(name.split(":")[0])))
    await_address(addresses[6])


def await_address(address):
    """Until then the kernel takes another address as its source: RFC 4862 calls it tentative, and
    the kernel's worker that ends this comes when it likes, duplicates looked for or not."""
    tentative, end = 0x40, time.monotonic() + DEADLINE
    while True:
        with open("/proc/thread-self/net/if_inet6", encoding="ascii") as file:
            rows = [line.split() for line in file]
        flags = [int(row[4], 16) for row in rows if row[0] == address.hex()]
        if flags and not flags[0] & tentative:
            return
        need(time.monotonic() < end, "still tentative:", address.hex(), rows)
        time.sleep(0.001)


def queue_of(name):
    """By RTM_GETLINK: the attribute IFLA_QDISC."""
    body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(name), 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), 18, 0x1, 1, 0) + body)
        answer, at = netlink.recv(65536), 32
    while at + 4 <= len(answer):
        length, kind = struct.unpack_from("=HH", answer, at)
        if kind == 6:
            return answer[at + 4:at + length].rstrip(b"\0").decode()
        at += (length + 3) & ~3
    return None


def await_carrier(name):
    """Until then all that is sent is silently lost: the kernel's worker that heeds the other end
    of the cable comes when it likes."""
    end = time.monotonic() + DEADLINE
    while (queue := queue_of(name)) in (None, "noop"):
        need(time.monotonic() < end, "no carrier:", name, queue)
        time.sleep(0.001)


def hardware(name, sock=None):
    """The Ethernet address of an interface here, or of the host that the socket belongs to."""
    request = struct.pack("16s24x", name.encode())
    answer = fcntl.ioctl(sock, 0x8927, request) if sock else _ioctl(socket.AF_INET, 0x8927, request)
    return answer[18:24]


class Link:
    """near: the interface of the kernel under test; far: nobody's but ours. No ARP, no NDP."""

    def __init__(self, case, near="near", far="far", addresses=None):
        make_veth(near, far)
        set_flags(near, IFF_UP | IFF_NOARP)
        set_flags(far, IFF_UP | IFF_NOARP)
        set_addresses(near, addresses or NEAR)
        await_carrier(near)
        await_carrier(far)
        self.socket = case.open_socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((far, 3))
        self.near, self.far = hardware(near), hardware(far)

    def send(self, octets, version):
        self.socket.send(self.near + self.far + struct.pack("!H", ETHERTYPE[version]) + octets)

    def receive(self, version):
        """The next datagram to our host; None for any other frame."""
        octets = self.socket.recv(1 << 17)
        kind, datagram = struct.unpack_from("!H", octets, 12)[0], octets[14:]
        target = datagram[16:20] if version == 4 else datagram[24:40]
        return datagram if kind == ETHERTYPE[version] and target == FAR[version] else None


# --- datagrams -----------------------------------------------------------------------------------

def around(version, protocol, payload, near=None):
    """The IP datagram from our host to an address of the near one that carries `payload`."""
    ends = FAR[version] + (near or NEAR[version])
    if version == 6:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + ends + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0) + ends
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def tcp_octets(version, ports, seq, ack, flags, payload=b"", options=b"", window=65535,
               near=None):
    options += b"\0" * (-len(options) % 4)
    head = struct.pack("!HHIIBBHHH", *ports, seq % WORD, ack % WORD,
                       (20 + len(options)) // 4 << 4, flags, window, 0, 0) + options
    length = len(head) + len(payload)
    pseudo = FAR[version] + (near or NEAR[version]) + \
        (struct.pack("!HH", 6, length) if version == 4 else struct.pack("!IxxxB", length, 6))
    return head[:16] + struct.pack("!H", checksum(pseudo + head + payload)) + head[18:] + payload


# --- the host ------------------------------------------------------------------------------------

class Host:
    """An echo server: K is given, each segment answered by at most one, nothing sent again.

    `crossed` holds every datagram in its order: (from the program under test?, octets).
    """

    def __init__(self, case, isn=1000, version=4, link=None):
        self.link, self.version, self.isn = link or Link(case), version, isn
        self.nxt, self.rcv, self.ports, self.near = isn, 0, (PORT, 0), None
        self.crossed, self.trouble = [], None
        self.waker, self.stopper = os.pipe()
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()
        case.callback(self.close)

    def close(self):
        """Ends it once all that has been sent to it is read; what went wrong in it is told."""
        if self.stopper is not None:
            os.close(self.stopper)
            self.thread.join()
            os.close(self.waker)
            self.stopper = None
        if self.trouble:
            trouble, self.trouble = self.trouble, None
            raise trouble

    def _serve(self):
        try:
            while True:
                ready = select.select([self.link.socket, self.waker], [], [])[0]
                if self.link.socket not in ready:
                    return
                octets = self.link.receive(self.version)
                if octets is None:
                    continue
                self.crossed.append((True, octets))
                self.arrive(octets)
        except BaseException as trouble:  # pylint: disable=broad-except
            self.trouble = trouble

    def arrive(self, octets):
        if is_tcp(octets):
            self.take(Frame(octets))

    def frames(self):
        return [Frame(octets) for _, octets in self.crossed if is_tcp(octets)]

    def put(self, octets):
        self.crossed.append((False, octets))
        self.link.send(octets, self.version)

    def tcp(self, flags, seq=None, ack=None, payload=b"", **more):
        """A segment to the program under test, at our own numbers unless others are given."""
        octets = tcp_octets(self.version, self.ports, self.nxt if seq is None else seq,
                            self.rcv if ack is None else ack, flags, payload, near=self.near,
                            **more)
        self.put(around(self.version, 6, octets, self.near))

    def say(self, flags, payload=b"", **more):
        """The same, and our numbers move on behind it."""
        self.tcp(flags, payload=payload, **more)
        self.nxt = (self.nxt + len(payload) + bool(flags & SYN) + bool(flags & FIN)) % WORD

    def take(self, frame):
        if frame.has("RST"):
            return
        if frame.has("SYN"):
            self.ports, self.rcv = (PORT, frame.source_port), (frame.seq + 1) % WORD
            self.near = frame.source
            self.on_syn(frame)
        elif frame.seq != self.rcv:
            self.tcp(ACK)
        elif frame.length:
            self.rcv = (self.rcv + frame.length) % WORD
            if frame.payload:
                self.on_data(frame)
            if frame.has("FIN"):
                self.on_fin(frame)

    # What a test may do otherwise.
    def on_syn(self, _frame):
        self.nxt = self.isn
        self.say(SYN | ACK, options=MSS_1460)

    def on_data(self, frame):
        self.say(PSH | ACK, frame.payload)

    def on_fin(self, _frame):
        self.say(FIN | ACK)


def is_tcp(datagram):
    return (datagram[9] if datagram[0] >> 4 == 4 else datagram[6]) == 6


def resets(host):
    """The RSTs that came from the program under test or from its kernel."""
    return [Frame(octets) for ours, octets in host.crossed
            if ours and is_tcp(octets) and Frame(octets).has("RST")]
