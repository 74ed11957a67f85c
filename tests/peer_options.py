#!/usr/bin/env python3
"""peer_options: synstep-peer's options, what it prints, and what wrong usage gets (TAP)."""
import errno
import os
import socket
import struct

from peers import PEER, counts, serve
from tap import DEADLINE, equal, need, private, receive, receive_all, run, some, until

UDP, SEQPACKET = socket.SOCK_DGRAM, socket.SOCK_SEQPACKET


def exchange(case, address, words):
    client = case.connect(address)
    client.sendall(words)
    equal(receive(client, len(words)), words)
    return client


@private
def test_without_options_it_serves_tcp_127_0_0_1_port_8888(case):
    peer = case.start(PEER)
    peer.wait_out("start server tcp:127.0.0.1:8888\n")
    client = exchange(case, ("127.0.0.1", 8888), b"hello")
    host, port = client.getsockname()
    peer.wait_out(f"recv client from ({host}, {port})\nrecv data: hello\n")
    equal(peer.stop(), 0)


@private
def test_each_way_to_write_an_address_is_understood(case):
    peer, where = serve(case, listen=[
        "8001", "127.0.0.2", "[::1]:8002", "[::1]", "tcp:127.0.0.3:8003", "udp:8004",
        "udp:[::1]:8005", "unix-stream:@synstep-a", "localhost:8006"])
    equal(where, [("127.0.0.1", 8001), ("127.0.0.2", 8888), ("::1", 8002), ("::1", 8888),
                  ("127.0.0.3", 8003), ("127.0.0.1", 8004), ("::1", 8005), "@synstep-a",
                  *where[8:]])
    need(set(where[8:]) <= {("127.0.0.1", 8006), ("::1", 8006)} and where[8:], where)
    for address in where[:5] + where[7:]:
        exchange(case, address, b"hi")
    for address in where[5:7]:
        client = case.connect(address, UDP)
        client.send(b"hi")
        equal(client.recv(10), b"hi")
    equal(peer.stop(), 0)


@private
def test_a_star_is_every_address_of_both_families(case):
    peer, where = serve(case, listen=["*:8010"])
    peer.wait_until(lambda: peer.out.count("start server") == 2, "two families")
    for host in ("127.0.0.1", "127.0.0.9", "::1"):
        exchange(case, (host, 8010), b"hi")


@private
def test_all_ipv6_addresses_leave_the_ipv4_ones_to_another_listener(case):
    serve(case, listen=["[::]:8011", "0.0.0.0:8011"])
    exchange(case, ("127.0.0.1", 8011), b"four")
    exchange(case, ("::1", 8011), b"six")


def test_port_0_is_chosen_by_the_kernel_and_printed(case):
    _, where = serve(case, listen=["127.0.0.1:0", "udp:127.0.0.1:0"])
    need(where[0][1] > 0 and where[1][1] > 0, where)


@private
def test_backlog_bounds_how_many_wait(case):
    _, where = serve(case, "--backlog=2", "--max-connections=1")
    exchange(case, where[0], b"in")
    for _ in range(3):  # the kernel lets one more wait than the backlog says
        case.connect(where[0])
    late = case.open_socket()
    late.setblocking(False)
    late.connect_ex(where[0])
    until(lambda: listen_drops() > 0, "the kernel drops a SYN")


def listen_drops():
    with open("/proc/net/netstat", encoding="ascii") as file:
        names, values = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(values[names.index("ListenDrops")])


def test_max_connections_lets_the_others_wait_until_one_ends(case):
    peer, where = serve(case, "--max-connections=2")
    first, second = exchange(case, where[0], b"1"), exchange(case, where[0], b"2")
    third = case.connect(where[0])
    third.sendall(b"3")
    for _ in range(20):  # twenty chances to take the third in
        second.sendall(b"more")
        equal(receive(second, 4), b"more")
    peer.wait_until(lambda: peer.out.count("recv data: more\n") == 20, "twenty echoes")
    equal(peer.out.count("recv client"), 2)
    first.close()
    equal(receive(third, 1), b"3")
    peer.wait_until(lambda: peer.out.count("recv client") == 3, "the third")


