#!/usr/bin/env python3
"""step: a scenario stepped through by commands from a pipe: over the wire in memory and live (TAP)."""
import os
import re
import signal
import subprocess

import lab
from frames import Frame, read_pcap
from lab import SLOW, named, private
from library import SOURCE, is_for, library, mode_of, read
from servers import Server
from tap import equal, need, program, receive
from texts import file_with

CONNECTION = """title "Stepped"
let J = 4294967295
> SYN seq=J mss=1460
< SYN,ACK seq=K ack=J+1
> ACK
> PSH,ACK "hello"
<? ACK ack=J+6
< PSH,ACK ack=J+6 "hello"
> FIN,ACK seq=M
<? ACK
< FIN,ACK seq=N ack=M+1
> ACK
"""
SENDS = 5
DRIVEN = """let J = 1000
peer listen
> SYN seq=J
< SYN,ACK seq=K ack=J+1
> ACK
peer accept
> PSH,ACK "abc"
> PSH,ACK "def"
"""


# --- running it ----------------------------------------------------------------------------------

class Stepping:
    """The program under test, told what to do line by line."""

    def __init__(self, case, text, *words, command="step", **more):
        path = file_with(case, text, "it")
        self.running = case.start([*program("synstep"), command, *map(str, words), path],
                                  stdin=subprocess.PIPE, **more)

    def say(self, *lines):
        self.running.process.stdin.write("".join(line + "\n" for line in lines).encode())
        self.running.process.stdin.flush()

    def end(self, *lines):
        """What it came to after these lines and the end of the input."""
        self.say(*lines)
        self.running.process.stdin.close()
        return lab.outcome_of(self.running)


def stepped(case, text, lines, *words, **more):
    """In memory, from the first line to the last."""
    return Stepping(case, text, "--simulate", "--seed=1", *words, **more).end(*lines)


def ok(outcome):
    need(outcome.status == 0 and outcome.err == "", "it did not hold:", outcome)
    return outcome


def failed(outcome, status, *texts):
    need(outcome.status == status, f"exit status {status} expected:", outcome)
    lines = outcome.err.splitlines()
    need(len(lines) == 1 and lines[0].startswith("synstep step: "), "one line expected:", outcome)
    for text in texts:
        need(text in lines[0], f"{text!r} is not in:", lines[0])
    return outcome


def has(outcome, *texts):
    """They stand there in this order."""
    at = 0
    for text in texts:
        found = outcome.out.find(text, at)
        need(found >= 0, f"no {text!r} after {outcome.out[max(0, at - 60):at]!r}:", outcome)
        at = found + len(text)
    return outcome


def numbers_of(outcome):
    """J, K, M and N of the closing lines."""
    return dict(re.findall(r"\b([JKMN]) = (\d+)", outcome.out.splitlines()[-2]))


# --- what is seen --------------------------------------------------------------------------------

def test_enter_alone_is_the_run_with_previews_between(case):
    run = case.start([*program("synstep"), "run", "--simulate", "--seed=1",
                      file_with(case, CONNECTION, "it")])
    equal(run.end(), 0)
    outcome = ok(stepped(case, CONNECTION, [""] * SENDS))
    lines = iter(outcome.out.splitlines())
    for line in run.out.splitlines():
        need(line in lines, "the ladder lacks:", line, outcome.out)


PREVIEWED = re.compile(r"^[* ] {1,4}(\d+)  ((?:[0-9a-f]{2} )+)")
MORE = re.compile(r"^ {8}((?:[0-9a-f]{2} ?)+)$")


def previews(text):
    """The octets of each datagram that was shown before it was sent: field by field, by offset."""
    datagrams = []
    for line in text.splitlines():
        field, more = PREVIEWED.match(line), MORE.match(line)
        if line.startswith("line "):
            datagrams.append({})
            at = None
        elif field and datagrams:
            at = int(field[1])
        elif not (more and datagrams and at is not None):
            at = None
        if datagrams and at is not None:
            octets = bytes.fromhex((field[2] if field else more[1]).strip())
            at += 0 if field else 4
            datagrams[-1].update(enumerate(octets, at))
    return [bytes(octets[at] for at in sorted(octets)) for octets in datagrams]


