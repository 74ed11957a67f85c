"""recount: a run's JSON and its capture file held against each other, every number counted again."""
import os

import lab
from frames import Frame, Recount, read_pcap, read_pcapng
from tap import equal, need
from wire import WORD

LAST_MOMENT = "after the last ACK"


class Run:
    """One run that held, with --json and -w: its frames, its segments, its events."""

    def __init__(self, case, *words, suffix="pcapng", **more):
        self.path = os.path.join(case.folder(), "run." + suffix)
        self.outcome = lab.held(case, "-w", self.path, *words, **more)
        self.packets = (read_pcapng if suffix == "pcapng" else read_pcap)(self.path)
        self.frames = [Frame(packet.octets) for packet in self.packets]
        self.segments = self.outcome.segments
        self.end = self.outcome.end
        self.port = self.frames[0].source_port
        self.count = Recount(self.frames, self.port).closed()
        self.shifts = {("local" if syn.source_port == self.port else "peer"): syn.options[3][0]
                       for syn in self.frames if syn.has("SYN") and 3 in syn.options}

    def check_checksums(self, left_to_card=False):
        """Right, each; `left_to_card`: the peer's kernel may leave its own to the card."""
        for frame in self.frames:
            left = left_to_card and frame.source_port != self.port and frame.checksum_left
            need(frame.checksum_right or left, "TCP checksum", hex(frame.checksum), frame)

    def check_json(self):
        """The JSON says what the frames say, number for number."""
        equal([segment["n"] for segment in self.segments],
              list(range(1, len(self.frames) + 1)), "n counts from 1, one for each frame")
        fins = {"local": None, "peer": None}
        times = [segment["time_us"] for segment in self.segments]
        equal(times, sorted(times), "time_us goes back")
        for frame, segment in zip(self.frames, self.segments):
            self._check_segment(frame, segment, fins)
        self._check_end()

    def _check_segment(self, frame, segment, fins):
        mine = "local" if frame.source_port == self.port else "peer"
        other = "peer" if mine == "local" else "local"
        if frame.has("FIN"):
            fins[mine] = (frame.seq + len(frame.payload)) % WORD
        equal(segment["from"], mine, "from", frame)
        equal(segment["flags"], frame.flags, "flags", frame)
        equal(segment["seq"], frame.seq, "seq", frame)
        equal(segment["length"], len(frame.payload), "length", frame)
        equal(segment["symbols"]["seq"], self._symbol(mine, frame.seq, fins), "symbol", frame)
        if frame.has("ACK"):
            equal(segment["ack"], frame.ack, "ack", frame)
            equal(segment["symbols"]["ack"], self._symbol(other, frame.ack, fins), "symbol", frame)
        else:
            need(segment.get("ack") is None, "an ack without the flag:", segment)
        equal(segment["window"], frame.window, "window", frame)
        equal(segment["window_bytes"], frame.window << self._shift(frame, mine), "window", frame)
        need(segment["checks"], "a segment without a check:", segment)
        for check in segment["checks"]:
            need(check["ok"] is True and check["name"] and check["rfc"].startswith("RFC "),
                 "a check:", check, frame)

    def _symbol(self, side, number, fins):
        """J+n up to the FIN, M from it on (K and N for the peer)."""
        isn, letter, last = (self.count.ours.isn, "J", "M") if side == "local" else \
            (self.count.theirs.isn, "K", "N")
        if fins[side] is not None and (number - fins[side]) % WORD < 2:
            isn, letter = fins[side], last
        away = (number - isn) % WORD
        return letter if away == 0 else f"{letter}+{away}"

    def _shift(self, frame, side):
        """RFC 7323: scaled when both SYNs offered it, and never in a SYN."""
        return 0 if frame.has("SYN") or len(self.shifts) < 2 else self.shifts[side]

    def _check_end(self):
        equal(self.end["segments"], len(self.frames), "end: segments")
        need(self.end["checks"] >= len(self.frames), "end: checks", self.end)
        ours, theirs = self.count.ours, self.count.theirs
        equal([self.end["numbers"][letter] for letter in "JKMN"],
              [ours.isn, theirs.isn, ours.fin, theirs.fin], "end: J K M N")

    def check_witness(self):
        """What the peer's kernel says at each step is what the frames until then come to."""
        ours, theirs = self.count.ours, self.count.theirs
        opened = [(ours.isn + 1) % WORD, (theirs.isn + 1) % WORD]
        answered = [ours.fin, theirs.fin]
        over = [(ours.fin + 1) % WORD, (theirs.fin + 1) % WORD]
        moments = {"after the handshake": (opened, {"ESTABLISHED"}),
                   "after the data": (answered, {"ESTABLISHED"}),
                   "after its FIN": (over, {"LAST-ACK"}),
                   LAST_MOMENT: (over, {"CLOSED"})}
        if not ours.stream:
            del moments["after the data"]
        witnesses = self.outcome.of("witness")
        equal([witness["moment"] for witness in witnesses], list(moments), "the moments")
        for witness in witnesses:
            numbers, states = moments[witness["moment"]]
            need(witness["ok"] is True, "witness:", witness)
            equal([witness["rcv_nxt"], witness["write_seq"]], numbers, witness["moment"])
            need(witness["state"] in states, "state", witness)

    def states(self, side):
        """The states of one end in the order it was in them."""
        seen = [self.segments[0]["states"][side]["before"]]
        for segment in self.segments:
            after = segment["states"][side]["after"]
            if after != seen[-1]:
                seen.append(after)
        return seen


def octets(count, seed=1):
    """Octets of every value, never the same run twice: an octet out of place is seen."""
    made, state = bytearray(), seed
    for _ in range((count + 3) // 4):
        state = (state * 1664525 + 1013904223) % WORD
        made += state.to_bytes(4, "big")
    return bytes(made[:count])


def file_of(case, data):
    path = os.path.join(case.folder(), "data")
    with open(path, "wb") as file:
        file.write(data)
    return path
