"""People and devices: who is added and revoked, who signs in and out. Written in rounds like everything else."""

from __future__ import annotations

import asyncio
from typing import Final

from server import protocol as p
from server.access.people import (
    FIRST_MANAGER,
    ONCE,
    PEOPLE_ROLES,
    Access,
    Device,
    Person,
    digest,
    new_device_token,
    new_pin,
    new_token,
)
from server.client.client import new_id
from server.hall import events as e
from server.hall.rules.case import Refused, Who
from server.hall.rules.desk import vacated
from server.live.change_settings import ChangeSettings
from server.live.presence import Presence
from server.live.pushes import Pushes
from server.live.rounds import Change, Rounds
from server.live.sessions import Session, Sessions

ANSWERED: Final = 0.2
"""s in which an answer has left for sure."""


class People:
    """Whoever may come in to one hall."""

    def __init__(
        self,
        rounds: Rounds,
        access: Access,
        *,
        sessions: Sessions,
        presence: Presence,
        pushes: Pushes,
        change_settings: ChangeSettings,
    ) -> None:
        self.access = access
        self._rounds = rounds
        self._sessions = sessions
        self._presence = presence
        self._pushes = pushes
        self._change_settings = change_settings

    # --- the manager's commands -----------------------------------------------------------------------------

    async def put_person(self, command: p.AddPerson | p.SetPin, who: Who) -> bytes:
        """The reply to a new person, or to a new PIN of somebody."""
        hashed = await self.access.pins.hash(command.pin)
        return await self._rounds.submit(command, who, lambda now: self._person(command, hashed, who.name, now))

    async def add_device(self, command: p.AddDevice, who: Who) -> bytes:
        """The reply to a new device: its token, this once."""
        return await self._rounds.submit(command, who, lambda now: self._device(command, who.name, now))

    async def revoke(self, command: p.Revoke, who: Who) -> bytes:
        """The reply to access taken away."""
        return await self._rounds.submit(command, who, lambda now: self._revoke(command, who.name, now))

    def _person(self, c: p.AddPerson | p.SetPin, hashed: str, who: str, now: int) -> Change:
        ended = False
        if isinstance(c, p.AddPerson):
            statements = self.access.add_person(c, hashed, who, now)
            person = Person(c.name, c.role, hashed)
        else:
            statements = self.access.set_pin(c.name, hashed, who, now)
            known = self.access.people[c.name]
            person = Person(c.name, known.role, hashed)
            # Whoever came in by the old PIN goes out, at whatever desk; but for the one who gives a first PIN of
            # their own, having come by the one-time PIN.
            if known.settled or who != c.name:
                statements.append(self.access.end_logins(c.name))
                ended = True

        def after() -> None:
            self.access.take_person(person)
            if ended:
                self.access.drop_logins(c.name)
                # Who changes their own is told so before the socket closes.
                asyncio.get_running_loop().call_later(
                    ANSWERED if who == c.name else 0, self._sessions.close_person, c.name, "pin_changed"
                )
            self._pushes.soon()

        return Change(statements, after)

    def _device(self, c: p.AddDevice, who: str, now: int) -> Change:
        token = new_device_token()
        statements = self.access.add_device(c, token, who, now)
        device = Device(c.name, c.role, digest(token))

        def after() -> None:
            self.access.take_device(device)
            self._change_settings.renew_policy()
            self._pushes.soon()

        return Change(statements, after, token=token)

    def _revoke(self, c: p.Revoke, who: str, now: int) -> Change:
        statements = self.access.revoke(c, who, now)

        def after() -> None:
            self.access.drop(c.kind, c.name)
            self._change_settings.renew_policy()
            if c.kind == "person":
                self._sessions.close_person(c.name, "revoked")
            else:
                self._sessions.close_device(c.name, "revoked")
                self._presence.forget(c.name)
            self._pushes.soon()

        left = vacated(self._rounds.hall, c.name, now) if c.kind == "person" else []
        return Change(statements, after, events=left)

    # --- first start ----------------------------------------------------------------------------------------

    async def first_manager(self) -> tuple[str, str] | None:
        """Name and one-time PIN for the first manager, where nobody could sign in as one; else null."""
        people = self.access.people.values()
        if any(person.role == "manager" and person.settled for person in people):
            return None
        pin = new_pin()
        hashed = ONCE + await self.access.pins.hash(pin)
        name = next((person.name for person in people if person.role == "manager"), None)
        command: p.AddPerson | p.SetPin
        if name is not None:
            command = p.SetPin(id=new_id(), name=name, pin=pin)
        else:
            free = (FIRST_MANAGER, *(f"{FIRST_MANAGER}-{n}" for n in range(2, len(people) + 2)))
            name = next(name for name in free if self.access.named(name) is None)
            command = p.AddPerson(id=new_id(), name=name, role="manager", pin=pin)
        reply = await self._rounds.submit(
            command, Who("control", "luot"), lambda now: self._person(command, hashed, "luot", now)
        )
        if not _taken(reply):
            raise RuntimeError("no PIN for the manager could be kept: the disk takes nothing now. Free it, start again")
        return name, pin

    # --- signing in and out ---------------------------------------------------------------------------------

    async def use_up(self, person: Person) -> Person | None:
        """A one-time PIN has worked: it never works again. The person since; null where it was used up just before."""
        since = Person(person.name, person.role, None)

        def change(now: int) -> Change:
            if self.access.people.get(person.name) is not person:
                raise Refused("not_allowed", "used up")
            statements = self.access.set_pin(person.name, None, person.name, now)
            return Change(statements, lambda: self.access.take_person(since))

        reply = await self._rounds.submit_change(Who("control", person.name), change)
        return since if _taken(reply) else None

    async def sign_in(self, name: str, person: Person | None = None, hashed: str | None = None) -> str | None:
        """A new session for a person whose PIN was right; returns its token, or null where none could be kept.

        `person` is who was found to have that PIN: changed or revoked since, they stay out. `hashed`: the same PIN, to
        be kept with this hall's pepper instead of without one.
        """
        token = new_token()
        found = person or self.access.people[name]

        def change(now: int) -> Change:
            statements, until = self.access.sign_in(found, token, now)
            same = self.access.people.get(name) is found
            if hashed is not None and same:
                statements = [*statements, ("UPDATE people SET pin = ? WHERE name = ?", (hashed, name))]

            def after() -> None:
                if self.access.people.get(name) is found:
                    self.access.take_login(token, name, until)
                    if hashed is not None:
                        self.access.take_person(Person(name, found.role, hashed))

            return Change(statements, after)

        await self._rounds.submit_change(Who("control", name), change)
        return token if digest(token) in self.access.logins else None

    async def sign_out(self, token: str) -> bool:
        """End a session and close its pages; nothing is written where it has ended already. False where the record
        takes nothing now."""

        def close() -> None:
            self._sessions.close(lambda one: one.role in PEOPLE_ROLES and one.token == token, why="signed_out")

        def signed_out() -> None:
            self.access.drop_login(token)
            close()

        if digest(token) not in self.access.logins:
            close()
            return True
        reply = await self._rounds.submit_change(
            Who("control", "sign-out"), lambda _now: Change(self.access.sign_out(token), signed_out)
        )
        return _taken(reply)

    def decided(self, events: list[e.Event]) -> None:
        """A round was decided; what has to be said of it waits for the disk."""
        if any(isinstance(event, e.DayClosed) for event in events):
            self._rounds.show(lambda: None, lambda _: self._sign_out_all())

    def _sign_out_all(self) -> None:
        self.access.logins.clear()
        self._sessions.close(lambda session: session.role in PEOPLE_ROLES, p.UNAUTHORISED, "day_end")

    def end_old_sessions(self) -> None:
        """Close the sockets of those whose sign-in has come to its end."""
        now = self._rounds.clock.read().now

        def is_over(session: Session) -> bool:
            return session.role in PEOPLE_ROLES and self.access.person(session.token, session.role, now) is None

        self._sessions.close(is_over)


def _taken(reply: bytes) -> bool:
    """Has the record taken what was submitted?"""
    return b'"ok":true' in reply
