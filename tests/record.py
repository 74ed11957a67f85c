#!/usr/bin/env python3
"""record: captures become scenarios, and these play: the same segments, by synstep and by the kernel."""
import os
import re
import struct

import dialogs
import lab
import twins
from frames import Frame, read_pcapng
from lab import SLOW, named, private
from recount import file_of, octets
from tap import equal, need, program
from wire import WORD, checksum

CRAFTED = ("client", "server")


# --- recording -----------------------------------------------------------------------------------

def record(case, *words, **more):
    running = case.start([*program("synstep"), "record", *map(str, words)], **more)
    status = running.end()
    return lab.Outcome(status, running.out, lab.WRAPPER_TALK.sub("", running.err))


def scenario_of(case, capture, *words):
    """The scenario of a capture of one connection, in a file; nothing is said besides."""
    path = os.path.join(case.folder(), "recorded.step")
    outcome = record(case, capture, "-o", path, *words)
    equal((outcome.status, outcome.out, outcome.err), (0, "", ""), words, outcome)
    return path


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def refused(case, words, *texts, **more):
    outcome = record(case, *words, **more)
    lines = outcome.err.splitlines()
    need(outcome.status == 2 and len(lines) == 1 and lines[0].startswith("synstep record: "),
         "one line and status 2 expected:", outcome)
    for text in texts:
        need(text in lines[0], f"{text!r} is not in:", lines[0])
    equal(outcome.out, "", "standard output")


# --- playing -------------------------------------------------------------------------------------

def played(case, path, *words):
    """The scenario holds; its events."""
    dry = lab.synstep(case, "--dry-run", path)
    equal((dry.status, dry.err), (0, ""), "--dry-run", dry, text_of(path))
    outcome = lab.synstep(case, "--json", *words, path)
    need(outcome.status == 0 and outcome.end["ok"], "it does not hold:", outcome.err[:300],
         re.sub(r" \\\n +\S.*", "", text_of(path))[:3000], outcome.out[-2000:])
    return outcome


def essence(flags, seq, ack, length):
    return (",".join(flags), seq, ack if "ACK" in flags else None, length)


def numbers_of(frames, port):
    """J and K of a capture: of the end with that port, and of the other."""
    return [next((frame.seq for frame in frames
                  if frame.has("SYN") and (frame.source_port == port) == ours), None)
            for ours in (True, False)]


def away(number, start):
    return (number - start) % WORD if start is not None else number


def captured(frames, port):
    """Both ends' segments, each number told from its ISN: (of the end with that port, of the other)."""
    own, other = numbers_of(frames, port)
    told = ([], [])
    for frame in frames:
        mine = frame.source_port == port
        seq, ack = (own, other) if mine else (other, own)
        told[0 if mine else 1].append(essence(frame.flags, away(frame.seq, seq),
                                              away(frame.ack, ack), len(frame.payload)))
    return told


def replayed(outcome):
    """The same of a run."""
    starts = {side: next((segment["seq"] for segment in outcome.segments
                          if segment["from"] == side and "SYN" in segment["flags"]), None)
              for side in ("local", "peer")}
    told = {"local": [], "peer": []}
    for segment in outcome.segments:
        side = segment["from"]
        other = "peer" if side == "local" else "local"
        told[side].append(essence(segment["flags"], away(segment["seq"], starts[side]),
                                  away(segment["ack"] or 0, starts[other]), segment["length"]))
    return told["local"], told["peer"]


def words_of(segments):
    """Without acknowledgments alone, which may come merged, and without what came twice."""
    return list(dict.fromkeys((flags, seq, length) for flags, seq, _, length in segments
                              if flags != "ACK" or length))


def same_segments(outcome, frames, port):
    """Ours to the last acknowledgment; theirs but for the acknowledgments alone."""
    (ours, theirs), (we, they) = captured(frames, port), replayed(outcome)
    equal(we, ours, "what the crafted end sent")
    equal(words_of(they), words_of(theirs), "what the peer sent")


# --- runs of synstep, recorded and played again --------------------------------------------------

def again(*words, size=None, sides=CRAFTED):
    def test(case):
        path = os.path.join(case.folder(), "run.pcapng")
        data = ["--data-file", file_of(case, octets(size))] if size is not None else []
        first = lab.synstep(case, "-q", "-w", path, "--seed=7", *data, *words)
        equal(first.status, 0, first)
        frames = [Frame(packet.octets) for packet in read_pcapng(path)]
        for side in sides:
            scenario = scenario_of(case, path, f"--crafted={side}")
            port = frames[0].source_port if side == "client" else frames[0].port
            outcome = played(case, scenario)
            same_segments(outcome, frames, port)
            equal(outcome.end["numbers"]["J"], numbers_of(frames, port)[0], "J")
            played(case, scenario, "--simulate")
    return named(test, "test_run", *words, *([size, "octets"] if size is not None else []),
                 "plays again", *sides)


