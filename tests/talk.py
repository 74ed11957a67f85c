#!/usr/bin/env python3
"""talk: synstep-talk against synstep-peer and against servers that misbehave (TAP)."""
import os
import socket
import struct
import subprocess
import threading

from peers import counts, serve
from tap import DEADLINE, SLOW, equal, need, private, program, receive, receive_all, run, some, until

TALK = program("synstep-talk")
UDP, SEQPACKET = socket.SOCK_DGRAM, socket.SOCK_SEQPACKET
LONG, SHORT = "--timeout=60", "--timeout=0.2"


def target(address):
    if isinstance(address, str):
        return f"--unix={address}"
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


def talk(case, words, *options, before=(), **more):
    """Gives it `words` on a pipe; returns (status, stdout, stderr)."""
    talker = case.start([*before, *TALK, *options], stdin=subprocess.PIPE, **more)
    words = words.encode() if isinstance(words, str) else words

    def feed():
        try:
            talker.process.stdin.write(words)
            talker.process.stdin.close()
        except BrokenPipeError:
            pass
    feeder = threading.Thread(daemon=True, target=feed)
    feeder.start()
    status = talker.end()
    feeder.join(DEADLINE)
    return status, talker.out, talker.err


def server(case, serve_client, kind=socket.SOCK_STREAM):
    """A server of one client in a thread; what went wrong in it fails the test."""
    listener = case.open_socket(socket.AF_INET, kind)
    listener.bind(("127.0.0.1", 0))
    trouble = []

    def work():
        try:
            if kind == UDP:
                serve_client(listener)
            else:
                client, _ = listener.accept()
                with client:
                    client.settimeout(DEADLINE)
                    serve_client(client)
        except Exception as error:  # pylint: disable=broad-except
            trouble.append(error)
    if kind != UDP:
        listener.listen()
    thread = threading.Thread(target=work, daemon=True)

    def check():
        thread.join(DEADLINE)
        need(not trouble and not thread.is_alive(), "the server:", trouble)
    case.callback(check)
    thread.start()
    return target(listener.getsockname())


def test_words_from_a_pipe_come_back_one_by_one(case):
    peer, where = serve(case)
    equal(talk(case, "hello\nwide world\n", LONG, target(where[0])),
          (0, "recv: hello\nrecv: wide world\n", ""))
    peer.wait_out("recv data: hello\nrecv data: wide world\n")


def test_exit_is_sent_and_ends_the_talk(case):
    peer, where = serve(case)
    equal(talk(case, "one\nexit\ntwo\n", LONG, target(where[0])),
          (0, "recv: one\nrecv: exit\n", ""))
    equal(peer.stop(), 0)
    equal(counts(peer), (1, 0, 7, 7))


def test_only_the_word_exit_ends_the_talk(case):
    _, where = serve(case)
    equal(talk(case, "exit \nexits\nEXIT\nend\n", LONG, target(where[0])),
          (0, "recv: exit \nrecv: exits\nrecv: EXIT\nrecv: end\n", ""))


def test_a_last_line_without_its_newline_is_sent(case):
    _, where = serve(case)
    equal(talk(case, "one\ntwo", LONG, target(where[0])), (0, "recv: one\nrecv: two\n", ""))


def test_no_words_at_all_are_no_failure(case):
    _, where = serve(case)
    equal(talk(case, "", LONG, target(where[0])), (0, "", ""))


def test_an_empty_line_sends_nothing_on_a_stream(case):
    peer, where = serve(case)
    equal(talk(case, "\n\na\n\n", LONG, target(where[0])), (0, "recv: a\n", ""))
    equal(peer.stop(), 0)
    equal(counts(peer)[2], 1)


def test_ipv6_and_unix_streams_are_talked_to(case):
    _, where = serve(case, listen=["[::1]:0", f"unix:{case.folder()}/a",
                                   f"unix:@synstep-talk-{os.getpid()}"])
    for address in where:
        equal(talk(case, "hi\n", LONG, target(address)), (0, "recv: hi\n", ""))


@private
def test_without_a_target_it_is_127_0_0_1_port_8888(case):
    serve(case, listen=["127.0.0.1:8888", "127.0.0.1:7777", "[::1]:8888"])
    for options in ((), ("127.0.0.1",), ("8888",), ("7777",), ("[::1]",)):
        equal(talk(case, "hi\n", LONG, *options), (0, "recv: hi\n", ""))


