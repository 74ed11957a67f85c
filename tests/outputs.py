#!/usr/bin/env python3
"""outputs: what a run prints and writes: the ladder in all its dresses, JSON, capture files."""
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import termios

import lab
import tap
from frames import Frame, Recount, read_pcap, read_pcapng
from lab import held, named, synstep
from recount import Run, file_of, octets
from tap import Skip, equal, need

UTF8 = {"LC_ALL": "C.UTF-8"}
ESCAPE = "\x1b"


def lines_fit(outcome, columns=80):
    need(outcome.status == 0 and outcome.err == "", "the run did not hold:", outcome)
    for line in outcome.out.splitlines():
        need(len(line) <= columns, f"{len(line)} columns:", line)
    need(outcome.out.endswith("\n"), "the last line is cut")


def in_terminal(case, columns, *words, env=None):
    """What is printed when standard output is a terminal of so many columns."""
    leader, follower = pty.openpty()
    case.callback(os.close, leader)
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    running = lab.start(case, *words, stdout=follower,
                        env={**UTF8, "TERM": "xterm", "NO_COLOR": "", **(env or {})})
    os.close(follower)
    text = b""
    try:
        while some := os.read(leader, 65536):
            text += some
    except OSError:  # EIO: the last who had the terminal open is gone
        pass
    equal(running.end(), 0, "exit status", running.err)
    return text.decode()


# --- the ladder ----------------------------------------------------------------------------------

def _says_it_all(text):
    for word in ("SYN", "FIN", "J+1", "K+1", "M+1", "N+1", "ESTABLISHED", "FIN-WAIT-1",
                 "TIME-WAIT", "LAST-ACK", "10.0.0.1", "10.0.0.2"):
        need(word in text, f"{word} is not in the ladder:", text)


def test_ladder_in_a_pipe_is_plain_and_fits(case):
    outcome = synstep(case, "--isn=0", env=UTF8)
    lines_fit(outcome)
    _says_it_all(outcome.out)
    need(ESCAPE not in outcome.out, "an escape sequence in a pipe")
    need(any(ord(letter) > 126 for letter in outcome.out), "lines are drawn in a UTF-8 locale")


def test_ladder_numbers_are_those_of_the_capture(case):
    path = os.path.join(case.folder(), "run.pcap")
    outcome = synstep(case, "--isn=4294967290", "-w", path)
    lines_fit(outcome)
    for packet in read_pcap(path):
        frame = Frame(packet.octets)
        need(str(frame.seq) in outcome.out, "seq of", frame, "is not in", outcome)


def test_ladder_closing_line_counts(case):
    events = held(case, "--seed=5", "--isn=9").end
    last = synstep(case, "--seed=5", "--isn=9").out.splitlines()[-1]
    numbers = re.findall(r"\d+", last)
    need(str(events["segments"]) in numbers, "segments in", last, events)
    need("held" in last, "no word that it held:", last)


def _ascii(case, *words, env):
    outcome = synstep(case, *words, env=env)
    lines_fit(outcome)
    need(all(letter == "\n" or 32 <= ord(letter) < 127 for letter in outcome.out),
         "not plain ASCII:", outcome)
    _says_it_all(outcome.out)


def test_ladder_ascii_option_is_plain_ascii(case):
    _ascii(case, "--ascii", env=UTF8)


def test_ladder_c_locale_is_plain_ascii(case):
    _ascii(case, env={"LC_ALL": "C"})


def test_ladder_ipv6_fits(case):
    outcome = synstep(case, "-6", "--isn=-1", env=UTF8)
    lines_fit(outcome)
    need("fd00::1" in outcome.out and "fd00::2" in outcome.out, "addresses", outcome)


def test_ladder_impaired_fits(case):
    outcome = synstep(case, "--impair=dup:2,delay:4,corrupt:5,dup:7", env=UTF8)
    lines_fit(outcome)


def test_ladder_color_in_a_terminal(case):
    text = in_terminal(case, 100)
    need(ESCAPE + "[" in text, "no colour in a terminal")
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    need(ESCAPE not in bare, "another escape sequence than colours")
    for line in bare.splitlines():
        need(len(line) <= 100, f"{len(line)} columns:", line)
    _says_it_all(bare)