def shown_is_sent(*words):
    def test(case):
        capture = os.path.join(case.folder(), "it.pcap")
        outcome = ok(stepped(case, CONNECTION, [""] * SENDS, "-w", capture, *words))
        sent = [packet.octets for packet in read_pcap(capture)
                if Frame(packet.octets).port == 8888]
        equal(previews(outcome.out), sent)
        sums = re.findall(r"TCP checksum .*\n(?: {6}.*\n)*? {6}complement .* (\w+)\n", outcome.out)
        equal([int(each, 16) for each in sums], [Frame(octets).checksum for octets in sent])
    return named(test, "test_what_is_shown_is_what_is_sent", *words)


def test_the_hint_stands_below_the_first_preview_only(case):
    outcome = ok(stepped(case, CONNECTION, [""] * SENDS))
    equal(outcome.out.count("help tells"), 1)


def test_what_has_not_changed_is_not_shown_again(case):
    outcome = stepped(case, CONNECTION, ["insert wait 1s", "show tcb", "insert > RST dport=1", "quit"])
    equal(outcome.out.count("\nline 3: > SYN"), 1)


# --- what moves it -------------------------------------------------------------------------------

def test_set_takes_the_languages_expressions_and_marks_what_changed(case):
    outcome = stepped(case, CONNECTION, ["", "set seq=J+3 ttl=7 \"HI\"", "", "run"])
    has(outcome, "set by hand: seq=J+3 ttl=7 \"HI\"", "*    8  07           Time to Live            7\n",
        "*   24  00 00 00 02  Sequence Number         2             J+3\n", "\n*   40  48 49 ",
        "data J+3, ACK K+1", "seq 2=J+3")


def test_set_again_changes_what_was_set(case):
    outcome = stepped(case, CONNECTION, ["set ttl=7", "set ttl=8 mss=500 wscale=3",
                                         "set no options", "set mss=7", "", "quit"])
    has(outcome, "set by hand: ttl=7 ttl=8 mss=500 wscale=3\n", "Maximum Segment Size    500\n",
        "Window Scale", "set by hand: ttl=7 ttl=8 mss=500 wscale=3 no options mss=7\n",
        "Time to Live            8\n", "Maximum Segment Size    7\n", "SYN J", "mss=7 ")
    first, last = outcome.out.split("set by hand")[2:4]
    need("1460" not in first[:first.find("TCP checksum")], "an option stands there twice:", first)
    need("Window Scale" not in last, "an option stays:", last)


def test_set_changes_flags_and_payload(case):
    outcome = stepped(case, CONNECTION, ["", "", "set flags=FIN,PSH,ACK size 3", "quit"])
    has(outcome, "0x19          FIN,PSH,ACK\n", "Payload                 3 octets      \"abc\"\n")


def test_set_that_is_wrong_shows_where_and_changes_nothing(case):
    outcome = ok(stepped(case, CONNECTION, [
        "set tttl=1", "set ttl=256", "set seq=L", "set", "set seq=J ack=K+1", "set tos=0",
        *[""] * SENDS]))
    has(outcome, "  tttl=1\n  ^~~~\n", "did you mean ttl", "  ttl=256\n", "0 to 255", "seq=L\n",
        "set what? For example: set seq=J+2 ttl=1\n", "ack needs a number not known yet",
        "set by hand: tos=0\n")
    equal(outcome.out.count("set by hand"), 1)


def test_set_of_what_a_kernel_would_overwrite_is_refused_live_only(case):
    has(stepped(case, CONNECTION, ["set ip.id=0", "quit"]), "set by hand: ip.id=0")
    outcome = Stepping(case, CONNECTION).end("set ip.id=0", "quit")
    has(outcome, "the kernel would overwrite ip.id")


def test_drop_loses_the_segment_and_the_numbers_move(case):
    outcome = stepped(case, DRIVEN, ["", "", "drop", "", "show tcb", "insert peer expect rcv_nxt = J+1",
                                     ""])
    has(ok(outcome), "\"abc\"", "dropped", "PSH J+4, ACK K+1", "SND.NXT     1007 = J+7",
        "peer expect rcv_nxt = J+1")


def test_dup_sends_it_twice(case):
    outcome = stepped(case, DRIVEN, ["", "", "dup", "run"])
    has(ok(outcome), "\"abc\"", "duplicated")


