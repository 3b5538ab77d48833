"""What goes out unasked: a view to everybody on every change, and a beat where nothing changes.

A view is computed once per group of sessions (a role; the desk's once per clerk) and sent to all of it. A reader that
lags is dropped, and comes back for the whole.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from websockets.asyncio.server import broadcast

from server import protocol as p
from server.access.people import PEOPLE_ROLES, Access
from server.hall import events as e
from server.hall.absence import any_waits
from server.hall.calendar import iso
from server.hall.views.desk import desk as desk_view
from server.hall.views.display import display as display_view
from server.hall.views.kiosk import kiosk as kiosk_view
from server.hall.views.manager import manager as manager_view
from server.hall.views.moment import Moment
from server.live.alarms import Alarms
from server.live.gate import cut
from server.live.in_force import InForce
from server.live.presence import Presence
from server.live.rounds import Rounds
from server.live.sessions import Session, Sessions

log = logging.getLogger(__name__)

PUSH_EVERY: Final = 0.03
"""s between two pushes of views: the first goes at once, what follows is gathered."""
BEAT: Final = 1.0
EVERY: Final = 15
"""Beats between two pushes of the waits, which grow all the time."""
LAG: Final = 1024 * 1024
"""Bytes unsent after which a reader is dropped."""


class Pushes:
    """Of one hall. `soon` asks for one; every round, device and alarm does so by itself."""

    def __init__(
        self,
        rounds: Rounds,
        sessions: Sessions,
        *,
        presence: Presence,
        access: Access,
        in_force: InForce,
        alarms: Alarms,
    ) -> None:
        self.addresses: tuple[str, ...] = ()
        """Where other machines find this hall, e.g. `http://192.168.1.10:8000`."""
        self._rounds = rounds
        self._sessions = sessions
        self._presence = presence
        self._access = access
        self._in_force = in_force
        self._alarms = alarms
        self._sent: dict[str, bytes] = {}
        """The view that each group has."""
        self._pushed_at = 0.0
        self._later: asyncio.Task[None] | None = None
        self._beats = 0
        rounds.on_held.append(self.soon)
        presence.on_devices.append(self.soon)
        alarms.on_change.append(self.soon)

    def decided(self, events: list[e.Event]) -> None:
        """A round was decided; what has to be said of it waits for the disk."""
        if not events:
            return
        if time.monotonic() - self._pushed_at >= PUSH_EVERY and self._later is None:
            self._push()
        else:
            self.soon()

    def soon(self) -> None:
        """Push fresh views shortly, once, however often this is called meanwhile."""
        if self._later is None:
            self._later = asyncio.create_task(self._push_when_due())

    async def _push_when_due(self) -> None:
        await asyncio.sleep(max(0.0, self._pushed_at + PUSH_EVERY - time.monotonic()))
        self._later = None
        self._push()

    def _push(self) -> None:
        self._pushed_at = time.monotonic()
        self._rounds.show(self._views, self._send)

    def _views(self) -> tuple[int, dict[str, bytes]]:
        """What each group of sessions is to see: the hall's `seq`, and the view of each group."""
        at = self._moment()
        one_of = {session.group: session for session in self._sessions}
        return at.hall.seq, {group: p.encode(self._view(at, session)) for group, session in one_of.items()}

    def _send(self, seen: tuple[int, dict[str, bytes]]) -> None:
        seq, views = seen
        groups: dict[str, list[Session]] = {}
        for session in self._sessions:
            groups.setdefault(session.group, []).append(session)
        for group, members in groups.items():
            view = views.get(group)
            if view is not None and self._sent.get(group) != view:
                self._sent[group] = view
                self._tell(members, _frame(seq, view))

    def view_for(self, session: Session) -> tuple[int, bytes]:
        """What a session is to see of the hall as it is now: `seq` and view. Only within `Rounds.show`."""
        at = self._moment()
        return at.hall.seq, p.encode(self._view(at, session))

    def begin(self, session: Session, seq: int, view: bytes) -> None:
        """Send a session its first view."""
        broadcast((session.socket,), _frame(seq, view), text=True)
        if self._sent.get(session.group) != view:
            self._sent.pop(session.group, None)  # the next push goes out whatever the others saw last
        # What is no event (a printer's state) may have changed since the view was read.
        self.soon()

    def look(self) -> None:
        """Once a beat: push what time alone has changed."""
        self._beats += 1
        if self._beats % EVERY == 0 or any_waits(self._rounds.hall) or not self._settled_by_time():
            self.soon()  # waits grow, and displays fall silent, without any event

    def beat(self) -> None:
        """Tell whoever was told nothing for a beat that the hall is there."""
        silent = [session for session in self._sessions if time.monotonic() - session.spoken_at >= BEAT * 0.9]
        if silent:
            self._tell(silent, p.encode(p.Beat(seq=self._rounds.seq, now=self.now())))

    def _settled_by_time(self) -> bool:
        """Do kiosks and displays show what is so now? Sessions begin and end, clerks stay away and numbers overtake
        others without any event. No wait is in these views, so that they change only when a screen must.
        """
        at, notice = self._moment(), self._in_force.notice
        made: dict[str, Callable[[Moment, p.Text], Any]] = {"kiosk": kiosk_view, "display": display_view}
        return all(self._sent[role] == p.encode(view(at, notice)) for role, view in made.items() if role in self._sent)

    def _tell(self, sessions: list[Session], frame: bytes) -> None:
        for session in sessions:
            transport = session.socket.transport
            if transport.get_write_buffer_size() > LAG:
                log.warning("%s %s does not keep up: dropped", session.role, session.name)
                cut(transport)
        broadcast([session.socket for session in sessions], frame, text=True)
        now = time.monotonic()
        for session in sessions:
            session.spoken_at = now

    # --- what they hold -------------------------------------------------------------------------------------

    def now(self) -> str:
        """The hall's instant, ISO 8601."""
        return iso(max(self._rounds.clock.read().now, self._rounds.hall.last_at))

    def _moment(self) -> Moment:
        hall = self._rounds.hall
        return Moment(hall, self._rounds.clock.read().now, self._presence.away(hall))

    def _view(self, at: Moment, session: Session) -> Any:
        if session.role in {"kiosk", "rate"}:
            return kiosk_view(at, self._in_force.notice)
        if session.role == "display":
            return display_view(at, self._in_force.notice)
        if session.role == "desk":
            return desk_view(at, session.name, self._presence.faults(), held=bool(self._rounds.held))
        here = self._sessions.names(PEOPLE_ROLES)
        return manager_view(
            at,
            devices=self._presence.devices(self._access.devices.values()),
            people=tuple(
                p.PersonNow(name=person.name, role=person.role, signed_in=person.name in here, settled=person.settled)
                for person in self._access.people.values()
            ),
            alarms=self._alarms.codes(at),
            addresses=self.addresses,
            target_seconds=self._in_force.settings.target_minutes * 60,
        )


def _frame(seq: int, view: bytes) -> bytes:
    return p.encode(p.View(seq=seq, view=msgspec.Raw(view)))