# --- ordinary sockets on both sides --------------------------------------------------------------

def kept(case, frames, link=1, cut=dialogs.ETHERNET):
    path = os.path.join(case.folder(), "kernel.pcap")
    dialogs.write_pcap(path, frames, link)
    return path, [Frame(octets[cut:]) for _, octets in frames]


def dialog(name, version, large=False):
    @private
    def test(case):
        dialogs.narrow_loopback()
        ends = (dialogs.LARGE if large else dialogs.DIALOGS)[name]
        path, frames = kept(case, dialogs.frames_of(case, version, *ends))
        for side in CRAFTED:
            outcome = played(case, scenario_of(case, path, f"--crafted={side}"), f"-{version}")
            port = frames[0].source_port if side == "client" else frames[0].port
            if large:
                same_stream(outcome, frames, port)
            else:
                same_segments(outcome, frames, port)
    return named(test, "test_dialog of", name, f"over IPv{version} plays")


def same_stream(outcome, frames, port):
    """In pieces: the same numbers are covered, to the FIN, in the same order."""
    def covered(segments):
        end = 1
        for flags, seq, _, length in segments:
            if "SYN" not in flags:
                need(seq <= end, "a gap before", seq)
                end = max(end, seq + length + ("FIN" in flags))
        return end
    equal([covered(side) for side in replayed(outcome)],
          [covered(side) for side in captured(frames, port)], "the streams")


@private
def test_dialog_with_a_closed_port_plays(case):
    tap_ = dialogs.Wiretap(case)
    equal(case.open_socket().connect_ex(("127.0.0.1", 9)), 111, "connect")
    path, frames = kept(case, tap_.take())
    same_segments(played(case, scenario_of(case, path)), frames, frames[0].source_port)


def test_every_link_type_makes_the_same_scenario(case):
    """The same datagrams behind other headers; editcap and the like are not asked."""
    path = os.path.join(case.folder(), "run.pcapng")
    equal(lab.synstep(case, "-q", "-w", path).status, 0, "a run")
    datagrams = [packet.octets for packet in read_pcapng(path)]
    texts = set()
    for link, head in lab.some((
            (1, bytes(12) + b"\x08\x00"), (1, bytes(12) + b"\x81\0\0\7\x08\0"),
            (101, b""), (228, b""), (12, b""), (113, bytes(14) + b"\x08\x00"),
            (276, b"\x08\0" + bytes(18)), (0, struct.pack("=I", 2)),
            (108, struct.pack(">I", 2))), 4):
        kept_in = os.path.join(case.folder(), "same.pcap")
        dialogs.write_pcap(kept_in, [(i, head + octets_) for i, octets_ in enumerate(datagrams)],
                           link)
        texts.add(text_of(scenario_of(case, kept_in)))
    equal(len(texts), 1, "scenarios", texts)


def around(octets_):
    """The same inside another IPv4 header (RFC 2003)."""
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(octets_), 1, 0, 64, 4, 0) + bytes((192, 0, 2, 1)) * 2
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + octets_


def in_two(octets_):
    """Its two fragments (RFC 791 section 3.2), the later one first."""
    parts = []
    for at, part in ((3, octets_[44:]), (0, octets_[20:44])):
        ip = octets_[:2] + struct.pack(">HHH", 20 + len(part), 77, at | (0 if at else 0x2000)) + \
            octets_[8:10] + bytes(2) + octets_[12:20]
        parts.append(ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + part)
    return parts


def test_tunnels_are_followed_and_fragments_put_together(case):
    path = os.path.join(case.folder(), "run.pcapng")
    equal(lab.synstep(case, "-q", "-w", path).status, 0, "a run")
    datagrams = [packet.octets for packet in read_pcapng(path)]
    parts = [part for octets_ in datagrams
             for part in (in_two(octets_) if len(octets_) > 44 else [octets_])]
    need(len(parts) > len(datagrams), "nothing was fragmented")
    steps = []
    for frames in lab.some([datagrams, list(map(around, datagrams)), parts,
                            list(map(around, parts))], 3):
        kept_in = os.path.join(case.folder(), "same.pcap")
        dialogs.write_pcap(kept_in, [(i, octets_) for i, octets_ in enumerate(frames)], 101)
        text = text_of(scenario_of(case, kept_in))
        steps.append([line for line in text.splitlines() if not line.startswith("#")])
    for other in steps[1:]:
        equal(other, steps[0], "the scenario")


# --- a scenario that can fail --------------------------------------------------------------------

