#!/usr/bin/env python3
"""bad_input: what wrong words, closed doors and full disks get: one line that helps, and a status."""
import ctypes
import errno
import os
import platform
import shutil
import socket
import struct

import lab
import tap
from lab import fails, libc, named, private, synstep
from recount import file_of, octets
from tap import equal, need

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
UNSHARE = {"x86_64": 272, "aarch64": 97}


# --- wrong words ---------------------------------------------------------------------------------

WRONG_WORDS = [
    (["--ins=5"], ["'--ins=5'", "did you mean --isn"]),
    (["--loopbak"], ["'--loopbak'", "did you mean --loopback"]),
    (["--windwo", "5"], ["--windwo", "did you mean --window"]),
    (["--zzzzzzzzzzz"], ["'--zzzzzzzzzzz'", "--help"]),
    (["--windwo=5", "--json", "-4"], ["'--windwo=5'", "did you mean --window"]),
    (["-Z"], ["'-Z'", "--help"]),
    (["--json", "-4Zq", "-v"], ["'-4Zq'", "--help"]),
    (["--isn"], ["--isn", "value"]),
    (["--json=yes"], ["--json=yes", "value"]),
    (["--isn=four"], ["--isn", "'four'", "4294967295"]),
    (["--isn=4294967296"], ["--isn", "'4294967296'", "4294967295"]),
    (["--isn="], ["--isn", "''"]),
    (["--isn=0x"], ["--isn", "'0x'"]),
    (["--mss=0"], ["--mss", "from 1 to 65535", "'0'"]),
    (["--mss=9000"], ["--mss 9000", "1460"]),
    (["--window=-1"], ["--window", "'-1'"]),
    (["--window=1e3"], ["--window", "'1e3'"]),
    (["--timeout=0"], ["--timeout", "'0'"]),
    (["--timeout=nan"], ["--timeout", "'nan'"]),
    (["--seed=-1"], ["--seed", "'-1'"]),
    (["--source-port=0"], ["--source-port", "from 1 to 65535", "'0'"]),
    (["--source-port=65536"], ["--source-port", "from 1 to 65535", "'65536'"]),
    (["--source-port=http"], ["--source-port", "'http'"]),
    (["--color=sometimes"], ["--color", "'sometimes'", "auto"]),
    (["--impair=dorp:2"], ["drop", "dorp"]),
    (["--impair=drop:0"], ["drop:0", "from 1"]),
    (["--impair=drop"], ["'drop'", "number"]),
    (["--impair=drop:1", "--impair=dup:2"], ["--impair once"]),
    (["--json", "-w", "-"], ["--json", "-w -"]),
    (["--data=a", "--data-file=b"], ["--data-file", "not both"]),
    (["--loopback", "localhost:80"], ["--loopback", "not both"]),
    (["--source=10.0.0.1"], ["--source", "HOST:PORT"]),
    (["localhost:80", "localhost:81"], ["'localhost:81'"]),
    (["localhost:0"], ["port '0'", "1 and 65535"]),
    (["localhost:65536"], ["port '65536'", "1 and 65535"]),
    (["localhost:99999999999999999999"], ["port '99999999999999999999'"]),
    (["localhost:-1"], ["'-1'"]),
    (["localhost:no-such-service"], ["no-such-service"]),
    (["localhost:"], ["'localhost:'", "no port"]),
    (["localhost"], ["'localhost'", "no port", "HOST:PORT"]),
    ([":80"], ["':80'", "no host"]),
    (["fd00::1"], ["'fd00::1'", "brackets"]),
    (["[::1]"], ["'[::1]'", "no port"]),
    (["[::1"], ["'[::1'", "not closed"]),
    (["no-such-host.invalid:80"], ["no-such-host.invalid"]),
    (["999.1.1.1:80"], ["999.1.1.1"]),
    (["[fe80::1]:80"], ["fe80::1", "link-local", "interface"]),
    (["[fe80::1%nowhere]:80"], ["nowhere"]),
    (["0.0.0.0:80"], ["0.0.0.0", "not the address of one host"]),
    (["[::]:80"], ["::", "not the address of one host"]),
    (["[::ffff:127.0.0.1]:80"], ["::ffff:127.0.0.1", "not the address of one host"]),
    (["[ff02::1%lo]:80"], ["ff02::1", "not the address of one host"]),
    (["127.255.255.255:80"], ["127.255.255.255", "not the address of one host"]),
    (["127.0.0.1:80", "--interface=nowhere0"], ["nowhere0", "this host has: lo"]),
    (["127.0.0.1:80", "--source=192.0.2.7"], ["192.0.2.7", "not an address of this host"]),
    (["127.0.0.1:80", "--source=localhorst"], ["localhorst"]),
    (["127.0.0.1:80", "--source=::1"], ["127.0.0.1", "no IPv6 address"]),
    (["127.0.0.1:80", "-6"], ["127.0.0.1"]),
    (["--data-file=/nonexistent/file"], ["/nonexistent/file", "No such file"]),
    (["--data-file=/"], ["/", "Is a directory"]),
    (["-w", "/nonexistent/file.pcapng"], ["/nonexistent/file.pcapng", "No such file"]),
    (["-w", "/nonexistent/file.pcap"], ["/nonexistent/file.pcap", "No such file"]),
    (["-w", "/"], ["/", "Is a directory"]),
    (["-w", "/proc/file.pcapng"], ["/proc/file.pcapng"]),
]


