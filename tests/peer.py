#!/usr/bin/env python3
"""peer: synstep-peer echoes over every kind of socket, under load and when resources run out."""
import errno
import hashlib
import os
import resource
import select
import signal
import socket
import stat
import struct

from peers import PEER, counts, need_asleep, serve
from tap import DEADLINE, WRAP, equal, narrow_client, need, private, receive, receive_all, run, until

UDP, STREAM, SEQPACKET = socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET
def echo_stream(case, address, listen):
    peer, where = serve(case, listen=[listen])
    client = case.connect(address or where[0])
    for words in (b"a", b"hello\n", bytes(range(256)) * 40):
        client.sendall(words)
        equal(receive(client, len(words)), words)
    client.sendall(b"last")
    client.shutdown(socket.SHUT_WR)
    equal(receive_all(client), b"last")
    equal(peer.stop(), 0, peer.err)
    total = 1 + 6 + 256 * 40 + 4
    equal(counts(peer), (1, 0, total, total))


def test_tcp_over_ipv4_echoes_and_closes_after_the_clients_end(case):
    echo_stream(case, None, "127.0.0.1:0")


def test_tcp_over_ipv6_echoes_and_closes_after_the_clients_end(case):
    echo_stream(case, None, "tcp:[::1]:0")


def test_unix_stream_echoes(case):
    echo_stream(case, None, f"unix:{case.folder()}/echo")


def test_unix_stream_with_an_abstract_name_echoes(case):
    echo_stream(case, None, f"unix:@synstep-test-{os.getpid()}")


def echo_datagrams(case, listen, messages):
    peer, where = serve(case, listen=[listen])
    client = case.connect(where[0], UDP)
    for message in messages:
        client.send(message)
    for message in messages:
        equal(client.recv(1 << 18), message)
    equal(peer.stop(), 0, peer.err)
    total = sum(map(len, messages))
    equal(counts(peer), (0, len(messages), total, total))


def test_udp_over_ipv4_keeps_the_bounds_of_datagrams(case):
    echo_datagrams(case, "udp:127.0.0.1:0", [b"one", b"", b"three", b"x" * 65507])


def test_udp_over_ipv6_keeps_the_bounds_of_datagrams(case):
    echo_datagrams(case, "udp:[::1]:0", [b"one", b"", b"three", b"x" * 65507])


def test_unix_datagrams_keep_their_bounds(case):
    echo_datagrams(case, f"unix-dgram:{case.folder()}/d", [b"one", b"", b"three", b"x" * 100000])


def test_unix_seqpacket_keeps_the_bounds_of_messages(case):
    peer, where = serve(case, listen=[f"unix-seqpacket:{case.folder()}/s"])
    client = case.connect(where[0], SEQPACKET)
    messages = [b"one", b"", b"three", b"x" * 100000, b""]
    for message in messages:
        client.send(message)
        equal(client.recv(1 << 18), message)
    client.send(b"last")
    client.shutdown(socket.SHUT_WR)
    equal(client.recv(10), b"last")
    equal(client.recv(10), b"")
    equal(peer.stop(), 0, peer.err)
    equal(counts(peer), (1, 0, 100012, 100012))
    equal(peer.out.count("recv data: "), len(messages) + 1, "the end is no empty message")


def test_unix_seqpacket_messages_wait_in_order_for_a_slow_reader(case):
    peer, where = serve(case, listen=[f"unix-seqpacket:{case.folder()}/s"])
    client = case.connect(where[0], SEQPACKET)
    client.setblocking(False)
    sent = 0
    while select.select([], [client], [], 0.5)[1]:
        client.send(b"%d" % sent * (sent % 3))  # every third one is empty
        sent += 1
        need(sent < 100000, "it never stops reading")
    client.settimeout(DEADLINE)
    for number in range(sent):
        equal(client.recv(100), b"%d" % number * (number % 3))
    equal(peer.stop(), 0)


def test_a_unix_datagram_from_an_unnamed_socket_is_told_not_answered(case):
    peer, where = serve(case, listen=[f"unix-dgram:{case.folder()}/d"])
    client = case.open_socket(socket.AF_UNIX, UDP)
    client.sendto(b"hello", where[0])
    peer.wait_out("client (unnamed, unix): not answered: its socket has no name")
    equal(peer.stop(), 0)
    equal(counts(peer), (0, 1, 5, 0))


