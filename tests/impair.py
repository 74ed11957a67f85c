#!/usr/bin/env python3
"""impair: harm to each of the first twelve frames, each kind, and the run holds all the same."""
import lab
from lab import SLOW, held, named
from tap import equal, need

FATES = {"drop": "dropped", "dup": "duplicated", "delay": "delayed", "corrupt": "corrupted"}
FRAMES = 12
TEXT = "the quick brown fox"


def check_sent_again(outcome, lost):
    """What occupies a number and did not arrive comes again, and then arrives."""
    if lost["fate"] not in ("dropped", "corrupted"):
        return
    if lost["length"] or {"SYN", "FIN"} & set(lost["flags"]):
        again = [segment for segment in outcome.segments[lost["n"]:]
                 if (segment["from"], segment["seq"]) == (lost["from"], lost["seq"]) and
                 segment["fate"] == "delivered"]
        need(again, "never sent again:", lost, outcome)


def impaired(act, frame, *words):
    """Twelve frames cross in a run of three segments of data; a RTO of 1 s is the price of a loss."""
    def test(case):
        plan = f"{act}:{frame}"
        outcome = held(case, f"--impair={plan}", "--mss=7", f"--data={TEXT}", *words)
        marked = [segment for segment in outcome.segments
                  if segment.get("fate", "delivered") != "delivered"]
        need(len(marked) >= 1, "no frame was harmed:", outcome)
        equal({segment["fate"] for segment in marked},
              {FATES[one.split(":")[0]] for one in plan.split(",")}, "the fates told")
        for lost in marked:
            check_sent_again(outcome, lost)
        end = outcome.end
        sent = end["numbers"]["M"] - end["numbers"]["J"] - 1
        equal((sent % 2**32, (end["numbers"]["N"] - end["numbers"]["K"] - 1) % 2**32), (len(TEXT), len(TEXT)),
              "octets each way by the end's numbers")
    return named(test, "test_impair", act, frame, *words, "holds")


def test_a_delayed_last_ack_is_witnessed_when_it_arrives(case):
    """It may arrive after the peer has sent its FIN again: both are timed at 200 ms."""
    outcome = held(case, "--impair=delay:10")
    delayed = [segment["symbols"] for segment in outcome.segments if segment["fate"] == "delayed"]
    equal(delayed, [{"seq": "M+1", "ack": "N+1"}], "the last ACK", outcome)
    last = outcome.of("witness")[-1]
    equal((last["moment"], last["state"], last["ok"]), ("after the last ACK", "CLOSED", True), outcome)


def test_what_comes_while_the_witness_is_asked_is_taken_first(case):
    """The answer to a doubled segment crosses with the question; our FIN must not overtake it."""
    for _ in range(8):
        outcome = held(case, "--impair=dup:4")
        unusual = [check["name"] for segment in outcome.segments for check in segment["checks"]
                   if check["level"] in ("warning", "violation")]
        equal(unusual, [], "warnings", outcome)


SOME = (("drop", 2), ("dup", 5), ("delay", 4), ("corrupt", 3))
TESTS = [impaired(act, frame) for act in FATES for frame in range(1, FRAMES + 1)
         if not SLOW or (act, frame) in SOME]
if not SLOW:
    TESTS += [impaired(act, frame, "-6", "--isn=-9") for act, frame in SOME]
    TESTS += [impaired("drop:2,dup:4,delay:6,corrupt", 8), impaired("drop:1,drop", 2),
              test_a_delayed_last_ack_is_witnessed_when_it_arrives,
              test_what_comes_while_the_witness_is_asked_is_taken_first]

if __name__ == "__main__":
    # They wait more than they work.
    lab.run(TESTS, at_a_time=2 if SLOW else 8)
