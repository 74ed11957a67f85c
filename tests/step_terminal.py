#!/usr/bin/env python3
"""step_terminal: stepping on a terminal: completion, history, what comes while one types, ^C (TAP)."""
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

import lab
from lab import private
from step import CONNECTION
from tap import DEADLINE, equal, need, program
from texts import file_with

COLUMNS = 80
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07|\r")
UP, LEFT = "\x1b[A", "\x1b[D"


class Screen:
    """`synstep step` on a terminal of its own."""

    def __init__(self, case, *words, text=CONNECTION):
        self.ours, theirs = pty.openpty()
        case.callback(os.close, self.ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        self.before = termios.tcgetattr(theirs)

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.running = case.start(
            [*program("synstep"), "step", *words, file_with(case, text)], stdin=theirs, stdout=theirs,
            preexec_fn=take_terminal,
            env={"TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "HOME": case.folder()})
        self.theirs = theirs
        case.callback(lambda: os.close(theirs))
        self.raw = ""
        self.at = 0

    def type(self, keys):
        os.write(self.ours, keys.encode())

    def _read(self):
        need(select.select([self.ours], [], [], DEADLINE)[0], "the screen stays at",
             repr(self.raw[-600:]))
        with contextlib.suppress(OSError):
            self.raw += os.read(self.ours, 1 << 16).decode(errors="replace")

    @property
    def text(self):
        return CONTROL.sub("", self.raw)

    def expect(self, *texts):
        """They come, in this order, after what was expected before."""
        for text in texts:
            while (found := self.text.find(text, self.at)) < 0:
                self._read()
            self.at = found + len(text)

    def end(self, status):
        """Its exit status, with all that it wrote read."""
        end = time.monotonic() + DEADLINE
        while self.running.process.poll() is None:
            need(time.monotonic() < end, "it does not end:", repr(self.text[-600:]))
            if select.select([self.ours], [], [], 0.05)[0]:
                self._read()
        equal(self.running.end(), status, self.running.err, self.text[-600:])
        while select.select([self.ours], [], [], 0)[0]:
            self._read()
        equal(termios.tcgetattr(self.theirs), self.before, "the terminal's mode")


def test_the_prompt_tells_the_line_and_enter_goes_through(case):
    screen = Screen(case, "--simulate")
    screen.expect("line 3: > SYN seq=J mss=1460", "enter sends it", "line 3> ")
    for label in ("line 5> ", "line 6> ", "line 9> ", "line 12> ", "end> "):
        screen.type("\r")
        screen.expect(label)
    screen.type("\r")
    screen.expect("all held")
    screen.end(0)


def test_tab_completes_commands_words_and_fields(case):
    screen = Screen(case, "--simulate")
    screen.expect("line 3> ")
    screen.type("se\t")
    screen.expect("send  set", "line 3> se")
    screen.type("t tt\t")
    screen.expect("t ttl=")
    screen.type("9 ip.d\t0 mss\t700\r")
    screen.expect("set by hand: ttl=9 ip.df=0 mss=700\n", "line 3> ")
    screen.type("exp\tla\t\r")
    screen.expect("explain last", "there is no segment yet", "line 3> ")
    screen.type("sho\tt\t")
    screen.expect("tcb  trace", "line 3> show t")
    screen.type("c\t\r")
    screen.expect("synstep as seen", "line 3> ")
    screen.type("insert pe\texp\t\x15")  # a word that nothing completes; the line is taken off
    screen.type("ru\t\r")
    screen.expect("all held")
    screen.end(0)


def test_arrows_bring_lines_back_and_move_in_them(case):
    screen = Screen(case, "--simulate")
    screen.expect("line 3> ")
    screen.type("set ttl=5\r")
    screen.expect("set by hand: ttl=5\n", "line 3> ")
    screen.type("show nxt\r")
    screen.expect("did you mean next?", "line 3> ")
    screen.type(UP + LEFT * 2 + "e\r")
    screen.expect("Time to Live            5", "line 3> ")
    screen.type(UP * 3 + "\x7f6\r")
    screen.expect("set by hand: ttl=5 ttl=6\n", "line 3> ")
    screen.type("quit\r")
    screen.end(1)


def test_what_is_typed_may_be_utf8(case):
    screen = Screen(case, "--simulate")
    screen.expect("line 3> ")
    screen.type("set \"é€\x7f\"\r")
    screen.expect("set by hand: \"", "Payload                 2 octets", "line 3> ")
    screen.type("run\r")
    screen.end(1)


def test_the_end_of_input_at_the_prompt_leaves(case):
    screen = Screen(case, "--simulate")
    screen.expect("line 3> ")
    screen.type("\r")
    screen.expect("line 5> ")
    screen.type("\x04")
    screen.expect("RST J+1, ACK K+1")
    screen.end(1)
    need("left before the end" in screen.running.err, screen.running.err)


@private
def test_what_comes_while_one_types_stands_above_the_line(case):
    screen = Screen(case)
    screen.expect("line 3> ")
    screen.type("\r")
    screen.expect("line 5> ")
    screen.type("show pe")
    screen.expect("show pe", "retransmission", "line 5> show pe")
    need(re.search(r"show pe\r\x1b\[J", screen.raw), "the line is not taken off:", screen.raw[-2000:])
    screen.type("er\r")
    screen.expect("its kernel", "SYN-RECEIVED", "line 5> ")
    screen.type("run\r")
    screen.expect("all held")
    screen.end(0)


@private
def test_a_line_that_is_longer_than_the_screen_makes_room_too(case):
    screen = Screen(case)
    screen.expect("line 3> ")
    screen.type("\r")
    screen.expect("line 5> ")
    screen.type("set ttl=" + "7" * 100)
    screen.expect("retransmission", "line 5> set ttl=7")
    need("\r\x1b[1A\x1b[J" in screen.raw, "only one row is taken off:", screen.raw[-2000:])
    screen.type("\x15quit\r")
    screen.end(1)


@private
def test_interrupted_at_the_prompt_the_connection_is_reset(case):
    screen = Screen(case)
    screen.expect("line 3> ")
    screen.type("\r")
    screen.expect("line 5> ")
    screen.type("show \x03")
    screen.expect("RST J+1, ACK K+1")
    screen.end(1)
    need("interrupted" in screen.running.err, screen.running.err)


@private
def test_what_is_typed_ahead_is_not_echoed_until_it_is_asked_for(case):
    screen = Screen(case, text="> SYN seq=J\n<* RST within 1s\n> RST,ACK seq=J+1\n")
    screen.expect("line 1> ")
    screen.type("\r")
    screen.expect("SYN J", "waiting: ", "SYN K")
    screen.type("show t")
    screen.expect("did not hold", "failed> ", "show t")
    need("show t" not in screen.text[:screen.text.find("failed> ")], repr(screen.raw))
    screen.type("cb\r")
    screen.expect("synstep as seen")
    screen.type("quit\r")
    screen.end(1)


@private
def test_what_is_waited_for_is_told_and_can_be_interrupted(case):
    screen = Screen(case, text="> SYN seq=J\n<* RST within 100s\n")
    screen.expect("line 1> ")
    screen.type("\r")
    screen.expect("SYN J", "waiting: <* RST within 100s", "SYN K")
    screen.type("\x03")
    screen.expect("RST J+1")
    screen.end(1)


if __name__ == "__main__":
    lab.run([test for name, test in list(globals().items()) if name.startswith("test_")])
