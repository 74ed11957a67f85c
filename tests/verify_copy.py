#!/usr/bin/env python3
"""verify_copy: `synstep verify -w`: the capture again, with findings as comments of its packets."""
import os
import shutil
import signal
import socket
import struct
import subprocess

import dialogs
import lab
from lab import named, private
from tap import Skip, equal, need, some
from verify import J, K, kept, refused, verify, whole
from verify_inputs import listening, outcome_of

FIELDS = ("frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_id",
          "frame.interface_name", "frame.encap_type")
SAID = (f"violation: handshake_ack_not_isn_plus_1: expected {K + 1} = K+1, actual {K + 5} = K+5 "
        "(RFC 9293 3.10.7.4)")


def options(*pairs):
    """As pcapng has them, in little-endian."""
    return b"".join(struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
                    for code, value in (*pairs, (0, b"")))


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def packet(interface, ticks, octets, length=None, more=b""):
    head = struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(octets),
                       length or len(octets))
    return block(6, head + octets + bytes(-len(octets) % 4) + more)


def mixed(case):
    """Interfaces with clocks and link types of their own, one that is not read here among them."""
    frames = whole(third=5)
    path = os.path.join(case.folder(), "mixed.pcapng")
    interfaces = ((101, options((2, b"raw0"), (9, b"\x09"))), (1, options((2, b"eth0"))),
                  (105, options((2, b"wlan0"))))
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for link, more in interfaces:
            file.write(block(1, struct.pack("<HHI", link, 0, 0) + more))
        for number, octets in enumerate(frames):
            ethernet = bytes(12) + b"\x08\x00" + octets
            kind = number % 2
            file.write(packet(kind, 10 ** (18 if kind == 0 else 15) + number, (octets, ethernet)[kind]))
        file.write(packet(2, 10 ** 15, b"\x80\x00 no IP"))
        file.write(packet(1, 10 ** 15 + 20, bytes(12) + b"\x08\x00" + frames[3][:50], 1514,
                          options((1, "déjà vu".encode()), (2, b"\0\0\0\1"))))
    return path


def tshark(path, *words):
    """Its rows, and that it has nothing to say of the file."""
    if not shutil.which("tshark"):
        raise Skip("there is no tshark")
    done = subprocess.run(["tshark", "-r", path, *words], capture_output=True, check=False)
    talk = [line for line in done.stderr.decode().splitlines() if not line.startswith("Running as")]
    equal((done.returncode, talk), (0, []), path)
    return done.stdout.decode()


def fields(path, *names):
    return tshark(path, "-T", "fields", *(word for name in names for word in ("-e", name)))


def test_each_frame_stays_what_it_was_whatever_its_link(case):
    path, out = mixed(case), os.path.join(case.folder(), "out.pcapng")
    outcome = verify(case, "-w", out, path)
    equal(outcome.status, 2, "a link type is not read here:", outcome)
    need("12 frames" in outcome.out and "WLAN" not in outcome.out, outcome)
    equal(fields(out, *FIELDS), fields(path, *FIELDS), "tshark's rows")
    equal(tshark(out, "-x"), tshark(path, "-x"), "octets")
    comments = [line.split("\t") for line in
                fields(out, "frame.number", "frame.comment").splitlines()]
    need(comments[2] == ["3", SAID], comments)
    need(comments[-1][1].startswith("déjà vu"), comments)
    equal([number for number, comment in comments if comment],
          [number for number, comment in comments if "violation" in comment or number == "12"],
          comments)
    if shutil.which("capinfos"):
        done = subprocess.run(["capinfos", out], capture_output=True, check=False)
        equal((done.returncode, done.stderr), (0, b""), done)


def test_what_is_told_is_what_is_written(case):
    path, folder = kept(case, whole(third=5)), case.folder()
    out = os.path.join(folder, "out.pcapng")
    equal(verify(case, "-q", "--except=handshake_ack_not_isn_plus_1", "-w", out, path).status, 0, out)
    equal(fields(out, "frame.comment").strip(), "", "left out")
    again = whole()
    again.insert(5, again[3])
    verify(case, "-q", "--level=note", "-w", out, kept(case, again))
    need("note: spurious_retransmission" in fields(out, "frame.comment").splitlines()[5], "a note")


def test_standard_output_and_two_files(case):
    folder, path = case.folder(), kept(case, whole(third=5))
    with open(path, "rb") as stdin, open(os.path.join(folder, "out"), "wb") as stdout:
        outcome = verify(case, "-w", "-", "-", mixed(case), stdin=stdin, stdout=stdout)
    need(outcome.status == 2 and "IEEE802_11" in outcome.err, outcome)
    rows = fields(os.path.join(folder, "out"), "frame.number", "frame.comment").splitlines()
    equal(len(rows), 22, rows)
    equal((rows[2], rows[12]), (f"3\t{SAID}", f"13\t{SAID}"), rows)


def test_what_cannot_be_written_is_refused(case):
    path, folder = mixed(case), case.folder()
    before = os.stat(path)
    link = os.path.join(folder, "link.pcapng")
    os.symlink(path, link)
    cases = ((["-w", path, path], "overwritten"), (["-w", "it.pcap", path], ".pcapng"),
             (["-w", "-", "--json", path], "standard output"),
             (["-w", link, kept(case, whole()), path], "overwritten"),
             (["-w", os.path.join(folder, "no", "it.pcapng"), path], "cannot be written"))
    for words, text in some(cases, 3):
        refused(case, words, text)
    equal(os.stat(path).st_mtime_ns, before.st_mtime_ns, "the input")


def test_a_full_disk_is_told(case):
    full = os.path.join(case.folder(), "full.pcapng")
    os.symlink("/dev/full", full)
    outcome = verify(case, "-w", full, kept(case, whole()))
    equal(outcome.status, 1, outcome)
    need("No space left on device" in outcome.err and "not complete" in outcome.err, outcome)
    need("1 closed" in outcome.out, "it is judged all the same:", outcome)


@private
def test_live_frames_are_written_as_they_crossed(case):
    out = os.path.join(case.folder(), "live.pcapng")
    live = listening(case, "lo", "--list", "--level=note", "-w", out, "tcp")
    frames = [octets for _, octets in dialogs.frames_of(case, 4, [b"hello", 5], [5, b"hello", "all"])
              if octets[23] == socket.IPPROTO_TCP]
    live.wait_out("closed")
    equal(outcome_of(live, signal.SIGTERM).status, 0, live.err)
    rows = fields(out, "frame.number", "tcp.seq_raw", "tcp.ack_raw", "frame.len").splitlines()
    equal([tuple(map(int, row.split("\t")[1:])) for row in rows],
          [(*struct.unpack(">II", octets[38:46]), len(octets)) for octets in frames], rows)
    need("note: " in fields(out, "frame.comment"), "no note of what is left to the card")


TESTS = [named(test, name) for name, test in sorted(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    lab.run(TESTS)