def test_once_serves_one_connection_and_exits(case):
    folder = case.folder()
    peer, where = serve(case, "--once", listen=["127.0.0.1:0", f"unix:{folder}/echo"])
    client = exchange(case, where[0], b"only")
    until(lambda: refused(where[0]), "the port is closed to others")
    equal(os.listdir(folder), [])
    client.sendall(b"still")
    equal(receive(client, 5), b"still")
    client.close()
    equal(peer.end(), 0)
    equal(counts(peer), (1, 0, 9, 9))


def refused(address):
    with socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX) as probe:
        return probe.connect_ex(address) in (errno.ECONNREFUSED, errno.ECONNRESET)


def test_once_serves_one_datagram_and_exits(case):
    peer, where = serve(case, "--once", listen=["udp:127.0.0.1:0"])
    client = case.connect(where[0], UDP)
    client.send(b"only")
    equal(client.recv(10), b"only")
    equal(peer.end(), 0)
    equal(counts(peer), (0, 1, 4, 4))


def test_discard_reads_everything_and_answers_nothing(case):
    peer, where = serve(case, "--discard", listen=["127.0.0.1:0", "udp:127.0.0.1:0"])
    client = case.connect(where[0])
    client.sendall(b"x" * 9000000)  # more than the kernel would hold unread
    client.shutdown(socket.SHUT_WR)
    equal(receive_all(client), b"")
    other = case.connect(where[1], UDP)
    other.send(b"silence")
    peer.wait_out("recv data: silence")
    equal(peer.stop(), 0)
    equal(counts(peer), (1, 1, 9000007, 0))
    other.setblocking(False)
    try:
        need(False, "an answer came:", other.recv(100))
    except (BlockingIOError, ConnectionRefusedError):
        pass


def test_greet_is_sent_on_accept_before_any_echo(case):
    folder = case.folder()
    _, where = serve(case, "--greet=good day\n", listen=[
        "127.0.0.1:0", f"unix:{folder}/a", f"unix-seqpacket:{folder}/b"])
    for address in where[:2]:
        client = case.connect(address)
        equal(receive(client, 9), b"good day\n")
        client.sendall(b"echo")
        equal(receive(client, 4), b"echo")
    client = case.connect(where[2], SEQPACKET)
    equal(client.recv(100), b"good day\n")


def test_half_close_answers_only_after_the_clients_end(case):
    peer, where = serve(case, "--half-close")
    client = case.connect(where[0])
    client.sendall(b"one ")
    peer.wait_out("recv data: one \n")
    client.sendall(b"two")
    peer.wait_out("recv data: two\n")
    client.setblocking(False)
    try:
        need(False, "an early answer came:", client.recv(100))
    except BlockingIOError:
        client.settimeout(DEADLINE)
    client.shutdown(socket.SHUT_WR)
    equal(receive_all(client), b"one two")


def test_half_close_collects_megabytes_and_echoes_them_to_a_slow_reader(case):
    _, where = serve(case, "--half-close")
    client = case.connect(where[0])
    block = os.urandom(12 << 20)
    client.sendall(block)
    client.shutdown(socket.SHUT_WR)
    equal(receive_all(client) == block, True)


def test_half_close_keeps_the_bounds_of_seqpacket_messages(case):
    _, where = serve(case, "--half-close", listen=[f"unix-seqpacket:{case.folder()}/s"])
    client = case.connect(where[0], SEQPACKET)
    for message in (b"one", b"", b"three"):
        client.send(message)
    client.shutdown(socket.SHUT_WR)
    equal([client.recv(100) for _ in range(4)], [b"one", b"", b"three", b""])


def test_half_close_resets_a_client_that_never_stops(case):
    peer, where = serve(case, "--half-close")
    client = case.connect(where[0])
    try:
        client.sendall(b"x" * (64 << 20))
        need(False, "it collects without bound")
    except (ConnectionResetError, BrokenPipeError):
        pass
    peer.wait_out("No buffer space available")
    equal(peer.stop(), 0)


def test_idle_timeout_closes_the_connection_on_which_nothing_moves(case):
    peer, where = serve(case, "--idle-timeout=0.05")
    client = exchange(case, where[0], b"x")
    equal(client.recv(1), b"")
    host, port = client.getsockname()
    peer.wait_out(f"client ({host}, {port}): idle, closing")
    equal(exchange(case, where[0], b"y").recv(1), b"")


