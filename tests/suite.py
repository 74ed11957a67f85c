#!/usr/bin/env python3
"""suite: many scenarios: their results in every form, in order, whatever becomes of each."""
import json
import os
import re
import signal
import threading
import time
import xml.etree.ElementTree as xml

import lab
import tap
from lab import fails, named, private, synstep
from scenario import copied, tree
from servers import Server
from tap import equal, need, until
from texts import CONNECTS, DRIVEN, ECHO, MISTAKES, SILENCE, WAITS, WRONG_ACK, folder_of

UTF8 = {"LC_ALL": "C.UTF-8"}
NAPS = 'title "Naps"\npeer listen\n> SYN seq=J\n< SYN,ACK\n> ACK\npeer accept\nwait 300ms\n'


def mixed(case):
    """Two that pass, two that fail, one that is skipped, in that order of names: b c f g s."""
    return folder_of(case, b=ECHO, c=DRIVEN, f=WRONG_ACK, g=SILENCE,
                     s='only simulated\ntitle "Only <in> memory & \\"elsewhere\\""\n> SYN\n< SYN,ACK\n')


def names(folder, *letters):
    return [os.path.join(folder, letter + ".step") for letter in letters]


def results(outcome):
    return [(event["file"], event["outcome"]) for event in outcome.of("result")]


# --- which, and in which order -------------------------------------------------------------------

def test_a_folder_stands_for_all_below_it_sorted(case):
    folder = folder_of(case, z=ECHO, a__z=ECHO, a__b__c=ECHO, a=ECHO, a__b=ECHO, B=ECHO)
    hidden = os.path.join(folder, ".hidden.step")
    os.makedirs(os.path.join(folder, ".git"))
    for path in (hidden, os.path.join(folder, ".git", "x.step"), os.path.join(folder, "x.txt"),
                 os.path.join(folder, ".step")):
        with open(path, "w", encoding="ascii") as file:
            file.write(MISTAKES)
    outcome = synstep(case, folder, "--simulate", "--json")
    wanted = sorted(os.path.join(folder, name + ".step") for name in
                    ("z", "a/z", "a/b/c", "a", "a/b", "B"))
    equal((outcome.status, results(outcome)), (0, [(name, "passed") for name in wanted]), outcome)
    # The folder is written in other ways, and one of its files once more.
    for words in lab.some((["."], ["./", "z.step"]), 2):
        outcome = synstep(case, *words, "--simulate", "--json", cwd=folder)
        equal(len(results(outcome)), len(wanted) + len(words) - 1, "results", outcome)
    need(MISTAKES.splitlines()[0] in synstep(case, hidden).err, "a hidden file that is named")


def test_mistakes_in_any_file_are_told_before_any_is_played(case):
    folder = folder_of(case, a=ECHO, b=MISTAKES, c=MISTAKES, d=ECHO)
    for words in ((), ("--tap",), ("--dry-run",), ("--json", "--simulate")):
        outcome = synstep(case, folder, *words, preexec_fn=lab.powerless)
        equal((outcome.status, outcome.out), (2, ""), words, outcome)
        for name in ("b", "c"):
            equal(outcome.err.count(f"{folder}/{name}.step:"), 3, "mistakes in", name, outcome)


def test_a_step_that_cannot_be_done_is_told_before_any_is_played(case):
    folder = folder_of(case, a=ECHO, b="> SYN corrupt=ip.checksum\n")
    outcome = fails(synstep(case, folder), 2, f"{folder}/b.step:1: ", "--simulate")
    equal(outcome.out, "", "standard output")


def test_a_dry_run_counts_each(case):
    folder = folder_of(case, a=ECHO, b="> SYN\n", c=WAITS)
    outcome = synstep(case, folder, "--dry-run")
    a, b, c = names(folder, "a", "b", "c")
    equal((outcome.status, outcome.out), (0, f"{a}: 7 steps\n{b}: 1 step\n{c}: 6 steps\n"), outcome)


def test_a_folder_without_a_scenario_is_refused(case):
    fails(synstep(case, folder_of(case)), 2, "no scenario")
    fails(synstep(case, folder_of(case), "--simulate", "--dry-run"), 2, "no scenario")


# --- the results ---------------------------------------------------------------------------------

