#!/usr/bin/env python3
"""send_checked: all packets of a series are checked before the first leaves, however many."""
import subprocess

import lab
import tap
from lab import named, private
from sender import fails, send
from tap import equal, need
from wire import Capture

LONG = ["tcp", "seq=1-1000001"]  # what stands before it is another one from packet 1,000,002 on
LATE = [
    (["--wire=raw", "ip", "src=127.0.0.1,0.0.0.0"], "ip.src of 0.0.0.0 would be rewritten"),
    (["ip", "src=127.0.0.1,198.51.100.7"], "needs 'synstep send --spoof'"),
    (["--wire=link", "ip", "dst=127.0.0.1,198.51.100.7"], "only to the target"),
]


def late(words, text):
    @private
    def test(case):
        capture = Capture(case)
        fails(send(case, "--no-answers", *words, *LONG, "127.0.0.1:9"), 2, "packet 1000002: ", text)
        equal(capture.take(), [], "what crossed")
    return named(test, "test_the_last_packet_is_checked_first", *words)


def test_what_nobody_reads_is_not_printed_on(case):
    words = [*tap.program("synstep"), "send", "--dry-run", "-q", "-c", "4000000000", "--syn",
             "private"]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    case.callback(running.kill)
    equal(running.stdout.readline(), b"packet 1, 40 octets\n", "the first line")
    running.stdout.close()
    equal(running.wait(tap.DEADLINE), 1, "exit status")
    need(b"standard output could not be written" in running.stderr.read(), "what is said")


if __name__ == "__main__":
    lab.run([*lab.some([late(*row) for row in LATE], 3),
             test_what_nobody_reads_is_not_printed_on])
