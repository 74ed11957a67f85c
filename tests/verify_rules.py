#!/usr/bin/env python3
"""verify_rules: what `synstep verify` says of whole captures by its rarer rules and in its sums."""
import json
import random

import lab
from lab import named
from tap import equal, need
from verify import ACK, PSH, RST, SYN, kept, segment, verify, whole
from wire import WORD


# --- ISNs that can be foretold -------------------------------------------------------------------

def openings(isn_of, count=12):
    """SYN and SYN/ACK of as many connections; the client's ISNs are random. `kept` has one frame a
    millisecond, so that the SYN/ACK of connection i comes at 2 i + 2."""
    seeded, said = random.Random(5), []
    for i in range(count):
        j, k = seeded.randrange(WORD), isn_of(i) % WORD
        said += [segment(0, SYN, j, ports=(4001 + i, 80)),
                 segment(1, SYN | ACK, k, j + 1, ports=(4001 + i, 80))]
    return said


def test_isns_by_the_clock_of_rfc_793_are_told_once(case):
    path = kept(case, openings(lambda i: WORD - 999 + 250 * (2 * i + 2) + 3 * (i % 2)))
    outcome = verify(case, "--except=mss_missing", path)
    lines = outcome.out.splitlines()
    equal((outcome.status, lines[0]),
          (0, "warning: frame 14, connection 7, 10.0.0.2:80 > 10.0.0.1:4007: isn_predictable (RFC "
           "6528 3): expected 1073741824, got 3: the ISNs of this host can be foretold, missed by "
           "at most so much (expected: by chance)"), outcome)
    need("ISNs of 10.0.0.2: a clock of 250000 a second, missed by 3 at most" in lines, outcome)
    equal(sum("isn_predictable" in line for line in lines), 2, "told once, and summed", outcome)
    events = [json.loads(line) for line in verify(case, "--json", path).out.splitlines()]
    equal([event for event in events if event["event"] == "isn"],
          [{"event": "isn", "file": path, "address": "10.0.0.2", "frame": 14, "pattern": "clock",
            "step": None, "per_second": 250000, "miss": 3, "isns": 7}], events)
    need("ISNs of" not in verify(case, "--except=isn_predictable", path).out, "left out")


def test_random_isns_are_not_told(case):
    seeded = random.Random(9)
    path = kept(case, openings(lambda i: seeded.randrange(WORD), 60))
    need("isn_predictable" not in verify(case, path).out, "random ones")


# --- how they ended, and their histories --------------------------------------------------------

def test_every_end_is_told_with_its_history(case):
    said = []
    for i, count in enumerate((10, 9, 8, 3, 2, 1)):  # the first segments of a whole connection
        said += whole(ports=(4001 + i, 80))[:count]
    said += [segment(0, SYN, 7, ports=(4007, 80)),
             segment(1, RST | ACK, 0, 8, ports=(4007, 80)),
             segment(1, SYN | ACK, 900, 8, ports=(4008, 80)),
             segment(0, ACK, 8, 901, ports=(4008, 80)),
             segment(0, PSH | ACK, 8, 901, b"once", ports=(4008, 80)),
             segment(0, PSH | ACK, 8, 901, b"once", ports=(4008, 80)),
             segment(1, RST | ACK, 901, 22, ports=(4008, 80))]
    events = [json.loads(line) for line in verify(case, "--json", kept(case, said)).out.splitlines()]
    told = [event for event in events if event["event"] == "connection"]
    equal([(event["ended"], event["history"], event["opener"]) for event in told],
          [("closed", "ShADadFf", "local"), ("closed", "ShADadFf", "local"),
           ("half-closed", "ShADadF", "local"), ("still open", "ShA", "local"),
           ("half-open", "Sh", "local"), ("no answer", "S", "local"),
           ("refused", "Sr", "local"), ("reset by the server", "^hADTrG", None)], told)
    equal((told[0]["lasted_us"], told[0]["local"]["octets_per_second"], told[0]["closer"]),
          (9000, 556, "local"), told[0])
    equal((told[7]["local"]["octets"], told[7]["local"]["unique_octets"],
           told[7]["local"]["stream_octets"]), (8, 4, 4), told[7])


TESTS = [named(test, name) for name, test in sorted(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    lab.run(TESTS)
