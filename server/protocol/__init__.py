"""The messages on the wire, and nothing else: what a client may say, what the server answers, strictly decoded.

A leaf: no I/O here, and no other module of ours is imported. Clients' messages are refused when they carry an
unknown field, a duplicate key, a wrong type or an id that is no UUID; clients themselves ignore fields they do not
know, so the server may add some. The meaning of every message, with an example, stands in `server/README.md`.
"""

from server.protocol.answers import *  # noqa: F403 - one protocol to everybody else: `from server import protocol as p`
from server.protocol.commands import *  # noqa: F403 - the same
from server.protocol.types import *  # noqa: F403 - the same
from server.protocol.views import *  # noqa: F403 - the same
from server.protocol.wire import *  # noqa: F403 - the same
