#!/usr/bin/env python3
"""broken_off: ^C at any moment resets the connection and shows what was; SIGKILL leaves nothing."""
import contextlib
import os
import select
import signal
import socket
import struct
import threading
import time

import lab
import tap
from crafted import TARGET, Host, resets
from lab import fails, named, private
from recount import file_of
from tap import equal, need, receive, receive_all, until
from servers import Server

NFNETLINK, NFT_GETRULE, NFT_GETTABLE = 12, 7, 1


# --- ^C ------------------------------------------------------------------------------------------

class Moment:
    """Something that the other side has seen; the server then waits until the program has ended."""

    def __init__(self):
        self.come, self.over = threading.Event(), threading.Event()

    def here(self):
        self.come.set()
        need(self.over.wait(tap.DEADLINE), "the program under test does not end")


def interrupt(running, moment, number=signal.SIGINT):
    need(moment.come.wait(tap.DEADLINE), "the moment never came")
    try:
        return running.stop(number)
    finally:
        moment.over.set()


def was_reset(connection):
    """By the server's own kernel, which only heeds a RST with the right numbers. The program has
    ended: what it sent is there.
    """
    end = time.monotonic() + lab.LEFT_SECONDS
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    # An error was told once by SO_ERROR or a read; POLLERR or a reset connection's POLLHUP stays.
    while time.monotonic() < end:
        if any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(100)):
            return
    raise AssertionError("the server's connection was not reset")


def after_data(connection, moment):
    receive(connection, 5)
    moment.here()


def after_accept(_connection, moment):
    moment.here()


def after_fin(connection, moment):
    connection.sendall(receive_all(connection))
    moment.here()


def after_our_fin(connection, moment):
    connection.shutdown(socket.SHUT_WR)
    moment.here()


def broken_off(serve, what, number=signal.SIGINT, ladder=False):
    """With a server that is told of the moment; then its kernel must have been told by RST."""
    @private
    def test(case):
        moment = Moment()

        def all_of_it(connection):
            serve(connection, moment)
            was_reset(connection)

        server = Server(case, all_of_it)
        running = lab.start(case, server.target, *(() if ladder else ("--json",)))
        status = interrupt(running, moment, number)
        outcome = fails(lab.outcome_of(running, status), 1, "interrupted")
        server.join()
        if ladder:
            need("SYN K, ACK J+1" in outcome.out and "RST" in outcome.out, "the ladder", outcome)
            need("broken off" in outcome.out.splitlines()[-1] or
                 "interrupted" in outcome.out, "the closing line", outcome)
        else:
            check_reset(outcome)
    return named(test, "test", number.name, what, "ladder" if ladder else "json", "resets")


def check_reset(outcome):
    last = outcome.segments[-1]
    need(last["from"] == "local" and "RST" in last["flags"], "the last segment", last)
    ours = [segment for segment in outcome.segments[:-1] if segment["from"] == "local"]
    sent = max((segment["seq"] + segment["length"] + len({"SYN", "FIN"} & set(segment["flags"])) -
                outcome.of("start")[0]["isn"]) % 2**32 for segment in ours)
    equal((last["seq"] - outcome.of("start")[0]["isn"]) % 2**32, sent, "the RST is at SND.NXT")
    equal(outcome.end["ok"], False, "end event")
    equal(outcome.end["status"], "interrupted", "end event")


class SilentAt(Host):
    """Never answers a SYN, and says that it came."""

    def __init__(self, *words, moment, **more):
        self.moment = moment
        super().__init__(*words, **more)

    def on_syn(self, _frame):
        self.moment.come.set()


@private
def test_sigint_in_syn_sent_sends_nothing_more(case):
    moment = Moment()
    host = SilentAt(case, moment=moment)
    running = lab.start(case, TARGET[4], "--json")
    status = interrupt(running, moment)
    outcome = fails(lab.outcome_of(running, status), 1, "interrupted", "SYN-SENT")
    host.close()
    # RFC 9293 section 3.10.5: in SYN-SENT the TCB is deleted, and nothing is sent.
    equal(resets(host), [], "RSTs")
    equal({tuple(segment["flags"]) for segment in outcome.segments}, {("SYN",)}, "segments")


def test_sigint_in_mid_transfer_is_heeded_at_once(case):
    """While frames keep coming the program has nothing to wait for."""
    running = lab.start(case, "--data-file", file_of(case, bytes(32 << 20)))
    running.wait_out("\n300 ")
    outcome = lab.outcome_of(running, running.stop(signal.SIGINT))
    fails(outcome, 1, "interrupted", "in ESTABLISHED")
    need("RST" in outcome.out[-1500:], "the last segment", outcome)


def test_sigint_to_the_group_ends_a_private_run(case):
    """As a terminal does it: the peer and the program under test get it at once."""
    running = lab.start(case, "--json", "--impair=drop:4", start_new_session=True)
    running.wait_out('"n":4')
    os.killpg(running.process.pid, signal.SIGINT)
    outcome = lab.outcome_of(running)
    fails(outcome, 1)
    equal(outcome.end["ok"], False, "end event")


