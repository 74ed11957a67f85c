"""goldens: what `synstep verify` is expected to say of each file in tests/captures.

Beside NAME lies NAME.expected: what it says there, and all of it. tests/verify_goldens.py compares;
scripts/update-goldens writes them anew, to be read before they are kept. Many files are given to
one start of the program: between any two of them stands a capture of one frame that tells where the
next one's output begins.
"""
import os
import re
import struct
import subprocess

SOURCES = os.environ.get("SYNSTEP_SRCDIR", os.path.join(os.path.dirname(__file__), ".."))
FOLDER = os.path.join(SOURCES, "tests", "captures")
SUFFIX = ".expected"
FIELDS = ("frame,time,stream,seq_symbol,ack_symbol,length,flags,verdicts,duplicate_ack_count,"
          "duplicate_ack_frame,rto,rto_frame,acks_frame,ack_rtt,bytes_in_flight,push_bytes_sent,"
          "completeness,initial_rtt")
ROWS = "--fields=" + FIELDS
# The options of a start, and the captures it is made for: none named, all.
STARTS = (
    (("--level=note", "--stats"), ()),
    (("--level=note", ROWS), ()),
    (("--level=note", "--json"), ("sacks.pcap", "others.pcap")),
)
SEPARATOR_SECONDS = 4294967295


def captures():
    """Their names, in order."""
    return sorted(name for name in os.listdir(FOLDER)
                  if not name.startswith(".") and not name.endswith(SUFFIX))


def separator(folder):
    """A capture of one frame that carries nothing; its path."""
    path = os.path.join(folder, "separator.pcap")
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        file.write(struct.pack("<IIII", SEPARATOR_SECONDS, 0, 14, 14) + bytes(14))
    return path


def separates(line, path):
    """Whether the separator says this line; its "nothing to tell" follows in a sum."""
    return line.startswith(path + ": ") or f"\t{SEPARATOR_SECONDS}.000000\t" in line or \
        f'"file":"{path}"' in line.replace('": ', '":').replace("\\/", "/")


def parted(lines, path, count):
    """The lines of each capture: one list for each."""
    parts, after = [[]], False
    for line in lines:
        if separates(line, path):
            parts.append([])
            after = True
        elif not (after and line == "nothing to tell"):
            parts[-1].append(line)
            after = False
        else:
            after = False
    if len(parts) != count + 1 or parts[-1]:
        raise AssertionError(f"{len(parts)} parts of {count} captures, then {parts[-1]}")
    return parts[:-1]


def start(program, options, names, folder):
    """For each name, what is said with these options."""
    path = separator(folder)
    words = [word for name in names for word in (name, path)]
    ended = subprocess.run([*program, "verify", *options, *words], cwd=FOLDER, check=False,
                           stdin=subprocess.DEVNULL, capture_output=True,
                           env={**os.environ, "LC_ALL": "C"})
    errors = [line for line in ended.stderr.decode().splitlines()
              if line.startswith("synstep verify: ")]
    parts = parted(ended.stdout.decode().splitlines(), path, len(names))
    told = {}
    for name, part in zip(names, parts):
        wrong = [line for line in errors if re.match(f"synstep verify: {re.escape(name)}\\b", line)]
        words = " ".join(options).replace(FIELDS, "...")
        told[name] = [f"$ synstep verify {words} {name}", *part, *wrong, ""]
    if sum(len(part) for part in told.values()) != \
            sum(map(len, parts)) + len(errors) + 2 * len(names):
        raise AssertionError(f"an error of no capture: {errors}")
    return told


def now(program, folder):
    """For each capture the text that belongs into its golden; `folder` is for a file of ours."""
    program = [*program[:-1], os.path.abspath(program[-1])]
    texts = {name: [] for name in captures()}
    for options, names in STARTS:
        for name, lines in start(program, options, names or tuple(texts), folder).items():
            texts[name] += lines
    return {name: "\n".join(lines) for name, lines in texts.items()}


def expected_path(name):
    return os.path.join(FOLDER, name + SUFFIX)


def expected(name):
    """What is kept; "" when nothing is."""
    try:
        with open(expected_path(name), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
