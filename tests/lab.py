"""lab: runs tests each in a process of its own, some at a time, and `synstep run` inside them.

A test that is marked `private` gets user and network namespaces of its own, loopback up. Whatever a
test leaves behind, a process most of all, is a failure of that test.
"""
import ctypes
import functools
import json
import os
import re
import select
import signal
import sys
import time
import traceback

import tap
from tap import SLOW, Case, Skip, equal, need, some

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 24, 36
CAPABILITIES = 64  # more than there are
LEFT_SECONDS = 20.0
# What valgrind says of itself, not of the program; and the files that it would leave behind a kill.
WRAPPER_TALK = re.compile(r"^--\d+-- .*\n", re.MULTILINE)
os.environ["VALGRIND_OPTS"] = os.environ.get("VALGRIND_OPTS", "") + " --vgdb=no"

libc = ctypes.CDLL(None, use_errno=True)


# --- namespaces ----------------------------------------------------------------------------------

def prctl(option, value):
    need(libc.prctl(option, value, 0, 0, 0) == 0, "prctl", option, os.strerror(ctypes.get_errno()))


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def unshare(flags):
    """Root in new namespaces; a new user namespace is among `flags` or this process is root."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(flags) != 0:
        raise Skip("namespaces are not permitted here: " + os.strerror(ctypes.get_errno()))
    if flags & CLONE_NEWUSER:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"0 {user} 1")
        write("/proc/self/gid_map", f"0 {group} 1")


def powerless():
    """In a child before exec: no capability can be had, root or not."""
    for capability in range(CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def private(test):
    """The test runs as root of namespaces of its own: network with its loopback up, and mounts."""
    def inside(case):
        unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS)
        tap.loopback_up()
        test(case)
    inside.__name__ = test.__name__
    return inside


def named(test, *parts):
    """The same test for one of many values: a name of its own."""
    test.__name__ = "_".join(str(part) for part in parts)
    return test


# --- running tests -------------------------------------------------------------------------------

def reap(seconds):
    """Waits until this process has no child left, orphans included. False when one stays."""
    end = time.monotonic() + seconds
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                if time.monotonic() > end:
                    return False
                time.sleep(0.002)
        except ChildProcessError:
            return True


def children(pid="self"):
    with open(f"/proc/{pid}/task/{os.getpid() if pid == 'self' else pid}/children",
              encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def _end_children():
    left = children()
    for child in left:
        with open(f"/proc/{child}/cmdline", "rb") as file:
            print(f"left behind: {child}", file.read().replace(b"\0", b" ").decode())
        os.kill(child, signal.SIGKILL)
    reap(LEFT_SECONDS)
    raise AssertionError(f"{len(left)} processes were left behind")


def _one(test, answer):
    """In a child: runs one test; what went wrong goes to the descriptor `answer`."""
    os.setpgid(0, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(2, 1)
    text = "ok"
    try:
        with Case() as case:
            test(case)
        if not reap(LEFT_SECONDS):
            _end_children()
    except Skip as reason:
        text = f"skip {reason}"
    except BaseException:  # pylint: disable=broad-except
        text = "not " + traceback.format_exc(limit=-3)
    os.write(answer, text.encode(errors="replace")[:60000])
    os._exit(0)


def _begin(test):
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _one(test, writing)
    os.close(writing)
    return reading, child


def _finish(reading, child, group_ended):
    text = b""
    while some := os.read(reading, 65536):
        text += some
    os.close(reading)
    os.waitpid(child, 0)
    group_ended(child)
    return text.decode(errors="replace") or "not the test ended without a word"


def _no_group(child):
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _tell(number, test, text):
    name = test.__name__.removeprefix("test_").replace("_", " ")
    if text == "ok":
        print(f"ok {number} - {name}", flush=True)
    elif text.startswith("skip "):
        print(f"ok {number} - {name} # SKIP {text[5:]}", flush=True)
    else:
        print(f"not ok {number} - {name}\n# " + "\n# ".join(text[4:].splitlines()), flush=True)
    return text.startswith("not ")


def run(tests, at_a_time=2):
    """Arguments choose tests by a part of their name."""
    wanted = sys.argv[1:]
    chosen = [test for test in tests
              if not wanted or any(part in test.__name__ for part in wanted)]
    print(f"1..{len(chosen)}", flush=True)
    waiting, under_way, results, told, failed = list(enumerate(chosen, 1)), {}, {}, 0, 0
    while waiting or under_way:
        while waiting and len(under_way) < at_a_time:
            number, test = waiting.pop(0)
            reading, child = _begin(test)
            under_way[reading] = number, child
        for reading in select.select(list(under_way), [], [])[0]:
            number, child = under_way.pop(reading)
            results[number] = _finish(reading, child, _no_group)
        while told + 1 in results:
            told += 1
            failed += _tell(told, chosen[told - 1], results[told])
    sys.exit(1 if failed or not chosen else 0)


# --- synstep run ---------------------------------------------------------------------------------

class Outcome:
    """What a run that has ended said, and its exit status."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return f"status {self.status}\nout: {self.out[-3000:]}\nerr: {self.err[:1500]}"

    @functools.cached_property
    def events(self):
        need(self.out.endswith("\n"), "the last line is cut:", self)
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, kind):
        return [event for event in self.events if event["event"] == kind]

    @property
    def segments(self):
        return self.of("segment")

    @property
    def end(self):
        events = self.events
        equal(events[-1]["event"], "end", "the last event")
        equal(len(self.of("end")), 1, "end events")
        return events[-1]


def start(case, *words, **more):
    return case.start([*tap.program("synstep"), "run", *map(str, words)], **more)


def outcome_of(running, status=None):
    status = running.end() if status is None else status
    return Outcome(status, running.out, WRAPPER_TALK.sub("", running.err))


def synstep(case, *words, **more):
    """`synstep run` with these words, to its end."""
    return outcome_of(start(case, *words, **more))


def held(case, *words, **more):
    """A run with --json that must end well; nothing may stand on standard error."""
    outcome = synstep(case, "--json", *words, **more)
    need(outcome.status == 0 and outcome.err == "", "the run did not hold:", outcome)
    need(outcome.end["ok"] is True and outcome.end["failed"] == 0, "end event:", outcome)
    return outcome


def fails(outcome, status, *texts):
    """The exit status, and exactly one line on standard error which holds all `texts`."""
    need(outcome.status == status, f"exit status {status} expected:", outcome)
    lines = outcome.err.splitlines()
    need(len(lines) == 1 and outcome.err.endswith("\n"), "one line on stderr expected:", outcome)
    need(lines[0].startswith("synstep run: "), "not begun 'synstep run: ':", outcome)
    for text in texts:
        need(text in lines[0], f"{text!r} is not in:", lines[0])
    return outcome
