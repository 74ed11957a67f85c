"""tap: runs a list of tests in private namespaces and tells the results as TAP; starts programs.

A test is a function of one argument, a `Case`, which ends what the test started, however it ends.
Nothing here waits for a length of time: a wait has an event, and DEADLINE is only the net under it.
"""
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

DEADLINE = 120.0
BUILD = os.environ.get("SYNSTEP_BUILDDIR", ".")
SLOW = "SYNSTEP_SLOW" in os.environ
WRAP = os.environ.get("SYNSTEP_WRAP", "").split()
INSIDE = "SYNSTEP_TEST_INSIDE"
# With the number of what is started, a name for a wrapper's file that no other user's has.
os.environ["SYNSTEP_TEST_STARTER"] = str(os.getpid())


def program(name):
    return [*WRAP, os.path.join(BUILD, "src", name)]


def need(condition, *what):
    """Unlike assert, it stays under python3 -O."""
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def some(things, every):
    """All of them; under valgrind and the like only one in `every`."""
    return things[::every] if SLOW else things


def equal(got, expected, *what):
    need(got == expected, *what, f"expected {expected!r:.400}, got {got!r:.400}")


def until(condition, *what):
    """Asks again and again until it holds: for what the system tells in no other way."""
    end = time.monotonic() + DEADLINE
    while not condition():
        need(time.monotonic() < end, "never happened:", *what)
        time.sleep(0.001)


class Skip(Exception):
    pass


class Running:
    """A started program; threads read its outputs as they come, so that it is never held up."""

    def __init__(self, arguments, env=None, **more):
        environment = {**os.environ, "LC_ALL": "C", **(env or {})}
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE, **more}
        self.process = subprocess.Popen(arguments, env=environment, **more)
        self.changed = threading.Condition()
        self.texts = {"out": bytearray(), "err": bytearray()}
        self.readers = [
            threading.Thread(target=self._read, args=(pipe, self.texts[name]), daemon=True)
            for name, pipe in (("out", self.process.stdout), ("err", self.process.stderr)) if pipe]
        for reader in self.readers:
            reader.start()

    def _read(self, pipe, text):
        while some := os.read(pipe.fileno(), 1 << 16):
            with self.changed:
                text += some
                self.changed.notify_all()
        with self.changed:
            pipe.close()
            self.changed.notify_all()

    @property
    def out(self):
        return self.texts["out"].decode(errors="replace")

    @property
    def err(self):
        return self.texts["err"].decode(errors="replace")

    def is_open(self):
        return any(pipe and not pipe.closed for pipe in (self.process.stdout, self.process.stderr))

    def wait_until(self, condition, *what):
        """Waits until what it printed fulfils the condition."""
        with self.changed:
            self.changed.wait_for(lambda: condition() or not self.is_open(), DEADLINE)
            need(condition(), f"never came: {what}: {self.out!r:.600} {self.err!r:.600}")

    def wait_out(self, text):
        self.wait_until(lambda: text in self.out, text)

    def wait_err(self, text):
        self.wait_until(lambda: text in self.err, text)

    def end(self):
        """Waits for its end; returns the exit status."""
        with self.changed:
            need(self.changed.wait_for(lambda: not self.is_open(), DEADLINE),
                 f"does not end: {self.out!r:.600} {self.err!r:.600}")
        return self.process.wait(DEADLINE)

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.end()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        for reader in self.readers:
            reader.join(DEADLINE)


class Case(contextlib.ExitStack):
    """What a test starts through it is ended after the test."""

    def start(self, arguments, **more):
        running = Running(arguments, **more)
        self.callback(running.close)
        return running

    def own(self, thing):
        self.callback(thing.close)
        return thing

    def folder(self):
        return self.enter_context(tempfile.TemporaryDirectory(prefix="synstep-"))

    def open_socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, *more):
        made = self.own(socket.socket(family, kind, *more))
        if kind & 15 in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            made.settimeout(DEADLINE)
        return made

    def connect(self, address, kind=socket.SOCK_STREAM):
        """`address`: (host, port), a path, or "@name"."""
        if isinstance(address, tuple):
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        else:
            family = socket.AF_UNIX
            address = "\0" + address[1:] if address.startswith("@") else address
        made = self.open_socket(family, kind)
        if family == socket.AF_UNIX and kind == socket.SOCK_DGRAM:
            made.bind("")
        made.connect(address)
        return made


def narrow_client(case, address):
    """A TCP connection with small segments and a small window that is still many segments wide.

    (A window of less than half a segment, easily had with the loopback's huge ones, would leave
    the sender waiting for its persist timer again and again.)
    """
    client = case.open_socket()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
    client.connect(address)
    return client


def receive(sock, count):
    """Exactly `count` bytes, or fewer when the stream ends."""
    got = bytearray()
    while len(got) < count:
        some = sock.recv(min(count - len(got), 1 << 20))
        if not some:
            break
        got += some
    return bytes(got)


def receive_all(sock):
    got = bytearray()
    while some := sock.recv(1 << 20):
        got += some
    return bytes(got)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh22x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(sock, 0x8914, request)  # SIOCSIFFLAGS


def enter_namespaces():
    """Starts this script again in user and network namespaces of its own, where they are allowed."""
    if os.environ.get(INSIDE) == "private":
        loopback_up()
        return
    allowed = shutil.which("unshare") is not None and subprocess.run(
        ["unshare", "-rn", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False).returncode == 0
    os.environ[INSIDE] = "private" if allowed else "shared"
    if allowed:
        os.execvp("unshare", ["unshare", "-rn", sys.executable, *sys.argv])


def is_private():
    return os.environ.get(INSIDE) == "private"


def private(test):
    """The test needs a network namespace of its own."""
    def guarded(case):
        if not is_private():
            raise Skip("user and network namespaces are not permitted here")
        test(case)
    guarded.__name__ = test.__name__
    return guarded


def run(tests):
    """Arguments choose tests by a part of their name."""
    enter_namespaces()
    sys.stdout.reconfigure(line_buffering=True)
    wanted = sys.argv[1:]
    chosen = [test for test in tests
              if not wanted or any(part in test.__name__ for part in wanted)]
    print(f"1..{len(chosen)}")
    failed = 0
    for number, test in enumerate(chosen, 1):
        name = test.__name__.removeprefix("test_").replace("_", " ")
        try:
            with Case() as case:
                test(case)
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print("#", line)
    sys.exit(1 if failed or not chosen else 0)
