#!/usr/bin/env python3
"""legal: hundreds of legal frames, built at random with every layer: tshark, tcpdump and `synstep
explain` read them and have nothing to complain of."""
import json
import os
import re
import shutil
import subprocess

import lab
import tap
from tap import Skip, equal, need

# SYNSTEP_FRAMES=160000 makes more than 10,000 of each layer; tshark reads them within a minute.
FRAMES = 90 if lab.SLOW else int(os.environ.get("SYNSTEP_FRAMES", "900"))
# What a payload of random octets is taken for by some of its ports, or by its first octets.
GUESSED = ["rtcp", "elasticsearch", "irc", "hipercontracer", "pathport", "goose", "cotp"]
# Not in an address: 2001:db8:bad:1::.
COMPLAINTS = re.compile(r"(?<![:\w])(bad|incorrect|malformed|invalid|truncated|wrong)(?![:\w])|\[\|",
                        re.IGNORECASE)
ERROR = 0x800000  # tshark's severity
CHECKED = ["ip", "tcp", "udp", "icmp", "icmpv6", "igmp"]
KINDS = ["arp", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts", "vlan", *CHECKED]


def capture(case):
    path = os.path.join(case.folder(), "legal.pcap")
    with open(path, "wb") as file:
        fuzz = [*tap.WRAP, os.path.join(tap.BUILD, "tests", "fuzz_stack"), str(FRAMES)]
        subprocess.run(fuzz, stdout=file, check=True, timeout=tap.DEADLINE)
    return path


def told(program, *words):
    """What a program that is not ours prints."""
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")
    outcome = subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, check=False, timeout=tap.DEADLINE)
    equal(outcome.returncode, 0, program, outcome.stderr)
    return outcome.stdout


def test_tshark_finds_nothing_malformed(case):
    fields = ["_ws.malformed", "_ws.expert.severity", "_ws.expert.message", "frame.protocols",
              *[f"{name}.checksum.status" for name in CHECKED]]
    text = told("tshark", "-r", capture(case), "-T", "fields",
                *[word for name in GUESSED for word in ("--disable-protocol", name)],
                *[word for name in ("ip", "tcp", "udp") for word in ("-o", f"{name}.check_checksum:TRUE")],
                *[word for field in fields for word in ("-e", field)])
    rows = [line.split("\t") for line in text.splitlines()]
    equal(len(rows), FRAMES)
    seen = set()
    for number, (malformed, severities, messages, protocols, *checksums) in enumerate(rows, 1):
        equal(malformed, "", "frame", number)
        need(all(int(word) < ERROR for word in severities.split(",") if word), number, messages)
        for state in ",".join(checksums).split(","):
            need(state in ("", "1"), "frame", number, protocols, checksums)
        seen |= set(protocols.split(":"))
    need(set(KINDS) <= seen, "not all layers were there:", seen)


def test_tcpdump_complains_of_nothing(case):
    text = told("tcpdump", "-nvvr", capture(case))
    need(text.count("\n") >= FRAMES, text[-300:])
    for line in text.splitlines():
        need(not COMPLAINTS.search(line), line)


def test_explain_finds_nothing_illegal(case):
    dump = told("tcpdump", "-nxxr", capture(case))
    path = os.path.join(case.folder(), "dump")
    with open(path, "w", encoding="ascii") as file:
        file.write(dump)
    running = case.start([*tap.program("synstep"), "explain", "--json", path])
    status = running.end()
    frames = [json.loads(line) for line in running.out.splitlines()]
    equal((status, len(frames)), (0, FRAMES), running.err)
    for frame in frames:
        equal((frame["illegal"], frame["link"]), ([], "ether"), frame)


if __name__ == "__main__":
    lab.run([test_tshark_finds_nothing_malformed, test_tcpdump_complains_of_nothing,
             test_explain_finds_nothing_illegal])
