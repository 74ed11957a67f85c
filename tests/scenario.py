#!/usr/bin/env python3
"""scenario: one scenario played: against real kernels and in memory, held, failed and refused."""
import os
import re
import shutil
import signal
import socket
import subprocess

import lab
import tap
from frames import Frame, read_pcapng
from lab import fails, named, private, synstep
from servers import Server
from tap import equal, need, receive, until
from texts import CONNECTS, DRIVEN, ECHO, MISTAKES, SILENCE, WAITS, WRONG_ACK, file_with

UTF8 = {"LC_ALL": "C.UTF-8"}
WORLDS = {"private": (), "private ipv6": ("-6",), "simulated": ("--simulate",),
          "simulated ipv6": ("--simulate", "-6")}


def steps_of(outcome):
    return outcome.of("step")


# --- it holds ------------------------------------------------------------------------------------

def holds(what, text, world, words, check):
    def test(case):
        path = file_with(case, text)
        outcome = lab.held(case, path, *words)
        for event in outcome.events:
            equal(event["file"], path, "file of", event)
        start = outcome.events[0]
        equal(start["title"], re.search('title "(.*)"', text)[1], "title")
        equal(start["local"]["address"], "fd00::1" if "-6" in words else "10.0.0.1", "address")
        for step in steps_of(outcome):
            need(step["ok"] and not step["mismatches"], "step", step)
            line = text.splitlines()[step["place"]["line"] - 1]
            equal(step["text"], line.strip(), "the statement at its line")
        check(outcome)
    return named(test, "test", what, world, "holds")


def echoes(outcome):
    data = [step for step in steps_of(outcome) if step["text"].endswith('"hello"')]
    equal(len(data), 1, "the echo's step", outcome)
    segment = next(event for event in outcome.segments if event["n"] == data[0]["n"])
    equal((segment["from"], segment["length"], segment["symbols"]["seq"]), ("peer", 5, "K+1"),
          "the segment it was held against", segment)


def is_driven(outcome):
    kinds = [step["kind"] for step in steps_of(outcome)]
    equal(kinds.count("peer"), 6, "peer steps", outcome)


def opens(outcome):
    equal(outcome.events[0]["isn"], None, "J is not known yet")
    equal(outcome.segments[0]["flags"], ["SYN"], "the first segment")
    equal(outcome.segments[0]["from"], "peer", "who opens")
    # Our kernel, which knows of no such connection, has sent no RST.
    flags = [segment["flags"] for segment in outcome.segments if segment["from"] == "local"]
    equal(flags, [["SYN", "ACK"], ["RST", "ACK"]], "what left")
    need(outcome.segments[-1]["n"] == 4, "segments", outcome)


HOLDS = [holds(what, text, world, words, check)
         for what, text, check in (("an echo", ECHO, echoes), ("a driven peer", DRIVEN, is_driven),
                                   ("a peer that connects", CONNECTS, opens))
         for world, words in WORLDS.items()]


def on_loopback(what, text):
    @private
    def test(case):
        for version in ("-4", "-6"):
            outcome = lab.held(case, file_with(case, text), "--loopback", version)
            equal(outcome.events[0]["local"]["address"], outcome.events[0]["peer"]["address"],
                  "addresses")
    return named(test, "test", what, "on loopback holds")


@private
def test_a_server_of_somebody_else_is_played_against(case):
    def serve(connection):
        connection.sendall(receive(connection, 5))
        equal(connection.recv(1), b"", "after our FIN")
    server = Server(case, serve)
    text = ECHO + "> FIN,ACK\n<? ACK\n< FIN,ACK\n> ACK\n"
    outcome = lab.held(case, file_with(case, text), server.target)
    equal(outcome.events[0]["peer"]["port"], server.port, "the peer's port")


def test_a_scenario_chooses_its_ip_version(case):
    for version, near in ((4, "10.0.0.1"), (6, "fd00::1")):
        text = f"only ipv{version}\n" + ECHO
        for words in ((), ("--simulate",)):
            outcome = lab.held(case, file_with(case, text), *words)
            equal(outcome.events[0]["local"]["address"], near, "address")


def test_params_replace_their_defaults(case):
    path = file_with(case, 'param n = 5\nparam m = 1\n' + ECHO + "> PSH,ACK size n\n> ACK size m\n")
    outcome = lab.held(case, path, "--simulate", "--param=n=7", "--param", "m=0x10")
    equal([segment["length"] for segment in outcome.segments if segment["from"] == "local"][-2:],
          [7, 16], "octets sent")


