"""What the rules do not know: people, devices, settings and reports. The manager's commands, and the control channel's.

Writing goes through the writer's rounds like everything else; reading runs apart from them on one snapshot (a report in
a process of its own, a page of the log in a thread), so that it never delays a ticket.
"""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Final

import msgspec

from server import protocol as p
from server.access.people import (
    FIRST_MANAGER,
    ONCE,
    Access,
    Device,
    Person,
    digest,
    new_device_token,
    new_pin,
    new_token,
)
from server.client.client import new_id
from server.hall.policy import Policy
from server.hall.rules.case import Refused, Who
from server.hall.rules.desk import vacated
from server.hall.state import FINAL, Ticket, may_return
from server.live.presence import DEVICE_ROLES
from server.live.rounds import Change, Writer
from server.live.sockets import PEOPLE_ROLES, WELCOME_AGAIN, Hub, failure
from server.record import tables as schema
from server.reports import log as logbook
from server.reports.apart import Reports, TooMany
from server.reports.questions import ReportAsked
from server.settings import hall as settings
from server.settings.hall import Settings
from server.settings.process import Config

ANSWERED: Final = 0.2
"""s in which an answer has left for sure."""


class Office:
    """`hub` is set once it exists: the two know each other."""

    def __init__(self, writer: Writer, access: Access, settings: Settings, config: Config) -> None:
        self.writer = writer
        self.access = access
        self.settings = settings
        self.config = config
        self.reports = Reports(writer.record.path)
        self.hub: Hub | None = None

    def admits(self, who: Who) -> bool:
        """Whether a device or person still has access. Commands of the hall itself have no access to lose."""
        if who.role in DEVICE_ROLES:
            device = self.access.devices.get(who.name)
            return device is not None and device.role == who.role
        return who.role not in PEOPLE_ROLES or who.name in self.access.people

    # --- the manager's commands -----------------------------------------------------------------------------

    async def answer(self, command: p.Command, who: Who) -> bytes:
        """The reply to a command that is none of the rules' affair."""
        if isinstance(command, p.AddPerson | p.SetPin):
            hashed = await self.access.pins.hash(command.pin)
            return await self.writer.submit(command, who, lambda now: self._person(command, hashed, who.name, now))
        if isinstance(command, p.AddDevice):
            return await self.writer.submit(command, who, lambda now: self._device(command, who.name, now))
        if isinstance(command, p.Revoke):
            return await self.writer.submit(command, who, lambda now: self._revoke(command, who.name, now))
        if isinstance(command, p.Report | p.Log | p.Story):
            try:
                result = await self._found(command)
            except ValueError as error:
                return failure(command.id, "bad_message", str(error))
            except TooMany:
                return failure(command.id, "reports_busy")
            return p.encode(p.Reply(id=command.id, ok=True, result=msgspec.Raw(result)))
        return failure(command.id, "forbidden")

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
                    ANSWERED if who == c.name else 0, self._close_person, c.name, "pin_changed"
                )
            self._tell()

        return Change(statements, after)

    def _device(self, c: p.AddDevice, who: str, now: int) -> Change:
        token = new_device_token()
        statements = self.access.add_device(c, token, who, now)
        device = Device(c.name, c.role, digest(token))

        def after() -> None:
            self.access.take_device(device)
            self.renew_policy()
            self._tell()

        return Change(statements, after, token=token)

    def _revoke(self, c: p.Revoke, who: str, now: int) -> Change:
        statements = self.access.revoke(c, who, now)

        def after() -> None:
            self.access.drop(c.kind, c.name)
            self.renew_policy()
            if c.kind == "person":
                self._close_person(c.name, "revoked")
            elif self.hub is not None:
                self.hub.close_sessions(
                    lambda s: s.role in DEVICE_ROLES and s.name == c.name, p.UNAUTHORISED, "revoked"
                )
                self.hub.devices.forget(c.name)
            self._tell()

        left = vacated(self.writer.hall, c.name, now) if c.kind == "person" else []
        return Change(statements, after, events=left)

    def _close_person(self, name: str, why: p.SessionEnd) -> None:
        if self.hub is not None:
            self.hub.close_sessions(lambda s: s.role in PEOPLE_ROLES and s.name == name, p.UNAUTHORISED, why)

    def _tell(self) -> None:
        if self.hub is not None:
            self.hub.push_soon()

    # --- settings -------------------------------------------------------------------------------------------

    def policy(self) -> Policy:
        """What the rules need of the settings, the devices and the configuration in force."""
        limits = self.config.limits
        return settings.policy(
            self.settings,
            secret=self.writer.record.secret(),
            kiosks=self._kiosks(),
            displays=self.hub.devices.displays() if self.hub is not None else "none",
            always_open=self.config.hours.always_open,
            tickets_per_minute=limits.tickets_per_minute,
            burst=limits.burst or 1,
        )

    def renew_policy(self) -> None:
        self.writer.hall.policy = self.policy()

    def _kiosks(self) -> tuple[str, ...]:
        """Where a desk's reprint may come out: the kiosks that are connected; all, while none is."""
        paired = [device.name for device in self.access.devices.values() if device.role == "kiosk"]
        present = [name for name in paired if self.hub is not None and self.hub.devices.is_connected(name)]
        return tuple(present or paired)

    async def change_settings(self, new: Settings, who: str, id: str) -> bytes:
        """Put new settings in force; everybody is welcomed anew."""

        def change(now: int) -> Change:
            hall = self.writer.hall

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
            statements = settings.store(self.settings, new, who, now)

            def after() -> None:
                self.settings = new
                self.renew_policy()
                if self.hub is not None:
                    self.hub.settings = new
                    self.hub.close_sessions(lambda _: True, WELCOME_AGAIN)

            return Change(statements, after)

        # The record keeps requests by their command; an import has none of the wire, so it travels as a status.
        return await self.writer.submit(p.Status(id=id), Who("control", who), change)

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
        reply = await self.writer.submit(
            command, Who("control", "luot"), lambda now: self._person(command, hashed, "luot", now)
        )
        if not _taken(reply):
            raise RuntimeError("no PIN for the manager could be kept: the disk takes nothing now. Free it, start again")
        return name, pin

    async def use_up(self, person: Person) -> Person | None:
        """A one-time PIN has worked: it never works again. The person since; null where it was used up just before."""
        since = Person(person.name, person.role, None)

        def change(now: int) -> Change:
            if self.access.people.get(person.name) is not person:
                raise Refused("not_allowed", "used up")
            statements = self.access.set_pin(person.name, None, person.name, now)
            return Change(statements, lambda: self.access.take_person(since))

        reply = await self.writer.submit(p.Status(id=new_id()), Who("control", person.name), change)
        return since if _taken(reply) else None

    # --- signing in and out ---------------------------------------------------------------------------------

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

        await self.writer.submit(p.Status(id=new_id()), Who("control", name), change)
        return token if digest(token) in self.access.logins else None

    async def sign_out(self, token: str) -> bool:
        """End a session; nothing is written where there is none. False where the record takes nothing now."""
        if digest(token) not in self.access.logins:
            return True
        reply = await self.writer.submit(
            p.Status(id=new_id()),
            Who("control", "sign-out"),
            lambda _now: Change(self.access.sign_out(token), lambda: self.access.drop_login(token)),
        )
        return _taken(reply)

    # --- reading --------------------------------------------------------------------------------------------

    async def _found(self, c: p.Report | p.Log | p.Story) -> bytes:
        """As JSON. A page of the log and a number's story are short: they are read in a thread, on one snapshot."""
        if isinstance(c, p.Report):
            return (await self.reports.ask(ReportAsked(c.start, c.end))).whole()
        return await asyncio.to_thread(self._short, c)

    def _short(self, c: p.Log | p.Story) -> bytes:
        with closing(schema.connect(self.writer.record.path, read_only=True).conn) as conn:
            conn.execute("BEGIN")
            return p.encode(logbook.log(conn, c) if isinstance(c, p.Log) else logbook.story(conn, c.date, c.number))


def _taken(reply: bytes) -> bool:
    """Has the record taken what was submitted?"""
    return b'"ok":true' in reply