def test_lines_tell_each_and_count(case):
    folder = mixed(case)
    outcome = fails(synstep(case, folder, env=UTF8), 1, "2 of 5 failed; the first: " + folder,
                    "f.step:4: ")
    lines = outcome.out.splitlines()
    starts = [line.split()[:2] for line in lines if not line.startswith(" ")]
    b, c, f, g, s = names(folder, "b", "c", "f", "g", "s")
    equal(starts, [["ok", b], ["ok", c], ["FAILED", f], ["FAILED", g], ["skipped", s],
                   ["2", "passed,"]], outcome)
    equal(lines[-1], "2 passed, 2 failed, 1 skipped", "the last line")
    need(re.search(r"\n +expected +actual\n +ack +J\+2 = \d+ +J\+1 = \d+\n +mss +1400 +1460\n",
                   outcome.out), "the table", outcome)
    need("nothing came in 50 ms" in outcome.out and "only simulated" in outcome.out, outcome)
    need(outcome.out.isascii() and "\x1b" not in outcome.out, "not plain:", outcome)


def test_quiet_prints_the_last_line_only(case):
    outcome = synstep(case, mixed(case), "-q", "--simulate")
    equal((outcome.status, outcome.out), (1, "3 passed, 2 failed, 0 skipped\n"), outcome)


def test_color_is_for_terminals(case):
    outcome = synstep(case, mixed(case), "--color=always", "--simulate")
    need("\x1b[0;32mok\x1b[0m " in outcome.out and "\x1b[0;1;31mFAILED\x1b[0m " in outcome.out,
         outcome)


def test_tap_has_a_plan_and_diagnostics(case):
    folder = mixed(case)
    outcome = fails(synstep(case, folder, "--tap"), 1, "2 of 5")
    lines = outcome.out.splitlines()
    equal(lines[:2], ["TAP version 14", "1..5"], "head")
    points = [line for line in lines if re.match("(not )?ok ", line)]
    b, c, f, g, s = names(folder, "b", "c", "f", "g", "s")
    equal([point.split(":")[0].split(" # ")[0] for point in points],
          [f"ok 1 - {b}", f"ok 2 - {c}", f"not ok 3 - {f}", f"not ok 4 - {g}", f"ok 5 - {s}"], points)
    need(" # SKIP only simulated" in points[4], points)
    equal((lines.count("  ---"), lines.count("  ...")), (2, 2), "YAML blocks")
    for text in ('    line: 4', '    - name: "ack"', '  answer: "nothing came in 50 ms"'):
        need(text in lines, text, "is not in", outcome)
    for line in lines:
        if found := re.fullmatch(r' +(?:- )?[a-z]+: (".*")', line):
            json.loads(found[1])  # this much of YAML's double quotes is JSON's
    equal(lines[-1], "# 2 passed, 2 failed, 1 skipped", "the last line")


def test_one_scenario_with_tap_is_a_suite(case):
    outcome = synstep(case, os.path.join(folder_of(case, a=ECHO), "a.step"), "--tap")
    equal((outcome.status, outcome.err), (0, ""), outcome)
    need(re.fullmatch(r"TAP version 14\n1\.\.1\nok 1 - .*/a\.step: An echo\n# 1 passed.*\n",
                      outcome.out), outcome)


def test_junit_is_xml(case):
    folder, path = mixed(case), os.path.join(case.folder(), "results.xml")
    outcome = fails(synstep(case, folder, f"--junit={path}", "--json"), 1, "2 of 5")
    suites = xml.parse(path).getroot()
    suite = suites.find("testsuite")
    for element in (suites, suite):
        equal([element.get(key) for key in ("tests", "failures", "errors", "skipped")],
              ["5", "2", "0", "1"], "counts")
    cases = suite.findall("testcase")
    equal([each.get("file") for each in cases], names(folder, "b", "c", "f", "g", "s"), "files")
    equal(cases[4].get("name"), 'Only <in> memory & "elsewhere"', "the title")
    need("only simulated" in cases[4].find("skipped").get("message"), "the reason")
    failure = cases[2].find("failure")
    need("f.step:4:" in failure.get("message") and "< SYN,ACK seq=K ack=J+2" in failure.text,
         "the failure", failure.text)
    equal([each.find("failure") is None for each in cases], [True, True, False, False, True], cases)
    equal(len(results(outcome)), 5, "the other results are there, too")