def test_the_same_seed_is_the_same_run(case):
    path = file_with(case, "let J\n" + ECHO)
    for words in lab.some((("--json",), ("-v",), ("-w", "-")), 3):
        once, again, other = [synstep(case, path, "--simulate", f"--seed={seed}", *words).out
                              for seed in (7, 7, 8)]
        need(once == again and once != other, "octet for octet:", words, once, again, other)
    ports = {(seed, synstep(case, path, "--json", f"--seed={seed}").segments[0]["seq"])
             for seed in (7, 7, 8)}
    equal(len(ports), 2, "J of a live run", ports)


def test_a_capture_holds_what_the_events_say(case):
    capture = os.path.join(case.folder(), "run.pcapng")
    outcome = lab.held(case, file_with(case, DRIVEN), "-w", capture)
    frames = [Frame(packet.octets) for packet in read_pcapng(capture)]
    equal([(frame.seq, frame.flags) for frame in frames],
          [(segment["seq"], segment["flags"]) for segment in outcome.segments], "frames")


def test_a_capture_of_arp_alone_is_of_frames(case):
    arp = "> ARP request\n< ARP reply\n"
    for name, text, packets in (("a.pcapng", arp, 2), ("a.pcap", arp, 2),
                                ("b.pcapng", arp + "> UDP dport=9\n<* ICMP port-unreachable\n", 2)):
        capture = os.path.join(case.folder(), name)
        outcome = lab.held(case, file_with(case, text), "-w", capture)
        frames = [event["fields"] for event in outcome.events if event.get("protocol") == "arp"]
        need(len(frames) >= 2 and frames[1]["sha"] == "02:00:00:00:00:02", frames)
        read = subprocess.run(["tcpdump", "-tnr", capture], capture_output=True, text=True,
                              check=True).stdout.splitlines()
        equal((len(read), "ARP" in read[0]), (packets, text == arp), read)


def test_arp_toward_a_target_on_loopback_is_refused(case):
    path = file_with(case, "> ARP request\n")
    fails(synstep(case, path, "127.0.0.1:9"), 2, "speaks of ARP, and goes through lo")


def test_a_dry_run_counts_steps_and_does_nothing(case):
    path = file_with(case, ECHO)
    outcome = synstep(case, path, "--dry-run", preexec_fn=lab.powerless)
    equal((outcome.status, outcome.out, outcome.err), (0, f"{path}: 7 steps\n", ""), outcome)


@private
def test_a_simulated_run_needs_no_privileges(case):
    lab.write("/proc/sys/user/max_user_namespaces", "0")
    outcome = synstep(case, file_with(case, DRIVEN), "--simulate", "--json",
                      preexec_fn=lab.powerless)
    need(outcome.status == 0 and outcome.end["ok"], outcome)


def test_a_simulated_run_does_not_wait(case):
    text = "peer listen\n> SYN seq=J\n< SYN,ACK\n> ACK\nwait 40min\n> RST,ACK\n"
    outcome = lab.held(case, file_with(case, text), "--simulate")
    need(outcome.end["duration_us"] >= 2400 * 10**6, "virtual time", outcome.end)


def copied(case):
    folder = case.folder()
    os.chmod(folder, 0o755)
    for name in ("synstep", "synstep-peer", "synstep-puppet"):
        shutil.copy(os.path.join(tap.BUILD, "src", name), folder)
    return os.path.join(folder, "synstep")


def test_an_ordinary_user_needs_no_root(case):
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    program = copied(case)
    for text in (ECHO, DRIVEN, CONNECTS):
        path = file_with(case, text)
        running = case.start([*tap.WRAP, program, "run", path, "--json"], **nobody, cwd="/")
        outcome = lab.outcome_of(running)
        need(outcome.status == 0 and outcome.err == "" and outcome.end["ok"], outcome)


# --- it does not ---------------------------------------------------------------------------------