# --- SIGKILL -------------------------------------------------------------------------------------

def tree(pid):
    """A process and all its descendants, as far as they are still there."""
    try:
        return [pid] + [below for child in lab.children(pid) for below in tree(child)]
    except (FileNotFoundError, ProcessLookupError):
        return []


def namespaces_of(pids):
    found = set()
    for pid in pids:
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/net"))
            for name in os.listdir(f"/proc/{pid}/fd"):
                target = os.readlink(f"/proc/{pid}/fd/{name}")
                if target.startswith("net:["):
                    found.add(target)
        except OSError:
            continue
    return found


def everybody():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def firewall_rules():
    """Tables and rules of nftables by netlink, and tables of iptables, in this namespace."""
    found = 0
    for path in ("/proc/self/net/ip_tables_names", "/proc/self/net/ip6_tables_names"):
        # Not there without iptables; and an ordinary user may not look.
        with contextlib.suppress(OSError), open(path, encoding="ascii") as file:
            found += len(file.read().splitlines())
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NFNETLINK) as netlink:
        for kind in (NFT_GETTABLE, NFT_GETRULE):
            body = struct.pack("=BBH", 0, 0, 0)
            netlink.send(struct.pack("=IHHII", 16 + len(body), 10 << 8 | kind, 0x301, 1, 0) + body)
            answer = netlink.recv(1 << 16)
            while struct.unpack_from("=H", answer, 4)[0] not in (2, 3):  # error, done
                found += 1
                answer = netlink.recv(1 << 16)
    return found


def listeners():
    """What listens, is open or half-open in this network namespace."""
    found = []
    for name in ("tcp", "tcp6"):
        with open("/proc/self/net/" + name, encoding="ascii") as file:
            found += [line.split()[1:4] for line in file.read().splitlines()[1:]]
    return [line for line in found if line[2] != "06"]  # TIME-WAIT goes by itself


def killed(case, wait, *words):
    """Starts a run, kills it at the moment that `wait` returns; gives the namespaces it had."""
    folder = case.folder()
    running = lab.start(case, "--json", *words, cwd=folder, env={"TMPDIR": folder})
    wait(running)
    pids = tree(running.process.pid)
    spaces = namespaces_of(pids) - {os.readlink("/proc/self/ns/net")}
    running.process.kill()
    running.process.wait()
    equal(os.listdir(folder), [], "files left behind")
    return pids, spaces


def gone(pids, spaces):
    """Bounded: the kernel cleans up by itself, but not before kill(2) returns."""
    lab.reap(lab.LEFT_SECONDS)
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "processes end", pids)
    until(lambda: not spaces & namespaces_of(everybody()), "namespaces end", spaces)


def killed_after(segments, *words):
    """Each loss gives a second in which nothing else happens."""
    @private
    def test(case):
        pids, spaces = killed(case, lambda running: running.wait_out(f'"n":{segments},'),
                              f"--impair=drop:{segments}", *words)
        equal(len(pids), 2, "processes of a run", pids)
        equal(len(spaces), 0 if words else 2, "namespaces of a run", spaces)
        gone(pids, spaces)
        until(lambda: not listeners(), "sockets end", listeners())
        equal(firewall_rules(), 0, "firewall rules")
    return named(test, "test_sigkill", *words, "after segment", segments, "leaves nothing")


@private
def test_sigkill_at_any_moment_leaves_nothing(case):
    for step in range(3 if lab.SLOW else 25):
        pids, spaces = killed(case, lambda running, step=step: time.sleep(step * 0.001))
        gone(pids, spaces)
    equal(listeners(), [], "sockets left behind")
    equal(firewall_rules(), 0, "firewall rules")


@private
def test_a_run_needs_no_firewall_rule(case):
    running = lab.start(case, "--json", "--loopback", "--impair=drop:4")
    running.wait_out('"n":4,')
    equal(firewall_rules(), 0, "firewall rules while it runs")
    need(len(listeners()) >= 2, "the peer's listener and the muted one", listeners())
    equal(running.end(), 0, "exit status")
    equal(listeners(), [], "sockets left behind")


TESTS = [
    broken_off(after_accept, "after the handshake"),
    broken_off(after_data, "after the data"),
    broken_off(after_fin, "in FIN-WAIT-2"),
    broken_off(after_data, "after the data", signal.SIGTERM),
    broken_off(after_data, "terminal closed after the data", signal.SIGHUP),
    broken_off(after_data, "after the data", ladder=True),
    test_sigint_in_syn_sent_sends_nothing_more,
    test_sigint_in_mid_transfer_is_heeded_at_once,
    test_sigint_to_the_group_ends_a_private_run,
    *lab.some([killed_after(segments) for segments in (1, 2, 4, 6, 8, 10)], 4),
    *lab.some([killed_after(segments, "--loopback") for segments in (4, 1, 8)], 3),
    test_sigkill_at_any_moment_leaves_nothing,
    test_a_run_needs_no_firewall_rule,
]

if __name__ == "__main__":
    lab.run(TESTS)