def no_color(what, words, env):
    def test(case):
        need(ESCAPE not in in_terminal(case, 80, *words, env=env), "colour all the same")
    return named(test, "test_ladder", what, "has no colour in a terminal")


def test_ladder_color_always_colors_a_pipe(case):
    outcome = synstep(case, "--color=always", env={**UTF8, "NO_COLOR": "1"})
    need(ESCAPE + "[" in outcome.out, "no colour:", outcome)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", outcome.out).splitlines()
    need(max(map(len, lines)) <= 80, "too wide without its colours")


def test_quiet_is_one_line(case):
    outcome = synstep(case, "-q")
    lines_fit(outcome)
    equal(len(outcome.out.splitlines()), 1, "lines", outcome)
    need("held" in outcome.out, "the closing line", outcome)


def test_verbose_shows_every_field(case):
    outcome = synstep(case, "-v", "--isn=0xdeadbeef", "--source-port=4242", env=UTF8)
    lines_fit(outcome)
    _says_it_all(outcome.out)
    for words in (("Version",), ("Time to Live", "40", "64"), ("Source Port", "1092", "4242"),
                  ("Destination Port", "22b8", "8888"),
                  ("Sequence Number", "deadbeef", "3735928559", "J"),
                  ("Acknowledgment Number",), ("Window",), ("Checksum",), ("Maximum Segment",)):
        need(any(all(word.lower() in re.sub(r"(?<=\b[0-9a-f]{2}) (?=[0-9a-f]{2}\b)", "",
                                            line.lower()) for word in words)
                 for line in outcome.out.splitlines()), f"no line with {words}:", outcome)


# --- JSON ----------------------------------------------------------------------------------------

KEYS = {"segment": {"n", "time_us", "from", "flags", "seq", "ack", "length", "window", "options",
                    "states", "symbols", "checks"},
        "witness": {"time_us", "state", "rcv_nxt", "write_seq", "ok"},
        "end": {"time_us", "ok", "segments", "checks", "failed", "numbers",
                "duration_us"}}


def test_json_lines_have_their_keys(case):
    outcome = held(case)
    for line in outcome.out.splitlines():
        need(line.isascii() and json.loads(line)["event"], "an event:", line)
    for kind, keys in KEYS.items():
        need(outcome.of(kind), "no event", kind)
        for event in outcome.of(kind):
            if kind == "segment" and event["flags"] == ["SYN"]:
                event.setdefault("ack")
            equal(keys - set(event), set(), "keys missing in", event)


def test_json_is_the_same_in_any_dress(case):
    plain = held(case, "--seed=3")
    dressed = held(case, "--seed=3", "-v", "--color=always", env=UTF8)
    bare = [[(event["from"], event["seq"], event["flags"]) for event in outcome.segments
             if event["from"] == "local"] for outcome in (plain, dressed)]
    equal(bare[0], bare[1], "our segments")


# --- capture files -------------------------------------------------------------------------------

def captured(suffix, version):
    def test(case):
        data = octets(4000)
        run = Run(case, f"-{version}", "--data-file", file_of(case, data), suffix=suffix)
        run.check_checksums()
        run.check_json()
        start = run.outcome.of("start")[0]
        for packet, segment in zip(run.packets, run.segments):
            need(abs(packet.time_us - segment["time_us"] - run.packets[0].time_us +
                     run.segments[0]["time_us"]) < 2, "the time of", segment)
        need(start["event"] == "start", start)
        _check_comments(run, suffix)
        _check_with_tcpdump(run)
        _check_with_tshark(run)
    return named(test, "test_capture", suffix, f"ipv{version}", "opens elsewhere")


def _check_comments(run, suffix):
    for packet, segment in zip(run.packets, run.segments):
        comment = "\n".join(packet.comments)
        equal(bool(comment), suffix == "pcapng", "a comment")
        for check in segment["checks"] if comment else ():
            need(check["name"] in comment, check["name"], "is not in", comment)


def _tool(*words):
    if not shutil.which(words[0]):
        raise Skip(f"{words[0]} is not installed")
    done = subprocess.run(words, capture_output=True, text=True, timeout=tap.DEADLINE,
                          env={**os.environ, "LC_ALL": "C", "HOME": "/nonexistent"}, check=False)
    equal(done.returncode, 0, *words, done.stderr)
    return done