def does_not_hold(world, words):
    def test(case):
        path = file_with(case, WRONG_ACK)
        outcome = fails(synstep(case, path, "--json", *words), 1, f"synstep run: {path}:4: ",
                        "SYN,ACK", "ack")
        step = steps_of(outcome)[-1]
        equal((step["ok"], step["kind"], step["n"], step["place"]),
              (False, "expect", 2, {"file": path, "line": 4}), "step")
        wrong = {each["name"]: (each["expected"], each["actual"]) for each in step["mismatches"]}
        j = outcome.segments[0]["seq"]
        equal(set(wrong), {"ack", "mss"}, "what differs")
        need(str((j + 2) % 2**32) in wrong["ack"][0] and str((j + 1) % 2**32) in wrong["ack"][1],
             "both numbers of", wrong["ack"])
        equal(outcome.segments[1]["ack"], (j + 1) % 2**32, "the ack that came")
        equal((outcome.end["ok"], outcome.end["failed"]), (False, 2), "end event")
        need(not any(segment["flags"] == ["ACK"] for segment in outcome.segments),
             "it goes on:", outcome)
    return named(test, "test_a_wrong_ack", world, "is told field by field")


def test_silence_is_told(case):
    path = file_with(case, SILENCE)
    for words in ((), ("--simulate",)):
        outcome = fails(synstep(case, path, "--json", *words), 1, f"{path}:4: ",
                        "nothing came in 50 ms")
        step = steps_of(outcome)[-1]
        equal((step["ok"], step["n"], step["answer"]), (False, None, "nothing came in 50 ms"), step)


def test_a_failure_in_an_included_file_names_that_file(case):
    path = file_with(case, 'include "part.step"\n')
    part = os.path.join(os.path.dirname(path), "part.step")
    with open(part, "w", encoding="ascii") as file:
        file.write(WRONG_ACK)
    outcome = fails(synstep(case, path, "--simulate", env=UTF8), 1, "part.step:4: ")
    need("(" in outcome.out and "part.step)" in outcome.out, "the file in the ladder", outcome)


def test_a_run_that_takes_too_long_is_ended(case):
    path = file_with(case, WAITS)
    seconds = 6 if lab.SLOW else 0.3
    outcome = fails(synstep(case, path, "--json", f"--timeout={seconds}"), 1, f"{path}:8: ",
                    f"not done in {seconds} s (--timeout)")
    equal(outcome.segments[-1]["flags"], ["RST", "ACK"], "the last segment")


# --- the ladder ----------------------------------------------------------------------------------

def ladder_fits(what, text, status, *words, env=None):
    def test(case):
        outcome = synstep(case, file_with(case, text), "--simulate", *words, env=env or UTF8)
        equal(outcome.status, status, "exit status", outcome)
        for line in outcome.out.splitlines():
            need(len(line) <= 80 and line == line.rstrip(), f"{len(line)} columns:", line)
        need("\x1b" not in outcome.out, "an escape sequence in a pipe")
        if env or "--ascii" in words:
            need(outcome.out.isascii(), "not ASCII:", outcome)
        need(re.search(r"^ +line 4 [│|] (✓|ok|✗|FAIL) < ", outcome.out, re.MULTILINE),
             "line 4 is not told:", outcome)
        need(re.search('title "(.*)"', text)[1] in outcome.out.splitlines()[0], "the title", outcome)
    return named(test, "test_ladder_of", what, *words, "in C" if env else "", "fits")


def test_quiet_prints_one_line(case):
    outcome = synstep(case, file_with(case, ECHO), "-q")
    need(outcome.status == 0 and outcome.out.count("\n") == 1 and "all held" in outcome.out, outcome)


# --- what is refused -----------------------------------------------------------------------------

def test_all_mistakes_are_told_before_anything_is_sent(case):
    path = file_with(case, MISTAKES)
    outcome = synstep(case, path, preexec_fn=lab.powerless)
    equal((outcome.status, outcome.out), (2, ""), outcome)
    lines = outcome.err.splitlines()
    equal([line.split(" ")[0] for line in lines if line.startswith(path)],
          [f"{path}:1:3:", f"{path}:2:11:", f"{path}:3:6:"], "places", outcome)
    equal(len(lines), 9, "a line and a caret each", outcome)
    need("did you mean SYN?" in lines[0] and lines[2].strip().startswith("^"), outcome)


