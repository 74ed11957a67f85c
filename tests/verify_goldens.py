#!/usr/bin/env python3
"""verify_goldens: all captures of tests/captures, and what `synstep verify` is expected to say."""
import difflib
import os
import re

import goldens
import tap
from tap import equal, need, program

# A fragment is never judged before it is put together: `synstep run` alone says so.
NOT_OF_FILES = {"fragment_not_judged"}
NOW = {}


def now(case):
    """One start for each way to tell, for all tests."""
    if not NOW:
        NOW.update(goldens.now(program("synstep"), case.folder()))
    return NOW


def difference(name, text):
    lines = difflib.unified_diff(goldens.expected(name).splitlines(), text.splitlines(),
                                 f"{name}{goldens.SUFFIX}", "now", lineterm="", n=1)
    return "\n".join(line[:200] for line in list(lines)[:30])


def test_every_capture_is_judged_as_expected(case):
    wrong = [name for name, text in now(case).items() if text != goldens.expected(name)]
    need(not wrong, f"{len(wrong)} differ; read them, then scripts/update-goldens:\n" +
         "\n".join(difference(name, now(case)[name]) for name in wrong[:10]))


def test_every_golden_has_its_capture(_):
    kept = {name.removesuffix(goldens.SUFFIX) for name in os.listdir(goldens.FOLDER)
            if name.endswith(goldens.SUFFIX)}
    equal(kept, set(goldens.captures()), "goldens")


def test_captures_stay_small(_):
    sizes = {name: os.path.getsize(os.path.join(goldens.FOLDER, name))
             for name in os.listdir(goldens.FOLDER)}
    need(max(sizes[name] for name in goldens.captures()) < 5000, "a capture is too large:", sizes)
    need(sum(sizes[name] for name in goldens.captures()) < 100000, "all together:", sizes)
    need(sum(sizes.values()) < 400000, "with what is said of them:", sum(sizes.values()))


def test_every_rule_is_met(case):
    with open(os.path.join(goldens.SOURCES, "include/synstep/verify_rule.h"),
              encoding="utf-8") as header:
        rules = set(re.findall(r"^ \*   (\w+) +(?:note|warning|violation) ", header.read(), re.M))
    met = set(re.findall(r"^(?:note|warning|violation): frame .*?: (\w+) \(",
                         "\n".join(now(case).values()), re.M))
    need(len(rules) > 70, "the table of rules is not read:", rules)
    equal(rules - met, NOT_OF_FILES, "rules that no capture meets")


def test_every_flag_is_met(case):
    place = goldens.FIELDS.split(",").index("flags")
    rows = [line.split("\t") for text in now(case).values() for line in text.splitlines()
            if line.count("\t") == goldens.FIELDS.count(",")]
    met = {flag for row in rows for flag in row[place].split(",")}
    with open(os.path.join(goldens.SOURCES, "include/synstep/verify_analysis.h"),
              encoding="utf-8") as header:
        flags = re.findall(r"SS_ANALYSIS_(\w+) = 1 <<", header.read())
    need(len(flags) > 15, "the flags are not read:", flags)
    equal(len(met - {""}), len(flags), "flags that captures meet:", sorted(met))


TESTS = [test for name, test in sorted(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    tap.run(TESTS)  # one after the other: all look at what three starts said
