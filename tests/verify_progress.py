#!/usr/bin/env python3
"""verify_progress: how far the reading is, on a terminal only, and gone in the end."""
import os
import pty
import subprocess
import threading

import lab
from lab import named
from tap import equal, need, program
from verify import kept, whole


def read_terminal(leader, text, seen):
    try:
        while part := os.read(leader, 65536):
            text += part
            if b"MB/s" in text:
                seen.set()
    except OSError:  # EIO: the last who had the terminal open is gone
        pass
    seen.set()


def test_a_pipe_is_told_in_octets_and_what_was_told_is_taken_away(case):
    with open(kept(case, whole()), "rb") as file:
        head, frames = file.read(24), file.read()
    leader, follower = pty.openpty()
    case.callback(os.close, leader)
    running = case.start([*program("synstep"), "verify", "-"], stdin=subprocess.PIPE,
                         stderr=follower)
    os.close(follower)
    text, seen = bytearray(), threading.Event()
    reader = threading.Thread(target=read_terminal, args=(leader, text, seen), daemon=True)
    reader.start()
    stdin = running.process.stdin
    stdin.write(head)
    while not seen.is_set():  # more and more of it, until something is told
        stdin.write(frames * 100)
    stdin.close()
    equal(running.end(), 0, running.out, text)
    reader.join()
    need(text.startswith(b"\r") and b" MB, " in text and b"[#" not in text, text)
    need(text.endswith(b"\r\033[K"), text[-100:])
    need("TCP segments" in running.out and "MB" not in running.out, running.out)



TESTS = [named(test, name) for name, test in sorted(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    lab.run(TESTS)