@private
def test_udp_is_answered_from_the_address_that_was_asked(case):
    _, where = serve(case, listen=["udp:0.0.0.0:0"])
    client = case.connect(("127.0.0.77", where[0][1]), UDP)
    client.send(b"who")
    equal(client.recv(10), b"who")


def test_a_slow_reader_stops_the_reading_and_loses_nothing(case):
    """Until the client reads, only the kernel's buffers and one bounded buffer can fill."""
    peer, where = serve(case)
    client = narrow_client(case, where[0])
    client.setblocking(False)
    block = os.urandom(1 << 16)
    sent, sum_sent = 0, hashlib.sha256()
    while select.select([], [client], [], 2.0)[1]:
        count = client.send(block)
        sum_sent.update(block[:count])
        sent += count
        need(sent < 64 << 20, "it never stops reading")
    need(sent > 1 << 20, "stopped after", sent)
    need_asleep(peer)
    client.settimeout(DEADLINE)
    sum_got, got = hashlib.sha256(), 0
    while got < sent:
        some = client.recv(1 << 18)
        need(some, "ended early")
        sum_got.update(some)
        got += len(some)
    equal(sum_got.hexdigest(), sum_sent.hexdigest())
    client.shutdown(socket.SHUT_WR)
    equal(receive_all(client), b"")
    equal(peer.stop(), 0)
    equal(counts(peer), (1, 0, sent, sent))


def test_what_waits_for_a_slow_reader_comes_after_the_clients_end_too(case):
    peer, where = serve(case)
    client = narrow_client(case, where[0])
    client.setblocking(False)
    sent = 0
    while select.select([], [client], [], 1.0)[1]:
        sent += client.send(b"x" * 65536)
    client.settimeout(DEADLINE)
    client.shutdown(socket.SHUT_WR)
    equal(len(receive_all(client)), sent)
    equal(peer.stop(), 0)


def test_a_reset_by_the_client_is_told_and_the_next_client_served(case):
    peer, where = serve(case)
    client = case.connect(where[0])
    client.sendall(b"x")
    equal(client.recv(1), b"x")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pair = client.getsockname()
    client.close()
    peer.wait_out(f"client ({pair[0]}, {pair[1]}): Connection reset by peer")
    other = case.connect(where[0])
    other.sendall(b"y")
    equal(other.recv(1), b"y")


def descriptors(peer):
    return len(os.listdir(f"/proc/{peer.process.pid}/fd"))


def lowest_free(peer):
    used = {int(name) for name in os.listdir(f"/proc/{peer.process.pid}/fd")}
    return next(number for number in range(1 << 20) if number not in used)


def test_when_descriptors_run_out_the_next_wait_and_are_served_later(case):
    peer, where = serve(case)
    _, hard = resource.prlimit(peer.process.pid, resource.RLIMIT_NOFILE)
    room = lowest_free(peer) + 3
    resource.prlimit(peer.process.pid, resource.RLIMIT_NOFILE, (room, hard))
    first = [case.connect(where[0]) for _ in range(3)]
    for client in first:
        client.sendall(b"in")
        equal(receive(client, 2), b"in")
    waiting = [case.connect(where[0]) for _ in range(3)]
    peer.wait_err("cannot accept more than 3 connections now: Too many open files")
    for client in waiting:
        client.sendall(b"wait")
    first[0].sendall(b"still served")
    equal(receive(first[0], 12), b"still served")
    peer.wait_out("recv data: still served\n")
    equal(peer.out.count("recv client"), 3)
    for client in first:
        client.close()
    for client in waiting:
        equal(receive(client, 4), b"wait")
    equal(peer.stop(), 0)
    equal(peer.err.count("cannot accept"), 1, peer.err)
    equal(counts(peer)[0], 6)


