#!/usr/bin/env python3
"""library: each scenario of share/scenarios and of the manual holds; each twin of one fails."""
import json
import os
import re

import lab
import twins
from lab import SLOW, named
from tap import Skip, equal, need, program

SOURCE = os.environ.get("SYNSTEP_SRCDIR", ".")
LIBRARY = os.path.join(SOURCE, "share", "scenarios")
MANUAL = os.path.join(SOURCE, "man", "synstep-scenario.5")
NEEDS = ("live", "simulated", "ipv4", "ipv6")

# What an example includes.
INCLUDED = """let J
> SYN seq=J mss=1460 sackok
< SYN,ACK seq=K ack=J+1
> ACK seq=J+1 ack=K+1
"""

# Of each list that takes long, a part where every program runs under a wrapper that makes it slow.
EVERY = 24 if SLOW else 1


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def library():
    return {name: read(os.path.join(LIBRARY, name)) for name in sorted(os.listdir(LIBRARY))
            if name.endswith(".step")}


def examples():
    """The manual's complete scenarios: those with a title."""
    shown = re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", read(MANUAL),
                       re.MULTILINE | re.DOTALL)
    whole = [text.replace("\\e", "\\").replace("\\&", "") for text in shown
             if text.startswith("title")]
    return {f"example-{number}.step": text for number, text in enumerate(whole, 1)} | {
        "handshake.step": INCLUDED}


def is_for(text, mode):
    """Whether a scenario's `only` lines let it run so; `mode` is a set of NEEDS."""
    needs = " ".join(re.findall(r"^only\s+([a-z0-9 ]+)", text, re.MULTILINE)).split()
    return all(need in mode for need in needs)


def mode_of(words):
    return {"simulated" if "--simulate" in words else "live", "ipv6" if "-6" in words else "ipv4"}


def written(case, texts):
    folder = case.folder()
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def results(case, folder, *words):
    """Each scenario's name with its result."""
    suite = case.start([*program("synstep"), "run", "--json", "--jobs=2", *words, folder])
    if suite.end() == 3:
        raise Skip(suite.err)
    lines = [json.loads(line) for line in suite.out.splitlines()]
    ends = {}
    for line in lines:
        if line.get("event") == "result":
            ends[os.path.basename(line["file"])] = line
    need(ends, "no results:", suite.err[:400])
    return ends


def line_of(result):
    place = re.match(r".*?\.step:(\d+): ", result["text"])
    need(place, "a failure without its place:", result)
    return int(place[1])


def holds(what, every, texts, least, *words):
    """All of them that are for this way of running, or one in `every`."""
    def test(case):
        fit = {name: text for name, text in texts().items() if is_for(text, mode_of(words))}
        chosen = dict(list(fit.items())[::every])
        ends = results(case, written(case, chosen), *words)
        for name in chosen:
            equal(ends[name]["outcome"], "passed", name, ends[name])
        need(len(fit) >= least, "there are less than there were:", len(fit))
    return named(test, "test", what, *words or ["live"], "hold")


def twins_of(texts):
    made = {}
    for name, text in texts.items():
        for number, twin in enumerate(twins.of(text)):
            made[f"{name[:-5]}-{number:03}.step"] = twin
    return dict(list(made.items())[::EVERY])


def twins_fail(what, chosen, *words, least=40):
    """Every twin fails, and at the very line that was made wrong."""
    def test(case):
        made = twins_of({name: text for name, text in library().items() if chosen(text)})
        if "--simulate" not in words:  # time is exact on the simulated wire only
            made = {name: twin for name, twin in made.items() if not twin.timed}
        ends = results(case, written(case, {name: twin.text for name, twin in made.items()}),
                       *words)
        for name, twin in made.items():
            equal(ends[name]["outcome"], "failed", name, twin.line, twin.what)
            equal(line_of(ends[name]), twin.line, "the line that failed", name, twin.what)
        need(len(made) >= least // EVERY, "too few twins:", len(made))
    return named(test, "test_each_twin_of", what, "fails")


TESTS = [
    holds("library", EVERY, library, 83, "-4"),
    holds("library", EVERY, library, 80, "-6"),
    holds("library", EVERY, library, 51, "--simulate", "-4"),
    holds("library", EVERY, library, 50, "--simulate", "-6"),
    holds("manual", 1, examples, 4, "-4"),
    holds("manual", 1, examples, 2, "--simulate", "-6"),
    twins_fail("a simulated scenario", lambda text: is_for(text, {"simulated", "ipv4"}),
               "--simulate"),
    twins_fail("a scenario for a real kernel only",
               lambda text: not is_for(text, {"simulated", "ipv4"}) and
               is_for(text, {"live", "ipv4"})),
    twins_fail("a scenario for IPv6 only", lambda text: not is_for(text, {"live", "ipv4"}) and
               is_for(text, {"live", "ipv6"}), "-6", least=24),
]

if __name__ == "__main__":
    lab.run(TESTS, at_a_time=1)  # a suite has its own two jobs
