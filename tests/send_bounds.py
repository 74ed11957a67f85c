#!/usr/bin/env python3
"""send_bounds: no combination of words gets around what SECURITY.md says: each is tried."""
import os
import socket
import time

import lab
from crafted import TARGET
from lab import named, private
from sender import Silent, WholeLink, arrived, fails, fence, send, sent, transport
from tap import equal, need

# --- where there are none ------------------------------------------------------------------------

def test_private_hosts_have_no_bounds(case):
    outcome = sent(case, "--json", "--no-answers", "-c", "3000", "ip", "src=random", "dst=10.0.0.9",
                   "tcp", "dport=1", "private")
    total = outcome.of("sum")[0]
    equal(total["sent"], 3000, "sent")


@private
def test_loopback_has_no_rate(case):
    outcome = sent(case, "--json", "--syn", "-c", "3000", "--no-answers", "127.0.0.1:9")
    need(outcome.of("sum")[0]["sent"] == 3000, outcome)


# --- bounds --------------------------------------------------------------------------------------

BEYOND = [
    (["--rate=1001"], "bound of 1000"),
    (["--rate=1000000000"], "bound of 1000"),
    (["-i", "999us"], "bound of 1000"),
    (["-i1us", "-c1"], "bound of 1000"),
    (["-c1000001", "--no-answers"], "bound of 1000000"),
    (["-c", "4294967295", "--no-answers"], "bound of 1000000"),
    (["tcp", "seq=1-1000001", "--no-answers"], "bound of 1000000"),
    (["ip", "src=198.51.100.7"], "--spoof"),
    (["ip", "src=random"], "--spoof"),
    (["ip", "src=10.9.0.1-10.9.0.3"], "--spoof"),
    (["ip", "src=10.9.0.1,10.9.0.1,198.51.100.7"], "--spoof"),
    (["ip", "dst=198.51.100.7"], "only to the target"),
    (["--spoof", "ip", "dst=198.51.100.7"], "only to the target"),
    (["--spoof", "ip", "dst=random"], "only to the target"),
    (["ip", "dst=10.9.0.2-10.9.0.3"], "only to the target"),
    (["ip", "ip", "src=1.2.3.4", "--spoof", "--rate=2000"], "bound of 1000"),
    (["--spoof", "ip", "src=random", "--rate=1001"], "bound of 1000"),
    (["flip=bit:100"], "--spoof"),
    (["flip=bit:130"], "only to the target"),
    (["flip=bit:130", "--spoof"], "only to the target"),
    (["flip=bit:100", "--wire=raw"], "ip.checksum"),
    (["flip=bit:100", "-6"], "--spoof"),
    (["flip=bit:200", "-6"], "only to the target"),
    (["flip=bit:200", "-6", "--spoof"], "only to the target"),
    (["ip6", "src=random"], "--spoof"),
    (["ip6", "dst=fd09::3", "--spoof"], "only to the target"),
    (["corrupt=ip.ihl=4", "flip=bit:140"], "only to the target"),
    (["corrupt=ip.ihl=4", "corrupt=ip.version=6", "flip=bit:130"], "only to the target"),
    (["truncate=19"], "no whole IP header"),
    (["truncate=17"], "no whole IP header"),
    (["truncate=19", "--wire=raw"], "shorter than an IP header"),
    (["--source=198.51.100.7"], "not an address of this host"),
    (["--source=198.51.100.7", "--spoof"], "not an address of this host"),
]

# What could lead a packet on from the target, or past it.
PAST = [
    (["ip", "options=hex:8307040a090003"], "source route"),
    (["ip", "options=hex:018907040a090003", "--spoof"], "source route"),
    (["ip", "ip", "dst=198.51.100.7"], "only to the target"),
    (["ip", "ip", "ip", "dst=198.51.100.7", "--spoof"], "only to the target"),
    (["ip", "ip", "src=198.51.100.7"], "--spoof"),
    (["ip", "protocol=4", "mf=1"], "a tunnel in fragments"),
    (["ip", "protocol=47"], "cannot be looked into"),
    (["udp", "dport=4788-4790", "data=hex:0800000000000700020000000009"], "what VXLAN carries"),
    (["udp", "dport=6081", "data=hex:000008000000070045000014000040004006000001010101c6336407"],
     "only to the target"),
    (["ip6", "route", "left=1", "data=hex:00000000"], "routing header"),
    (["ip6", "dest", "route", "left=9", "type=4", "data=hex:00000000", "--spoof"],
     "routing header"),
    (["ip6", "ip6", "dst=fd09::3"], "only to the target"),
    (["ip6", "frag", "more=1", "next=60", "truncate=52"], "within its headers"),
]

