"""wire: what crosses the loopback of a private namespace, and a TCP client built by hand.

Both are written from the RFCs with nothing but raw sockets: they judge the peer from outside.
"""
import ctypes
import select
import socket
import struct
import time

from tap import DEADLINE, need

ETH_P_IP, ETH_P_IPV6, ETH_P_ALL = 0x0800, 0x86DD, 3
PACKET_OUTGOING = 4
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SO_ATTACH_FILTER = 26
WORD = 1 << 32


class Segment:
    def __init__(self, packet):
        version = packet[0] >> 4
        if version == 4:
            self.protocol = packet[9]
            total = struct.unpack_from("!H", packet, 2)[0]
            payload = packet[(packet[0] & 15) * 4:total]
        else:
            self.protocol = packet[6]
            payload = packet[40:40 + struct.unpack_from("!H", packet, 4)[0]]
        self.source, self.target = struct.unpack_from("!HH", payload)
        if self.protocol == socket.IPPROTO_TCP:
            self.seq, self.ack, offset, self.flags, self.window = \
                struct.unpack_from("!IIBBH", payload, 4)
            self.data = payload[(offset >> 4) * 4:]
        else:
            self.data = payload[8:]

    def __repr__(self):
        if self.protocol != socket.IPPROTO_TCP:
            return f"{self.source}>{self.target} protocol {self.protocol}"
        return f"{self.source}>{self.target} seq={self.seq} ack={self.ack} flags={self.flags:#x} " \
               f"length={len(self.data)} window={self.window}"


class Capture:
    """Everything on the loopback from now on, each packet once."""

    def __init__(self, case):
        self.socket = case.open_socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.bind(("lo", ETH_P_ALL))
        self.marker = case.open_socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.marker.bind(("127.0.0.1", 0))
        self.marks = 0

    def take(self):
        """All that crossed until now: up to a datagram that is sent now."""
        self.marks += 1
        mark = b"mark %d" % self.marks
        self.marker.sendto(mark, self.marker.getsockname())
        segments = []
        self.socket.settimeout(DEADLINE)
        while True:
            packet, address = self.socket.recvfrom(1 << 17)
            if address[2] == PACKET_OUTGOING or address[1] not in (ETH_P_IP, ETH_P_IPV6):
                continue
            segment = Segment(packet)
            if segment.protocol == socket.IPPROTO_UDP and segment.data == mark:
                return segments
            segments.append(segment)


def mute(sock):
    """A filter that takes nothing: the kernel neither sees nor answers what comes there."""
    class Filter(ctypes.Structure):
        _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte),
                    ("k", ctypes.c_uint)]
    rule = Filter(0x06, 0, 0, 0)  # BPF_RET | BPF_K, 0
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(rule))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class HandClient:
    """One TCP connection over IPv4 loopback, segment by segment; it sends what it is told to."""

    def __init__(self, case, port, isn, window=65535):
        self.target, self.window = port, window
        self.listener = case.open_socket()
        mute(self.listener)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(1)
        self.port = self.listener.getsockname()[1]
        self.raw = case.open_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.capture = case.open_socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.capture.bind(("lo", ETH_P_ALL))
        self.nxt, self.ack, self.isn = isn, 0, isn

    def send(self, flags, data=b"", window=None):
        host = socket.inet_aton("127.0.0.1")
        window = self.window if window is None else window
        head = struct.pack("!HHIIBBHHH", self.port, self.target, self.nxt, self.ack, 5 << 4, flags,
                           window, 0, 0)
        sum_ = checksum(host + host + struct.pack("!HH", 6, len(head) + len(data)) + head + data)
        head = head[:16] + struct.pack("!H", sum_) + head[18:]
        ipv4 = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0, host, host)
        self.raw.sendto(ipv4 + head + data, ("127.0.0.1", 0))
        self.nxt = (self.nxt + len(data) + bool(flags & (SYN | FIN))) % WORD

    def receive(self, accept=lambda segment: True):
        """The next segment to here that `accept` takes."""
        end = time.monotonic() + DEADLINE
        while True:
            left = end - time.monotonic()
            need(left > 0 and select.select([self.capture], [], [], left)[0], "no segment came")
            packet, address = self.capture.recvfrom(1 << 17)
            if address[2] == PACKET_OUTGOING or address[1] != ETH_P_IP:
                continue
            segment = Segment(packet)
            if segment.protocol == socket.IPPROTO_TCP and segment.target == self.port and \
                    accept(segment):
                return segment

    def handshake(self):
        self.send(SYN)
        answer = self.receive(lambda segment: segment.flags == SYN | ACK)
        self.ack = (answer.seq + 1) % WORD
        self.send(ACK)
        return answer.seq