def test_while_descriptors_are_out_it_sleeps(case):
    peer, where = serve(case)
    _, hard = resource.prlimit(peer.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(peer.process.pid, resource.RLIMIT_NOFILE, (lowest_free(peer), hard))
    case.connect(where[0])
    peer.wait_err("Too many open files")
    need_asleep(peer)


def test_ten_thousand_connections_at_the_same_time(case):
    wanted = 10000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    case.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
    # The peer has to raise its own soft limit; valgrind's copy of the limit cannot be raised.
    start_soft = hard if WRAP else min(1024, hard)
    peer, where = serve(case, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (start_soft, hard)))
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    free = min(hard - lowest_free(peer), hard - len(os.listdir("/proc/self/fd"))) - 8
    count = min(wanted, free)
    clients = [case.connect(where[0]) for _ in range(count)]
    for number, client in enumerate(clients):
        client.sendall(b"client %d" % number)
    for number, client in enumerate(clients):
        equal(receive(client, len(b"client %d" % number)), b"client %d" % number)
    until(lambda: descriptors(peer) >= count, "all accepted")
    for client in clients:
        client.close()
    peer.wait_until(lambda: peer.out.count("recv client") == count, "all clients printed")
    until(lambda: descriptors(peer) < count, "all closed")
    equal(peer.stop(), 0)
    equal(counts(peer)[0], count)
    equal(count, wanted, "the hard limit of open files is too low: raise it for this test:")


def test_interrupt_ends_it_with_a_count_and_removes_its_socket_files(case):
    for number in (signal.SIGINT, signal.SIGTERM):
        folder = case.folder()
        peer, where = serve(case, listen=[f"unix:{folder}/a", f"unix-dgram:{folder}/b",
                                          "127.0.0.1:0"])
        need(stat.S_ISSOCK(os.stat(f"{folder}/a").st_mode))
        client = case.connect(where[2])
        client.sendall(b"four")
        equal(receive(client, 4), b"four")
        equal(peer.stop(number), 0, peer.err)
        equal(counts(peer), (1, 0, 4, 4))
        equal(os.listdir(folder), [])
        equal(client.recv(1), b"")


def test_a_socket_file_that_is_not_its_own_any_more_is_left(case):
    folder = case.folder()
    peer, _ = serve(case, listen=[f"unix:{folder}/a"])
    os.unlink(f"{folder}/a")
    other = case.open_socket(socket.AF_UNIX)
    other.bind(f"{folder}/a")
    equal(peer.stop(), 0)
    equal(os.listdir(folder), ["a"])


def test_a_stale_socket_file_is_replaced(case):
    folder = case.folder()
    for listen in (f"unix:{folder}/a", f"unix-dgram:{folder}/b", f"unix-seqpacket:{folder}/c"):
        peer, _ = serve(case, listen=[listen])
        peer.stop(signal.SIGKILL)
        need(os.path.exists(listen.partition(":")[2]))
        peer, where = serve(case, listen=[listen])
        kind = {"unix": STREAM, "unix-dgram": UDP, "unix-seqpacket": SEQPACKET}
        client = case.connect(where[0], kind[listen.partition(":")[0]])
        client.send(b"back")
        equal(client.recv(10), b"back")
        equal(peer.stop(), 0)


@private
def test_it_starts_again_while_old_connections_linger(case):
    """The server's end closes first, so that its port is in FIN-WAIT-2 or TIME-WAIT."""
    peer, where = serve(case)
    client = case.connect(where[0])
    client.sendall(b"x")
    equal(client.recv(1), b"x")
    equal(peer.stop(), 0)
    peer, again = serve(case, listen=[f"127.0.0.1:{where[0][1]}"])
    equal(again, where)
    equal(peer.stop(), 0)


def test_it_starts_with_the_standard_descriptors_closed(case):
    """A listener must not become descriptor 1, or the program would print into a connection."""
    path = f"{case.folder()}/echo"
    closed = "<&- >&-" if WRAP else "<&- >&- 2>&-"  # valgrind needs its standard error
    peer = case.start(["sh", "-c", f'exec "$@" {closed}', "sh", *PEER, f"--listen=unix:{path}"])
    until(lambda: is_listening(path), "listens")
    client = case.connect(path)
    client.sendall(b"x")
    equal(client.recv(100), b"x")
    peer.process.send_signal(signal.SIGINT)
    equal(peer.process.wait(DEADLINE), 0)


def is_listening(path):
    with socket.socket(socket.AF_UNIX) as probe:
        trouble = probe.connect_ex(path)
    need(trouble in (0, errno.ENOENT, errno.ECONNREFUSED), os.strerror(trouble))
    return trouble == 0


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