def _check_with_tcpdump(run):
    done = _tool("tcpdump", "-Z", "root", "-nn", "-tt", "-vv", "-S", "-r", run.path) \
        if os.geteuid() == 0 else _tool("tcpdump", "-nn", "-tt", "-vv", "-S", "-r", run.path)
    noise = [line for line in done.stderr.splitlines() if not line.startswith("reading from file")]
    equal(noise, [], "what tcpdump says")
    equal(done.stdout.count("(correct)"), len(run.frames), "right checksums, says tcpdump")
    # As a word: a checksum may be 0xbad0.
    for bad in (r"\bincorrect\b", r"\bbad\b", r"\btrunc", r"\[\|"):
        need(not re.search(bad, done.stdout), bad, "says tcpdump:", done.stdout)
    equal(re.findall(r" seq (\d+)", done.stdout)[0], str(run.frames[0].seq), "J, says tcpdump")


def _check_with_tshark(run):
    fields = ("ip.version", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags",
              "tcp.checksum.status", "_ws.malformed")
    done = _tool("tshark", "-r", run.path, "-o", "tcp.check_checksum:TRUE", "-T", "fields",
                 *(word for field in fields for word in ("-e", field)))
    noise = [line for line in done.stderr.splitlines() if "Running as user" not in line]
    equal(noise, [], "what tshark says")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    equal(len(rows), len(run.frames), "packets, says tshark")
    for row, frame in zip(rows, run.frames):
        equal([int(row[1]), int(row[2]), int(row[3]), row[5], row[6]],
              [frame.seq, frame.ack, len(frame.payload), "1", ""], "a packet, says tshark")
    done = _tool("capinfos", "-c", "-M", run.path)
    equal((done.stderr, re.findall(r"packets:\s*(\d+)", done.stdout)),
          ("", [str(len(run.frames))]), "capinfos")


def test_capture_to_standard_output_is_pcapng_alone(case):
    for name in ("-", "/dev/stdout"):
        path = os.path.join(case.folder(), "run")
        with open(path, "wb") as file:
            running = lab.start(case, "-w", name, stdout=file)
            outcome = lab.outcome_of(running)
            equal((outcome.status, outcome.err), (0, ""), "exit status and standard error")
        frames = [Frame(packet.octets) for packet in read_pcapng(path)]
        Recount(frames, frames[0].source_port).closed()


def test_capture_with_the_standard_descriptors_closed_is_whole(case):
    """Their numbers must not fall to the capture file or a socket, to be printed into."""
    for closed in ("<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"):
        for dress in ((), ("--json",), ("-v",)):
            path = os.path.join(case.folder(), "run.pcapng")
            program = [*tap.program("synstep"), "run", "-w", path, *dress]
            running = case.start(["sh", "-c", f'exec "$@" {closed}', "sh", *program])
            equal(running.end(), 0, closed, dress, running.err)
            frames = [Frame(packet.octets) for packet in read_pcapng(path)]
            Recount(frames, frames[0].source_port).closed()


TESTS = [
    test_ladder_in_a_pipe_is_plain_and_fits,
    test_ladder_numbers_are_those_of_the_capture,
    test_ladder_closing_line_counts,
    test_ladder_ascii_option_is_plain_ascii,
    test_ladder_c_locale_is_plain_ascii,
    test_ladder_ipv6_fits,
    test_ladder_impaired_fits,
    test_ladder_color_in_a_terminal,
    no_color("NO COLOR", (), {"NO_COLOR": "1"}),
    no_color("color never", ("--color=never",), {}),
    no_color("a dumb terminal", (), {"TERM": "dumb"}),
    test_ladder_color_always_colors_a_pipe,
    test_quiet_is_one_line,
    test_verbose_shows_every_field,
    test_json_lines_have_their_keys,
    test_json_is_the_same_in_any_dress,
    *lab.some([captured(suffix, version) for suffix in ("pcapng", "pcap")
               for version in (4, 6)], 3),
    test_capture_to_standard_output_is_pcapng_alone,
    test_capture_with_the_standard_descriptors_closed_is_whole,
]

if __name__ == "__main__":
    lab.run(TESTS)
