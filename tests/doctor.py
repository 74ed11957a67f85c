#!/usr/bin/env python3
"""doctor: each thing that a newcomer trips over has its line, and each line its mend."""
import os

import lab
import tap
from bad_input import copied
from lab import private
from tap import equal, need

NAMES = ["kernel", "namespaces", "CAP_NET_RAW", "libpcap", "muted listener", "witness",
         "loopback MTU"]
PAST_MARK = 8  # columns
NAME_WIDTH = 17


def doctor(case, *words):
    running = case.start([*tap.program("synstep"), "doctor", *words])
    status = running.end()
    return status, running.out, running.err


def findings(out):
    """{name: (mark, text)}, in the order printed."""
    found = {}
    for line in out.splitlines():
        mark, rest = line[:PAST_MARK].strip(), line[PAST_MARK:]
        found[rest[:NAME_WIDTH].strip()] = mark, rest[NAME_WIDTH:]
    return found


@private
def test_all_is_well_in_namespaces(case):
    status, out, err = doctor(case)
    equal((status, err), (0, ""), out)
    found = findings(out)
    equal(list(found), [*NAMES, "offload"])
    for name in NAMES:
        equal(found[name][0], "ok", name, found[name][1])
    need(os.uname().release in found["kernel"][1], out)
    need("no RST" in found["muted listener"][1], out)
    need("65536 octets" in found["loopback MTU"][1], out)
    need(found["offload"][1].startswith("lo: "), out)


@private
def test_a_named_target_has_its_route(case):
    lab.write("/proc/sys/net/ipv4/conf/all/rp_filter", "1")
    status, out, err = doctor(case, "127.0.0.1:8888")
    equal((status, err), (0, ""), out)
    found = findings(out)
    equal(list(found), [*NAMES, "route", "offload", "reverse path"])
    need("127.0.0.1 from 127.0.0.1 through lo, MTU 65536" in found["route"][1], out)
    equal(found["reverse path"][0], "note", out)
    need("rp_filter=2" in found["reverse path"][1], "no mend:", out)
    lab.write("/proc/sys/net/ipv4/conf/all/rp_filter", "2")
    lab.write("/proc/sys/net/ipv4/conf/lo/rp_filter", "0")
    found = findings(doctor(case, "127.0.0.1:8888")[1])
    equal(found["reverse path"], ("ok", "loose on lo"))


@private
def test_an_ipv6_target_has_no_reverse_path_filter(case):
    status, out, _ = doctor(case, "[::1]:8888")
    equal(status, 0, out)
    need("none for IPv6" in findings(out)["reverse path"][1], out)


@private
def test_namespaces_forbidden_is_exit_3_with_the_mend(case):
    lab.write("/proc/sys/user/max_user_namespaces", "0")
    lab.write("/proc/sys/user/max_net_namespaces", "0")
    status, out, _ = doctor(case)
    equal(status, 3, out)
    mark, text = findings(out)["namespaces"]
    equal(mark, "DENIED", out)
    need("sysctl" in text or "sudo" in text, "no mend:", text)


@private
def test_a_small_loopback_mtu_is_said(case):
    case.start(["ip", "link", "set", "lo", "mtu", "1500"]).end()
    status, out, _ = doctor(case)
    equal((status, findings(out)["loopback MTU"][0]), (0, "note"), out)
    need("1500 octets" in findings(out)["loopback MTU"][1], out)


def test_an_ordinary_user_is_told_what_needs_more(case):
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    running = case.start([*tap.WRAP, copied(case), "doctor"], **nobody, cwd="/")
    status, out = running.end(), running.out
    equal(status, 0, out)
    mark, text = findings(out)["CAP_NET_RAW"]
    equal(mark, "note", out)
    need("sudo" in text and "setcap" in text, "no mend:", text)
    for name in ("namespaces", "libpcap", "muted listener", "witness"):
        equal(findings(out)[name][0], "ok", name, out)


@private
def test_wrong_words_are_exit_2_in_one_line(case):
    for words, text in ((["--zzz"], "--zzz"), (["nowhere"], "nowhere"), (["a:1", "b:2"], "b:2"),
                        (["host.invalid:80"], "host.invalid")):
        status, out, err = doctor(case, *words)
        equal((status, out), (2, ""), words, err)
        need(err.startswith("synstep doctor: ") and len(err.splitlines()) == 1 and text in err, err)


def test_the_wrong_word_is_named_wherever_it_stands(case):
    for words, texts in ((["--bogus", "localhost:1"], ["'--bogus'", "--help"]),
                         (["-Z", "localhost:1"], ["'-Z'"]),
                         (["-4Z6", "localhost:1"], ["'-4Z6'"]),
                         (["--ipv5", "-6"], ["'--ipv5'", "did you mean --ipv4"]),
                         (["localhost:1", "localhost:2", "-4"], ["'localhost:2'", "too many"])):
        status, out, err = doctor(case, *words)
        equal((status, out), (2, ""), words, err)
        for text in texts:
            need(text in err, f"{text!r} is not in:", err)


def test_a_loopback_that_is_down_is_told(case):
    lab.unshare(lab.CLONE_NEWUSER | lab.CLONE_NEWNET)
    status, out, err = doctor(case)
    equal((status, err), (0, ""), out)
    mark, text = findings(out)["loopback MTU"]
    equal(mark, "note", out)
    need("lo is down" in text and "ip link set lo up" in text, out)


if __name__ == "__main__":
    lab.run([test for name, test in list(globals().items()) if name.startswith("test_")])
