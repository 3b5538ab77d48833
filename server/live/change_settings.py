"""New settings are put in force while the hall runs, as far as those who are here allow it."""

from __future__ import annotations

from server.hall.rules.case import Refused, Who
from server.hall.state import FINAL, Ticket, may_return
from server.live.in_force import InForce
from server.live.presence import Presence
from server.live.rounds import Change, Rounds
from server.live.sessions import WELCOME_AGAIN, Sessions
from server.settings.shape import Settings
from server.settings.storing import store_settings


class ChangeSettings:
    """Of one hall. What the rules are told follows the devices too: `renew_policy`."""

    def __init__(self, rounds: Rounds, in_force: InForce, sessions: Sessions, presence: Presence) -> None:
        self._rounds = rounds
        self._in_force = in_force
        self._sessions = sessions
        presence.on_devices.append(self.renew_policy)

    def renew_policy(self) -> None:
        """Tell the rules what is in force now."""
        self._rounds.hall.policy = self._in_force.policy()

    async def change(self, new: Settings, who: str) -> bytes:
        """Put new settings in force; everybody is welcomed anew. The reply, as JSON."""

        def change(now: int) -> Change:
            hall = self._rounds.hall

            def counts(ticket: Ticket) -> bool:
                return ticket.state not in FINAL or (hall.day_open and may_return(ticket))

            in_use = {ticket.area for ticket in hall.tickets.values() if counts(ticket)}
            gone = in_use - {area.code for area in new.areas}
            if gone:
                raise Refused("not_allowed", f"numbers wait in, or may come back to, {', '.join(sorted(gone))}")
            working = {desk.code for desk in hall.desks.values() if desk.state != "closed"}
            closed_down = working - {desk.code for desk in new.desks}
            if closed_down:
                raise Refused("not_allowed", f"people sit at {', '.join(sorted(closed_down))}")
            statements = store_settings(self._in_force.settings, new, who, now)

            def after() -> None:
                self._in_force.settings = new
                self.renew_policy()
                self._sessions.close(lambda _: True, WELCOME_AGAIN)

            return Change(statements, after)

        return await self._rounds.submit_change(Who("control", who), change)