# Words after a scenario that can be read, and what is said of them.
REFUSED = [
    (["--isn=5"], ["--isn", "a scenario"]),
    (["--isn=random"], ["--isn", "a scenario"]),
    (["--data=x"], ["--data", "a scenario"]),
    (["--data-file=x"], ["--data-file", "a scenario"]),
    (["--mss=1000"], ["--mss", "a scenario"]),
    (["--window=1000"], ["--window", "a scenario"]),
    (["--impair=drop:1"], ["--impair", "a scenario"]),
    (["--simulate", "localhost:80"], ["--simulate", "localhost:80"]),
    (["--simulate", "--loopback"], ["--simulate", "--loopback"]),
    (["--loopback", "localhost:80"], ["--loopback", "not both"]),
    (["--interface=lo"], ["--interface", "HOST:PORT"]),
    (["--json", "-w", "-"], ["--json", "-w -"]),
    (["--jobs=0"], ["--jobs", "from 1 to 64", "'0'"]),
    (["--jobs=65"], ["--jobs", "from 1 to 64", "'65'"]),
    (["--param=n"], ["--param", "NAME=VALUE", "'n'"]),
    (["--param==5"], ["--param", "NAME=VALUE", "'=5'"]),
    (["--param=n="], ["--param", "NAME=VALUE", "'n='"]),
    (["--param=n=1", "--param=n=2"], ["--param", "'n'", "twice"]),
    (["--tap", "--json"], ["--tap", "--json"]),
    (["--tap", "-w", "x.pcap"], ["--write", "suite"]),
    (["--tap", "-v"], ["--verbose", "suite"]),
    (["--junit=-"], ["--junit", "file"]),
    (["--junit=/nonexistent/x.xml"], ["/nonexistent/x.xml", "No such file"]),
    (["nothing"], ["'nothing'", "no file or folder"]),
    (["localhost:80", "nothing.step"], ["'localhost:80'", "no file or folder"]),
    (["localhost:80", "localhost:81"], ["'localhost:80'", "no file or folder"]),
    (["nothing.step"], ["nothing.step", "No such file"]),
]


def refused(words, texts):
    @private
    def test(case):
        outcome = fails(synstep(case, file_with(case, ECHO), *words), 2, *texts)
        equal(outcome.out, "", "standard output")
    return named(test, "test", " ".join(word[:24] for word in words), "with a scenario is refused")


# The same without one.
ALONE = [["--dry-run"], ["--simulate"], ["--param=n=1"], ["--tap"], ["--junit=x"], ["--jobs=2"]]


def needs_a_scenario(words):
    @private
    def test(case):
        name = words[0].split("=")[0]
        fails(synstep(case, *words), 2, name, "needs a scenario")
        fails(synstep(case, *words, "localhost:80"), 2, name, "needs a scenario")
    return named(test, "test", words[0], "without a scenario is refused")


def test_a_target_before_a_scenario_is_refused(case):
    fails(synstep(case, "localhost:80", file_with(case, ECHO)), 2, "one.step", "before")


# What a scenario asks for, where it does not get it.
UNFIT = [
    ("only live\n" + ECHO, ["--simulate"], "only live"),
    ("only simulated\n" + ECHO, [], "only simulated"),
    ("only ipv6\n" + ECHO, ["-4"], "only ipv6"),
    ("only ipv4\n" + ECHO, ["-6", "--simulate"], "only ipv4"),
    (DRIVEN, ["localhost:9"], "HOST:PORT"),
    (ECHO + "peer expect state ESTABLISHED\n", ["localhost:9"], "HOST:PORT"),
    ("> SYN corrupt=ip.checksum\n", [], "--simulate"),
    ("> SYN ip.id=7\n", ["-6"], "ip.id"),
    ("> ARP request\n", ["-6"], "only ipv4"),
    ("> ARP request\n", ["--simulate"], "only live"),
    ("> ARP request\n", ["--loopback"], "without --loopback"),
]


def unfit(text, words, reason):
    @private
    def test(case):
        path = file_with(case, text)
        outcome = fails(synstep(case, path, *words, preexec_fn=lab.powerless), 2, path, reason)
        equal(outcome.out, "", "nothing is shown")
    return named(test, "test", reason, *words, "is refused before a place is made")


def test_a_param_that_is_not_there_is_refused(case):
    outcome = synstep(case, file_with(case, ECHO), "--param=wrong=1")
    equal((outcome.status, outcome.out), (2, ""), outcome)
    need("'wrong'" in outcome.err, outcome)


@private
def test_what_cannot_be_written_is_told(case):
    path = file_with(case, ECHO)
    for words in lab.some(((), ("--json",), ("--simulate",), ("--dry-run",)), 3):
        with open("/dev/full", "wb") as file:
            fails(synstep(case, path, *words, stdout=file), 1, "No space left on device")
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as file:
        fails(synstep(case, path, "--simulate", "--json", stdout=file), 1, "Broken pipe")