def test_hold_lets_later_segments_overtake_and_release_lets_it_go(case):
    outcome = stepped(case, DRIVEN, [
        "", "", "hold", "", "insert peer expect rcv_nxt = J+1", "release",
        "insert peer expect read \"abcdef\"", ""])
    has(ok(outcome), "delayed", "PSH J+4", "peer expect rcv_nxt = J+1 ",
        "segment 4, held back so far, goes", "peer expect read \"abcdef\"")


def test_what_is_held_at_the_end_never_goes(case):
    has(ok(stepped(case, DRIVEN, ["", "", "hold", "", ""])), "1 segment held back never went")


def test_insert_does_what_the_scenario_does_not_say(case):
    outcome = ok(stepped(case, DRIVEN, [
        "", "", "insert peer send \"x\"", "insert < PSH,ACK ack=J+1 \"x\"", "> ACK",
        "insert wait 1s", "", "", ""]))
    has(outcome, "peer send \"x\"", "PSH K+1, ACK J+1", "< PSH,ACK ack=J+1 \"x\"", "ACK K+2",
        "wait 1s", "PSH J+1, ACK K+2")


def test_insert_that_is_wrong_shows_where_and_sends_nothing(case):
    outcome = ok(stepped(case, CONNECTION, [
        "insert > SYNN", "insert", "insert title \"x\"", "insert > ACK ack=K", *[""] * SENDS]))
    has(outcome, "  > SYNN\n    ^~~~\n", "insert what?", "title is no step",
        "ack needs a number not known yet")
    equal(len(re.findall(r"^ +\d+ .* \|--", outcome.out, re.MULTILINE)), SENDS)


def test_in_memory_what_is_inserted_is_answered_at_once(case):
    outcome = stepped(case, DRIVEN, ["", "", "insert > RST seq=J+9", "# it is challenged", "quit"])
    has(outcome, "! rst in window", "challenge ack", "left before")
    outcome = stepped(case, DRIVEN, ["", "", "hold", "release", "show peer", "", ""])
    has(ok(outcome), "ACK J+4", "rcv_nxt     1004 = J+4")


def test_an_expectation_that_is_inserted_counts(case):
    outcome = stepped(case, DRIVEN, ["", "", "insert < RST within 5ms", "run"])
    failed(outcome, 1, "expected '< RST within 5ms', but nothing came in 5 ms")


def test_run_asks_no_more(case):
    outcome = ok(stepped(case, CONNECTION, ["", "run", "shwo"]))
    need("no command" not in outcome.out, outcome)
    equal(outcome.out.count("\nline "), 2)


def test_run_takes_what_was_set_along(case):
    has(stepped(case, CONNECTION, ["set ttl=9", "run"]), "set by hand: ttl=9", "SYN J")
    capture = os.path.join(case.folder(), "it.pcap")
    stepped(case, CONNECTION, ["set ttl=9", "run"], "-w", capture)
    equal(read_pcap(capture)[0].octets[8], 9)


# --- what is asked -------------------------------------------------------------------------------

def test_show_tells_both_ends_the_trace_and_headers(case):
    outcome = ok(stepped(case, CONNECTION, [
        "show trace", "", "show tcb", "show headers", "show headers 1", "show trace", "show next",
        "run"]))
    has(outcome, "synstep", "SYN J", "ISS                               4294967295 = J",
        "segment 2: SYN,ACK from the peer\n", "Acknowledgment Number   0             J+1\n",
        "segment 1: SYN from synstep\n", "SYN J", "SYN K, ACK J+1", "line 5: > ACK\n")


def test_show_of_what_is_not_there_says_so(case):
    outcome = stepped(case, CONNECTION, ["show headers", "show headers 7", "show headers x", "show",
                                         "show pear", "", "show headers 7", "quit"])
    has(outcome, "there is no segment yet\n", "there is no segment 7\n", "not 'x'\n",
        "show takes tcb, trace, headers, peer or next\n", "did you mean peer?\n",
        "there is no segment 7\n")


def test_show_peer_in_memory_asks_the_model(case):
    has(ok(stepped(case, DRIVEN, ["show peer", "", "", "show peer", "run"])), "the model",
        "state       LISTEN", "the model", "state       ESTABLISHED           ESTABLISHED\n",
        "rcv_nxt     1001 = J+1            1001 = J+1\n", "error       none\n")


