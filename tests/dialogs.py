"""dialogs: two ends on ordinary sockets over the loopback of a private namespace, and what passes.

An end is a list of what it does: octets to send, a number of octets to read, a float of seconds to
let pass, or a word.
"""
import fcntl
import socket
import struct
import threading
import time

from tap import DEADLINE, receive, receive_all, until

ETH_P_ALL, PACKET_OUTGOING, ETHERNET = 3, 4, 14
SIOCSIFMTU, SO_TIMESTAMPNS = 0x8922, 35
PORT = 7000
HOST = {4: "127.0.0.1", 6: "::1"}

# Client and server.
DIALOGS = {
    "an echo": ([b"hello", 5, b"world\n", 6], [5, b"hello", 6, b"world\n", "all"]),
    "nothing said": ([], ["all"]),
    "a greeting": ([11, b"QUIT\r\n", "all"], [b"220 hello\r\n", 6, b"221 bye\r\n"]),
    "a request": ([b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n", "all"],
                  [37, b"HTTP/1.0 200 OK\r\n\r\n\x00\xff\x80 octets"]),
    "a half close": ([b"data", "shut", "all"], ["all", 0.02, b"after your FIN", 0.02]),
    "a reset by the server": ([b"hello", "all"], [5, "reset"]),
    "a reset by the client": ([b"hello", 0.05, "reset"], ["all"]),
    "unread data": ([b"hello", 0.02, "all"], [3, 0.05]),
    "data to a closed end": ([b"h", 0.05, b"more", 0.05], [1]),
    "a pipeline": ([b"a" * 5, b"b" * 5, b"c" * 5, "all"], [15, b"one", b"two", b"three"]),
    "a slow end": ([b"1", 1, b"2", 1], [1, 0.3, b"a", 1, 0.3, b"b"]),
    "urgent data": ([b"abc", "urgent", b"def"], ["all"]),
}

LARGE = {
    "much to send": ([bytes(range(256)) * 80, 2], [256 * 80, b"ok", "all"]),
    "much to receive": ([b"x", "all"], [1, bytes(range(256)) * 50]),
    "much both ways": ([b"c" * 3000, 3000, "shut", "all"], [b"s" * 3000, 3000, "shut", "all"]),
}


def narrow_loopback():
    """Segments no longer than a cable's; the kernel may still show several as one."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFMTU, struct.pack("16si20x", b"lo", 1500))


class Wiretap:
    """Everything on the loopback from now on, as Ethernet frames with their times."""

    def __init__(self, case):
        self.socket = case.open_socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(("lo", ETH_P_ALL))
        self.marker = case.open_socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.marker.bind(("127.0.0.1", 0))

    def take(self):
        """(time_ns, octets) of all that crossed until now."""
        self.marker.sendto(b"the end", self.marker.getsockname())
        self.socket.settimeout(DEADLINE)
        frames = []
        while True:
            octets, told, _, address = self.socket.recvmsg(1 << 17, 1024)
            if octets.endswith(b"the end"):
                return frames
            if address[2] != PACKET_OUTGOING:
                seconds, nanoseconds = struct.unpack("qq", told[0][2])
                frames.append((seconds * 10 ** 9 + nanoseconds, octets))


def write_pcap(path, frames, link=1):
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link))
        for time_ns, octets in frames:
            file.write(struct.pack("=IIII", time_ns // 10 ** 9, time_ns % 10 ** 9, len(octets),
                                   len(octets)) + octets)


def perform(sock, steps):
    for step in steps:
        if isinstance(step, bytes):
            sock.sendall(step)
        elif isinstance(step, float):
            time.sleep(step)
        elif isinstance(step, int):
            receive(sock, step)
        elif step == "shut":
            sock.shutdown(socket.SHUT_WR)
        elif step == "urgent":
            sock.send(b"!", socket.MSG_OOB)
        elif step == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            try:
                receive_all(sock)
            except ConnectionError:
                pass


def _serve(listener, steps):
    sock, _ = listener.accept()
    sock.settimeout(DEADLINE)
    with sock:
        perform(sock, steps)


def _closed(port):
    """No connection of that port is on its way any more, TIME-WAIT aside."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table, encoding="ascii") as file:
            for row in file.readlines()[1:]:
                words = row.split()
                ours = f":{port:04X}" in words[1] + words[2]
                if ours and words[3] not in ("06", "07", "0A"):
                    return False
    return True


def frames_of(case, version, client, server):
    """Holds the dialog; returns its frames."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    tap = Wiretap(case)
    listener = case.open_socket(family)
    listener.bind((HOST[version], PORT))
    listener.listen()
    thread = threading.Thread(target=_serve, args=(listener, server))
    thread.start()
    with socket.create_connection((HOST[version], PORT), DEADLINE) as sock:
        perform(sock, client)
    thread.join(DEADLINE)
    listener.close()
    until(lambda: _closed(PORT), "the end of the connection")
    return tap.take()
