#!/usr/bin/env python3
"""target: servers that this project did not write: this host's loopback, Python's, ncat's, a host
built by hand behind a veth pair; and that what -w wrote is what crossed, octet for octet.
"""
import contextlib
import os
import shutil
import socket

import lab
from crafted import ACK, NEAR, OTHER, PSH, SYN, TARGET, WORD, Host, Link, resets, set_addresses
from frames import Frame, Recount
from lab import held, named, private, synstep
from recount import Run, file_of, octets
from servers import Server
from tap import Skip, equal, need, receive, receive_all
from wire import PACKET_OUTGOING

# --- capturing beside the program ----------------------------------------------------------------

class Tap:
    """All TCP on an interface, each datagram once, until `stop`."""

    def __init__(self, case, interface):
        self.socket = case.open_socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.socket.bind((interface, 3))
        self.socket.setblocking(False)

    def taken(self, port):
        """The TCP datagrams to or from a port that have crossed until now."""
        crossed = []
        while True:
            try:
                octets, address = self.socket.recvfrom(1 << 17)
            except BlockingIOError:
                return [datagram for datagram in crossed
                        if port in (Frame(datagram).port, Frame(datagram).source_port)]
            protocol = octets[9] if octets[0] >> 4 == 4 else octets[6]
            if address[2] != PACKET_OUTGOING and protocol == 6:
                crossed.append(octets)


# --- servers with ordinary sockets ---------------------------------------------------------------

def echo(connection):
    while some := connection.recv(65536):
        connection.sendall(some)


def greet_and_echo(connection):
    connection.sendall(b"220 good day\r\n")
    echo(connection)


def close_first(connection):
    connection.sendall(receive(connection, 5))
    connection.shutdown(socket.SHUT_WR)
    equal(connection.recv(1), b"", "after our FIN the client's")


def discard(connection):
    receive_all(connection)


def answer_after_fin(connection):
    connection.sendall(receive_all(connection))


def no_witness_once(outcome):
    said = [event for event in outcome.events if "no witness" in str(event.get("text"))]
    equal(len(said), 1, "times that 'no witness' is said")
    equal(outcome.of("witness"), [], "witness events")


def with_server(serve, what, version=4, answer=b"hello"):
    def test(case):
        server = Server(case, serve, version)
        run = Run(case, server.target)
        run.check_checksums(left_to_card=True)
        run.check_json()
        no_witness_once(run.outcome)
        equal(bytes(run.count.ours.stream), b"hello", "what was sent")
        equal(bytes(run.count.theirs.stream), answer, "what was answered")
        server.join()
        equal(server.peer[1], run.port, "the port that the server saw")
    return named(private(test), f"test_target_ipv{version}", what, "holds")


@private
def test_target_by_name_holds(case):
    server = Server(case, echo)
    run = Run(case, f"localhost:{server.port}", "-4")
    run.check_json()
    equal(bytes(run.count.theirs.stream), b"hello", "what came back")


@private
def test_target_takes_a_mebibyte(case):
    data = octets(1 << (14 if lab.SLOW else 20))
    run = Run(case, Server(case, echo).target, "--data-file", file_of(case, data))
    equal(bytes(run.count.theirs.stream), data, "what came back")


@private
def test_target_without_witness_is_said_once_in_the_ladder(case):
    outcome = synstep(case, Server(case, echo).target)
    equal((outcome.status, outcome.err), (0, ""), "status", outcome)
    equal(outcome.out.count("no witness"), 1, "times that it is said", outcome)


@private
def test_target_ncat_echoes(case):
    if not shutil.which("ncat"):
        raise Skip("ncat is not installed")
    server = case.start(["ncat", "-4", "-v", "-l", "127.0.0.1", "7001", "--exec", "/bin/cat"])
    server.wait_err("Listening on 127.0.0.1")
    run = Run(case, "127.0.0.1:7001")
    run.check_json()
    equal(bytes(run.count.theirs.stream), b"hello", "what came back")
    server.end()


# --- loopback ------------------------------------------------------------------------------------

