"""Frames to messages, strictly, and messages to frames."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from server.protocol.answers import Error
from server.protocol.commands import AnyCommand, Command, Hello
from server.protocol.types import Id
from server.protocol.views import DeskView, DisplayView, KioskView, ManagerView, TicketView


class BadMessage(ValueError):
    """A frame that is no message of this protocol. `id` is the command's, where one could be read."""

    def __init__(self, detail: str, id: str | None = None) -> None:
        super().__init__(detail)
        self.id = id


class _Envelope(Struct):
    id: Id | UnsetType = UNSET


_hello = msgspec.json.Decoder(Hello)
_command = msgspec.json.Decoder(AnyCommand)
_envelope = msgspec.json.Decoder(_Envelope)
_encoder = msgspec.json.Encoder()
encode = _encoder.encode
"""Any struct of the protocol, as JSON bytes."""


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise BadMessage("duplicate key")


_check_keys = json.JSONDecoder(object_pairs_hook=_unique).decode


def _decode(decoder: msgspec.json.Decoder[Any], frame: str | bytes) -> Any:
    """Decode one frame; :class:`BadMessage` for whatever is wrong with it."""
    if not isinstance(frame, str):
        raise BadMessage("binary frame")
    try:
        message = decoder.decode(frame)
        # msgspec lets the last of two equal keys win; a client that sends both means nothing we may guess. A frame
        # that is word for word what we would write has no key twice; all others are looked through.
        if encode(message) != frame.encode():
            _check_keys(frame)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError, BadMessage) as error:
        raise BadMessage(str(error)[:200], _readable_id(frame)) from None
    return message


def _readable_id(frame: str) -> str | None:
    try:
        found = _envelope.decode(frame).id
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def decode_hello(frame: str | bytes) -> Hello:
    """The opening message. Raises :class:`BadMessage`."""
    message: Hello = _decode(_hello, frame)
    return message


def decode_command(frame: str | bytes) -> Command:
    """A command. Raises :class:`BadMessage`."""
    message: Command = _decode(_command, frame)
    return message


class Incoming(Struct):
    """Any message from the server, as loosely as a client may read it."""

    type: str
    seq: int = 0
    now: str = ""
    id: str = ""
    ok: bool = False
    code: str = ""
    detail: str = ""
    version: str = ""
    role: str = ""
    device: str = ""
    record: str = ""
    epoch: int = 0
    given: dict[str, str] = {}
    hall: msgspec.Raw | UnsetType = UNSET
    view: msgspec.Raw | UnsetType = UNSET
    result: msgspec.Raw | UnsetType = UNSET
    error: Error | UnsetType = UNSET


VIEWS: Final[dict[str, type[Struct]]] = {
    "kiosk": KioskView,
    "rate": KioskView,
    "display": DisplayView,
    "desk": DeskView,
    "manager": ManagerView,
    "ticket": TicketView,
}
"""The view each role gets."""

_incoming = msgspec.json.Decoder(Incoming)


def decode_incoming(frame: str | bytes) -> Incoming:
    """A message from the server, for clients. Raises `msgspec.DecodeError`."""
    return _incoming.decode(frame)


def name_of(command: type[Command] | Command) -> str:
    """The command's name on the wire: `call_next`."""
    kind = command if isinstance(command, type) else type(command)
    return str(kind.__struct_config__.tag)