# By frames.
FRAMES = [
    (["--wire=link", "--rate=1001"], "bound of 1000"),
    (["--wire=packet", "--no-answers", "-c1000001"], "bound of 1000000"),
    (["--wire=link", "ip", "dst=198.51.100.7"], "only to the target"),
    (["--wire=packet", "--no-answers", "ip", "src=198.51.100.7"], "--spoof"),
    (["ether", "dst=02:00:00:00:00:09"], "ether.dst"),
    (["ether", "dst=ff:ff:ff:ff:ff:ff", "--spoof"], "ether.dst"),
    (["ether", "dst=random", "--spoof"], "ether.dst"),
    (["ether", "src=02:00:00:00:00:09"], "ether.src"),
    (["ether", "src=random", "--wire=packet", "--no-answers"], "ether.src"),
    (["ether", "type=0x88b5"], "EtherType 0x88b5"),
    (["ether", "type=0x0800-0x0802", "--spoof"], "EtherType 0x0801"),
    (["ether", "flip=bit:100"], "EtherType"),
    (["ether", "truncate=14"], "no whole IP header"),
    (["vlan", "type=0x88b5"], "EtherType 0x88b5"),
    (["vlan", "vlan", "vid=7", "ip", "dst=198.51.100.7"], "only to the target"),
    (["vlan", "truncate=16"], "does not say what it carries"),
    (["ether", "raw", "data=hex:00"], "EtherType 0x88b5"),
    (["arp", "tpa=10.9.0.3"], "arp.tpa"),
    (["arp", "tpa=random", "--spoof"], "arp.tpa"),
    (["arp", "op=reply"], "no ARP request"),
    (["arp", "op=1,2", "--spoof"], "no ARP request"),
    (["arp", "spa=10.9.0.3"], "arp.spa"),
    (["arp", "sha=02:00:00:00:00:09"], "arp.sha"),
    (["ether", "dst=02:00:00:00:00:09", "arp"], "ether.dst"),
    (["ether", "src=02:00:00:00:00:09", "arp"], "ether.src"),
    (["arp", "truncate=40"], "no whole ARP message"),
]


def beyond(what, rows):
    @private
    def test(case):
        host = Silent(case, link=WholeLink(case))
        for words, text in lab.some(rows, 4):
            target = TARGET[6 if {"-6", "ip6"} & set(words) else 4]
            short = [] if {"arp", "raw", "udp"} & set(words) else ["--syn"]
            fails(send(case, "--timeout=0.01", *words, *short, target), 2, text)
        equal(fence(case, host), [], "what crossed")
    return named(test, "test_nothing_leaves", what)


@private
def test_a_foreign_source_leaves_with_spoof(case):
    got = arrived(case, "--spoof", "ip", "src=198.51.100.7", "tcp", TARGET[4])
    equal(got[0][12:16], socket.inet_aton("198.51.100.7"), "source")
    transport(got[0])


def paced(*words):
    def test(case):
        host = Silent(case)
        began = time.monotonic()
        sent(case, "--no-answers", "--syn", "-c", "1005", *words, TARGET[4])
        need(time.monotonic() - began >= 1, "1005 packets left within a second")
        equal(len(host.received(1005)), 1005, "packets")
    return named(private(test), "test_no_second_holds_more_than_1000", *words)


@private
def test_a_scenario_toward_others_is_bound_too(case):
    host = Silent(case, link=WholeLink(case))
    for field in ("source=198.51.100.7", "destination=198.51.100.7"):
        path = os.path.join(case.folder(), "beyond.step")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"> SYN seq=J {field}\n")
        outcome = lab.synstep(case, path, TARGET[4])
        need(outcome.status == 2 and "outside private hosts" in outcome.err, outcome)
    equal(fence(case, host), [], "what crossed")


# Refused, whatever else stands in the scenario.
ARP = ["request tpa=10.9.0.3", "reply", "op=3", "request spa=10.9.0.3",
       "request sha=02:00:00:00:00:09", "request ether.src=02:00:00:00:00:09",
       "request ether.dst=02:00:00:00:00:09", "request ether.type=0x88b5", "request hlen=5"]


@private
def test_arp_of_a_scenario_toward_others_only_asks_for_the_target(case):
    host = Silent(case, link=WholeLink(case))
    path = os.path.join(case.folder(), "arp.step")
    for words in lab.some(ARP, 4):
        with open(path, "w", encoding="ascii") as file:
            file.write(f"> ARP {words}\n")
        outcome = lab.synstep(case, path, TARGET[4])
        need(outcome.status == 2 and "outside private hosts" in outcome.err, words, outcome)
    with open(path, "w", encoding="ascii") as file:
        file.write("> ARP request\n")
    outcome = lab.synstep(case, path, TARGET[4])
    equal((outcome.status, outcome.err), (0, ""), outcome)
    crossed = fence(case, host)
    equal([(frame[:6].hex(), frame[20:22].hex(), frame[38:]) for frame in crossed],
          [("ff" * 6, "0001", socket.inet_aton(TARGET[4].split(":")[0]))], "what crossed")


@private
def test_two_wires_of_a_scenario_have_one_rate(case):
    host = Silent(case, link=WholeLink(case))
    path = os.path.join(case.folder(), "fast.step")
    with open(path, "w", encoding="ascii") as file:
        file.write("repeat 501 {\n> ARP request\n> UDP\n}\n")
    began = time.monotonic()
    outcome = lab.synstep(case, "-q", path, TARGET[4])
    equal((outcome.status, outcome.err), (0, ""), outcome)
    need(time.monotonic() - began >= 1, "1002 packets left within a second")
    equal(len(host.received(1002)), 1002, "packets")


TESTS = [
    test_private_hosts_have_no_bounds,
    test_loopback_has_no_rate,
    beyond("beyond the bounds", BEYOND),
    beyond("that could be led past the target", PAST),
    beyond("in frames that may not", FRAMES),
    test_a_foreign_source_leaves_with_spoof,
    *lab.some([paced(*words) for words in ((), ("--rate=1000",), ("-i", "1ms"))], 3),
    test_a_scenario_toward_others_is_bound_too,
    test_arp_of_a_scenario_toward_others_only_asks_for_the_target,
    test_two_wires_of_a_scenario_have_one_rate,
]

if __name__ == "__main__":
    lab.run(TESTS)