@private
def test_4_and_6_choose_the_family_of_a_name(case):
    hosts = f"{case.folder()}/hosts"
    with open(hosts, "w", encoding="ascii") as file:
        file.write("127.0.0.1 both\n::1 both\n")

    # A name service of its own: the talker runs where another /etc/hosts is mounted.
    mounted = ("unshare", "-rm", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts)

    def talk_to_name(*options):
        return talk(case, "hi\n", LONG, *options, "both:8123", before=mounted)
    came = (0, "recv: hi\n", "")
    refused = "synstep-talk: cannot connect to both:8123: Connection refused"
    for host, right, wrong in (("127.0.0.1", "-4", "-6"), ("[::1]", "-6", "-4")):
        peer, _ = serve(case, listen=[f"{host}:8123"])
        equal(talk_to_name(right), came)
        equal(talk_to_name(), came, "the next address is tried")
        status, _, err = talk_to_name(wrong)
        equal((status, err[:len(refused)]), (1, refused))
        status, _, err = talk(case, "hi\n", wrong, f"{host}:8123")
        equal(status, 1)
        need("cannot resolve" in err and f"to IPv{wrong[1]}" in err, err)
        equal(peer.stop(), 0)


def test_each_kind_of_message_socket_keeps_the_bounds(case):
    folder = case.folder()
    _, where = serve(case, listen=["udp:127.0.0.1:0", "udp:[::1]:0", f"unix-dgram:{folder}/d",
                                   f"unix-seqpacket:{folder}/s"])
    for address, option in zip(where, ("--udp", "--udp", "--dgram", "--seqpacket")):
        equal(talk(case, "one\n\nthree\nexit\n", LONG, target(address), option),
              (0, "recv: one\nrecv: \nrecv: three\nrecv: exit\n", ""), option)


def test_a_datagram_longer_than_the_buffer_is_cut_and_that_is_said(case):
    folder = case.folder()
    _, where = serve(case, listen=["udp:127.0.0.1:0", f"unix-dgram:{folder}/d",
                                   f"unix-seqpacket:{folder}/s"])
    for address, option in zip(where, ("--udp", "--dgram", "--seqpacket")):
        equal(talk(case, "0123456789\nfull\n", LONG, target(address), option, "--buffer=4"),
              (0, "recv: 0123 (cut: 4 of 10 bytes)\nrecv: full\n", ""), option)


def test_the_buffer_does_not_cut_a_stream(case):
    _, where = serve(case)
    equal(talk(case, "0123456789\n", LONG, target(where[0]), "--buffer=4"),
          (0, "recv: 0123456789\n", ""))


def test_a_datagram_too_long_for_udp_is_told_and_the_talk_goes_on(case):
    _, where = serve(case, listen=["udp:127.0.0.1:0"])
    status, out, err = talk(case, "x" * 65508 + "\nfits\n", LONG, "--udp", target(where[0]))
    equal((status, out), (1, "recv: fits\n"))
    need("a message of 65508 bytes is too long" in err, err)
    equal(talk(case, "x" * 65507 + "\n", LONG, "--udp", target(where[0])),
          (0, "recv: " + "x" * 65507 + "\n", ""))


MEGABYTES = (2 if SLOW else 5) << 17  # in eights of octets


def test_megabytes_in_one_line_come_back_whole(case):
    _, where = serve(case)
    line = "abcdefgh" * MEGABYTES
    equal(talk(case, line + "\nnext\n", LONG, target(where[0])),
          (0, f"recv: {line}\nrecv: next\n", ""))


def test_megabytes_in_one_line_go_to_a_server_that_answers_later(case):
    _, where = serve(case, "--half-close")
    line = "abcdefgh" * MEGABYTES
    status, out, err = talk(case, line + "\n", "--timeout=2", target(where[0]))
    equal((status, "".join(out.split("\nrecv: "))), (0, f"recv: {line}\n"), err)


def test_more_than_sixteen_megabytes_in_one_line_are_refused(case):
    _, where = serve(case)
    status, out, err = talk(case, "first\n" + "x" * ((16 << 20) + 1), LONG, target(where[0]))
    equal((status, out), (1, "recv: first\n"))
    equal(err, "synstep-talk: a line has more than 16777216 bytes: break it up\n")


def unread_bytes(client):
    """What the talker's kernel holds of the connection whose other end is `client`, unread."""
    wanted = f":{client.getpeername()[1]:04X}", f":{client.getsockname()[1]:04X}"
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file:
            words = line.split()
            if (words[1][-5:], words[2][-5:]) == wanted:
                return int(words[4].partition(":")[2], 16)
    raise AssertionError("no such connection")


