#!/usr/bin/env python3
"""send_checked: all packets of a series are checked before the first leaves, however many."""
import lab
from lab import named, private
from sender import fails, send
from tap import equal
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


if __name__ == "__main__":
    lab.run(lab.some([late(*row) for row in LATE], 3))
