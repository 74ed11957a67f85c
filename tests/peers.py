"""peers: starts synstep-peer for a test, ready to be connected to, and speaks its control channel."""
import collections
import re
import socket

from tap import DEADLINE, equal, need, program, until

PEER = program("synstep-peer")
STARTED = re.compile(r"^start server (\S+)\n", re.M)

END = re.compile(r"^end server: (\d+) connections, (\d+) datagrams, (\d+) bytes received, "
                 r"(\d+) bytes sent\n", re.M)


def counts(peer):
    found = END.search(peer.out)
    need(found, "no count line in", repr(peer.out[-300:]))
    return tuple(int(number) for number in found.groups())


def need_asleep(peer):
    """A busy loop is never found asleep thirty times in a row."""
    seen = 0

    def look():
        nonlocal seen
        with open(f"/proc/{peer.process.pid}/stat", encoding="ascii") as file:
            state = file.read().rpartition(")")[2].split()[0]
        seen = seen + 1 if state == "S" else 0
        return seen == 30
    until(look, "thirty looks in a row at a sleeping peer")


def parse(text):
    """What to connect to, from what stands after "start server"."""
    transport, _, rest = text.partition(":")
    if transport.startswith("unix"):
        return rest
    host, _, port = rest.rpartition(":")
    return host.strip("[]"), int(port)


def serve(case, *options, listen=("127.0.0.1:0",), **more):
    """A started peer, and where it listens, from its own "start server" lines."""
    peer = case.start([*PEER, *(f"--listen={one}" for one in listen), *options], **more)
    peer.wait_until(lambda: len(STARTED.findall(peer.out)) >= len(listen), "start server")
    return peer, [parse(text) for text in STARTED.findall(peer.out)]


class Controlled:
    """A peer with a control channel, and the parent's end of it."""

    def __init__(self, case, *options, listen=("127.0.0.1:0",), kind=socket.SOCK_STREAM, **more):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, kind)
        case.own(self.socket)
        self.socket.settimeout(DEADLINE)
        self.rest, self.lines = b"", collections.deque()
        self.peer = case.start(
            [*PEER, *(f"--listen={one}" for one in listen), f"--control-fd={theirs.fileno()}",
             *options], pass_fds=[theirs.fileno()], **more)
        theirs.close()
        self.addresses = []
        while (line := self.line()) != "ready":
            word, host, port = line.split(" ")
            equal(word, "ready")
            self.addresses.append((host, int(port)))

    def line(self):
        while not self.lines:
            some = self.socket.recv(1 << 16)
            need(some, "the control channel ended:", self.peer.err)
            *whole, self.rest = (self.rest + some).split(b"\n")
            self.lines.extend(whole)
        return self.lines.popleft().decode()

    def say(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def ask(self, line):
        self.say(line)
        return self.line()

    def witness(self, client):
        """(state, rcv_nxt, write_seq), or the answer itself when it has no numbers."""
        return self.witness_after(0, client)

    def witness_after(self, others, client):
        """The same, when `others` questions were said before, whose answers are still to come."""
        self.say(f"witness {client[0]} {client[1]}")
        for _ in range(others):
            self.line()
        words = self.line().split(" ")
        equal(words[0], "witness")
        if len(words) == 4 and words[2].isdigit():
            return words[1], int(words[2]), int(words[3])
        return " ".join(words)

    def until_witness(self, client, state):
        until(lambda: self.witness(client)[0] == state, "state", state)
        return self.witness(client)
