"""far_host: a look from inside the far one of the private hosts that a program has made.

It is found by the echo server that the program starts there.
"""
import contextlib
import os
import socket
import struct

import lab
import tap
from tap import need

CLONE_NEWNET = 0x40000000
SOL_PACKET, PACKET_AUXDATA, TAG_IS_VALID = 263, 8, 1 << 4


def _network(pid):
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/net")
    return None


def _server_in(running):
    """A child that has gone to another network than its parent is in, and than we are in.

    The parent stays where it is once it has children: so they are looked at first.
    """
    with contextlib.suppress(OSError):
        networks = {child: _network(child) for child in lab.children(running.process.pid)}
        known = (None, _network("self"), _network(running.process.pid))
        return next((child for child, network in networks.items() if network not in known), None)
    return None


def _enter(descriptor):
    need(lab.libc.setns(descriptor, CLONE_NEWNET) == 0, "setns")


def capture(case, running):
    """A packet socket of the far host: every frame that its end of the link gets from now on."""
    found = []
    tap.until(lambda: found.append(_server_in(running)) or found[-1], "a server in the far host")
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    far = os.open(f"/proc/{found[-1]}/ns/net", os.O_RDONLY)
    try:
        _enter(far)
        made = case.open_socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        made.bind(("far0", 3))
    finally:
        _enter(home)
        os.close(home)
        os.close(far)
    return made


def next_frame(sock, wanted):
    """The next frame that came, not one that left, and is `wanted`."""
    for _ in range(10000):
        octets, address = sock.recvfrom(1 << 16)
        if address[2] != socket.PACKET_OUTGOING and wanted(octets):
            return octets
    need(False, "no such frame among 10000")


def with_tag(sock):
    """A frame off a socket that asks for PACKET_AUXDATA, with the tag that the kernel took out."""
    octets, ancillary, _, _ = sock.recvmsg(1 << 16, 256)
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tag, tag_type = struct.unpack("=IIIHHHH", data[:20])
            if status & TAG_IS_VALID:
                return octets[:12] + struct.pack("!HH", tag_type, tag) + octets[12:]
    return octets