def test_explain_tells_clause_and_sum(case):
    outcome = ok(stepped(case, CONNECTION, [
        "explain", "", "explain", "explain last", "explain 1", "explain 9", "run"]))
    has(outcome, "seq = J = 4294967295: line 3 says seq=J\n",
        "seq = J+1 = 0: SND.NXT, the next number to send (RFC 9293 3.3.1): J 4294967295",
        "modulo 2^32", "RCV.NXT, the next number expected", "handshake_ack",
        "segment 2: SYN,ACK from the peer\n", "synack_ack",
        "segment 1: SYN from synstep\n", "there is no segment 9\n")


def test_help_lists_every_command(case):
    outcome = stepped(case, CONNECTION, ["help", "quit"])
    for name in ("send", "set", "drop", "dup", "hold", "release", "insert", "show tcb", "show trace",
                 "show headers", "show peer", "show next", "explain", "back", "run", "quit", "help"):
        need(re.search(rf"^  {name}\b.{{8,}}$", outcome.out, re.MULTILINE), name, outcome.out)
    need(max(map(len, outcome.out.splitlines())) <= 80, "wider than 80 columns")


def test_a_command_that_is_not_gets_the_nearest(case):
    outcome = ok(stepped(case, CONNECTION, ["shwo", "relase", "xyzzyx", "send now", *[""] * SENDS]))
    has(outcome, "no command 'shwo'; did you mean show?\n", "did you mean release?\n",
        "no command 'xyzzyx'; help lists them\n", "send takes no words")


def test_comments_spaces_and_carriage_returns_are_no_matter(case):
    outcome = ok(stepped(case, CONNECTION, [
        "# first the SYN", "  send  ", "\t", "\r", "send\r", "  # end", ""]))
    need("no command" not in outcome.out, outcome)


def test_what_cannot_be_done_here_says_so(case):
    outcome = ok(stepped(case, CONNECTION, ["release", *[""] * SENDS, "drop", "set ttl=1",
                                            "show next"]))
    has(outcome, "nothing is held back\n", "no segment is to be sent now\n",
        "no segment is to be sent now\n", "no segment is to be sent now\n")


# --- back ----------------------------------------------------------------------------------------

def test_back_takes_back_and_all_is_as_it_was(case):
    straight = ok(stepped(case, CONNECTION, [""] * SENDS))
    around = ok(stepped(case, CONNECTION, [
        "back", "set ttl=3", "", "", "back", "show tcb", "back", "show trace", "back", "", "drop",
        "back", *[""] * (SENDS - 1)]))
    has(around, "this is where it begins\n", "taken back: send\n", "synstep as seen",
        "taken back: send\n", "taken back: set ttl=3\n", "taken back: drop\n")
    equal(around.out.splitlines()[-2:], straight.out.splitlines()[-2:])
    need("dropped" not in around.out[around.out.rfind("taken back"):], around.out)
    need("broke off" not in around.out and around.out.count("a wire in memory") == 2, around.out)
    undone = around.out[around.out.find("taken back: set ttl=3"):]
    need("\n* " not in undone[:undone.find("SYN J")], "what was taken back is marked:", undone)


def test_back_rewrites_the_capture(case):
    captures = [os.path.join(case.folder(), name) for name in ("a.pcap", "b.pcap")]
    stepped(case, CONNECTION, [""] * SENDS, "-w", captures[0])
    stepped(case, CONNECTION, ["", "insert > RST", "back", *[""] * (SENDS - 1)], "-w", captures[1])
    equal(*([packet.octets for packet in read_pcap(path)] for path in captures))


def test_back_from_a_failure_lets_it_go_right(case):
    ok(stepped(case, CONNECTION, ["", "", "drop", "back", "", "", "", ""]))


@private
def test_back_live_says_why_not(case):
    outcome = Stepping(case, CONNECTION).end("", "back", "quit")
    has(outcome, "what a real kernel has seen cannot be taken back: step with --simulate")


# --- what fails, and the end ---------------------------------------------------------------------

def test_a_step_that_fails_is_told_and_one_can_go_on(case):
    text = CONNECTION.replace("ack=J+6", "ack=J+7")
    outcome = stepped(case, text, ["", "", "", "explain", "", "", "", ""])
    failed(outcome, 1, "it.step:8: ", "ack: expected J+7 = 6, got J+6 = 5")
    has(outcome, "line 8 did not hold; enter goes on all the same\n", "segment 5: PSH,ACK",
        "line 9: > FIN,ACK seq=M\n")