def loopback(version):
    def test(case):
        tap = Tap(case, "lo")
        run = Run(case, "--loopback", f"-{version}")
        run.check_checksums(left_to_card=True)
        run.check_json()
        run.check_witness()
        crossed = tap.taken(run.port)
        # An octet string may stand more than once (none is sent twice here): compared as bags.
        equal(sorted(crossed), sorted(frame.octets for frame in run.frames), "what crossed")
        need(not any(Frame(octets).has("RST") for octets in crossed), "a RST of the kernel's")
    return named(private(test), f"test_loopback_ipv{version}", "is what crossed")


def test_loopback_of_this_host_holds(case):
    if os.geteuid() != 0:
        lab.unshare(lab.CLONE_NEWUSER | lab.CLONE_NEWNET)
        lab.tap.loopback_up()
    run = Run(case, "--loopback")
    run.check_json()
    run.check_witness()


def host_settings():
    """Routes, sysctls of the network and the modules of filters, as this namespace shows them."""
    found = {}
    for folder, _, names in os.walk("/proc/sys/net"):
        for name in names:
            # Some may only be written.
            with contextlib.suppress(OSError), open(os.path.join(folder, name), "rb") as file:
                found[os.path.join(folder, name)] = file.read()
    for name in ("route", "ipv6_route", "if_inet6", "ip_tables_names", "arp"):
        path = "/proc/self/net/" + name
        with contextlib.suppress(OSError), open(path, "rb") as file:
            found[path] = b"\n".join(line.split(b" 00000")[0] for line in file)
    return found


def own_addresses(interface):
    """The IPv6 addresses of an interface, a link-local one with its scope."""
    with open("/proc/self/net/if_inet6", encoding="ascii") as file:
        rows = [line.split() for line in file]
    texts = [socket.inet_ntop(socket.AF_INET6, bytes.fromhex(row[0])) for row in rows
             if row[5] == interface]
    return [text + (f"%{interface}" if text.startswith("fe80:") else "") for text in texts]


@private
def test_own_addresses_of_another_interface_hold(case):
    """Their datagrams cross lo, but IPv6 has the routes to them elsewhere."""
    Link(case)
    lab.tap.until(lambda: len(own_addresses("near")) == 2, "a global and a link-local address")
    for address in (socket.inet_ntoa(NEAR[4]), *own_addresses("near")):
        server = Server(case, echo, 6 if ":" in address else 4, address)
        outcome = held(case, server.target)
        equal(outcome.events[0]["peer"]["port"], server.port, address)
        server.join()


@private
def test_loopback_leaves_routes_and_sysctls_alone(case):
    before = host_settings()
    need(len(before) > 100, "settings seen", len(before))
    held(case, "--loopback")
    after = host_settings()
    equal({path: after.get(path) for path in before}, before, "settings of the host")


# --- a host made of nothing but frames -----------------------------------------------------------

def crafted_k(isn, version, data=b"hello"):
    """K is chosen; what crossed is known from the other side of the wire."""
    def test(case):
        host = Host(case, isn, version)
        run = Run(case, TARGET[version], f"--isn={isn ^ 0x80000000}", "--data-file",
                  file_of(case, data))
        host.close()
        run.check_checksums()
        run.check_json()
        equal(run.count.theirs.isn, isn % WORD, "K")
        equal(bytes(run.count.theirs.stream), data, "what came back")
        equal(sorted(octets for _, octets in host.crossed),
              sorted(frame.octets for frame in run.frames), "-w and what crossed")
        equal(resets(host), [], "RSTs")
        Recount(host.frames(), run.port).closed()
    return named(private(test), f"test_crafted_ipv{version}_k", isn, len(data), "octets", "holds")


class WithoutMss(Host):
    """Announces no MSS."""

    def on_syn(self, _frame):
        self.nxt = self.isn
        self.say(SYN | ACK)


def without_mss(version, assumed):
    """RFC 9293 section 3.7.1: what may be sent then."""
    def test(case):
        host = WithoutMss(case, version=version)
        run = Run(case, TARGET[version], "--data-file", file_of(case, octets(4000)))
        host.close()
        equal(max(len(frame.payload) for frame in host.frames() if frame.source_port == run.port),
              assumed, "the longest segment")
    return named(private(test), f"test_crafted_ipv{version}_host_without_mss_gets", assumed,
                 "octets at most")