def test_json_is_one_run_after_the_other(case):
    folder = mixed(case)
    outcome = fails(synstep(case, folder, "--json", "--jobs=4"), 1, "2 of 5")
    b, c, f, g, s = names(folder, "b", "c", "f", "g", "s")
    equal(results(outcome), [(b, "passed"), (c, "passed"), (f, "failed"), (g, "failed"),
                             (s, "skipped")], outcome)
    summary = outcome.events.pop()
    equal(summary, {"event": "summary", "passed": 2, "failed": 2, "skipped": 1, "broken_off": "",
                    "file": None}, "the last line")
    files = [event["file"] for event in outcome.events]
    equal(files, sorted(files), "one file after the other")
    for name in (b, c, f, g):
        kinds = [event["event"] for event in outcome.events if event["file"] == name]
        equal((kinds[0], kinds[-2:]), ("start", ["end", "result"]), "events of", name)


def test_a_seed_repeats_a_failure(case):
    folder = folder_of(case, f=WRONG_ACK, g=WRONG_ACK)
    outcome = synstep(case, folder, "--simulate", "--json")
    seeds = [event["seed"] for event in outcome.of("result")]
    need(seeds[0] != seeds[1], "each its own seed", seeds)
    lines = synstep(case, folder, "--simulate", f"--seed={seeds[0]}").out
    equal(lines.count(f"again with --seed={seeds[0]}\n"), 2, "the seed in the lines")
    alone = synstep(case, folder + "/f.step", "--simulate", "--json", f"--seed={seeds[0]}")
    of_one = [event for event in outcome.events if str(event["file"]).endswith("f.step")][:-1]
    equal(alone.events, of_one, "the same events alone")


# --- skipped -------------------------------------------------------------------------------------

SKIPPED = [
    ("only live\n" + ECHO, ["--simulate"], "only live"),
    ("only simulated\n" + ECHO, [], "only simulated"),
    ("only ipv6\n" + ECHO, ["-4"], "only ipv6"),
    ("only ipv4\n" + ECHO, ["-6"], "only ipv4"),
    (DRIVEN, ["127.0.0.1:9"], "HOST:PORT"),
    ("> ARP request\n", ["--loopback"], "it speaks of ARP, which loopback has not"),
]


def skipped(text, words, reason):
    @private
    def test(case):
        outcome = synstep(case, folder_of(case, a=text), "--json", *words)
        equal((outcome.status, outcome.err), (0, ""), outcome)
        result, summary = outcome.events
        equal((result["outcome"], summary["skipped"]), ("skipped", 1), outcome)
        need(reason in result["text"], reason, "is not in", result)
    return named(test, "test", reason, *words, "is skipped")


# --- at a time -----------------------------------------------------------------------------------

def at_once(jobs, words, most):
    def test(case):
        folder = folder_of(case, **{name: NAPS for name in "abcdef"})
        running = lab.start(case, folder, "--json", *words)
        seen = 0
        while running.is_open():
            try:
                seen = max(seen, len(lab.children(running.process.pid)))
            except (FileNotFoundError, ProcessLookupError):
                break
            time.sleep(0.002)
        outcome = lab.outcome_of(running)
        equal(outcome.status, 0, outcome)
        equal(seen, most, "processes at a time")
    return named(test, "test_jobs", jobs, "at once")


def test_results_wait_for_their_turn(case):
    folder = folder_of(case, a=NAPS, **{f"b{i}": ECHO for i in range(3 if lab.SLOW else 8)})
    running = lab.start(case, folder, "--jobs=4")
    running.wait_out("\n")
    need(running.out.startswith("ok       " + folder + "/a.step"), "the first line", running.out)
    equal(lab.outcome_of(running).status, 0, "exit status", running.out)


def test_hundreds_are_played(case):
    count = 8 if lab.SLOW else 600
    folder = folder_of(case, **{f"s{i:03}": ECHO for i in range(count)})
    outcome = synstep(case, folder, "--simulate", "--json", "--jobs=8")
    equal((outcome.status, len(results(outcome))), (0, count), outcome.err)


OF_EACH = 1 if lab.SLOW else 4


def all_kinds(case):
    return folder_of(case, **{f"{name}{i}": text for i in range(OF_EACH) for name, text in
                              (("e", ECHO), ("d", DRIVEN), ("c", CONNECTS))})


