"""Who is there: kiosks, displays and what each last said of itself; at which desks somebody sits. In memory only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from server import protocol as p
from server.access.people import Device
from server.hall.calendar import iso
from server.hall.fold import Hall
from server.live.sessions import Sessions


@dataclass
class _State:
    role: str
    status: p.Status | None = None
    last_seen: int | None = None
    sockets: int = 0


class Presence:
    """Of one hall since its start. Devices are known by their names, desks by their clerks'. Instants are ms."""

    def __init__(self, sessions: Sessions) -> None:
        self.on_devices: list[Callable[[], None]] = []
        """Called when a kiosk or display comes, goes, or tells something new of itself."""
        self.started = 0
        """The instant at which the hall let the first in: a desk whose page has not come yet is away since then."""
        self._sessions = sessions
        self._states: dict[str, _State] = {}
        self._left: dict[str, int] = {}
        """When the last desk page of a person went."""

    # --- people ---------------------------------------------------------------------------------------------

    def desk_left(self, name: str, now: int) -> None:
        """A desk page of this person is gone."""
        self._left[name] = now

    def away(self, hall: Hall) -> dict[str, int]:
        """Whose desk page is on no screen, and since when: since the start where it has not come yet."""
        names = {desk.clerk for desk in hall.desks.values() if desk.state == "open" and desk.clerk is not None}
        if not names:
            return {}
        return {name: self._left.get(name, self.started) for name in names - self._sessions.names(("desk",))}

    # --- devices --------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        for told in self.on_devices:
            told()

    def arrived(self, name: str, role: str, now: int) -> Callable[[int], None]:
        """A socket of the device is here. Returns what is to be called, with the instant, once that socket is gone."""
        state = self._states.setdefault(name, _State(role))
        state.sockets += 1
        state.last_seen = now

        def left(at: int) -> None:
            state.sockets -= 1  # of this device: one that was revoked meanwhile, and added anew, is another
            state.last_seen = at
            self._tell()

        self._tell()
        return left

    def said(self, name: str, role: str, status: p.Status, now: int) -> None:
        """Take a device's word of itself."""
        state = self._states.setdefault(name, _State(role))
        news = state.status is None or replace(status, id=state.status.id) != state.status
        state.status, state.last_seen = status, now
        if news:
            self._tell()

    def forget(self, name: str) -> None:
        """It was revoked: its faults are nobody's any more."""
        self._states.pop(name, None)

    def is_connected(self, name: str) -> bool:
        """Has the device a socket here?"""
        state = self._states.get(name)
        return state is not None and state.sockets > 0

    def displays(self) -> p.Displays:
        """What the connected displays do with a call: one reads it out, they only show it, or there is none.

        One whose screen is switched off shows nothing, and may still be heard.
        """
        here = [state.status for state in self._states.values() if state.role == "display" and state.sockets > 0]
        if any(status is not None and status.sound == "ok" for status in here):
            return "said"
        return "shown" if any(status is None or status.screen != "off" for status in here) else "none"

    def faults(self) -> tuple[p.DeviceFault, ...]:
        """Kiosks whose paper or link is in trouble: shown on every desk."""
        return tuple(
            p.DeviceFault(
                device=name,
                printer=state.status.printer if state.status else "unknown",
                paper=state.status.paper if state.status else "unknown",
                connected=state.sockets > 0,
            )
            for name, state in self._states.items()
            if state.role == "kiosk"
            and (
                state.sockets == 0
                or (
                    state.status is not None
                    and (state.status.printer not in {"ok", "none"} or state.status.paper in {"low", "out"})
                )
            )
        )

    def devices(self, paired: Iterable[Device]) -> tuple[p.DeviceNow, ...]:
        """Each paired device for the manager, also one that never came."""
        out = []
        for device in paired:
            state = self._states.get(device.name) or _State(device.role)
            status = state.status
            out.append(
                p.DeviceNow(
                    name=device.name,
                    role=device.role,
                    connected=state.sockets > 0,
                    last_seen=iso(state.last_seen) if state.last_seen is not None else None,
                    printer=status.printer if status else "",
                    paper=status.paper if status else "",
                    sound=status.sound if status else "",
                )
            )
        return tuple(out)