class Pieces(Host):
    """Echoes in pieces, the last first, one of them twice, one overlapping its neighbour."""

    def on_data(self, frame):
        payload, first = frame.payload, self.nxt
        for at, end in ((8, 10), (4, 9), (0, 2), (0, 2), (2, 4)):
            self.tcp(PSH | ACK, seq=first + at, payload=payload[at:end])
        self.nxt = (first + len(payload)) % WORD


@private
def test_crafted_echo_in_disorder_is_put_together(case):
    link = Link(case)
    for isn in (0xFFFFFFF8, 2**31 - 5):
        host = Pieces(case, isn, link=link)
        outcome = held(case, TARGET[4], "--data=0123456789")
        need("no echo" not in outcome.out, "the echo was not recognised:", outcome)
        host.close()
        equal(resets(host), [], "RSTs")


# --- the way there -------------------------------------------------------------------------------

FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


def left_from(run, version, address):
    """All that was sent came from the address, by the frames and by the JSON."""
    sent = {frame.source for frame in run.frames if frame.source_port == run.port}
    equal(sent, {address}, "sources")
    equal(run.outcome.events[0]["local"]["address"], socket.inet_ntop(FAMILY[version], address))


def crossed_is(host, run):
    host.close()
    equal(sorted(octets for _, octets in host.crossed),
          sorted(frame.octets for frame in run.frames), "what crossed")


def by_interface(version):
    """Two interfaces lead to the target; each host sees what was sent through its own only."""
    def test(case):
        ways = {"near": Host(case, version=version, link=Link(case)),
                "other": Host(case, version=version,
                              link=Link(case, "other", "elsewhere", OTHER))}
        runs = {name: Run(case, TARGET[version], f"--interface={name}") for name in ways}
        for name, address in (("near", NEAR), ("other", OTHER)):
            left_from(runs[name], version, address[version])
            crossed_is(ways[name], runs[name])
            where = runs[name].outcome.events[0]["where"]
            need(where.endswith(f"through {name}"), "where:", where)
    return named(private(test), f"test_interface_ipv{version}", "is the one that is used")


def from_source(version):
    """Two addresses of one interface."""
    def test(case):
        link = Link(case)
        set_addresses("near:1", OTHER)
        for address in (NEAR[version], OTHER[version]):
            host = Host(case, version=version, link=link)
            run = Run(case, TARGET[version],
                      "--source=" + socket.inet_ntop(FAMILY[version], address))
            left_from(run, version, address)
            crossed_is(host, run)
            equal(resets(host), [], "RSTs")
    return named(private(test), f"test_source_ipv{version}", "is the one that is used")


@private
def test_source_and_port_are_those_that_the_server_sees(case):
    server = Server(case, echo)
    run = Run(case, server.target, "--source=127.0.0.9", "--source-port=4242")
    server.join()
    equal(server.peer, ("127.0.0.9", 4242), "the client that the server saw")
    left_from(run, 4, socket.inet_aton("127.0.0.9"))
    equal((run.port, run.outcome.events[0]["local"]["port"]), (4242, 4242), "source ports")


TESTS = [
    *(with_server(echo, "echo server", version) for version in (4, 6)),
    with_server(greet_and_echo, "greeting server", answer=b"220 good day\r\nhello"),
    with_server(close_first, "server that closes first"),
    with_server(discard, "server that never answers", answer=b""),
    with_server(answer_after_fin, "server that answers after our FIN", version=6),
    test_target_by_name_holds,
    test_target_takes_a_mebibyte,
    test_target_without_witness_is_said_once_in_the_ladder,
    test_target_ncat_echoes,
    loopback(4),
    loopback(6),
    test_loopback_of_this_host_holds,
    test_loopback_leaves_routes_and_sysctls_alone,
    test_own_addresses_of_another_interface_hold,
    *lab.some([crafted_k(isn, version)
               for isn in (0, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 6, 2**32 - 7)
               for version in (4, 6)], 5),
    crafted_k(2**32 - 5000, 4, octets(10000)),
    without_mss(4, 536),
    without_mss(6, 1220),
    test_crafted_echo_in_disorder_is_put_together,
    *(by_interface(version) for version in (4, 6)),
    *(from_source(version) for version in (4, 6)),
    test_source_and_port_are_those_that_the_server_sees,
]

if __name__ == "__main__":
    lab.run(TESTS)