def wrong(words, texts):
    @private
    def test(case):
        outcome = fails(synstep(case, *words), 2, *texts)
        equal(outcome.out, "", "standard output")
    shown = " ".join(word[:24] for word in words)
    return named(test, "test_wrong_words", shown, "are usage")


@private
def test_a_port_by_name_resolves(case):
    listener = case.open_socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", socket.getservbyname("http")))
    fails(synstep(case, "127.0.0.1:http", "--json"), 1, "127.0.0.1:80", "refused")


@private
def test_a_source_port_in_use_is_named(case):
    listener = case.open_socket()
    listener.bind(("127.0.0.1", 4242))
    listener.listen(1)
    fails(synstep(case, "--loopback", "--source-port=4242"), 2, "4242", "in use")


@private
def test_no_route_is_said(case):
    fails(synstep(case, "192.0.2.1:80"), 1, "no route to 192.0.2.1;", "ip route get 192.0.2.1")
    fails(synstep(case, "192.0.2.1:80", "--source=127.0.0.1"), 1, "192.0.2.1 from 127.0.0.1")


# --- what this machine does not permit -----------------------------------------------------------

def filtered():
    """The same, and unshare(2) forbidden as containers do it: seccomp answers EPERM."""
    lab.powerless()
    code = [(0x20, 0, 0, 0), (0x15, 0, 1, UNSHARE[platform.machine()]),
            (0x06, 0, 0, 0x00050000 | errno.EPERM), (0x06, 0, 0, 0x7FFF0000)]
    rules = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *rule) for rule in code))
    program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(rules))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0:
        os._exit(77)


@private
def test_no_namespaces_names_the_three_ways(case):
    lab.write("/proc/sys/user/max_user_namespaces", "0")
    outcome = synstep(case, preexec_fn=lab.powerless)
    fails(outcome, 3, "sudo", "setcap cap_net_raw,cap_net_admin+ep",
          "sysctl user.max_user_namespaces")
    equal(outcome.out, "", "standard output")


@private
def test_namespaces_filtered_by_a_container_names_the_three_ways(case):
    fails(synstep(case, preexec_fn=filtered), 3, "Operation not permitted", "sudo",
          "setcap cap_net_raw,cap_net_admin+ep", "--privileged")


@private
def test_no_raw_sockets_says_what_to_do(case):
    for words in (["--loopback"], ["127.0.0.1:80"]):
        fails(synstep(case, *words, preexec_fn=lab.powerless), 3, "raw sockets", "sudo",
              "setcap cap_net_raw,cap_net_admin+ep")


def copied(case):
    """The programs where any user may start them."""
    folder = case.folder()
    os.chmod(folder, 0o755)
    for name in ("synstep", "synstep-peer"):
        shutil.copy(os.path.join(tap.BUILD, "src", name), folder)
    return os.path.join(folder, "synstep")


def test_an_ordinary_user_needs_no_root(case):
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    for version in ("-4", "-6"):
        running = case.start([*tap.WRAP, copied(case), "run", "--json", version], **nobody, cwd="/")
        outcome = lab.outcome_of(running)
        need(outcome.status == 0 and outcome.err == "" and outcome.end["ok"], outcome)
        equal(len(outcome.of("witness")), 4, "witness events")


# --- what cannot be written ----------------------------------------------------------------------

def full(*words):
    def test(case):
        fails(synstep(case, *words), 1, words[-1], "No space left on device")
    return named(test, "test_full_disk", *words, "is told")


def test_full_disk_under_standard_output_is_told(case):
    for words in ((), ("--json",), ("-v",)):
        with open("/dev/full", "wb") as file:
            fails(synstep(case, *words, stdout=file), 1, "output",
                  "No space left on device")


def small_disk(suffix):
    @private
    def test(case):
        folder = case.folder()
        need(libc.mount(b"none", folder.encode(), b"tmpfs", 0, b"size=16k") == 0, "tmpfs")
        case.callback(libc.umount, folder.encode())
        path = os.path.join(folder, "run" + suffix)
        data = file_of(case, octets(60000))
        fails(synstep(case, "-w", path, "--data-file", data), 1, path, "No space left on device")
    return named(test, "test_full_disk_in_mid_run", suffix, "is told")


def test_a_broken_pipe_is_told(case):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as file:
        fails(synstep(case, "--json", stdout=file), 1, "output", "Broken pipe")


TESTS = [
    *lab.some([wrong(words, texts) for words, texts in WRONG_WORDS], 6),
    test_a_port_by_name_resolves,
    test_a_source_port_in_use_is_named,
    test_no_route_is_said,
    test_no_namespaces_names_the_three_ways,
    test_namespaces_filtered_by_a_container_names_the_three_ways,
    test_no_raw_sockets_says_what_to_do,
    test_an_ordinary_user_needs_no_root,
    full("-w", "/dev/full"),
    test_full_disk_under_standard_output_is_told,
    small_disk(".pcapng"),
    small_disk(".pcap"),
    test_a_broken_pipe_is_told,
]

if __name__ == "__main__":
    lab.run(TESTS)
