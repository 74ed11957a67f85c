#!/usr/bin/env python3
"""explain: frames in whatever hex people have them; checksums worked out; what is wrong is one line."""
import json
import gzip
import os
import shutil
import struct
import subprocess

import lab
import tap
from lab import named
from tap import equal, need

SOURCES = os.environ.get("SYNSTEP_SRCDIR", os.path.join(os.path.dirname(__file__), ".."))
# A SYN of Linux's (tests/frames.h): cksum 0xc942 (correct).
ETHER = bytes.fromhex(
    "0200000000020200000000010800"
    "4500003c5f5f40004006c75a0a0000010a000002"
    "9c4122b83365a41100000000a002faf0c9420000020405b40402080a836c55ea000000000103030a")
IP = ETHER[14:]


def explain(case, *words, text=None, **more):
    if text is not None:
        path = os.path.join(case.folder(), "input")
        with open(path, "w", encoding="latin-1") as file:
            file.write(text)
        more["stdin"] = case.enter_context(open(path, "rb"))
    running = case.start([*tap.program("synstep"), "explain", *words], **more)
    status = running.end()
    return lab.Outcome(status, running.out, lab.WRAPPER_TALK.sub("", running.err))


def frames_of(case, *words, status=0, **more):
    outcome = explain(case, "--json", *words, **more)
    equal((outcome.status, outcome.err), (status, ""), outcome)
    return [json.loads(line) for line in outcome.out.splitlines()]


def octets_of(frame):
    """The frame put together again from its layers' fields: whole octets, each once."""
    octets = bytearray(frame["length"])
    for layer in frame["layers"]:
        for field in layer["fields"]:
            part = bytes.fromhex(field["hex"])
            octets[field["offset"]:field["offset"] + len(part)] = part
    return bytes(octets)


# --- forms ---------------------------------------------------------------------------------------

def grouped(octets, size, gap=" "):
    text = octets.hex()
    return gap.join(text[i:i + 2 * size] for i in range(0, len(text), 2 * size))


def dumped(octets, line):
    return "".join(line(at, octets[at:at + 16]) + "\n" for at in range(0, len(octets), 16))


def readable(octets):
    return "".join(chr(octet) if 32 <= octet < 127 else "." for octet in octets)


FORMS = {
    "digits": IP.hex(),
    "capitals": IP.hex().upper(),
    "spaces": grouped(IP, 1),
    "pairs": grouped(IP, 2),
    "colons": grouped(IP, 1, ":"),
    "dashes": grouped(IP, 1, "-"),
    "one 0x": "0x" + IP.hex(),
    "as in C": ", ".join(f"0x{octet:02x}" for octet in IP),
    "escapes": " ".join(f"\\x{octet:02x}" for octet in IP),
    "lines": grouped(IP, 8, "\n") + "\n",
    "remarks": "# a SYN\n" + grouped(IP, 8, " # header\n"),
    "tcpdump -x": "12:00:00.1 IP 10.0.0.1.40001 > 10.0.0.2.8888: Flags [S]\n" +
                  dumped(IP, lambda at, part: f"\t0x{at:04x}:  {grouped(part, 2)}"),
    "tcpdump -X": dumped(IP, lambda at, part:
                         f"\t0x{at:04x}:  {grouped(part, 2):39}  {readable(part)}"),
    "xxd": dumped(IP, lambda at, part: f"{at:08x}: {grouped(part, 2):39}  {readable(part)}"),
    "hexdump -C": dumped(IP, lambda at, part: f"{at:08x}  {grouped(part[:8], 1)}  "
                         f"{grouped(part[8:], 1):23}  |{readable(part)}|") + f"{len(IP):08x}\n",
    "od": dumped(IP, lambda at, part: f"{at:07o} {grouped(part, 1)}") + f"{len(IP):07o}\n",
    "od in hex": dumped(IP, lambda at, part: f"{at:06x} {grouped(part, 1)}") + f"{len(IP):06x}\n",
    "Wireshark": dumped(IP, lambda at, part:
                        f"{at:04x}   {grouped(part, 1):47}   {readable(part)}"),
    "carriage returns": grouped(IP, 8, "\r\n") + "\r\n",
}


def form(name):
    def test(case):
        frames = frames_of(case, "-", text=FORMS[name])
        equal(len(frames), 1)
        equal(octets_of(frames[0]), IP)
    return named(test, "test_explain_reads", name)


def test_explain_reads_arguments(case):
    for words in ([IP.hex()], [grouped(IP, 1)], grouped(IP, 1).split(), ["0x" + IP.hex()]):
        equal([octets_of(frame) for frame in frames_of(case, *words)], [IP], words)


def test_explain_reads_a_file(case):
    path = os.path.join(case.folder(), "syn")
    with open(path, "w", encoding="ascii") as file:
        file.write(FORMS["xxd"])
    equal([octets_of(frame) for frame in frames_of(case, path)], [IP])


