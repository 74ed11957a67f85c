#!/usr/bin/env python3
"""verify_graph: `synstep verify --graph` and `--svg`: a connection drawn, in a pipe, on a terminal
and as a picture."""
import fcntl
import os
import pty
import struct
import termios
import xml.etree.ElementTree

import lab
from lab import named
from tap import equal, need, program, some
from verify import kept, refused, verify, whole

SVG = "{http://www.w3.org/2000/svg}"


def in_terminal(case, columns, path, **env):
    leader, follower = pty.openpty()
    case.callback(os.close, leader)
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    running = case.start([*program("synstep"), "verify", "--graph=1", path], stdout=follower,
                         env={"LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "", **env})
    os.close(follower)
    text = b""
    try:
        while part := os.read(leader, 65536):
            text += part
    except OSError:  # EIO: the last who had the terminal open is gone
        pass
    equal(running.end(), 1, running.err)
    return text.decode().replace("\r\n", "\n")


def test_in_a_pipe_it_is_plain_and_has_80_columns(case):
    path = kept(case, whole(2 ** 32 - 3, 2 ** 32 - 1, third=5))
    outcome = verify(case, "--graph=1", path)
    equal((outcome.status, outcome.err), (1, ""), outcome)
    lines = outcome.out.splitlines()
    need(lines[0].startswith(f"Connection 1 of {path}"), lines[0])
    need(max(len(line) for line in lines) <= 80 and outcome.out.isascii(), outcome)
    for text in ("A, 10.0.0.1:4001, sends 5 octets in 3 segments (upward: seq - J)", "0 +J", "M",
                 "N", "x frame 3, 0.002000 s: violation: handshake_ack_not_isn_plus_1: expected 0 "):
        need(text in outcome.out, f"{text!r} is not in:", outcome.out)
    if some([1, 2], 2) == [1, 2]:
        calm = verify(case, "--graph=1", "--except=handshake_ack_not_isn_plus_1", path)
        need(calm.status == 0 and "violation" not in calm.out, calm)


def test_on_a_terminal_it_has_its_width_and_colours(case):
    text = in_terminal(case, 100, kept(case, whole(third=5)))
    need("\033[1;31m✗\033[0m" in text and "⡇" in text, text)
    rule = [line for line in text.splitlines() if "┬" in line][0]
    equal(len(rule.replace("\033[2m", "").replace("\033[0m", "")), 100, rule)


def test_a_picture_is_what_other_tools_read(case):
    path, out = kept(case, whole(third=5)), os.path.join(case.folder(), "it.svg")
    outcome = verify(case, "--graph=1", "--svg", out, path)
    equal((outcome.status, outcome.err, outcome.out), (1, "", ""), outcome)
    root = xml.etree.ElementTree.parse(out).getroot()
    equal(root.tag, SVG + "svg")
    texts = [element.text for element in root.iter(SVG + "text")]
    need(any(text and text.startswith("Connection 1 of") for text in texts), texts)
    need(any("handshake_ack_not_isn_plus_1" in element.text for element in root.iter(SVG + "title")),
         "no finding")


def test_what_cannot_be_drawn_is_told(case):
    path = kept(case, whole())
    cases = ((["--graph=2", path], "there is no connection 2"),
             (["--svg=it.svg", path], "--graph=N"), (["--graph=1", "--list", path], "enough"),
             (["--graph=1", "--json", path], "--json"), (["--graph=0", path], "--graph"),
             (["--graph=1", "--svg", path, path], "overwritten"),
             (["--graph=1", "--svg=a", path, path], "one capture"))
    for words, text in some(cases, 7):
        refused(case, words, text)
    with open("/dev/full", "wb") as full:
        outcome = verify(case, "--graph=1", path, stdout=full)
    equal(outcome.status, 1, outcome)
    need("No space left on device" in outcome.err, outcome)


TESTS = [named(test, name) for name, test in sorted(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    lab.run(TESTS)
