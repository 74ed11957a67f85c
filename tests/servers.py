"""servers: an ordinary server with Python's sockets, on this namespace's loopback or another address."""
import socket
import threading

from tap import DEADLINE

LOCAL = {4: "127.0.0.1", 6: "::1"}


class Server:
    """Accepts one connection and lets `serve` have it; `serve`'s trouble is told at the end."""

    def __init__(self, case, serve, version=4, address=None):
        address = address or LOCAL[version]
        family = socket.AF_INET6 if version == 6 else socket.AF_INET
        self.listener = case.open_socket(family)
        self.listener.bind(socket.getaddrinfo(address, 0, family)[0][4])
        self.listener.listen(5)
        self.port = self.listener.getsockname()[1]
        host = f"[{address}]" if version == 6 else address
        self.target = f"{host}:{self.port}"
        self.trouble = self.peer = None
        self.thread = threading.Thread(target=self._run, args=(serve,))
        self.thread.start()
        case.callback(self.join)

    def _run(self, serve):
        try:
            connection, self.peer = self.listener.accept()
            with connection:
                connection.settimeout(DEADLINE)
                serve(connection)
        except BaseException as trouble:  # pylint: disable=broad-except
            self.trouble = trouble

    def join(self):
        self.thread.join()
        if self.trouble:
            trouble, self.trouble = self.trouble, None
            raise trouble