def test_run_ends_where_a_step_fails(case):
    text = CONNECTION.replace("ack=J+6", "ack=J+7")
    outcome = failed(stepped(case, text, ["run", ""]), 1, "it.step:8: ")
    need("FIN M" not in outcome.out and "RST J+6" in outcome.out, outcome)


def test_each_step_that_fails_is_told(case):
    text = "> SYN seq=J\n< RST within 1ms\n< FIN within 1ms\n> RST,ACK\n"
    outcome = failed(stepped(case, text, ["", "", "", ""]), 1, "it.step:2: ")
    has(outcome, "line 2 did not hold", "line 3 did not hold", "line 4: > RST,ACK")


def test_a_number_that_is_not_known_can_be_set(case):
    text = CONNECTION.replace("> ACK\n> PSH", "> ACK ack=K+1\n> PSH")
    outcome = stepped(case, text, ["drop", "", "drop", "set ack=0", "", "quit"])
    has(outcome, "line 4 did not hold", "line 5: > ACK ack=K+1\n", "ack needs a number not known yet",
        "ack needs a number not known yet", "set by hand: ack=0")


def test_a_number_that_is_not_known_fails_when_it_is_sent(case):
    text = CONNECTION.replace("> ACK\n> PSH", "> ACK ack=K+1\n> PSH")
    outcome = stepped(case, text, ["drop", "", "", "quit"])
    has(outcome, "line 4 did not hold", "line 5 did not hold")


def leaving(what, *lines):
    def test(case):
        outcome = stepped(case, CONNECTION, ["", "", *lines])
        failed(outcome, 1, "left before the end, after 3 segments")
        need("RST J+1, ACK K+1" in outcome.out, "no RST:", outcome)
    return named(test, "test", what, "in the middle resets the connection")


def test_the_end_of_the_input_after_the_last_step_is_no_failure(case):
    for lines in ([], [""], ["quit"], ["run"]):
        ok(stepped(case, CONNECTION, [""] * SENDS + lines))


def test_a_last_line_without_its_end_counts(case):
    stepping = Stepping(case, CONNECTION, "--simulate")
    stepping.running.process.stdin.write(b"run")
    ok(stepping.end())


def test_a_line_without_an_end_is_refused(case):
    stepping = Stepping(case, CONNECTION, "--simulate")
    stepping.running.process.stdin.write(b"x" * 5000)
    failed(stepping.end(), 2, "a command has at most")


def test_standard_output_that_cannot_be_written_is_told(case):
    with open("/dev/full", "wb") as full:
        outcome = stepped(case, CONNECTION, [""] * SENDS, stdout=full)
    failed(outcome, 1, "standard output could not be written")


# --- usage ---------------------------------------------------------------------------------------

def test_wrong_usage_is_one_line_and_exit_status_2(case):
    path = file_with(case, CONNECTION, "it")
    folder = os.path.dirname(path)
    for words, text in lab.some((
            ([], "which scenario?"), (["no.such"], "'no.such' is no scenario"),
            ([path, path], "one scenario"), ([folder], "one scenario"), (["--json", path], "--json"),
            (["--dry-run", path], "--dry-run"), (["-w", "-", path], "standard output"),
            (["--simulate", "--loopback", path], "--loopback"), (["--sede=1", path], "--seed"),
            (["--mss=5", path], "--mss"), ([path, "nowhere"], "'nowhere' is no file"),
            (["no.step"], "no.step")), 4):
        running = case.start([*program("synstep"), "step", *words])
        running.end()
        failed(lab.outcome_of(running), 2, text)


def test_a_scenario_that_is_wrong_is_told_before_anything_is_asked(case):
    stepping = Stepping(case, CONNECTION.replace("mss=1460", "mms=1460"), "--simulate")
    outcome = stepping.end()
    equal((outcome.status, outcome.out), (2, ""))
    need("it.step:3:13: " in outcome.err and "did you mean mss" in outcome.err, outcome)


def test_a_scenario_for_elsewhere_is_told(case):
    failed(stepped(case, "only live\n" + CONNECTION, []), 2, "only live")


def test_run_with_step_is_the_same(case):
    stepping = Stepping(case, CONNECTION, "--simulate", "--step", command="run")
    has(ok(stepping.end(*[""] * SENDS)), "line 3: > SYN seq=J mss=1460\n")


