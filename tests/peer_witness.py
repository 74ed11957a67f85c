#!/usr/bin/env python3
"""peer_witness: the control channel, and that the kernel's numbers it tells are the wire's (TAP)."""
import ctypes
import os
import select
import signal
import socket
import struct
import sys
import threading

from peers import PEER, Controlled, counts, need_asleep
from tap import DEADLINE, Running, equal, narrow_client, need, private, receive, receive_all, run, until
from wire import ACK, FIN, PSH, RST, SYN, WORD, Capture, HandClient

BASES = (0, 2**31 - 1, 2**31, 2**32 - 1)


def numbers_of(capture, port):
    """J and K: the sequence numbers of SYN and SYN/ACK towards `port`."""
    segments = capture.take()
    isn = [s.seq for s in segments if s.target == port and s.flags & (SYN | ACK) == SYN]
    answer = [s.seq for s in segments if s.source == port and s.flags & (SYN | ACK) == SYN | ACK]
    equal((len(isn), len(answer)), (1, 1))
    return isn[0], answer[0]


def after(number, count):
    return (number + count) % WORD


def witness_follows_a_connection(case, host):
    capture = Capture(case)
    control = Controlled(case, listen=[f"[{host}]:0" if ":" in host else f"{host}:0"])
    equal(control.addresses[0][0], host)
    client = case.connect(control.addresses[0])
    me = client.getsockname()
    j, k = numbers_of(capture, control.addresses[0][1])
    equal(control.witness(me), ("ESTABLISHED", after(j, 1), after(k, 1)))
    client.sendall(b"hello")
    equal(receive(client, 5), b"hello")
    equal(control.witness(me), ("ESTABLISHED", after(j, 6), after(k, 6)))
    client.sendall(b"x" * 70000)
    equal(len(receive(client, 70000)), 70000)
    equal(control.witness(me), ("ESTABLISHED", after(j, 70006), after(k, 70006)))
    client.shutdown(socket.SHUT_WR)
    equal(receive_all(client), b"")
    client.close()
    equal(control.until_witness(me, "CLOSED"), ("CLOSED", after(j, 70007), after(k, 70007)))


@private
def test_the_witness_over_ipv4_equals_the_numbers_on_the_wire(case):
    witness_follows_a_connection(case, "127.0.0.1")


@private
def test_the_witness_over_ipv6_equals_the_numbers_on_the_wire(case):
    witness_follows_a_connection(case, "::1")


@private
def test_the_witness_has_seen_what_was_just_sent(case):
    """No word between sending and asking: what the kernel holds is echoed before the answer.

    A first question wakes the peer, so that the bytes often come when it no longer waits for them.
    """
    capture = Capture(case)
    control = Controlled(case, "--quiet")
    client = case.connect(control.addresses[0])
    j, k = numbers_of(capture, control.addresses[0][1])
    for number in range(1, 2001):
        control.say("witness 127.0.0.1 1")
        client.sendall(b"x")
        equal(control.witness_after(1, client.getsockname()),
              ("ESTABLISHED", after(j, 1 + number), after(k, 1 + number)))


@private
def test_the_witness_has_accepted_what_just_connected(case):
    control = Controlled(case, "--quiet")
    for _ in range(2000):
        client = case.open_socket()
        client.bind(("127.0.0.1", 0))
        control.say("witness 127.0.0.1 1")
        client.connect(control.addresses[0])
        equal(control.witness_after(1, client.getsockname())[0], "ESTABLISHED")
        client.close()


@private
def test_asking_puts_nothing_on_the_wire(case):
    control = Controlled(case, "--quiet")
    client = case.connect(control.addresses[0])
    client.sendall(b"hello")
    equal(receive(client, 5), b"hello")
    capture = Capture(case)
    before = control.witness(client.getsockname())
    for _ in range(1000):
        equal(control.witness(client.getsockname()), before)
    port = str(client.getsockname()[1])

    def crossed():
        """Of this connection: one that an earlier test closed may still say so."""
        return [each for each in capture.take() if port in repr(each).split()[0].split(">")]

    equal(crossed(), [])
    client.sendall(b"bye")
    equal(receive(client, 3), b"bye")
    need(crossed(), "the capture is deaf")


def is_from(sock, client):
    try:
        return sock.getpeername() == client
    except OSError:
        return False  # a listener