def test_explain_reads_what_tools_print(case):
    path = os.path.join(case.folder(), "syn")
    with open(path, "wb") as file:
        file.write(IP)
    commands = [["od", "-tx1", path], ["od", "-An", "-tx1", path], ["od", "-Ax", "-tx1", path],
                ["xxd", path], ["xxd", "-p", path], ["hexdump", "-C", path]]
    for command in commands:
        if shutil.which(command[0]):
            text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            equal([octets_of(f) for f in frames_of(case, "-", text=text)], [IP], command, text)


def test_explain_reads_several_frames_of_a_dump(case):
    dump = FORMS["tcpdump -x"]
    frames = frames_of(case, "-", text=dump + dump.replace("c942", "c943"), status=1)
    equal([(f["frame"], len(f["illegal"])) for f in frames], [(1, 0), (2, 1)])
    outcome = explain(case, "-", text=dump + dump)
    need("frame 1: 60 octets" in outcome.out and "frame 2: 60 octets" in outcome.out, outcome.out)


def captured(frames, link):
    header = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link)
    return header + b"".join(struct.pack("<IIII", 0, 0, len(f), len(f)) + f for f in frames)


def test_explain_reads_capture_files(case):
    for link, octets, name in lab.some(((1, ETHER, "ether"), (101, IP, "ip")), 2):
        path = os.path.join(case.folder(), "file")
        with open(path, "wb") as file:
            file.write(captured([octets, octets], link))
        with gzip.open(path + ".packed", "wb") as file:
            file.write(captured([octets, octets], link))
        inputs = [["-", {"stdin": case.enter_context(open(each, "rb"))}]
                  for each in (path, path + ".packed")]
        for word, more in [[path, {}], [path + ".packed", {}], *inputs]:
            frames = frames_of(case, word, **more)
            equal([(f["frame"], f["link"], octets_of(f)) for f in frames],
                  [(1, name, octets), (2, name, octets)], word)


def test_explain_tells_where_a_capture_breaks_off(case):
    path = os.path.join(case.folder(), "file")
    with open(path, "wb") as file:
        file.write(captured([ETHER, ETHER], 1)[:-1])
    outcome = explain(case, "--json", path)
    equal((outcome.status, outcome.out.count("\n"), outcome.err.count("\n")), (2, 1, 1), outcome)
    need(path in outcome.err, outcome.err)


# --- how it begins -------------------------------------------------------------------------------

def test_explain_finds_out_how_the_frame_begins(case):
    for octets, link in ((ETHER, "ether"), (IP, "ip"), (b"\x45" + ETHER[1:], "ether"),
                         (b"\x60" + ETHER[1:], "ether"), (IP[:24], "ip"), (ETHER[:20], "ether")):
        frames = frames_of(case, octets.hex(), status=0 if len(octets) > 30 else 1)
        equal(frames[0]["link"], link, octets.hex())


def test_explain_takes_it_as_told(case):
    equal(frames_of(case, "--link=ether", IP.hex())[0]["layers"][0]["layer"], "ether")
    equal(frames_of(case, "--link=ip", ETHER.hex(), status=1)[0]["layers"][0]["layer"], "ip")
    need("as it seems" not in explain(case, "--link=ip", IP.hex()).out, "it was told")


# --- what is said --------------------------------------------------------------------------------

def summed(octets):
    octets += b"\0" * (len(octets) % 2)
    return sum(int.from_bytes(octets[i:i + 2], "big") for i in range(0, len(octets), 2))


def test_explain_works_checksums_out(case):
    ip, tcp = (layer["checksum"] for layer in frames_of(case, IP.hex())[0]["layers"])
    header = IP[:10] + b"\0\0" + IP[12:20]
    equal((ip["state"], ip["actual"], ip["expected"]), ("right", "0xc75a", "0xc75a"))
    equal((ip["sum"], ip["folded"][-1]), (summed(header), 0xffff ^ 0xc75a))
    pseudo = IP[12:20] + b"\0\x06" + (40).to_bytes(2, "big")
    segment = IP[20:36] + b"\0\0" + IP[38:40]
    steps = [("pseudo-header", summed(pseudo)), ("header", summed(segment)),
             ("options", summed(IP[40:]))]
    equal([(step["of"], step["sum"]) for step in tcp["steps"]], steps)
    equal(tcp["sum"], sum(number for _, number in steps))
    equal(tcp["folded"][-1], 0xffff ^ 0xc942)