def all_pass(outcome):
    equal((outcome.status, outcome.out.splitlines()[-1]),
          (0, f"{3 * OF_EACH} passed, 0 failed, 0 skipped"), outcome)


def test_all_worlds_at_once(case):
    for words in ((), ("-6",), ("--simulate",)):
        all_pass(synstep(case, all_kinds(case), "--jobs=6", *words))


@private
def test_loopback_is_shared(case):
    all_pass(synstep(case, all_kinds(case), "--jobs=6", "--loopback"))


def test_an_ordinary_user_needs_no_root(case):
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    folder = folder_of(case, c=CONNECTS, d=DRIVEN, e=ECHO)
    running = case.start([*tap.WRAP, copied(case), "run", folder, "--json"], **nobody, cwd="/")
    outcome = lab.outcome_of(running)
    equal((outcome.status, outcome.err), (0, ""), outcome)
    equal(len(results(outcome)), 3, "results")


# --- trouble -------------------------------------------------------------------------------------

def playing(running, count):
    """The children, once so many play."""
    until(lambda: len(lab.children(running.process.pid)) == count, "children", count)
    return lab.children(running.process.pid)


def waits_to_play(pid):
    """It is past its making: its peer is there."""
    until(lambda: lab.children(pid), "the peer of", pid)


def test_a_child_that_is_killed_has_failed(case):
    folder = folder_of(case, a=WAITS, b=ECHO)
    running = lab.start(case, folder, "--jobs=1", "--json")
    child = playing(running, 1)[0]
    waits_to_play(child)
    os.kill(child, signal.SIGKILL)
    outcome = fails(lab.outcome_of(running), 1, "1 of 2", "crashed: Killed")
    equal(results(outcome), list(zip(names(folder, "a", "b"), ("failed", "passed"))), outcome)


def test_a_child_that_hangs_is_ended(case):
    folder = folder_of(case, a=WAITS, b=ECHO)
    running = lab.start(case, folder, "--jobs=1", "--timeout=1")
    child = playing(running, 1)[0]
    waits_to_play(child)
    pids = tree(child)
    os.kill(child, signal.SIGSTOP)
    outcome = fails(lab.outcome_of(running), 1, "1 of 2", "did not end in 1 s (--timeout)")
    need(outcome.out.startswith("FAILED") and "1 passed, 1 failed" in outcome.out, outcome)
    gone(pids)


def test_one_that_takes_too_long_has_failed_at_its_step(case):
    seconds = 6 if lab.SLOW else 0.3
    outcome = fails(synstep(case, folder_of(case, a=WAITS), f"--timeout={seconds}"), 1, "1 of 1",
                    f"a.step:8: not done in {seconds} s")
    need(outcome.out.startswith("FAILED"), outcome)


def gone(pids):
    lab.reap(lab.LEFT_SECONDS)
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "processes end", pids)


def broken_off(number, group, words, last):
    def test(case):
        folder = folder_of(case, a=ECHO, b=WAITS, c=WAITS, d=ECHO)
        running = lab.start(case, folder, "--jobs=2", *words, start_new_session=True)
        running.wait_out("a.step")
        for child in playing(running, 2):
            waits_to_play(child)
        pids = tree(running.process.pid)
        (os.killpg if group else os.kill)(running.process.pid, number)
        outcome = fails(lab.outcome_of(running), 1, "interrupted after 1 of 4")
        need(last in outcome.out, last, "is not in", outcome)
        need("b.step" not in outcome.out, "what was broken off is told:", outcome)
        gone(pids)
    return named(test, "test", number.name, "to all" if group else "", *words, "ends all")


@private
def test_sigint_resets_somebody_elses_server(case):
    seen = threading.Event()

    def serve(connection):
        equal(connection.recv(1), b"x", "the data")
        seen.set()
        try:
            connection.recv(1)
            raise AssertionError("no reset")
        except ConnectionResetError:
            pass
    server = Server(case, serve)
    text = "> SYN seq=J\n< SYN,ACK seq=K ack=J+1\n> ACK\n> PSH,ACK \"x\"\n< ACK\nwait 100s\n"
    running = lab.start(case, folder_of(case, a="wait 1ms\n", b=text), server.target)
    running.wait_out("a.step")
    need(seen.wait(tap.DEADLINE), "the data never came")
    fails(lab.outcome_of(running, running.stop(signal.SIGINT)), 1, "interrupted after 1 of 2")
    server.join()