def test_an_echo_in_pieces_is_one_word(case):
    """Each piece is read before the next is sent. On a busy machine a piece may come so late that
    the talker shows what it has: then it gets another chance."""
    def pieces(client):
        for byte in receive(client, 6):
            client.sendall(bytes([byte]))
            until(lambda: unread_bytes(client) == 0, "reads the piece")
        equal(receive_all(client), b"")
    for _ in range(20):
        status, out, err = talk(case, "pieces\n", LONG, server(case, pieces))
        equal((status, err), (0, ""))
        if out == "recv: pieces\n":
            return
        equal(out.replace("\nrecv: ", ""), "recv: pieces\n")
    raise AssertionError("never shown as one word")


def test_a_piece_is_shown_when_the_server_pauses(case):
    """The talker's own output is what the server waits for before it goes on."""
    shown = threading.Event()

    def pause(client):
        word = receive(client, 6)
        client.sendall(word[:2])
        need(shown.wait(DEADLINE), "never shown")
        client.sendall(word[2:])
        equal(receive_all(client), b"")
    talker = case.start([*TALK, LONG, server(case, pause)], stdin=subprocess.PIPE)
    talker.process.stdin.write(b"pauses\n")
    talker.process.stdin.close()
    talker.wait_out("recv: pa\n")
    shown.set()
    equal(talker.end(), 0, talker.err)
    equal(talker.out, "recv: pa\nrecv: uses\n")


def test_what_a_server_says_unasked_is_shown_when_it_comes(case):
    """The talker's own output is what the server waits for before it goes on."""
    shown_first = threading.Event()

    def greet(client):
        client.sendall(b"hello there")
        need(shown_first.wait(DEADLINE), "never shown")
        client.sendall(receive(client, 4))
        equal(receive_all(client), b"")
    talker = case.start([*TALK, LONG, server(case, greet)], stdin=subprocess.PIPE)
    talker.wait_out("recv: hello there\n")
    shown_first.set()
    talker.process.stdin.write(b"word\n")
    talker.process.stdin.close()
    equal(talker.end(), 0, talker.err)
    equal(talker.out, "recv: hello there\nrecv: word\n")


def test_a_server_that_does_not_answer_holds_nothing_up(case):
    peer, where = serve(case, "--discard")
    status, out, err = talk(case, "one\ntwo\n", SHORT, target(where[0]))
    equal((status, out), (1, ""))
    need("within 0.2 s: 0 of 3 bytes have come back" in err, err)
    equal(err.count("no answer from"), 2, err)
    equal(peer.stop(), 0)
    equal(counts(peer)[2], 6)


def test_a_part_of_an_answer_is_shown(case):
    def part(client):
        client.sendall(receive(client, 6)[:2])
        equal(receive_all(client), b"")
    status, out, err = talk(case, "answer\n", SHORT, server(case, part))
    equal((status, out), (1, "recv: an\n"))
    need("2 of 6 bytes have come back" in err, err)


def test_a_server_that_answers_at_the_end_is_waited_for(case):
    _, where = serve(case, "--half-close")
    status, out, err = talk(case, "one\ntwo\n", SHORT, target(where[0]))
    equal((status, out), (0, "recv: onetwo\n"), err)


def test_a_server_that_never_closes_is_left_and_told(case):
    left = threading.Event()

    def stay(client):
        client.sendall(receive(client, 2))
        need(left.wait(DEADLINE), "the talker never left")
    where = server(case, stay)
    status, out, err = talk(case, "hi\n", SHORT, where)
    left.set()
    equal((status, out, err), (1, "recv: hi\n",
                               f"synstep-talk: {where} did not close within 0.2 s\n"))


def test_a_server_that_closes_early_is_told(case):
    where = server(case, lambda client: client.sendall(receive(client, 3)))
    talker = case.start([*TALK, LONG, where], stdin=subprocess.PIPE)
    talker.process.stdin.write(b"one\n")
    talker.process.stdin.flush()
    equal(talker.end(), 1)  # though its input is still open
    equal((talker.out, talker.err),
          ("recv: one\n", f"synstep-talk: {where} has closed the connection\n"))


def test_a_server_that_closes_on_exit_is_right(case):
    where = server(case, lambda client: receive(client, 4))
    equal(talk(case, "exit\n", LONG, where), (0, "", ""))


def test_a_reset_is_told(case):
    def reset(client):
        receive(client, 3)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    status, out, err = talk(case, "one\ntwo\n", LONG, server(case, reset))
    equal((status, out), (1, ""))
    need("Connection reset by peer: the server has dropped the connection" in err, err)
    equal(err.count("\n"), 1, err)


def unused_port(case, kind):
    taken = case.open_socket(socket.AF_INET, kind)
    taken.bind(("127.0.0.1", 0))
    address = taken.getsockname()
    taken.close()
    return target(address)