def test_params_are_taken(case):
    text = "param n = 1\n> SYN seq=n\n"
    has(stepped(case, text, ["quit"], "--param", "n=77"), "Sequence Number         77 ")


# --- live ----------------------------------------------------------------------------------------

@private
def test_live_it_goes_through(case):
    outcome = ok(Stepping(case, CONNECTION).end("", "", "", "show peer", "run"))
    has(outcome, "two private hosts", "its kernel", "state       ESTABLISHED")
    equal(numbers_of(outcome)["J"], "4294967295")


@private
def test_live_over_ipv6(case):
    has(ok(Stepping(case, CONNECTION, "-6").end("run")), "-- IPv6 --", "all held")


@private
def test_live_what_comes_meanwhile_is_shown_and_no_failure(case):
    stepping = Stepping(case, CONNECTION)
    stepping.say("")
    stepping.running.wait_out("retransmission")
    ok(stepping.end("run"))


@private
def test_live_an_inserted_reset_is_challenged(case):
    stepping = Stepping(case, DRIVEN)
    stepping.say("", "", "insert > RST seq=J+9")
    stepping.running.wait_out("challenge ack")
    outcome = stepping.end("insert < ACK seq=K+1 ack=J+1", "show peer", "run")
    has(ok(outcome), "! rst in window", "its kernel", "state       ESTABLISHED", "all held")


@private
def test_live_the_crafted_end_can_be_the_server(case):
    text = "peer connect\n< SYN seq=K\n> SYN,ACK seq=J mss=1460\n< ACK ack=J+1\n" \
           "peer expect state ESTABLISHED\n"
    has(ok(Stepping(case, text).end("explain", "")), "peer connect", "SYN K",
        "line 3: > SYN,ACK seq=J mss=1460\n", "drawn at random", "peer expect state ESTABLISHED")


def interrupted(number, *lines, words=(), text=CONNECTION, until="line 6"):
    @private
    def test(case):
        stepping = Stepping(case, text, *words)
        stepping.say(*lines)
        stepping.running.wait_out(until)
        outcome = lab.outcome_of(stepping.running, stepping.running.stop(number))
        failed(outcome, 1, "interrupted")
        need(re.search(r"RST J\+\d", outcome.out), "no RST:", outcome)
    return named(test, "test", number.name, "at the prompt resets the connection", *words)


@private
def test_interrupted_at_the_prompt_somebody_elses_server_is_told(case):
    def serve(connection):
        try:
            receive(connection, 1)
        except ConnectionResetError:
            return
        raise AssertionError("not reset")
    server = Server(case, serve)
    path = file_with(case, CONNECTION, "it")
    running = case.start([*program("synstep"), "step", path, server.target],
                         stdin=subprocess.PIPE)
    running.process.stdin.write(b"\n\n")
    running.process.stdin.flush()
    running.wait_out("line 6: ")
    failed(lab.outcome_of(running, running.stop(signal.SIGINT)), 1, "interrupted")
    server.join()


@private
def test_interrupted_after_a_loss_the_peer_is_reset_all_the_same(case):
    stepping = Stepping(case, DRIVEN)
    stepping.say("", "", "drop")
    stepping.running.wait_out("line 8: ")
    outcome = lab.outcome_of(stepping.running, stepping.running.stop(signal.SIGINT))
    has(outcome, "dropped", "RST J+4", "RST J+1")


def test_the_session_in_the_manual_is_a_real_one(case):
    page = read(os.path.join(SOURCE, "man", "synstep-step.1"))
    session = re.search(r"^\.Bd -literal\n\$ cat (.*?)^\.Ed$", page, re.MULTILINE | re.DOTALL)[1]
    lines = re.sub(r"^\\&", "", session.replace("\\e", "\\"), flags=re.MULTILINE).splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith("$ synstep step "))
    typed = [re.match(r"(?:line \d+|end)>(?: (.*))?$", line) for line in lines]
    words = lines[begin].split()[3:-1]
    outcome = ok(Stepping(case, "\n".join(lines[1:begin]) + "\n", *words).end(
        *[line[1] or "" for line in typed if line]))
    shown = iter(outcome.out.splitlines())
    for line, command in list(zip(lines, typed))[begin + 1:]:
        need(command or line == "..." or line in shown, "not so:", line, outcome)
    need(sum(line != "..." for line in lines) > 80, "it has shrunk")