def test_junit_of_a_suite_that_is_broken_off_is_whole(case):
    path = os.path.join(case.folder(), "x.xml")
    running = lab.start(case, folder_of(case, a=ECHO, b=WAITS), "--jobs=1", f"--junit={path}")
    running.wait_out("a.step")
    waits_to_play(playing(running, 1)[0])
    fails(lab.outcome_of(running, running.stop(signal.SIGINT)), 1, "interrupted after 1 of 2")
    cases = xml.parse(path).getroot().find("testsuite").findall("testcase")
    equal([each.find("skipped") is None for each in cases], [True, False], "skipped")


def test_sigkill_leaves_nothing(case):
    for step in range(1 if lab.SLOW else 12):
        running = lab.start(case, folder_of(case, a=WAITS, b=WAITS, c=WAITS), "--jobs=3")
        if step == 0:
            for child in playing(running, 3):
                waits_to_play(child)
        else:
            time.sleep(step * 0.002)
        pids = tree(running.process.pid)
        running.process.kill()
        running.process.wait()
        gone(pids)


@private
def test_what_none_may_do_ends_the_suite(case):
    lab.write("/proc/sys/user/max_user_namespaces", "0")
    folder = folder_of(case, **{name: DRIVEN for name in "abcdef"})
    fails(synstep(case, folder, "--jobs=2", preexec_fn=lab.powerless), 3, "sudo",
          "setcap cap_net_raw,cap_net_admin+ep", "sysctl user.max_user_namespaces")


def test_full_disks_are_told(case):
    folder = folder_of(case, a=ECHO, b=ECHO)
    for words in lab.some(((), ("--tap",), ("--json",), ("-q",)), 3):
        with open("/dev/full", "wb") as file:
            fails(synstep(case, folder, "--simulate", *words, stdout=file), 1, "standard output",
                  "No space left on device")
    fails(synstep(case, folder, "--simulate", "--junit=/dev/full"), 1, "/dev/full",
          "No space left on device")


def test_a_broken_pipe_is_told(case):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as file:
        fails(synstep(case, folder_of(case, a=ECHO), "--simulate", stdout=file), 1,
              "standard output", "Broken pipe")


TESTS = [
    test_a_folder_stands_for_all_below_it_sorted,
    test_mistakes_in_any_file_are_told_before_any_is_played,
    test_a_step_that_cannot_be_done_is_told_before_any_is_played,
    test_a_dry_run_counts_each,
    test_a_folder_without_a_scenario_is_refused,
    test_lines_tell_each_and_count,
    test_quiet_prints_the_last_line_only,
    test_color_is_for_terminals,
    test_tap_has_a_plan_and_diagnostics,
    test_one_scenario_with_tap_is_a_suite,
    test_junit_is_xml,
    test_json_is_one_run_after_the_other,
    test_a_seed_repeats_a_failure,
    *lab.some([skipped(*each) for each in SKIPPED], 3),
    at_once(1, ["--jobs=1"], 1), at_once(3, ["--jobs=3"], 3),
    test_results_wait_for_their_turn,
    test_hundreds_are_played,
    test_all_worlds_at_once,
    test_loopback_is_shared,
    test_an_ordinary_user_needs_no_root,
    test_a_child_that_is_killed_has_failed,
    test_a_child_that_hangs_is_ended,
    test_one_that_takes_too_long_has_failed_at_its_step,
    *lab.some([
        broken_off(signal.SIGINT, True, [], "1 passed, 0 failed, 0 skipped; interrupted"),
        broken_off(signal.SIGINT, False, ["--tap"], "Bail out! interrupted"),
        broken_off(signal.SIGTERM, False, ["--json"], '"broken_off":"interrupted"'),
    ], 2),
    test_sigint_resets_somebody_elses_server,
    test_junit_of_a_suite_that_is_broken_off_is_whole,
    test_sigkill_leaves_nothing,
    test_what_none_may_do_ends_the_suite,
    test_full_disks_are_told,
    test_a_broken_pipe_is_told,
]

if __name__ == "__main__":
    lab.run(TESTS)