def test_nobody_there_is_told_for_each_kind_of_socket(case):
    folder = case.folder()
    stale = case.open_socket(socket.AF_UNIX)
    stale.bind(f"{folder}/stale")
    stream, _ = serve(case, listen=[f"unix:{folder}/stream"])
    for text, *options in (
            ("Connection refused: nobody listens there", unused_port(case, socket.SOCK_STREAM)),
            ("Connection refused (ICMP port unreachable): nobody serves UDP there",
             "--udp", unused_port(case, UDP)),
            ("Connection refused: nobody listens on that socket", f"--unix={folder}/stale"),
            ("No such file or directory: there is no such socket", f"--unix={folder}/none"),
            ("is of another type; try --seqpacket", f"--unix={folder}/stream", "--seqpacket"),
            ("cannot resolve 'nosuch.invalid': ", "nosuch.invalid:80")):
        status, out, err = talk(case, "word\n", LONG, *options)
        equal((status, out), (1, ""), options)
        need(text in err, options, "said", err)
        equal(err.count("\n"), 1, "one line:", err)
    equal(stream.stop(), 0)


def test_udp_that_is_not_answered_is_told(case):
    def silent(listener):
        equal(listener.recv(10), b"word")
    status, out, err = talk(case, "word\n", SHORT, "--udp", server(case, silent, UDP))
    equal((status, out), (1, ""))
    need("no answer from udp 127.0.0.1:" in err, err)


@private
def test_a_connection_that_does_not_come_about_is_given_up(case):
    full = case.open_socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    case.connect(full.getsockname())
    status, out, err = talk(case, "word\n", SHORT, target(full.getsockname()))
    equal((status, out), (1, ""))
    need("cannot connect to" in err, err)
    need("Connection timed out: no answer in time; check the address" in err, err)


def test_what_a_terminal_would_obey_is_escaped(case):
    _, where = serve(case)
    equal(talk(case, b"a\r\t\\\x1b[2J\x00\x7f\xff\xe4\xbd\xa0\n", LONG, target(where[0])),
          (0, "recv: a\\r\\t\\\\\\x1b[2J\\x00\\x7f\\xff\\xe4\\xbd\\xa0\n", ""))
    equal(talk(case, "你好\u202e\n".encode() + b"\xff\n", LONG, target(where[0]),
               env={"LC_ALL": "C.UTF-8"}), (0, "recv: 你好\\xe2\\x80\\xae\nrecv: \\xff\n", ""))


def test_a_full_disk_or_closed_pipe_under_its_output_is_told(case):
    _, where = serve(case)
    with open("/dev/full", "wb") as full:
        status, _, err = talk(case, "word\n", LONG, target(where[0]), stdout=full)
    equal((status, err), (1, "synstep-talk: standard output could not be written: "
                             "No space left on device\n"))
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as closed:
        status, _, err = talk(case, "word\n", LONG, target(where[0]), stdout=closed)
    equal((status, err), (1, "synstep-talk: standard output could not be written: Broken pipe\n"))


def test_wrong_usage_exits_2_and_says_what_is_wrong(case):
    for text, *options in some((
            ("unrecognized option '--nonsense'", "--nonsense"),
            ("'0' is no port", "127.0.0.1:0"), ("'65536' is no port", "127.0.0.1:65536"),
            ("'' is no port", "127.0.0.1:"), ("'nosuchservice' is no port", "h:nosuchservice"),
            ("'0' is no port", "0"), ("the host is missing", ":80"), ("the host is missing", ""),
            ("write an IPv6 target as [::1]:8888", "[::1"), ("write an IPv6 target", "::1"),
            ("is one target too many", "a:1", "b:2"), ("choose one of them", "-4", "-6"),
            ("choose one of them", "--unix=/x", "a:1"), ("--udp needs HOST", "--udp", "--unix=/x"),
            ("--seqpacket needs --unix", "--seqpacket"), ("--dgram (for UDP: --udp)", "--dgram"),
            ("choose one of them", "--unix=/x", "--dgram", "--seqpacket"),
            ("the path is missing", "--unix="), ("at most 107", "--unix=" + "x" * 108),
            ("--timeout: 'x' is not", "--timeout=x"), ("--timeout: '0' is not", "--timeout=0"),
            ("--buffer: '0' is not", "--buffer=0"), ("--buffer: '-1' is not", "--buffer=-1"),
            ("the host name is too long", "x" * 300 + ":1")), 6):
        status, out, err = talk(case, "", *options)
        equal((status, out), (2, ""), options, err)
        need(text in err.split("\n", maxsplit=1)[0], options, "said", err)


def test_help_and_version_exit_0(case):
    for option, text in (("--help", "word:"), ("--version", "synstep-talk "),
                         ("--usage", "--seqpacket")):
        status, out, _ = talk(case, "", option)
        equal(status, 0)
        need(text in out, option, out)


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
