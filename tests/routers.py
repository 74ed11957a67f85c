"""routers: hosts in a row, each in a network namespace of its own; those in between are routers.

Host n and host n+1 share a link: 10.9.n.1 and fd09:0:0:n::1 are on its near side, .2 on its far
one. The first host is the namespace that the test was in.
"""
import contextlib
import ctypes
import os
import select
import socket
import struct

import lab
import tap
from crafted import IFF_UP, ask_kernel, attribute, make_veth, set_addresses, set_flags
from tap import need

FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


def _packed(version, link, side):
    text = f"10.9.{link}.{side}" if version == 4 else f"fd09:0:0:{link:x}::{side}"
    return socket.inet_pton(FAMILY[version], text)


def address(version, link, side):
    return socket.inet_ntop(FAMILY[version], _packed(version, link, side))


def _route(version, network, gateway):
    """RTM_NEWROUTE: all of that link's network, or everything, by that neighbour."""
    prefix = 24 if version == 4 else 64
    head = struct.pack("=BBBBBBBBI", FAMILY[version], prefix, 0, 0, 254, 3, 0, 1, 0)
    ask_kernel(24, head + attribute(1, network) + attribute(5, gateway), "route")


class Row:
    """`count` hosts; `inside(n)` is a context within the n-th."""

    def __init__(self, case, count):
        self.here = self._own(case)
        self.namespaces = [self.here] + [self._new(case) for _ in range(count - 1)]
        for link in range(count - 1):
            self._connect(link)
        for number in range(count):
            with self.inside(number):
                self._become(number, count)

    @staticmethod
    def _own(case):
        namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        case.callback(os.close, namespace)
        return namespace

    def _enter(self, namespace):
        need(lab.libc.setns(namespace, lab.CLONE_NEWNET) == 0, "setns",
             os.strerror(ctypes.get_errno()))

    def _new(self, case):
        lab.unshare(lab.CLONE_NEWNET)
        tap.loopback_up()
        made = self._own(case)
        self._enter(self.here)
        return made

    @contextlib.contextmanager
    def inside(self, number):
        self._enter(self.namespaces[number])
        try:
            yield
        finally:
            self._enter(self.here)

    def _connect(self, link):
        with self.inside(link):
            make_veth("next", "back", self.namespaces[link + 1])
        for number, name, side in ((link, "next", 1), (link + 1, "back", 2)):
            with self.inside(number):
                # An address is to be used at once, not after a second of asking for another owner.
                lab.write(f"/proc/sys/net/ipv6/conf/{name}/accept_dad", "0")
                set_flags(name, IFF_UP)
                set_addresses(name, {version: _packed(version, link, side) for version in (4, 6)})

    @staticmethod
    def _become(number, count):
        """A router between two links; who has one knows the way to all others."""
        if 0 < number < count - 1:
            lab.write("/proc/sys/net/ipv4/ip_forward", "1")
            lab.write("/proc/sys/net/ipv6/conf/all/forwarding", "1")
        for name in ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"):
            lab.write("/proc/sys/net/" + name, "0")
        for version in (4, 6):
            for link in range(count - 1):
                if link < number - 1:
                    _route(version, _packed(version, link, 0), _packed(version, number - 1, 1))
                elif link > number:
                    _route(version, _packed(version, link, 0), _packed(version, number, 2))

    def settle(self, version, port=4242):
        """Until the last host hears the first: links that have just come up drop what is sent."""
        last = len(self.namespaces) - 1
        target = address(version, last - 1, 2)
        with self.inside(last):
            hearing = socket.socket(FAMILY[version], socket.SOCK_DGRAM)
        with hearing, socket.socket(FAMILY[version], socket.SOCK_DGRAM) as telling:
            hearing.bind(("", port))  # its own address may not be ready yet
            for _ in range(int(tap.DEADLINE * 20)):
                with contextlib.suppress(OSError):
                    telling.sendto(b"settle", (target, port))
                if select.select([hearing], [], [], 0.05)[0]:
                    return
        need(False, "the last host never heard the first")