# --- other protocols -----------------------------------------------------------------------------

DATAGRAMS = """only live
peer bind
> UDP "one"
peer expect datagram "changed"
"""


def test_a_message_is_shown_changed_and_sent(case):
    outcome = ok(Stepping(case, DATAGRAMS).end(
        'set dport=9 "other"', 'set dport=8888 ttl=3 "changed"', "explain", "send"))
    has(outcome, "Destination Port        8888", "UDP checksum", "right",
        'set by hand: dport=9 "other"', "Destination Port        9",
        'set by hand: dport=9 "other" dport=8888 ttl=3 "changed"', "Time to Live            3",
        "UDP checksum", "right", "it is no TCP segment", "UDP, 7 octets", "all held")


def test_a_message_has_the_fields_of_its_protocol_only(case):
    outcome = Stepping(case, DATAGRAMS).end("set sort=1", "set flags=SYN", 'set "changed"', "send")
    has(outcome, "UDP has no field 'sort'; did you mean sport?", "UDP has no field 'flags'")
    equal(outcome.status, 0, outcome)


def test_a_message_can_be_inserted_where_others_are_heard(case):
    ok(Stepping(case, DATAGRAMS.replace('"changed"', '"one"')).end(
        "> ICMP echo-request id=3", "< ICMP echo-reply id=3", "send"))
    failed(Stepping(case, CONNECTION.replace("title", "only live\ntitle")).end(
        "< ICMP echo-reply", "quit"), 1)


def test_arp_is_shown_changed_and_sent(case):
    text = "only live ipv4\n> ARP request\n< ARP reply sha=02:00:00:00:00:02\n"
    outcome = ok(Stepping(case, text).end(
        "set sha=02:00:00:00:00:07 tpa=10.0.0.9", "set ttl=1", "explain",
        "> ARP op=9 ether.dst=02:00:00:00:00:02", "set tpa=10.0.0.2", "send"))
    has(outcome, "Destination             ff:ff:ff:ff:ff:ff",
        "Sender Hardware Address 02:00:00:00:00:07", "Target Protocol Address 10.0.0.9",
        "it is no TCP segment", "ARP operation 9", "tell 10.0.0.1 at 02:00:00:00:00:07",
        "10.0.0.2 is at 02:00:00:00:00:02", "all held")


def test_arp_held_back_goes_by_its_own_wire(case):
    text = "only live ipv4\n> ARP request\n> ARP op=9\n< ARP reply\n"
    has(ok(Stepping(case, text).end("hold", "release", "send")), "ARP request", "delayed",
        "segment 1, held back so far, goes", "ARP operation 9", "ARP reply", "all held")


# What a slow hand may change, where time is real: when a kernel's timers are due.
TIMED = re.compile(r"\b(wait|drop|delay|after|within)\b")


def library_by_enter(*words):
    """Every scenario that `synstep run` holds is held by enter alone, too."""
    def test(case):
        texts = [text for text in library().values() if is_for(text, mode_of(words)) and
                 ("--simulate" in words or not TIMED.search(re.sub("#.*", "", text)))]
        need(len(texts) > 10, "the library has shrunk:", len(texts))
        for text in texts[::40 if SLOW else 1]:
            lines = [""] * (1 + text.count("\n") * 5)
            ok(Stepping(case, text, *words).end(*lines))
    return named(test, "test_the_library_holds_by_enter_alone", *words)


if __name__ == "__main__":
    lab.run([test for name, test in list(globals().items()) if name.startswith("test_")] + [
        shown_is_sent(), shown_is_sent("-6"),
        leaving("quit", "quit"), leaving("the end of the input"),
        *lab.some([
            interrupted(signal.SIGINT, "", ""), interrupted(signal.SIGTERM, "", ""),
            interrupted(signal.SIGHUP, "", "", words=("--loopback",)),
            interrupted(signal.SIGINT, "", "", words=("--simulate",)),
            interrupted(signal.SIGINT, "", text=CONNECTION.replace("< SYN,ACK seq=K ack=J+1\n", ""),
                        until="retransmission")
        ], 3),
        library_by_enter("--simulate"), library_by_enter("-4"),
    ])
