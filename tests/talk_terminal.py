#!/usr/bin/env python3
"""talk_terminal: synstep-talk on a terminal: its prompt, and typing on (TAP)."""
import os
import pty
import select
import termios
import threading

from peers import serve
from talk import LONG, TALK, server, target
from tap import DEADLINE, equal, need, receive, receive_all, run


class Terminal:
    """The talker on a terminal of its own."""

    def __init__(self, case, *options):
        self.ours, theirs = pty.openpty()
        case.callback(os.close, self.ours)
        mode = termios.tcgetattr(theirs)
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, mode)
        self.talker = case.start([*TALK, *options], stdin=theirs, stdout=theirs)
        os.close(theirs)
        self.text = ""

    def type(self, line):
        os.write(self.ours, line.encode())

    def expect(self, text):
        """All that stands on the screen since the last call is `text`."""
        while len(self.text) < len(text):
            need(select.select([self.ours], [], [], DEADLINE)[0], "shows only", repr(self.text))
            self.text += os.read(self.ours, 1000).decode().replace("\r\n", "\n")
        equal(self.text[:len(text)], text)
        self.text = self.text[len(text):]

    def end(self):
        status = self.talker.end()
        equal(self.text, "")
        return status


def test_a_terminal_gets_the_prompt(case):
    _, where = serve(case)
    screen = Terminal(case, LONG, target(where[0]))
    screen.expect("word: ")
    screen.type("hello\n")
    screen.expect("recv: hello\nword: ")
    screen.type("\n")
    screen.expect("word: ")
    screen.type("exit\n")
    screen.expect("recv: exit\n")
    equal(screen.end(), 0)


def test_the_end_of_a_terminals_input_ends_the_talk(case):
    _, where = serve(case)
    screen = Terminal(case, LONG, target(where[0]))
    screen.expect("word: ")
    screen.type("\x04")
    equal(screen.end(), 0)


def test_on_a_terminal_unasked_words_leave_the_prompt_readable(case):
    go = threading.Event()

    def speak(client):
        need(go.wait(DEADLINE))
        client.sendall(b"news")
        client.sendall(receive(client, 2))
        equal(receive_all(client), b"")
    screen = Terminal(case, LONG, server(case, speak))
    screen.expect("word: ")
    go.set()
    screen.expect("\nrecv: news\nword: ")
    screen.type("hi\n")
    screen.expect("recv: hi\nword: ")
    screen.type("\x04")
    equal(screen.end(), 0)


def test_who_types_on_does_not_wait_for_an_echo(case):
    """With a minute's timeout, only typing on can bring the second word to the server."""
    peer, where = serve(case, "--discard")
    screen = Terminal(case, LONG, target(where[0]))
    screen.expect("word: ")
    screen.type("one\n")
    peer.wait_out("recv data: one\n")
    screen.type("two\n")
    peer.wait_out("recv data: two\n")
    screen.type("exit\n")
    peer.wait_out("recv data: exit\n")


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
