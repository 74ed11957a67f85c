#!/usr/bin/env python3
"""verify_inputs: `synstep verify` live, beside libpcap on the same interface; and capture filters."""
import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading

import dialogs
import lab
from lab import named, private
from routers import Row, address
from tap import Skip, equal, need, program, receive_all, some, until
from wire import checksum

PORT, MARK = 7000, 4243
MARKER = b"that was all of it"


# --- asking --------------------------------------------------------------------------------------

def start(case, *words, **more):
    return case.start([*program("synstep"), "verify", *map(str, words)], **more)


def verify(case, *words, **more):
    return outcome_of(start(case, *words, **more))


def outcome_of(running, number=None):
    status = running.end() if number is None else running.stop(number)
    return lab.Outcome(status, running.out, lab.WRAPPER_TALK.sub("", running.err))


def listening(case, interface, *words):
    """One that hears all from now on."""
    running = start(case, "-i", interface, *words)
    running.wait_err("listening on " + interface)
    return running


def refused(case, status, words, *texts, **more):
    outcome = verify(case, *words, **more)
    lines = outcome.err.splitlines()
    need(outcome.status == status and len(lines) == 1 and outcome.out == "" and
         lines[0].startswith("synstep verify: "), "one line and status", status, outcome)
    for text in texts:
        need(text in lines[0], f"{text!r} is not in:", lines[0])


# --- live ----------------------------------------------------------------------------------------

