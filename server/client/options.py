"""The options of a program that is told where its hall is: one wording for all of them."""

from __future__ import annotations

import argparse
import ssl
from pathlib import Path

from server.client.client import socket_url
from server.client.trust import pinned


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--server` and `--ca`."""
    parser.add_argument("--server", required=True, metavar="URL", help="the hall, e.g. http://192.168.1.10:8000")
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="https only: believe no other authority than this file's, the hall's ca.crt",
    )


def tls_of(options: argparse.Namespace) -> ssl.SSLContext | None:
    """Whom the connection believes (see :func:`pinned`). Raises ValueError with a sentence for a person."""
    socket_url(options.server)
    return pinned(options.server, options.ca)
