"""`python -m server.reports`: one question from stdin, its answer to stdout. Started by the hall; see `apart`."""

from __future__ import annotations

import os
import sys

import msgspec

from server.reports.questions import Asked, answer


def main() -> None:
    """Answer the question on stdin: pieces on stdout, and their head as the last line."""
    if hasattr(os, "nice"):
        os.nice(10)  # tickets go first
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    head = answer(asked, sys.stdout.buffer)
    sys.stdout.buffer.write(b"\n" + msgspec.json.encode(head))


if __name__ == "__main__":
    main()
