#!/usr/bin/env python3
"""verify_compare: scripts/compare-tshark, held against a tshark of our own making.

It says what a file tells it to say, so that agreement and each kind of disagreement can be planted;
the real one, where there is one, is asked for a capture in which both are known to agree.
"""
import os
import re
import shutil
import subprocess
import sys

import goldens
import tap
from tap import BUILD, equal, need

SCRIPT = os.path.join(goldens.SOURCES, "scripts", "compare-tshark")
SYNSTEP = os.path.abspath(os.path.join(BUILD, "src", "synstep"))  # without a wrapper: no test of it
CAPTURE = os.path.join(goldens.FOLDER, "windows.pcap")
# The columns that the script asks tshark for, by our names; then those that tell of quoted segments.
COLUMNS = ["frame", "stream", "reused_ports", "zero_window_probe", "zero_window", "lost_segment",
           "keep_alive", "window_update", "window_full", "keep_alive_ack", "zero_window_probe_ack",
           "duplicate_ack", "ack_lost_segment", "spurious_retransmission", "fast_retransmission",
           "out_of_order", "retransmission", "duplicate_ack_count", "duplicate_ack_frame",
           "rto_frame", "acks_frame", "bytes_in_flight", "push_bytes_sent", "completeness", "rto",
           "ack_rtt", "initial_rtt"]


def rows_of(path):
    """What synstep says, as tshark would say it: completeness is that of the frame before."""
    words = [SYNSTEP, "verify", "--fields=" + ",".join(COLUMNS), path]
    text = subprocess.run(words, check=False, capture_output=True).stdout.decode()
    rows, before = [line.split("\t") for line in text.splitlines()], {}
    place = COLUMNS.index("completeness")
    for row in rows:
        row[place], before[row[1]] = before.get(row[1], "0"), row[place]
    return rows


def change(rows, frame, **values):
    for name, value in values.items():
        rows[frame - 1][COLUMNS.index(name)] = value


def written(path, text, executable=False):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    if executable:
        os.chmod(path, 0o755)
    return path


def false_tshark(folder, rows, ending=""):
    """A program that says these rows, whatever it is asked."""
    said = written(os.path.join(folder, "rows"), "".join("\t".join(row) + "\t\t\n" for row in rows))
    return written(os.path.join(folder, "false tshark"),
                   f"#!/bin/sh\ncat '{said}'\n{ending or 'exit 0'}\n", True)


def compare(*words):
    ended = subprocess.run([sys.executable, SCRIPT, f"--synstep={SYNSTEP}", *words],
                           check=False, capture_output=True)
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def row_of(out, name):
    """both, differ, only ours, only tshark"""
    found = re.search(rf"^{name} +(\d+) +(\d+) +(\d+) +(\d+) ", out, re.M)
    need(found, "no row for", name, "in", out)
    return tuple(map(int, found.groups()))


def test_agreement_and_every_planted_disagreement(case):
    folder = case.folder()
    place = os.path.join(folder, "a folder", "deeper")
    os.makedirs(place)
    shutil.copy(CAPTURE, os.path.join(place, "it is one.pcap"))
    written(os.path.join(place, "notes"), "no capture")
    os.mkfifo(os.path.join(place, "a pipe"))
    rows = rows_of(CAPTURE)
    status, out, err = compare(f"--tshark={false_tshark(folder, rows)}", folder)
    equal((status, err), (0, ""), out)
    need(f"1 files, {len(rows)} frames, 0 disagreements" in out, out)
    equal(row_of(out, "window_full"), (3, 0, 0, 0), out)
    change(rows, 4, window_full="", retransmission="1")
    change(rows, 8, ack_rtt="0.5", stream="7")
    status, out, err = compare(f"--tshark={false_tshark(folder, rows)}", "--limit=2", folder)
    equal((status, err), (1, ""), out)
    lines = out.splitlines()
    equal(lines[0], f"{place}/it is one.pcap: frame 4: window_full: synstep 1, tshark -")
    equal(lines[1], f"{place}/it is one.pcap: frame 4: retransmission: synstep -, tshark 1")
    need(lines[2].startswith("… and ") and "frame" not in lines[2], lines[2])
    equal(row_of(out, "window_full"), (2, 0, 1, 0), out)
    equal(row_of(out, "retransmission"), (0, 0, 0, 1), out)
    equal(row_of(out, "stream")[1], 1, out)


def test_a_file_that_tshark_cannot_read_is_told(case):
    folder = case.folder()
    tshark = false_tshark(folder, rows_of(CAPTURE)[:5], "echo 'tshark: cut short' >&2; exit 2")
    status, out, err = compare(f"--tshark={tshark}", CAPTURE)
    equal((status, err), (0, ""), out)
    need(f"{CAPTURE}: tshark: tshark: cut short\n" in out, out)
    need("1 files, 5 frames, 0 disagreements; 1 files not compared, or not to their end" in out, out)


def test_what_cannot_be_compared_is_refused(case):
    folder = case.folder()
    equal(compare("--tshark=/none/tshark", folder)[0::2],
          (3, "compare-tshark: there is no /none/tshark: apt install tshark\n"))
    status, _, err = compare(f"--tshark={false_tshark(folder, [])}", folder)
    equal((status, "there is no capture in" in err), (2, True), err)
    status, _, err = compare(f"--tshark={false_tshark(folder, [])}", folder + "/none")
    equal((status, err), (2, f"compare-tshark: there is no {folder}/none\n"))


def test_the_real_tshark_agrees(_):
    """On what both are known to judge alike; where it is not installed, there is nothing to ask."""
    capture = os.path.join(goldens.FOLDER, "file-interfaces.pcapng")
    if shutil.which("tshark"):
        status, out, err = compare(capture)
        equal((status, err), (0, ""), out)


TESTS = [test for name, test in sorted(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    tap.run(TESTS)
