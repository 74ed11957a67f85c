#!/usr/bin/env python3
"""send_routers: `synstep send --traceroute` through two real routers to a real host."""
import lab
from lab import named, private
from routers import FAMILY, Row, address
from sender import sent
from tap import equal, need

HOSTS, PORT = 4, 80
PATIENT = "--timeout=60"  # a hop is left as soon as it has answered
EXCEEDED = {4: 11, 6: 3}
UNREACHABLE = {4: (3, 3), 6: (1, 4)}
ECHO_REPLY = {4: 0, 6: 129}


def bracketed(target, port):
    return f"[{target}]:{port}" if ":" in target else f"{target}:{port}"


def routers(version):
    """The addresses on their near sides: those by which they are met."""
    return [address(version, link, 2) for link in range(HOSTS - 2)]


def ends_with(answers, version, kind):
    """Both routers, each once, then the target; returns what that said."""
    equal([each["source"] for each in answers],
          [*routers(version), address(version, HOSTS - 2, 2)], "hops")
    for each in answers[:-1]:
        equal((each["kind"], each["icmp"]["type"]), ("icmp", EXCEEDED[version]), "a router")
    equal([each["probe"] for each in answers], [1, 2, 3], "probes")
    equal(answers[-1]["kind"], kind, "the target")
    return answers[-1]


def traced(case, *words):
    outcome = sent(case, "--json", PATIENT, "--traceroute", *words)
    total = outcome.of("sum")[0]
    equal((total["sent"], total["answered"], total["failed"]), (3, 3, 0), "sum")
    return outcome.of("answer")


def through_routers(version):
    def test(case):
        row = Row(case, HOSTS)
        row.settle(version)
        target = address(version, HOSTS - 2, 2)
        with row.inside(HOSTS - 1):
            server = case.open_socket(FAMILY[version])
            server.bind((target, PORT))
            server.listen()
        last = ends_with(traced(case, target), version, "icmp")
        equal((last["icmp"]["type"], last["icmp"]["code"]), UNREACHABLE[version], "UDP's end")
        last = ends_with(traced(case, "--syn", bracketed(target, PORT)), version, "tcp")
        equal(last["tcp"]["flags"], "SYN,ACK", "TCP's end")
        last = ends_with(traced(case, "--ping", target), version, "icmp")
        equal(last["icmp"]["type"], ECHO_REPLY[version], "ICMP's end")
    return named(private(test), f"test_traceroute_ipv{version}", "names each router, then arrives")


def shown(version):
    def test(case):
        row = Row(case, HOSTS)
        row.settle(version)
        target = address(version, HOSTS - 2, 2)
        lines = sent(case, PATIENT, "--traceroute", target).out.splitlines()
        need(": at most 30 packets from " in lines[0], lines)
        places = [next((at for at, line in enumerate(lines[1:], 1) if hop in line.split()), 0)
                  for hop in (*routers(version), target)]
        need(0 not in places and places == sorted(set(places)), "hops in their order:", lines)
    return named(private(test), f"test_traceroute_ipv{version}", "is shown hop by hop")


TESTS = [
    through_routers(4), through_routers(6),
    *lab.some([shown(4), shown(6)], 2),
]

if __name__ == "__main__":
    lab.run(TESTS)