def bytes_sent_once(peer, client):
    """What the kernel has really transmitted for the peer's connection, not counting repeats."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = libc.syscall(434, peer.process.pid, 0)  # pidfd_open
    need(pidfd >= 0, "pidfd_open:", os.strerror(ctypes.get_errno()))
    try:
        for name in os.listdir(f"/proc/{peer.process.pid}/fd"):
            if not os.readlink(f"/proc/{peer.process.pid}/fd/{name}").startswith("socket:"):
                continue
            number = libc.syscall(438, pidfd, int(name), 0)  # pidfd_getfd
            need(number >= 0, "pidfd_getfd:", os.strerror(ctypes.get_errno()))
            with socket.socket(fileno=number) as sock:
                if sock.family != socket.AF_INET or not is_from(sock, client):
                    continue
                info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
                return struct.unpack_from("Q", info, 200)[0] - \
                    struct.unpack_from("Q", info, 208)[0]  # tcpi_bytes_sent, tcpi_bytes_retrans
    finally:
        os.close(pidfd)
    raise AssertionError("the peer has no such connection")


@private
def test_asking_while_data_waits_loses_no_segment(case):
    """A segment that asking has swallowed would come by retransmission only."""
    control = Controlled(case, "--quiet")
    client = narrow_client(case, control.addresses[0])
    me = client.getsockname()
    total = 8 << 20
    sender = threading.Thread(daemon=True, target=client.sendall, args=(b"x" * total,))
    first = last = control.witness(me)
    sender.start()
    got = 0
    while got < total:
        # The peer answers twenty questions while this read makes room for more segments.
        control.say("\n".join([f"witness {me[0]} {me[1]}"] * 20))
        some = len(client.recv(16384))
        need(some, "ended early")
        got += some
        for _ in range(20):
            _, state, rcv_nxt, write_seq = control.line().split(" ")
            now = state, int(rcv_nxt), int(write_seq)
            equal(state, "ESTABLISHED")
            for index in (1, 2):
                need((now[index] - last[index]) % WORD < WORD // 2, "it went back:", last, now)
            last = now
    sender.join()
    equal(control.witness(me), ("ESTABLISHED", after(first[1], total), after(first[2], total)))
    equal(bytes_sent_once(control.peer, me), total)


@private
def test_each_state_is_told_while_a_hand_built_client_holds_it(case):
    """At each wrap base: ESTABLISHED, CLOSE-WAIT (data unsent), LAST-ACK, CLOSED."""
    control = Controlled(case)
    port = control.addresses[0][1]
    for isn in BASES:
        client = HandClient(case, port, isn, window=10)
        me = ("127.0.0.1", client.port)
        equal(control.witness(me), "witness none")
        k = client.handshake()
        equal(control.witness(me), ("ESTABLISHED", after(isn, 1), after(k, 1)))
        client.send(ACK | PSH, b"0123456789abcdef")
        equal(control.witness(me), ("ESTABLISHED", after(isn, 17), after(k, 17)))
        echo = client.receive(lambda s: s.data)
        equal(echo.data, b"0123456789")
        client.send(FIN | ACK, window=0)
        equal(control.witness(me), ("LAST-ACK", after(isn, 18), after(k, 18)))
        need_asleep(control.peer)
        client.ack = after(k, 11)
        client.send(ACK, window=1000)
        rest = client.receive(lambda s, first=after(k, 11): s.seq == first and s.data)
        equal(rest.data, b"abcdef")
        client.receive(lambda s: s.flags & FIN)
        client.ack = after(k, 18)
        client.send(ACK)
        equal(control.until_witness(me, "CLOSED"), ("CLOSED", after(isn, 18), after(k, 18)))


@private
def test_close_wait_is_told_while_the_echo_waits(case):
    control = Controlled(case, "--quiet")
    client = narrow_client(case, control.addresses[0])
    client.setblocking(False)
    first = control.witness(client.getsockname())
    sent = 0
    while select.select([], [client], [], 1.0)[1]:
        sent += client.send(b"x" * 65536)
    client.settimeout(DEADLINE)
    client.shutdown(socket.SHUT_WR)
    got = 0
    states = set()
    while some := client.recv(1 << 16):
        got += len(some)
        states.add(control.witness(client.getsockname())[0])
    equal(got, sent)
    need("CLOSE-WAIT" in states, states)
    equal(control.until_witness(client.getsockname(), "CLOSED"),
          ("CLOSED", after(first[1], sent + 1), after(first[2], sent + 1)))


@private
def test_a_reset_connection_is_closed_and_keeps_its_numbers(case):
    control = Controlled(case)
    client = HandClient(case, control.addresses[0][1], 2**32 - 3)
    k = client.handshake()
    client.send(ACK | PSH, b"hello")
    client.receive(lambda s: s.data == b"hello")
    client.ack = after(k, 6)
    client.send(RST | ACK)
    equal(control.until_witness(("127.0.0.1", client.port), "CLOSED"), ("CLOSED", 3, after(k, 6)))


@private
def test_when_the_peer_closes_first_its_fin_is_counted(case):
    control = Controlled(case, "--idle-timeout=0.05")
    client = HandClient(case, control.addresses[0][1], 2**32 - 1)
    me = ("127.0.0.1", client.port)
    k = client.handshake()
    fin = client.receive(lambda s: s.flags & FIN)
    equal(fin.seq, after(k, 1))
    equal(control.witness(me), ("FIN-WAIT-1", 0, after(k, 2)))
    client.ack = after(k, 2)
    client.send(ACK)
    client.send(ACK | PSH, b"late")
    until(lambda: control.witness(me) in (("FIN-WAIT-2", 4, after(k, 2)),
                                          ("CLOSED", 4, after(k, 2))))


@private
def test_a_closed_connection_is_kept_until_it_is_forgotten(case):
    control = Controlled(case)
    client = case.connect(control.addresses[0])
    me = client.getsockname()
    client.close()
    closed = control.until_witness(me, "CLOSED")
    for _ in range(50):
        other = case.connect(control.addresses[0])
        name = other.getsockname()
        other.close()
        control.until_witness(name, "CLOSED")
    equal(control.witness(me), closed)
    control.say(f"forget {me[0]} {me[1]}")
    equal(control.witness(me), "witness none")
    control.say(f"forget {me[0]} {me[1]}")
    equal(control.witness(me), "witness none")


@private
def test_a_new_connection_from_the_same_port_replaces_the_closed_one(case):
    control = Controlled(case)
    port = control.addresses[0][1]
    client = HandClient(case, port, 1000)
    me = ("127.0.0.1", client.port)
    for isn in (1000, 5000000):
        client.nxt, client.ack = isn, 0
        k = client.handshake()
        equal(control.witness(me), ("ESTABLISHED", isn + 1, after(k, 1)))
        client.send(FIN | ACK)
        client.receive(lambda s: s.flags & FIN)
        client.ack = after(k, 2)
        client.send(ACK)
        equal(control.until_witness(me, "CLOSED"), ("CLOSED", isn + 2, after(k, 2)))


@private
def test_the_number_of_closed_connections_kept_is_bounded(case):
    control = Controlled(case, "--quiet")
    first = case.connect(control.addresses[0])
    me = first.getsockname()
    first.close()
    control.until_witness(me, "CLOSED")
    last = me
    for _ in range(1024):
        client = case.connect(control.addresses[0])
        last = client.getsockname()
        client.close()
        control.until_witness(last, "CLOSED")
    equal(control.witness(me), "witness none")
    equal(control.witness(last)[0], "CLOSED")


@private
def test_without_the_capability_the_witness_is_denied_and_the_echo_works(case):
    def drop():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(24, 12, 0, 0, 0) != 0:  # PR_CAPBSET_DROP, CAP_NET_ADMIN
            raise OSError(ctypes.get_errno(), "prctl")
    control = Controlled(case, preexec_fn=drop)
    client = case.connect(control.addresses[0])
    client.sendall(b"hello")
    equal(receive(client, 5), b"hello")
    me = client.getsockname()
    equal(control.witness(me), "witness denied TCP_REPAIR needs CAP_NET_ADMIN here")
    client.close()
    equal(control.witness(me), "witness denied TCP_REPAIR needs CAP_NET_ADMIN here")
    equal(control.witness(("127.0.0.1", 1)), "witness none")


@private
def test_no_witness_keeps_nothing_and_the_echo_works(case):
    control = Controlled(case, "--no-witness")
    for _ in range(3):
        client = case.connect(control.addresses[0])
        me = client.getsockname()
        equal(control.witness(me), "witness none")
        client.sendall(b"hello")
        equal(receive(client, 5), b"hello")
        equal(control.witness(me), "witness none")
        client.close()
        control.say(f"forget {me[0]} {me[1]}")
        equal(control.witness(me), "witness none")
    equal(control.peer.stop(), 0)
    equal(counts(control.peer), (3, 0, 15, 15))


@private
def test_a_connection_that_was_asked_about_keeps_no_new_listener_out(case):
    control = Controlled(case)
    client = case.connect(control.addresses[0])
    equal(control.witness(client.getsockname())[0], "ESTABLISHED")
    equal(control.peer.stop(), 0)
    again = Controlled(case, listen=[f"127.0.0.1:{control.addresses[0][1]}"])
    equal(again.addresses, control.addresses)


def test_ready_comes_for_each_listener_in_their_order(case):
    folder = case.folder()
    control = Controlled(case, listen=["127.0.0.1:0", "udp:[::1]:0", f"unix:{folder}/a b",
                                       "unix-dgram:@synstep-ready"])
    hosts = [host for host, _ in control.addresses]
    equal(hosts, ["127.0.0.1", "::1", f"{folder}/a\\x20b", "@synstep-ready"])
    equal([port > 0 for _, port in control.addresses], [True, True, False, False])
    for host, port in control.addresses[:1]:
        case.connect((host, port))


def test_what_it_does_not_understand_gets_an_error_and_the_channel_goes_on(case):
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        control = Controlled(case, kind=kind)
        for request, answer in (
                ("", "error unknown request"), ("hello", "error unknown request"),
                ("witness", "error after 'witness'"), ("witness 127.0.0.1", "error after"),
                ("witness 127.0.0.1 x", "error after"), ("witness nowhere 1", "error after"),
                ("witness 127.0.0.1 65536", "error after"), ("witness 127.0.0.1 -1", "error after"),
                ("witness 127.0.0.1 1 1", "error after"), ("forget 1", "error after 'forget'"),
                ("witness " + "x" * 4000, "error this line is too long"),
                ("witness 127.0.0.1 1", "witness none"), ("witness ::1 1", "witness none"),
                ("witness fe80::1%lo 1", "witness none")):
            got = control.ask(request)
            need(got.startswith(answer), repr(request), "gave", repr(got))


def test_requests_in_pieces_and_in_a_heap_are_each_answered(case):
    control = Controlled(case)
    for byte in b"witness 127.0.0.1 1\n":
        control.socket.sendall(bytes([byte]))
    equal(control.line(), "witness none")
    line = b"witness 127.0.0.1 1\n"
    heap = line * 100000  # far more than the sockets hold: the peer waits until answers are read
    control.socket.setblocking(False)
    sent = 0
    while sent < len(heap) and select.select([], [control.socket], [], 1.0)[1]:
        sent += control.socket.send(heap[sent:])
    need(sent < len(heap), "it reads on while its answers are not read")
    control.socket.settimeout(DEADLINE)
    sender = threading.Thread(daemon=True, target=control.socket.sendall, args=(heap[sent:],))
    sender.start()
    for _ in range(100000):
        equal(control.line(), "witness none")
    sender.join()


def test_the_end_of_the_control_channel_ends_the_peer(case):
    folder = case.folder()
    control = Controlled(case, listen=[f"unix:{folder}/a", "127.0.0.1:0"])
    case.connect(f"{folder}/a")
    control.socket.close()
    equal(control.peer.end(), 0)
    equal(counts(control.peer)[0], 1)
    equal(os.listdir(folder), [])


def test_the_death_of_the_parent_ends_the_peer(case):
    """The channel stays open here, so that only the parent's death can be what ends it."""
    ours, theirs = socket.socketpair()
    case.own(ours)
    parent = Running([sys.executable, "-c", """
import subprocess, sys
subprocess.Popen(sys.argv[1:], pass_fds=[int(sys.argv[-1])]).wait()
""", *PEER, "--listen=127.0.0.1:0", "--control-fd", str(theirs.fileno())],
                     pass_fds=[theirs.fileno()])
    case.callback(parent.close)
    theirs.close()
    ours.settimeout(DEADLINE)
    heard = b""
    while not heard.endswith(b"\nready\n"):
        heard += ours.recv(1000)
    need(parent.process.poll() is None)
    parent.process.send_signal(signal.SIGKILL)
    equal(ours.recv(1000), b"", "the peer's end of the channel is closed")
    equal(parent.end(), -signal.SIGKILL)
    need("end server" not in parent.out, "it was killed, not told")


def test_once_with_a_control_channel_stays_until_the_connection_is_forgotten(case):
    control = Controlled(case, "--once")
    client = case.connect(control.addresses[0])
    me = client.getsockname()
    client.sendall(b"x")
    equal(client.recv(1), b"x")
    client.close()
    until(lambda: control.ask(f"witness {me[0]} {me[1]}").split()[1] in ("CLOSED", "denied"))
    for _ in range(10):
        control.ask(f"witness {me[0]} {me[1]}")
    control.say(f"forget {me[0]} {me[1]}")
    equal(control.peer.end(), 0)


def test_once_without_witness_exits_when_the_connection_is_closed(case):
    control = Controlled(case, "--once", "--no-witness")
    client = case.connect(control.addresses[0])
    client.sendall(b"x")
    equal(client.recv(1), b"x")
    client.close()
    equal(control.peer.end(), 0)


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
