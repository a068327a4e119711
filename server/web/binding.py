"""Takes the address that the server will listen on, before anything else is opened. Accepts nobody yet."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


class AddressUnusable(OSError):
    """The server can't listen where the settings say. The text names them."""


@contextmanager
def bound(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Hold the address; whoever connects is refused until somebody listens.

    A server whose port is taken says so at once in this way, and has changed nothing in the data.

    Args:
        host: name or address.
        port: 0 takes a free one.

    Returns:
        A socket for each address that the name has.

    Raises:
        AddressUnusable: another program is listening there, it is none of this machine's, or may not be taken.
    """
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            sockets = [stack.enter_context(_bind(family, address)) for family, _, _, _, address in dict.fromkeys(found)]
        except OSError as error:
            raise AddressUnusable(
                f"can't listen on {host} port {port}: {error.strerror}; see AMANAH_HOST and AMANAH_PORT"
            ) from None
        yield sockets


def _bind(family: socket.AddressFamily, address: tuple[str | int | bytes, ...]) -> socket.socket:
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        # The port of a server that has just ended is free, though its last connections are still remembered.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # IPv4 has a socket of its own.
            taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        taken.bind(address)
    except BaseException:
        taken.close()
        raise
    return taken