def converse(case, row, version):
    """A kernel's connection from the first host to the second, much data both ways."""
    with row.inside(1):
        listener = case.open_socket(socket.AF_INET6 if version == 6 else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", PORT))
    listener.listen()
    octets = os.urandom(300000)

    def serve():
        sock, _ = listener.accept()
        with sock:
            sock.sendall(receive_all(sock))

    thread = threading.Thread(target=serve)
    thread.start()
    client = case.connect((address(version, 0, 2), PORT))
    sender = threading.Thread(target=lambda: (client.sendall(octets),
                                              client.shutdown(socket.SHUT_WR)))
    sender.start()
    equal(receive_all(client), octets, "the echo")
    for each in (sender, thread):
        each.join()
    client.close()
    with row.inside(1):
        until(lambda: closed(PORT), "the end of the connection")


def closed(port):
    """Of the host that this thread is in: nothing but a listener has the port."""
    for table in ("/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"):
        with open(table, encoding="ascii") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        if any(f":{port:04X}" in row[1] + row[2] and row[3] != "0A" for row in rows):
            return False
    return True


def mark(row):
    """What both captures see after all else."""
    with row.inside(0), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(MARKER, (address(4, 0, 2), MARK))


class Dumpcap:
    """libpcap's capture of the same interface, until the marker is in its file.

    (tcpdump would change its user, which is not to be had in a user namespace of one user.)
    """

    def __init__(self, case, interface, expression):
        if not shutil.which("dumpcap"):
            raise Skip("dumpcap is not installed")
        self.path = os.path.join(case.folder(), "same.pcapng")
        self.running = case.start(["dumpcap", "-q", "-i", interface, "-f", expression, "-w", self.path])
        self.running.wait_err("File: ")

    def holds_mark(self):
        with open(self.path, "rb") as file:
            return MARKER in file.read()

    def end(self):
        until(self.holds_mark, "the marker in dumpcap's file")
        equal(self.running.stop(), 0, "dumpcap", self.running.err)


def essence(event):
    """Without names and times: a frame that leaves is stamped anew for each who listens."""
    if not isinstance(event, dict):
        return event
    other = ("file", "time_us", "first_us", "last_us", "lasted_us", "octets_per_second",
             "idle_max_ms", "initial_rtt_us", "rtt")
    return {key: essence(value) for key, value in event.items() if key not in other}


def live_and_offline(version):
    @private
    def test(case):
        # On one processor frames that leave and that arrive do so one after the other, so that all
        # who listen have them in the same order.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        row = Row(case, 2)
        row.settle(version)
        expression = f"tcp port {PORT} or udp port {MARK}"
        with row.inside(1):
            dump = Dumpcap(case, "back", expression)
            live = listening(case, "back", "--json", "--level=note", *expression.split())
        converse(case, row, version)
        mark(row)
        dump.end()
        seen = outcome_of(live, signal.SIGINT)
        later = verify(case, "--json", "--level=note", dump.path)
        equal((seen.status, later.status), (0, 0), seen, later)
        equal(list(map(essence, seen.events)), list(map(essence, later.events)), "live, offline")
        last = seen.events[-1]
        equal((last["event"], last["file"], last["connections"], last["violations"], last["lost"]),
              ("verified", "back", 1, 0, 0))
        ended = seen.of("connection")[0]
        equal((ended["ended"], ended["local"]["unique_octets"], ended["peer"]["unique_octets"]),
              ("closed", 300000, 300000))
        need(not [event for event in seen.of("finding") if event["level"] != "note"], seen)
        need(ended["local"]["segment_max"] > 1460, "no segments but such as the link carries", ended)
    return named(test, "test_live over veth, IPv%d, is what dumpcap's file says" % version)


VIOLATING = """title "data beyond the window"
> SYN seq=J mss=1460
< SYN,ACK seq=K ack=J+1
> ACK seq=J+1 ack=K+1
> PSH,ACK seq=J+2000001 ack=K+1 "far"
< ACK ack=J+1
> RST seq=J+1
"""


@private
def test_live_convicts_a_crafted_end_while_it_goes_on(case):
    """Our own scenario against a kernel, seen from that kernel's host."""
    row = Row(case, 2)
    row.settle(4)
    path = os.path.join(case.folder(), "violating.step")
    lab.write(path, VIOLATING)
    with row.inside(1):
        listener = case.open_socket()
        listener.bind(("", PORT))
        listener.listen()
        live = listening(case, "back", "tcp")
    target = f"{address(4, 0, 2)}:{PORT}"
    crafted = lab.synstep(case, "-q", path, target)
    equal(crafted.status, 0, "the scenario", crafted)
    live.wait_out("data_beyond_window")
    need("nothing to tell" not in live.out and "frames" not in live.out, "the sum before its time")
    seen = outcome_of(live, signal.SIGTERM)
    equal(seen.status, 1, seen)
    found = [line for line in seen.out.splitlines() if line.startswith("violation: ")]
    need(len(found) == 1 and re.match(
        r"violation: frame 4, connection 1, 10\.9\.0\.1:\d+ > 10\.9\.0\.2:7000: data_beyond_window "
        r"\(RFC 9293 3\.8\.6\): expected \d+ = J\+\d+, got \d+ = J\+2000004: ", found[0]), seen)
    need("back: 6 frames, 6 TCP segments, 1 connection: 1 reset by the client\n" in seen.out, seen)


@private
def test_live_loopback_tells_what_ended_and_holds_no_privilege(case):
    live = listening(case, "lo", "--list", "tcp", "port", PORT)
    with open(f"/proc/{live.process.pid}/status", encoding="ascii") as file:
        held = dict(line.split(":", 1) for line in file)
    equal([int(held[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")], 4 * [0])
    equal(held["NoNewPrivs"].strip(), "1", "NoNewPrivs")
    frames = dialogs.frames_of(case, 4, [b"hello", 5], [5, b"hello", "all"])
    live.wait_out("closed")  # without being asked: it is over
    equal(live.process.poll(), None, "it goes on")
    outcome = outcome_of(live, signal.SIGTERM)
    equal((outcome.status, len(outcome.out.splitlines())), (0, 1), outcome)
    count = sum(octets[23] == socket.IPPROTO_TCP for _, octets in frames)
    need(re.match(rf" +1  127\.0\.0\.1:\d+ +127\.0\.0\.1:7000 +{count} segments +10 octets  closed  ShA\w+\n",
                  outcome.out), "each frame once:", count, outcome)


def overrun(live):
    """Frames come while it stands still: three times what there is room for."""
    live.process.send_signal(signal.SIGSTOP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(1500):
            with contextlib.suppress(ConnectionRefusedError):
                sock.sendto(bytes(60000), ("127.0.0.1", 9))
    live.process.send_signal(signal.SIGCONT)
    outcome = outcome_of(live, signal.SIGINT)
    equal(outcome.status, 0, outcome)
    return outcome


@private
def test_live_frames_that_were_lost_are_told(case):
    outcome = overrun(listening(case, "any"))
    found = re.search(r"^any: (\d+) frames, 0 TCP segments, .*\n(\d+) frames were lost ", outcome.out)
    need(found, outcome)
    need(int(found[1]) + int(found[2]) >= 1500, outcome)


@private
def test_live_frames_that_were_lost_are_told_where_there_is_no_sum(case):
    outcome = overrun(listening(case, "any", "--list"))
    need(outcome.out == "" and
         re.search(r"\nsynstep verify: \d+ frames on any were lost\n$", outcome.err), outcome)


@private
def test_live_ends_by_count_and_by_time(case):
    live = listening(case, "lo", "--count=2", "-f", "udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(2):
            with contextlib.suppress(ConnectionRefusedError):
                sock.sendto(b"x", ("127.0.0.1", 9))
    outcome = outcome_of(live)
    equal((outcome.status, outcome.out), (0, "lo: 2 frames, 0 TCP segments, 0 connections\n"
                                             "nothing to tell\n"), outcome)
    silent = verify(case, "-i", "lo", "--timeout=0.01", "-q")
    equal((silent.status, silent.out, silent.err), (0, "", ""), silent)


@private
def test_live_without_the_privilege_is_not_permitted(case):
    refused(case, 3, ["-i", "lo"], "capturing on lo is not permitted", "sudo", "setcap",
            preexec_fn=lab.powerless)


WRONG_WORDS = [
    (["-i", "l0"], ("no interface 'l0'", "did you mean lo?")),
    (["-i", "lo", "tcp port"], ("the filter 'tcp port' cannot be read", "syntax error")),
    (["-f", "tcp and", __file__], ("the filter 'tcp and' cannot be read", "pcap-filter(7)")),
    ([__file__, "tcp", "port", "80"], ("no file 'tcp'", "-f")),
    (["-f", "tcp", "-f", "udp", __file__], ("one filter is enough", "'udp'")),
    (["-i", "lo", "-f", "tcp", "udp"], ("one filter is enough", "'tcp'", "'udp'")),
    (["-i", "lo", __file__], ("takes no file beside it", "verify_inputs.py")),
    (["--timeout=3", __file__], ("--timeout", "without -i")),
    (["--promiscuous", __file__], ("--promiscuous", "without -i")),
    (["--count=0", __file__], ("--count", "'0'")),
    (["-i", "lo", "ether", "proto", "0x80000000000"], ("cannot be read",)),
]


def wrong(words, texts):
    def test(case):
        refused(case, 2, words, *texts)
    return named(test, "test_wrong", *(os.path.basename(word) for word in words), "is refused")


# --- filters -------------------------------------------------------------------------------------

def datagram(ports, flags, seq, ack=0, payload=b""):
    """From 10.0.0.1 to 10.0.0.2, or back where the first port is the lower."""
    ends = [bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))][::1 if ports[0] > ports[1] else -1]
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 8000, 0, 0) + payload
    pseudo = b"".join(ends) + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + b"".join(ends)
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp


def handshake(port, third=1):
    return [datagram((port, 80), 2, 1000), datagram((80, port), 18, 5000, 1001),
            datagram((port, 80), 16, 1001, 5000 + third)]


def kept(case, datagrams, name, head=b"", link=101):
    path = os.path.join(case.folder(), name)
    dialogs.write_pcap(path, [((i + 1) * 10 ** 6, head + octets)
                              for i, octets in enumerate(datagrams)], link)
    return path


def test_filter_leaves_frames_their_numbers(case):
    path = kept(case, handshake(4001) + handshake(4002, third=7), "two.pcap")
    outcome = verify(case, "-f", "port 4002", path)
    equal(outcome.status, 1, outcome)
    need("violation: frame 6, connection 1, 10.0.0.1:4002" in outcome.out, outcome)
    need("two.pcap: 3 frames, 3 TCP segments, 1 connection" in outcome.out, outcome)
    if lab.SLOW:
        return
    outcome = verify(case, "--filter=tcp port 4002", "-c2", path)
    equal(outcome.status, 0, outcome)
    need("two.pcap: 2 frames" in outcome.out, outcome)


def test_filter_that_is_not_for_a_link_type_is_told_and_other_files_are_read(case):
    raw = kept(case, handshake(4001), "raw.pcap")
    framed = kept(case, handshake(4001, third=7), "eth.pcap", bytes(12) + b"\x08\x00", 1)
    outcome = verify(case, "--filter=ether src 0:0:0:0:0:0", raw, framed)
    equal(outcome.status, 2, outcome)
    need(re.fullmatch(r"synstep verify: the filter 'ether src \S+' cannot be asked of frames of link "
                      r"type RAW \(101\): .*\n", outcome.err), outcome)
    need("violation: frame 3, " in outcome.out, "the other file", outcome)


def test_filter_sees_fragments_and_tunnels_as_they_came(case):
    """Only the first fragment has ports; what is in a tunnel is no TCP to the filter."""
    first, second, third = handshake(4001, third=7)
    parts = []
    for at, piece in ((0, third[20:28]), (1, third[28:])):
        ip = third[:2] + struct.pack(">HHH", 20 + len(piece), 9, at | (0 if at else 0x2000)) + \
            third[8:10] + bytes(2) + third[12:20]
        parts.append(ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + piece)
    path = kept(case, [first, second, *parts], "parts.pcap")
    whole = verify(case, "-f", "tcp port 80 or ip[6:2] & 0x1fff != 0", path)
    need(whole.status == 1 and "frame 4, connection 1" in whole.out, whole)
    if not lab.SLOW:
        lacking = verify(case, "-f", "tcp port 80", path)
        equal(lacking.status, 0, lacking)
        need("1 fragmented datagram could not be put together" in lacking.out, lacking)


def catches(process, number):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        caught = next(line for line in file if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


def test_interrupt_is_left_to_whoever_writes_the_pipe(case):
    """As ^C in `tcpdump -w - | synstep verify -`: the sum is told once the pipe ends."""
    with open(kept(case, handshake(4001), "it.pcap"), "rb") as file:
        octets = file.read()
    running = start(case, "-", stdin=subprocess.PIPE)
    until(lambda: catches(running.process, signal.SIGINT), "ready for ^C")
    running.process.stdin.write(octets[:100])
    running.process.stdin.flush()
    running.process.send_signal(signal.SIGINT)
    until(lambda: not catches(running.process, signal.SIGINT), "the first ^C")
    running.process.stdin.write(octets[100:])
    running.process.stdin.close()
    outcome = outcome_of(running)
    equal(outcome.status, 0, outcome)
    need("standard input: 3 frames" in outcome.out, outcome)


TESTS = [
    *some([live_and_offline(version) for version in (4, 6)], 2),
    test_live_convicts_a_crafted_end_while_it_goes_on,
    test_live_loopback_tells_what_ended_and_holds_no_privilege,
    test_live_frames_that_were_lost_are_told,
    *([] if lab.SLOW else [test_live_frames_that_were_lost_are_told_where_there_is_no_sum,
                           test_live_ends_by_count_and_by_time,
                           test_interrupt_is_left_to_whoever_writes_the_pipe]),
    test_live_without_the_privilege_is_not_permitted,
    *some([wrong(words, texts) for words, texts in WRONG_WORDS], 11),
    test_filter_leaves_frames_their_numbers,
    test_filter_that_is_not_for_a_link_type_is_told_and_other_files_are_read,
    test_filter_sees_fragments_and_tunnels_as_they_came,
]

if __name__ == "__main__":
    lab.run(TESTS)
