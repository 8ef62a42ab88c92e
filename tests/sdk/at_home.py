"""Keeps the process on this machine: an SDK that wants to leave it is refused, and it is told.

What lives here: that, and nothing else.
"""

import os
import sys

HERE = ("127.0.0.1", "localhost", None, "")
# Where the SDKs wanted to go.
WANTED = []


def host_of(event, args):
    """The host that an event of Python's audit is about; none if it is not about one."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        return args[1][0] if isinstance(args[1], tuple) else None
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return args[0]
    return None


def refuse(event, args):
    host = host_of(event, args)
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host not in HERE:
        WANTED.append(host)
        raise PermissionError(f"no request leaves this machine, and this one goes to {host}")


def stay():
    """From now on. It cannot be taken back: Python has no way to remove such a hook."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        os.environ[name] = os.environ[name.upper()] = "http://127.0.0.1:9"
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1"
    # Or `requests` would look for credentials of whoever runs this.
    os.environ["NETRC"] = os.devnull
    sys.addaudithook(refuse)