def test_a_datagram_longer_than_the_buffer_is_cut_and_that_is_said(case):
    folder = case.folder()
    peer, where = serve(case, "--buffer=4", listen=[
        "udp:127.0.0.1:0", f"unix-dgram:{folder}/d", f"unix-seqpacket:{folder}/s"])
    for number, (address, kind) in enumerate(zip(where, (UDP, UDP, SEQPACKET)), 1):
        client = case.connect(address, kind)
        client.send(b"0123456789")
        equal(client.recv(100), b"0123")
        peer.wait_until(lambda n=number: peer.out.count(
            "recv data: 0123 (cut: 4 of 10 bytes)\n") == n, "cut", number)
        client.send(b"full")
        equal(client.recv(100), b"full")
    equal(peer.stop(), 0)


def test_the_buffer_bounds_the_reads_of_a_stream(case):
    peer, where = serve(case, "--buffer=4")
    exchange(case, where[0], b"0123456789")
    peer.wait_out("recv data: 0123\nrecv data: 4567\nrecv data: 89\n")


def test_data_is_escaped_and_shortened_on_the_terminal(case):
    peer, where = serve(case)
    exchange(case, where[0], b"a\r\n\t\\\x1b[2J\x00\x7f\xff")
    peer.wait_out("recv data: a\\r\\n\\t\\\\\\x1b[2J\\x00\\x7f\\xff\n")
    exchange(case, where[0], b"z" * 65)
    peer.wait_out("recv data: " + "z" * 64 + "... (65 bytes)\n")
    exchange(case, where[0], "你好".encode())
    peer.wait_out("recv data: \\xe4\\xbd\\xa0\\xe5\\xa5\\xbd\n")


def test_a_utf_8_locale_shows_its_characters(case):
    peer, where = serve(case, env={"LC_ALL": "C.UTF-8"})
    exchange(case, where[0], "你好\u202e".encode() + b"\xff\xe4\xbd")
    peer.wait_out("recv data: 你好\\xe2\\x80\\xae\\xff\\xe4\\xbd\n")


def test_quiet_prints_nothing(case):
    path = f"{case.folder()}/echo"
    peer = case.start([*PEER, "-q", f"--listen=unix:{path}"])
    until(lambda: os.path.exists(path) and not refused(path), "listens")
    exchange(case, path, b"x")
    equal(peer.stop(), 0)
    equal((peer.out, peer.err), ("", ""))


def test_a_full_disk_under_its_output_is_told_and_the_echo_goes_on(case):
    path = f"{case.folder()}/echo"
    with open("/dev/full", "wb") as full:
        peer = case.start([*PEER, f"--listen=unix:{path}"], stdout=full)
    until(lambda: os.path.exists(path) and not refused(path), "listens")
    exchange(case, path, b"x")
    equal(peer.stop(), 1)
    equal(peer.err, "synstep-peer: standard output could not be written: "
                    "No space left on device\n")


def test_a_closed_pipe_under_its_output_does_not_kill_it(case):
    path = f"{case.folder()}/echo"
    reading, writing = os.pipe()
    os.close(reading)
    peer = case.start([*PEER, f"--listen=unix:{path}"], stdout=writing)
    os.close(writing)
    until(lambda: os.path.exists(path) and not refused(path), "listens")
    exchange(case, path, b"x")
    equal(peer.stop(), 1)
    need("standard output could not be written" in peer.err, peer.err)


def fails(case, status, text, *options, **more):
    """Ends with `status`, nothing on stdout, and `text` in its first line on stderr."""
    peer = case.start([*PEER, *options], **more)
    equal(peer.end(), status, options, peer.err)
    equal(peer.out, "", options)
    need(text in peer.err.split("\n", maxsplit=1)[0], options, "said", repr(peer.err))
    if status == 1:
        equal(peer.err.count("\n"), 1, "one line:", repr(peer.err))


