"""What the kiosk asks the hall, and the hall's answers. Nothing is kept here, and nothing shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec

from kiosk.flow.effects import AskReprint, SendRating
from kiosk.flow.inputs import Reprinted
from kiosk.flow.state import Asked
from kiosk.journal.journal import ASKED_AGAIN
from server import protocol
from server.client.client import Client, Unreachable
from server.protocol import Cancel, Find, Issue, Rate, Reprint, Restore, TicketResult

log = logging.getLogger(__name__)

ANSWER_WITHIN: Final = 8.0
"""Seconds for an answer of the hall."""
RETRY: Final = 2.0
"""Seconds before what was not answered for good is put again."""
IN_TROUBLE: Final = frozenset({"internal", "busy"})
"""Refusals of a hall in trouble: the same question is put again."""


class Questions:
    """The questions of one kiosk, by its client. `now` is the flow's clock, in seconds."""

    def __init__(self, client: Client[Any], now: Callable[[], float]) -> None:
        self._client, self._now = client, now

    async def number(self, asked: Asked) -> TicketResult | str:
        """The number asked for, or why there is none (a code). Asks with the same id until there is an answer, or until
        nobody can be waiting for it any more.
        """
        command = Issue(id=asked.id, area=asked.area, procedure=asked.procedure, priority=asked.priority)
        while (reply := await self._lasting_reply(command)) is None:
            if self._now() - asked.at >= ASKED_AGAIN:
                log.warning("a number asked for %d minutes ago is not asked for any more", ASKED_AGAIN // 60)
                return "unreachable"
        return _ticket(reply) or code_of(reply) or "internal"

    async def _lasting_reply(self, command: Issue) -> protocol.Incoming | None:
        """The hall's yes or no; null where it has said nothing, or is in trouble and may do it a moment later."""
        try:
            reply = await self._client.reply_to(command, timeout=ANSWER_WITHIN)
        except Unreachable:
            return None
        if code_of(reply) not in IN_TROUBLE:
            return reply
        await asyncio.sleep(RETRY)
        return None

    async def may(self, command: Cancel | Restore | Find | Rate) -> str:
        """ "" for the hall's yes, else its code; `unreachable` where it has not answered."""
        try:
            return code_of(await self._client.reply_to(command, timeout=ANSWER_WITHIN))
        except Unreachable:
            return "unreachable"

    async def may_reprint(self, asked: AskReprint) -> Reprinted:
        """Whether a number may be printed again, with its ticket as it is now."""
        try:
            reply = await self._client.reply_to(Reprint(id=asked.id, ticket=asked.ticket), timeout=ANSWER_WITHIN)
        except Unreachable:
            return Reprinted(asked.id, asked.key, "unreachable")
        fresh = _ticket(reply)
        desk = reply.error.desk if isinstance(reply.error, protocol.Error) else ""
        return Reprinted(asked.id, asked.key, code_of(reply) or ("" if fresh else "internal"), fresh, desk)


def code_of(reply: protocol.Incoming) -> str:
    """Why the hall said no; "" for a yes."""
    if reply.ok:
        return ""
    return reply.error.code if isinstance(reply.error, protocol.Error) else "internal"


def rate_of(effect: SendRating) -> Rate:
    """The command of a rating."""
    rating = effect.rating
    return Rate(
        id=rating.id,
        score=rating.score,
        number=rating.number if rating.ticket is None else None,
        code=rating.code or None,
        ticket=rating.ticket,
        reasons=rating.reasons,
        comment=rating.comment or None,
    )


def _ticket(reply: protocol.Incoming) -> TicketResult | None:
    """The number of a yes; null for a no, and for a yes that cannot be read."""
    if not reply.ok or not isinstance(reply.result, msgspec.Raw):
        return None
    try:
        return msgspec.json.decode(reply.result, type=TicketResult)
    except msgspec.MsgspecError as error:
        log.error("the hall's answer cannot be read: %s", error)
        return None