@private
def test_no_namespaces_names_the_three_ways(case):
    lab.write("/proc/sys/user/max_user_namespaces", "0")
    fails(synstep(case, file_with(case, DRIVEN), preexec_fn=lab.powerless), 3, "sudo",
          "setcap cap_net_raw,cap_net_admin+ep", "sysctl user.max_user_namespaces")


# --- broken off ----------------------------------------------------------------------------------

@private
def test_sigint_resets_somebody_elses_server(case):
    def serve(connection):
        need(connection.recv(1) == b"x", "the data")
        try:
            connection.recv(1)
            raise AssertionError("no reset")
        except ConnectionResetError:
            pass
    server = Server(case, serve)
    text = "> SYN seq=J\n< SYN,ACK seq=K ack=J+1\n> ACK\n> PSH,ACK \"x\"\n< ACK\nwait 100s\n"
    path = file_with(case, text)
    running = lab.start(case, path, server.target, "--json")
    running.wait_out('"n":5,')
    outcome = fails(lab.outcome_of(running, running.stop(signal.SIGINT)), 1, f"{path}:6: interrupted")
    equal(outcome.segments[-1]["flags"], ["RST", "ACK"], "the last segment")
    server.join()


def test_capabilities_are_gone_before_the_first_reply(case):
    running = lab.start(case, file_with(case, WAITS), "--json")
    running.wait_out('"n":3,')
    with open(f"/proc/{running.process.pid}/status", encoding="ascii") as file:
        words = dict(line.split(":\t") for line in file if ":\t" in line)
    for name in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        equal(int(words[name], 16), 0, name)
    equal(words["NoNewPrivs"].strip(), "1", "no_new_privs")
    running.stop(signal.SIGTERM)


def tree(pid):
    return [pid] + [below for child in lab.children(pid) for below in tree(child)]


def test_sigkill_leaves_nothing(case):
    running = lab.start(case, file_with(case, WAITS), "--json")
    running.wait_out('"n":3,')
    pids = tree(running.process.pid)
    equal(len(pids), 2, "processes of a run", pids)
    running.stop(signal.SIGKILL)
    lab.reap(lab.LEFT_SECONDS)
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "processes end", pids)


TESTS = [
    *lab.some(HOLDS, 5),
    *lab.some([on_loopback(what, text) for what, text in (
        ("an echo", ECHO), ("a driven peer", DRIVEN), ("a peer that connects", CONNECTS))], 2),
    test_a_server_of_somebody_else_is_played_against,
    test_a_scenario_chooses_its_ip_version,
    test_params_replace_their_defaults,
    test_the_same_seed_is_the_same_run,
    test_a_capture_holds_what_the_events_say,
    test_a_capture_of_arp_alone_is_of_frames,
    test_arp_toward_a_target_on_loopback_is_refused,
    test_a_dry_run_counts_steps_and_does_nothing,
    test_a_simulated_run_needs_no_privileges,
    test_a_simulated_run_does_not_wait,
    test_an_ordinary_user_needs_no_root,
    *lab.some([does_not_hold(world, words) for world, words in WORLDS.items()], 3),
    test_silence_is_told,
    test_a_failure_in_an_included_file_names_that_file,
    test_a_run_that_takes_too_long_is_ended,
    ladder_fits("an echo", ECHO, 0), ladder_fits("an echo", ECHO, 0, "--ascii"),
    ladder_fits("an echo", ECHO, 0, "-v"), ladder_fits("a wrong ack", WRONG_ACK, 1),
    ladder_fits("a wrong ack", WRONG_ACK, 1, env={"LC_ALL": "C"}),
    test_quiet_prints_one_line,
    test_all_mistakes_are_told_before_anything_is_sent,
    *lab.some([refused(words, texts) for words, texts in REFUSED], 9),
    *lab.some([needs_a_scenario(words) for words in ALONE], 3),
    test_a_target_before_a_scenario_is_refused,
    *lab.some([unfit(*each) for each in UNFIT], 5),
    test_a_param_that_is_not_there_is_refused,
    test_what_cannot_be_written_is_told,
    test_no_namespaces_names_the_three_ways,
    test_sigint_resets_somebody_elses_server,
    test_capabilities_are_gone_before_the_first_reply,
    test_sigkill_leaves_nothing,
]

if __name__ == "__main__":
    lab.run(TESTS)