def test_explain_tells_what_is_illegal(case):
    wrong = bytearray(IP)
    wrong[33] = 0x03
    frame = frames_of(case, wrong.hex(), status=1)[0]
    equal([fault["layer"] for fault in frame["illegal"]], ["tcp", "tcp"])
    outcome = explain(case, "--ascii", wrong.hex())
    equal(outcome.status, 1)
    for words in ("FAIL TCP: SYN and FIN exclude each other (RFC 9293 3.10.7.4)",
                  "FAIL TCP: its checksum is wrong", "WRONG: should be 0xc941",
                  "FAIL 2 things in it are illegal"):
        need(words in outcome.out, words, outcome.out)


def test_explain_prints_the_example_of_its_manual(case):
    with open(f"{SOURCES}/man/synstep-explain.1", encoding="ascii") as page:
        example = page.read().split(".Bd -literal\n")[1].split(".Ed")[0].replace("\\e", "\\").replace("\\&", "")
    command, _, expected = example.replace("\\\n", "").partition("\n")
    outcome = explain(case, *command.split()[3:])
    equal((outcome.status, outcome.err), (1, ""), command)
    for part in expected.split("...\n"):
        need(part in outcome.out, part, outcome.out)


def test_explain_fits_eighty_columns_in_a_pipe(case):
    outcome = explain(case, ETHER.hex(), env={"LC_ALL": "C.UTF-8"})
    need("\x1b" not in outcome.out and "──" in outcome.out, outcome.out)
    need(all(len(line) <= 80 for line in outcome.out.splitlines()), outcome.out)
    need(explain(case, ETHER.hex()).out.isascii(), "not ASCII in the C locale")
    need("\x1b[" in explain(case, "--color=always", ETHER.hex()).out, "no colour")


def test_explain_survives_a_reader_that_leaves(case):
    reading, writing = os.pipe()
    os.close(reading)
    outcome = explain(case, ETHER.hex(), stdout=writing)
    os.close(writing)
    need(outcome.status in (1, -13), outcome)
    with open("/dev/full", "wb") as file:
        for words in ([], ["--json"]):
            outcome = explain(case, *words, ETHER.hex(), stdout=file)
            equal(outcome.status, 1, outcome)
            need("No space left on device" in outcome.err, outcome)


# --- what cannot be read -------------------------------------------------------------------------

WRONG = [
    ([], None, ["no frame is named"]),
    ([""], None, ["no octets are here"]),
    (["  "], None, ["no octets are here"]),
    (["455"], None, ["odd number of hex digits (3)"]),
    (["45", "0"], None, ["column 4", "odd number of hex digits (1)"]),
    (["45zz"], None, ["'45zz' is not hex", "No such file"]),
    (["/nonexistent/syn"], None, ["'/nonexistent/syn'", "No such file"]),
    (["a.hex", "b.hex"], None, ["one FILE is enough", "b.hex"]),
    (["-"], "45" * 65601, ["longer than 65600 octets"]),
    (["-"], "", ["standard input: no octets are here"]),
    (["-"], "# nothing\n\n", ["no octets are here"]),
    (["-"], "45 00\n00 3g\n", ["standard input: line 2, column 5: 'g' is no hex digit"]),
    (["-"], "45 00 \0", ["line 1, column 7: octet 0x00 is no hex digit"]),
    (["-"], "\xd4\xc3\xb2\xa1\2\0\4\0", ["standard input is no capture file", "header breaks off"]),
    (["--link=tcp", "45"], None, ["--link takes auto, ip or ether, not 'tcp'"]),
    (["--color=red", "45"], None, ["--color takes auto, always or never, not 'red'"]),
    (["--jsn", "45"], None, ["unknown option '--jsn'", "did you mean --json"]),
]


def refused(number, words, text, expected):
    def test(case):
        outcome = explain(case, *words, text=text)
        equal((outcome.status, outcome.out), (2, ""), outcome)
        equal(outcome.err.count("\n"), 1, outcome.err)
        need(outcome.err.startswith("synstep explain: ") and len(outcome.err) < 300, outcome.err)
        for part in expected:
            need(part in outcome.err, part, outcome.err)
    return named(test, "test_explain_refuses", number, *expected[0].split()[:4])


TESTS = [
    *lab.some([form(name) for name in FORMS], 9),
    test_explain_reads_arguments,
    test_explain_reads_a_file,
    test_explain_reads_what_tools_print,
    test_explain_reads_several_frames_of_a_dump,
    test_explain_reads_capture_files,
    test_explain_tells_where_a_capture_breaks_off,
    test_explain_finds_out_how_the_frame_begins,
    test_explain_takes_it_as_told,
    test_explain_works_checksums_out,
    test_explain_tells_what_is_illegal,
    test_explain_prints_the_example_of_its_manual,
    test_explain_fits_eighty_columns_in_a_pipe,
    test_explain_survives_a_reader_that_leaves,
    *lab.some([refused(number, *row) for number, row in enumerate(WRONG, 1)], 9),
]

if __name__ == "__main__":
    lab.run(TESTS)
