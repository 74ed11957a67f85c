#!/usr/bin/env python3
"""help: what each command tells of itself when asked, and that its manual page tells the same."""
import os
import re

import lab
import tap
from lab import named
from tap import equal, need

COMMANDS = ("run", "step", "record", "send", "verify", "explain", "doctor")
AMONG_OTHERS = {"run": ("-4", "--help", "-6"), "step": ("-4", "--help", "-6"),
                "record": ("-l", "--help", "-n1"), "send": ("-4", "--help", "-6"),
                "verify": ("-l", "--help", "-q"), "explain": ("--json", "--help", "--ascii"), "doctor": ("-4", "--help", "-6")}
OF_EVERY_COMMAND = {"help", "usage", "version"}
SOURCES = os.environ.get("SYNSTEP_SRCDIR", os.path.join(os.path.dirname(__file__), ".."))


def asked(case, *words, **more):
    running = case.start([*tap.program("synstep"), *words], **more)
    status = running.end()
    return lab.Outcome(status, running.out, lab.WRAPPER_TALK.sub("", running.err))


def told(case, *words):
    """What is printed on standard output: all is well, and nothing was done besides."""
    outcome = asked(case, *words)
    equal((outcome.status, outcome.err), (0, ""), words, outcome)
    need(outcome.out.isascii(), "not ASCII:", outcome.out)
    need("SYN J" not in outcome.out and "muted listener" not in outcome.out, "it ran:", outcome)
    return outcome.out


def manual_options(command):
    with open(f"{SOURCES}/man/synstep-{command}.1", encoding="utf-8") as page:
        items = [line for line in page if line.startswith(".It Fl")]
    return {option for item in items for option in re.findall(r"Fl -([a-z][a-z0-9-]*)", item)}


def same_options(command):
    def test(case):
        for words in (("--help",), ("-?",), AMONG_OTHERS[command]):
            options = set(re.findall(r"--([a-z][a-z0-9-]*)[=\s]", told(case, command, *words)))
            equal(options - OF_EVERY_COMMAND, manual_options(command), words)
            need(OF_EVERY_COMMAND <= options, "not all told:", options)
    return named(test, "test_help_of", command, "tells the options of its manual page")


def test_help_begins_with_the_usage(case):
    for command in lab.some(COMMANDS, 4):
        need(told(case, command, "--help").startswith(f"Usage: synstep {command} "), command)
        need(told(case, command, "--usage").startswith(f"Usage: synstep {command} "), command)


def test_version_is_one_line_everywhere(case):
    line = told(case, "--version")
    need(re.fullmatch(r"synstep \d+\.\d+\.\d+\n", line), line)
    for command in lab.some(COMMANDS, 4):
        equal(told(case, command, "--version"), line, command)
        equal(told(case, command, "-V"), line, command)


def test_help_lists_every_command(case):
    text = told(case, "--help")
    for command in (*COMMANDS, "peer", "talk"):
        need(re.search(f"^  {command} +[a-z]", text, re.MULTILINE), command, "is not in", text)
    outcome = asked(case)
    equal((outcome.status, outcome.out, outcome.err), (2, "", text), "without a word")


def test_help_that_cannot_be_written_is_told(case):
    for words in (("run", "--help"), ("doctor", "--usage"), ("doctor",), ("--help",), ("--version",)):
        with open("/dev/full", "wb") as file:
            outcome = asked(case, *words, stdout=file)
        equal(outcome.status, 1, "exit status", words, outcome)
        need(outcome.err.startswith(f"synstep {words[0]}: standard output"), outcome)
        need("No space left on device" in outcome.err, outcome)


TESTS = [
    *lab.some([same_options(command) for command in COMMANDS], 3),
    test_help_begins_with_the_usage,
    test_version_is_one_line_everywhere,
    test_help_lists_every_command,
    test_help_that_cannot_be_written_is_told,
]

if __name__ == "__main__":
    lab.run(TESTS)