def test_wrong_usage_exits_2_and_says_what_is_wrong(case):
    for text, *options in some((
            ("unrecognized option '--nonsense'", "--nonsense"),
            ("did you mean --listen=9000?", "9000"),
            ("'65536' is no port", "--listen=127.0.0.1:65536"),
            ("'nosuchservice' is no port", "--listen=127.0.0.1:nosuchservice"),
            ("'' is no port", "--listen=127.0.0.1:"),
            ("'-1' is no port", "--listen=127.0.0.1:-1"),
            ("an address is missing", "--listen="),
            ("an address is missing", "--listen=udp:"),
            ("a path is missing", "--listen=unix:"),
            ("a path is missing", "--listen=unix-dgram:@"),
            ("at most 107", "--listen=unix:" + "x" * 108),
            ("write unix:/tmp/x", "--listen=/tmp/x"),
            ("after '[' comes", "--listen=[::1"),
            ("after '[' comes", "--listen=[::1]8888"),
            ("the host name is too long", "--listen=" + "x" * 300 + ":1"),
            ("--backlog: 'x' is not a number", "--backlog=x"),
            ("--backlog: '-1' is not a number", "--backlog=-1"),
            ("--max-connections: '0' is not a number", "--max-connections=0"),
            ("--max-connections: '1x' is not", "--max-connections=1x"),
            ("--buffer: '0' is not", "--buffer=0"),
            ("--buffer: '99999999999999999999' is not", "--buffer=99999999999999999999"),
            ("--idle-timeout: '0' is not", "--idle-timeout=0"),
            ("--idle-timeout: 'nan' is not", "--idle-timeout=nan"),
            ("choose one of them", "--discard", "--half-close"),
            ("--control-fd: descriptor 99 is not", "--control-fd=99"),
            ("--control-fd: descriptor 0 is not", "--control-fd=0")), 6):
        fails(case, 2, text, *options)


def test_help_and_version_exit_0(case):
    for option, text in (("--help", "--listen"), ("--version", "synstep-peer "),
                         ("--usage", "--half-close")):
        peer = case.start([*PEER, option])
        equal(peer.end(), 0)
        need(text in peer.out, option, peer.out)


def test_an_address_in_use_exits_1_and_says_what_to_do(case):
    folder = case.folder()
    listen = ["127.0.0.1:0", "udp:127.0.0.1:0", f"unix:{folder}/a", f"unix-dgram:{folder}/b",
              f"unix-seqpacket:{folder}/c"]
    peer, _ = serve(case, listen=listen)
    for line in peer.out.splitlines():
        address = line.removeprefix("start server ")
        fails(case, 1, f"cannot serve at {address}: Address already in use; stop the program",
              f"--listen={address}")
    # A live socket of another type is in use too.
    fails(case, 1, "Address already in use", f"--listen=unix-dgram:{folder}/a")
    fails(case, 1, "Address already in use", f"--listen=unix:{folder}/b")
    equal(sorted(os.listdir(folder)), ["a", "b", "c"])
    exchange(case, f"{folder}/a", b"still there")


def test_what_cannot_be_served_exits_1_and_says_why(case):
    folder = case.folder()
    with open(f"{folder}/file", "w", encoding="ascii") as file:
        file.write("precious")
    for text, listen in (
            ("this file exists and is not a socket", f"unix:{folder}/file"),
            ("No such file or directory; make the folder first", f"unix:{folder}/no/such"),
            ("Cannot assign requested address; 'ip address' lists", "192.0.2.1:0"),
            ("cannot resolve 'nosuch.invalid' port 1", "nosuch.invalid:1")):
        fails(case, 1, text, f"--listen={listen}")
    with open(f"{folder}/file", encoding="ascii") as file:
        equal(file.read(), "precious")


def test_when_one_of_several_cannot_be_served_nothing_is_left(case):
    folder = case.folder()
    fails(case, 1, "make the folder first", f"--listen=unix:{folder}/a",
          f"--listen=unix:{folder}/no/such")
    equal(os.listdir(folder), [])


def test_a_connection_reset_before_it_was_accepted_does_no_harm(case):
    _, where = serve(case, "--max-connections=1")
    first = exchange(case, where[0], b"1")
    second = case.connect(where[0])
    second.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    second.close()
    first.close()
    exchange(case, where[0], b"3")


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
