#!/usr/bin/env python3
"""run: whole connections between private hosts; every number counted again from the frames."""
import lab
from lab import SLOW, named, synstep
from recount import Run, file_of, octets
from tap import equal, need
from wire import WORD

BASES = (0, 2**31 - 1, 2**31, 2**32 - 1)
STATES = ["CLOSED", "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"]


def whole(case, *words, data=b"hello", **more):
    """A run that must hold in every respect."""
    run = Run(case, *words, **more)
    run.check_checksums()
    run.check_json()
    run.check_witness()
    equal(bytes(run.count.ours.stream), data, "what was sent")
    equal(bytes(run.count.theirs.stream), data, "what came back")
    return run


def flags_of(run):
    return [("<" if frame.source_port != run.port else ">") + ",".join(frame.flags)
            for frame in run.frames]


def _textbook(case, version):
    run = whole(case, f"-{version}")
    flags = flags_of(run)
    equal(flags[:3], [">SYN", "<SYN,ACK", ">ACK"], "the handshake")
    equal([flag.replace("PSH,", "") for flag in flags[3:]],
          [">ACK", "<ACK", "<ACK", ">ACK", ">FIN,ACK", "<FIN,ACK", ">ACK"], "data and close")
    equal(run.frames[0].version, version, "IP version")
    equal(run.frames[0].ack, 0, "the ack field of a SYN")
    equal([state for state in run.states("local") if state != "FIN-WAIT-2"],
          [state for state in STATES if state != "FIN-WAIT-2"], "our states")
    equal(run.states("peer")[-1], "CLOSED", "the peer's last state")
    need([event["event"] for event in run.outcome.events][0] == "start", "the first event")


def test_run_ipv4_is_the_textbook(case):
    _textbook(case, 4)


def test_run_ipv6_is_the_textbook(case):
    _textbook(case, 6)


def test_run_has_addresses_of_the_two_hosts(case):
    for version, near, far in ((4, "10.0.0.1", "10.0.0.2"), (6, "fd00::1", "fd00::2")):
        start = synstep(case, f"-{version}", "--json").events[0]
        need(near in str(start["local"]) and far in str(start["peer"]), "addresses", start)


def with_isn(isn, version, text=None):
    def test(case):
        run = whole(case, f"-{version}", f"--isn={text or isn}")
        equal(run.count.ours.isn, isn % WORD, "J")
        equal(run.count.ours.fin, (isn + 6) % WORD, "M")
    return named(test, "test_run", f"ipv{version}", "isn", text or isn, "holds")


def with_data(data, what, *words, version=4):
    def test(case):
        run = whole(case, f"-{version}", "--data-file", file_of(case, data), *words, data=data)
        most = {4: 1460, 6: 1440}[version]
        for frame in run.frames:
            need(len(frame.payload) <= most, "more than the MSS:", frame)
        sent = [len(frame.payload) for frame in run.frames
                if frame.source_port == run.port and frame.payload]
        if len(data) <= 2 * most:
            equal(sent, [len(data[at:at + most]) for at in range(0, len(data), most)], "cut by MSS")
    return named(test, "test_run", f"ipv{version}", what, "echoed")


def test_run_without_data_is_handshake_and_close(case):
    run = whole(case, "--data=", data=b"")
    equal([flag for flag in flags_of(run) if flag != "<ACK"],
          [">SYN", "<SYN,ACK", ">ACK", ">FIN,ACK", "<FIN,ACK", ">ACK"], "flags")


def test_run_data_from_standard_input_is_echoed(case):
    path = file_of(case, octets(3000))
    with open(path, "rb") as file:
        whole(case, "--data-file=-", data=octets(3000), stdin=file)


def test_run_small_mss_cuts_both_ways(case):
    data = octets(1050)
    run = whole(case, "--mss=100", "--data-file", file_of(case, data), data=data)
    equal(run.frames[0].options[2], b"\x00\x64", "the MSS announced")
    need(max(len(frame.payload) for frame in run.frames) == 100, "segments of 100")
    for side in (run.count.ours, run.count.theirs):
        equal(len(side.stream), 1050, "octets")


def test_run_small_window_takes_a_larger_echo(case):
    data = octets(5000)
    run = whole(case, "--window=1000", "--data-file", file_of(case, data), data=data)
    edge = None
    for frame in run.frames:
        if frame.source_port == run.port:
            need(frame.window <= 1000, "the window offered", frame)
            edge = (frame.ack + frame.window) % WORD if frame.has("ACK") else edge
        elif frame.payload:
            beyond = (frame.seq + len(frame.payload) - edge) % WORD
            need(beyond == 0 or beyond >= WORD // 2, "beyond the window:", frame, edge)


def test_run_large_window_is_scaled(case):
    data = octets(300000)
    run = whole(case, "--window=1048576", "--data-file", file_of(case, data), data=data)
    shift = run.frames[0].options[3][0]
    need(1048576 >> shift <= 65535 and shift <= 14, "the shift", shift)
    largest = max(segment["window_bytes"] for segment in run.segments if segment["from"] == "local")
    need(1048576 - (1 << shift) < largest <= 1048576, "the window offered", largest)


def test_run_seed_repeats_port_and_isn(case):
    seen = set()
    for seed in (7, 7, 8):
        run = Run(case, f"--seed={seed}")
        seen.add((seed, run.port, run.count.ours.isn))
    equal(len(seen), 2, "one pair of port and J for each seed", seen)
    equal(len({isn for _, _, isn in seen}), 2, "another seed, another J", seen)


def test_run_random_isn_differs_each_time(case):
    isns = {synstep(case, "--json", "--isn=random").end["numbers"]["J"] for _ in range(2)}
    equal(len(isns), 2, "two runs, two J", isns)


def test_run_source_port_is_used(case):
    run = whole(case, "--source-port=4242")
    equal((run.port, run.frames[0].port), (4242, 8888), "ports")


TESTS = [
    test_run_ipv4_is_the_textbook,
    test_run_ipv6_is_the_textbook,
    test_run_has_addresses_of_the_two_hosts,
    *lab.some([with_isn(isn, version) for isn in BASES for version in (4, 6)], 5),
    # "hello" ends at 0 exactly, and then the FIN does; the SYN's own number is the last.
    *lab.some([with_isn(isn, 4) for isn in (WORD - 6, WORD - 7, WORD - 3)], 3),
    with_isn(-1, 4, "-1"), with_isn(0xDEADBEEF, 4, "0xdeadbeef"),
    test_run_without_data_is_handshake_and_close,
    *lab.some([with_data(b"x", "one octet"),
               with_data(octets(1460), "one mss"),
               with_data(octets(1461), "one mss and one"),
               with_data(octets(1440), "one mss", version=6),
               with_data(octets(1441), "one mss and one", version=6),
               with_data(bytes(range(256)) * 2, "every octet value"),
               with_data(octets(1 << (16 if SLOW else 20)), "one mebibyte"),
               with_data(octets(1 << (14 if SLOW else 20)), "one mebibyte", version=6)], 4),
    with_data(octets(70000), "seventy thousand across zero", "--isn=-35000"),
    test_run_data_from_standard_input_is_echoed,
    test_run_small_mss_cuts_both_ways,
    test_run_small_window_takes_a_larger_echo,
    test_run_large_window_is_scaled,
    test_run_seed_repeats_port_and_isn,
    test_run_random_isn_differs_each_time,
    test_run_source_port_is_used,
]

if __name__ == "__main__":
    lab.run(TESTS)