def test_each_twin_of_a_recorded_scenario_fails(case):
    path = os.path.join(case.folder(), "run.pcapng")
    equal(lab.synstep(case, "-q", "-w", path).status, 0, "a run")
    for side in CRAFTED:
        made = list(twins.of(text_of(scenario_of(case, path, f"--crafted={side}"))))
        need(len(made) >= 8, "too few twins:", len(made))
        for twin in lab.some(made, 15):
            other = os.path.join(case.folder(), "twin.step")
            with open(other, "w", encoding="utf-8") as file:
                file.write(twin.text)
            outcome = lab.synstep(case, "-q", "--simulate", other)
            need(outcome.status == 1 and f"twin.step:{twin.line}: " in outcome.err, twin, outcome)


# --- which connection ----------------------------------------------------------------------------

def from_port(datagram, port):
    """The same with another port in place of 4001, its checksum right."""
    was, now = struct.pack(">H", 4001), struct.pack(">H", port)
    tcp = datagram[20:24].replace(was, now) + datagram[24:36] + b"\0\0" + datagram[38:]
    pseudo = datagram[12:20] + struct.pack(">HH", 6, len(tcp))
    return datagram[:20] + tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]


def several(case):
    """Three connections: one whose SYN is missing, a whole one, one that is refused."""
    path = os.path.join(case.folder(), "run.pcapng")
    equal(lab.synstep(case, "-q", "-w", path, "--source-port=4001").status, 0, "a run")
    whole = [packet.octets for packet in read_pcapng(path)]
    late = [from_port(octets_, 4000) for octets_ in whole[1:]]
    syn = from_port(whole[0], 4002)
    other = os.path.join(case.folder(), "several.pcap")
    dialogs.write_pcap(other, list(enumerate(late[:2] + whole[:3] + late[2:] + whole[3:] + [syn])),
                       101)
    return other


def test_list_tells_every_connection(case):
    outcome = record(case, "--list", several(case))
    equal((outcome.status, outcome.err), (0, ""), outcome)
    rows = [re.split(r"  +", line.strip()) for line in outcome.out.splitlines()]
    equal([[row[0], row[1], row[2], row[3], row[5]] for row in rows],
          [["1", "10.0.0.1:4000", "10.0.0.2:8888", "9 segments", "closed, begins late"],
           ["2", "10.0.0.1:4001", "10.0.0.2:8888", "10 segments", "closed"],
           ["3", "10.0.0.1:4002", "10.0.0.2:8888", "1 segment", "no answer"]], outcome)


def test_the_first_that_begins_is_taken_and_that_is_said(case):
    path = several(case)
    outcome = record(case, path)
    equal(outcome.status, 0, outcome)
    equal(outcome.err, f"synstep record: 3 connections in {path}; this is number 2: "
                       "--connection=N takes another, --list tells them\n", "standard error")
    need('title "several.pcap: 10.0.0.1:4001 to 10.0.0.2:8888"\n' in outcome.out, outcome)
    chosen = record(case, path, "--connection=2")
    equal((chosen.err, chosen.out), ("", outcome.out), "--connection=2")
    need("drop >" in record(case, path, "-n3").out, "the third")
    refused(case, [path, "--connection=1"], "connection 1, 10.0.0.1:4000 to 10.0.0.2:8888",
            "lacks its SYN", path)
    refused(case, [path, "--connection=4"], "no connection 4", "it has 3", "--list")


def test_standard_input_is_read(case):
    path = os.path.join(case.folder(), "run.pcapng")
    equal(lab.synstep(case, "-q", "-w", path).status, 0, "a run")
    with open(path, "rb") as file:
        outcome = record(case, "-", stdin=file)
    named_ = record(case, path)
    equal((outcome.status, outcome.err), (0, ""), outcome)
    equal(outcome.out.replace("standard input", "run.pcapng"), named_.out, "the scenario")


# --- bad input -----------------------------------------------------------------------------------

def small_capture(case):
    path = os.path.join(case.folder(), "small.pcap")
    equal(lab.synstep(case, "-q", "-w", path, "--data=").status, 0, "a run")
    with open(path, "rb") as file:
        return file.read()


def test_a_file_cut_at_any_octet_gives_what_came_before(case):
    whole, path = small_capture(case), os.path.join(case.folder(), "cut.pcap")
    for length in range(0, len(whole), 397 if SLOW else 7):
        with open(path, "wb") as file:
            file.write(whole[:length])
        outcome = record(case, path)
        need(outcome.status in (0, 2), length, outcome)
        need(outcome.status == 0 or (outcome.out == "" and outcome.err), length, outcome)
        need(outcome.status == 2 or outcome.out.startswith("title "), length, outcome)
        last = outcome.err.splitlines()[0] if outcome.err else ""
        at_the_edge = (length - 24) in edges(whole)
        need(("breaks off at frame" in last) == (length >= 24 and not at_the_edge), length, outcome)


def edges(whole):
    """Where frames end, counted from the file's head."""
    at, found = 24, {0}
    while at < len(whole):
        at += 16 + struct.unpack_from("=I", whole, at + 8)[0]
        found.add(at - 24)
    return found


def test_any_octet_may_be_wrong(case):
    whole, path = small_capture(case), os.path.join(case.folder(), "wrong.pcap")
    scenario = os.path.join(case.folder(), "wrong.step")
    for at in range(24, len(whole), 397 if SLOW else 5):
        with open(path, "wb") as file:
            file.write(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1:])
        outcome = record(case, path)
        need(outcome.status in (0, 2), at, outcome)
        if outcome.status == 0:
            lab.write(scenario, outcome.out)
            dry = lab.synstep(case, "--dry-run", scenario)
            equal((dry.status, dry.err), (0, ""), at, dry, outcome.out)


WRONG_WORDS = [
    ([], ("which capture file?",)),
    (["a.pcap", "b.pcap"], ("one capture file is enough", "'b.pcap'")),
    (["a.pcap", "--connection=0"], ("--connection", "from 1 to", "'0'")),
    (["a.pcap", "--connection=x"], ("--connection", "'x'")),
    (["a.pcap", "--crafted=both"], ("--crafted", "client or server", "'both'")),
    (["a.pcap", "--conection=1"], ("unknown option '--conection=1'", "--connection")),
    (["/nonexistent.pcap"], ("/nonexistent.pcap", "No such file or directory")),
    (["/"], ("is no capture file", "directory")),
    (["/dev/null"], ("/dev/null is no capture file",)),
    ([__file__], ("record.py is no capture file",)),
]


def wrong(words, texts):
    def test(case):
        refused(case, words, *texts)
    return named(test, "test_wrong", *words, "is refused")


def test_a_capture_without_tcp_is_refused(case):
    path = os.path.join(case.folder(), "arp.pcap")
    dialogs.write_pcap(path, [(0, bytes(12) + b"\x08\x06" + bytes(46))])
    refused(case, [path], "no TCP connection in", path)
    refused(case, [path, "--list"], "no TCP connection in", path)
    dialogs.write_pcap(path, [], 147)
    refused(case, [path], "link type", "(147)", "Ethernet")


def test_a_scenario_that_cannot_be_written_is_told(case):
    path = os.path.join(case.folder(), "run.pcapng")
    equal(lab.synstep(case, "-q", "-w", path).status, 0, "a run")
    for words, more in ((["-o", "/dev/full"], {}), ([], {"stdout": "/dev/full"}),
                        (["--list"], {"stdout": "/dev/full"})):
        with open(more.get("stdout", "/dev/null"), "wb") as file:
            outcome = record(case, path, *words, **({"stdout": file} if more else {}))
        equal(outcome.status, 1, words, outcome)
        need("No space left on device" in outcome.err, words, outcome)
    refused(case, [path, "-o", "/nonexistent/x.step"], "/nonexistent/x.step", "No such file")


TESTS = [
    *lab.some([
        again("-4"), again("-6"), again("--isn=-1"), again("--isn=-3", "-6"),
        again("--isn=-2500", size=5000), again("--mss=500", "--window=2000", size=3000),
        again(size=0), again("--impair=drop:1"), again("--impair=drop:2", sides=["client"]),
        again("--impair=drop:3"), again("--impair=drop:4", sides=["client"]),
        again("--impair=drop:6", sides=["client"]), again("--impair=drop:8", sides=["client"]),
        again("--impair=drop:9", sides=["client"]), again("--impair=drop:10", sides=["client"]),
        again("--impair=dup:2"), again("--impair=dup:4"), again("--impair=corrupt:4",
                                                                sides=["client"]),
    ], 7),
    *lab.some([dialog(name, version) for name in dialogs.DIALOGS for version in (4, 6)], 13),
    *([] if SLOW else [dialog(name, version, large=True) for name in dialogs.LARGE
                       for version in (4, 6)]),
    test_dialog_with_a_closed_port_plays,
    test_every_link_type_makes_the_same_scenario,
    test_tunnels_are_followed_and_fragments_put_together,
    test_each_twin_of_a_recorded_scenario_fails,
    test_list_tells_every_connection,
    test_the_first_that_begins_is_taken_and_that_is_said,
    test_standard_input_is_read,
    test_a_file_cut_at_any_octet_gives_what_came_before,
    test_any_octet_may_be_wrong,
    *lab.some([wrong(words, texts) for words, texts in WRONG_WORDS], 8),
    test_a_capture_without_tcp_is_refused,
    test_a_scenario_that_cannot_be_written_is_told,
]

if __name__ == "__main__":
    lab.run(TESTS)
