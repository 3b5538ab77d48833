"""People and devices: PINs, tokens, signed-in sessions, and the delay after wrong tries. Default deny.

Held in memory for the hall's loop; every change is a list of statements that go into the record with the round that
makes it, and only afterwards into memory. Tokens are random 256-bit values, kept as their SHA-256; PINs are kept as
argon2id. Nothing here talks to a socket.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from server import protocol as p
from server.access.keys import Keys
from server.access.pins import NOBODYS, Full, Pins
from server.hall.rules.case import Refused

Statement = tuple[str, tuple[Any, ...]]

SESSION_HOURS: Final = 16
"""A sign-in ends with the day at the latest; this ends it where no day was opened."""
FIRST_MANAGER: Final = "quan-ly"
ONCE: Final = "once:"
MAX_DELAY: Final = 60.0
"""s between tries after many wrong ones; a person is never locked out for good, nor by another address."""
REMEMBERED: Final = 10_000
BLANK: Final = "\u2800"
"""The empty pattern of Braille: a sign by its category, and nothing to see."""

PEOPLE_ROLES: Final = frozenset(get_args(p.PageRole))
DEVICE_ROLES: Final = frozenset(get_args(p.DeviceRole))


def digest(token: str) -> bytes:
    """The SHA-256 of a token: all that is kept of it."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """A new token of a session: 256 random bits as 43 letters."""
    return secrets.token_urlsafe(32)


def new_device_token() -> str:
    """The same 256 bits; people copy these, and none begins with a hyphen."""
    return secrets.token_hex(32)


def new_pin() -> str:
    """A new one-time PIN: six random digits."""
    return f"{secrets.randbelow(10**6):06d}"


@dataclass
class Person:
    """Somebody who may sign in."""

    name: str
    role: p.PersonRole
    pin: str | None
    """argon2id hash, after `ONCE` where it works a single time; null: used up, or never set."""

    @property
    def once(self) -> bool:
        """Does the PIN work a single time?"""
        return self.pin is not None and self.pin.startswith(ONCE)

    @property
    def settled(self) -> bool:
        """Has a PIN of their own choice."""
        return self.pin is not None and not self.once


@dataclass
class Device:
    """A paired kiosk, display or rating tablet. `token`: the SHA-256 of its token."""

    name: str
    role: p.DeviceRole
    token: bytes


@dataclass
class Access:
    """Who may come in."""

    pins: Pins
    people: dict[str, Person] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    by_token: dict[bytes, Device] = field(default_factory=dict)
    logins: dict[bytes, tuple[str, int]] = field(default_factory=dict)
    """SHA-256 of the session → (person, until ms)."""
    _wrong: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)

    @classmethod
    def load(cls, reader: Any, keys: Keys) -> Access:
        """What the record knows. A PIN that was made with another PC's keys counts as none: see `keys`."""
        access = cls(Pins(keys))
        for row in reader.execute("SELECT name, role, pin FROM people WHERE revoked_at IS NULL"):
            pin = row["pin"]
            known = pin is not None and access.pins.knows(pin.removeprefix(ONCE))
            access.people[row["name"]] = Person(row["name"], row["role"], pin if known else None)
        for row in reader.execute("SELECT name, role, token FROM devices WHERE revoked_at IS NULL"):
            access.take_device(Device(row["name"], row["role"], bytes(row["token"])))
        for row in reader.execute("SELECT token, name, until FROM logins"):
            access.logins[bytes(row["token"])] = (row["name"], row["until"])
        return access

    # --- coming in ------------------------------------------------------------------------------------------

    def device(self, token: str, role: str) -> Device | None:
        """The device of a token in a role; null for an unknown token or another role."""
        found = self.by_token.get(digest(token))
        return found if found is not None and found.role == role else None

    def person(self, token: str, role: str, now: int) -> Person | None:
        """Whose session this is, if it may act in that role (a manager may also sit at a desk)."""
        login = self.logins.get(digest(token))
        if login is None or login[1] <= now:
            return None
        person = self.people.get(login[0])
        if person is None or (role == "manager" and person.role != "manager"):
            return None
        return person

    def admits(self, role: str, name: str) -> bool:
        """Whether a device or person still has access. The hall itself has none to lose."""
        if role in DEVICE_ROLES:
            device = self.devices.get(name)
            return device is not None and device.role == role
        return role not in PEOPLE_ROLES or name in self.people

    def named(self, name: str) -> Person | None:
        """The person of that name, whatever case or form of its diacritics it was typed in."""
        exact = self.people.get(name)
        return exact or next((person for known, person in self.people.items() if folded(known) == folded(name)), None)

    def wait(self, name: str, address: str, now: float) -> float:
        """Seconds until this name may be tried again from this address."""
        tries, since = self._wrong.get((folded(name), address), (0, 0.0))
        return max(0.0, since + _delay(tries) - now) if tries else 0.0

    async def check_pin(self, name: str, pin: str, address: str, now: float) -> Person | None:
        """The person, if the PIN is right. Takes as long for unknown names as for known ones, but for the queue.

        Raises :class:`pins.Full`.
        """
        key = (folded(name), address)
        tries, since = self._wrong.pop(key, (0, 0.0))
        self._wrong[key] = (tries + 1, now)  # before the first wait: tries side by side count too
        while len(self._wrong) > REMEMBERED:
            del self._wrong[next(iter(self._wrong))]
        person = self.named(name)
        known = person is not None and person.pin is not None
        stored = person.pin if person is not None and person.pin is not None else NOBODYS
        try:
            right = await self.pins.matches(stored.removeprefix(ONCE), pin, address, known=known) and known
        except Full:
            self._wrong.pop(key, None)  # it was no try
            if tries:
                self._wrong[key] = (tries, since)
            raise
        if not right or self.named(name) is not person:  # the PIN may have been changed meanwhile
            return None
        self._wrong.pop(key, None)
        return person

    # --- changes: statements for the record, then memory ----------------------------------------------------

    def add_person(self, c: p.AddPerson, pin: str, who: str, now: int) -> list[Statement]:
        """The statements that add a person with a hashed PIN. Raises :class:`Refused`."""
        twin = next((known for known in self.people if folded(known) == folded(c.name)), None)
        if twin is not None:
            raise Refused("name_taken", f"{twin} is there already")
        _refuse_odd(c.name)
        return [
            (
                "INSERT INTO people VALUES (?, ?, ?, ?, NULL) ON CONFLICT (name) DO UPDATE SET "
                "role = excluded.role, pin = excluded.pin, added_at = excluded.added_at, revoked_at = NULL",
                (c.name, c.role, pin, now),
            ),
            change(now, who, f"person:{c.name}", None, c.role),
        ]

    def set_pin(self, name: str, pin: str | None, who: str, now: int) -> list[Statement]:
        """The statements that give a person another hashed PIN; null takes it away. Raises :class:`Refused`."""
        if name not in self.people:
            raise Refused("name_unknown", f"{name} is not known")
        return [
            ("UPDATE people SET pin = ? WHERE name = ?", (pin, name)),
            change(now, who, f"pin:{name}", None, None),
        ]

    def end_logins(self, name: str) -> Statement:
        """The statement that ends every session of a person."""
        return ("DELETE FROM logins WHERE name = ?", (name,))

    def add_device(self, c: p.AddDevice, token: str, who: str, now: int) -> list[Statement]:
        """The statements that pair a device. Raises :class:`Refused`."""
        if c.name in self.devices:
            raise Refused("name_taken", f"{c.name} is there already")
        _refuse_odd(c.name)
        return [
            (
                "INSERT INTO devices VALUES (?, ?, ?, ?, NULL) ON CONFLICT (name) DO UPDATE SET "
                "role = excluded.role, token = excluded.token, added_at = excluded.added_at, revoked_at = NULL",
                (c.name, c.role, digest(token), now),
            ),
            change(now, who, f"device:{c.name}", None, c.role),
        ]

    def revoke(self, c: p.Revoke, who: str, now: int) -> list[Statement]:
        """The statements that take access away. Raises :class:`Refused`: one manager must stay."""
        if c.kind == "person":
            person = self.people.get(c.name)
            if person is None:
                raise Refused("name_unknown", f"{c.name} is not known")
            managers = [other for other in self.people.values() if other.role == "manager" and other.settled]
            if person.role == "manager" and managers == [person]:
                raise Refused("last_manager", f"{c.name} is the last manager: add another one first")
            return [
                ("UPDATE people SET revoked_at = ?, pin = NULL WHERE name = ?", (now, c.name)),
                self.end_logins(c.name),
                change(now, who, f"person:{c.name}", person.role, None),
            ]
        device = self.devices.get(c.name)
        if device is None:
            raise Refused("name_unknown", f"{c.name} is not known")
        return [
            ("UPDATE devices SET revoked_at = ? WHERE name = ?", (now, c.name)),
            change(now, who, f"device:{c.name}", device.role, None),
        ]

    def sign_in(self, person: Person, token: str, now: int) -> tuple[list[Statement], int]:
        """The statements of a new session, and the instant (ms) of its end."""
        until = now + SESSION_HOURS * 3_600_000
        # Only while the PIN is still that one: the same round may change it, or take the person's access away.
        insert = (
            "INSERT INTO logins SELECT ?, ?, ?, ? WHERE EXISTS ("
            "SELECT 1 FROM people WHERE name = ? AND pin IS ? AND revoked_at IS NULL)"
        )
        return [(insert, (digest(token), person.name, now, until, person.name, person.pin))], until

    def sign_out(self, token: str) -> list[Statement]:
        """The statements that end a session."""
        return [("DELETE FROM logins WHERE token = ?", (digest(token),))]

    def take_person(self, person: Person) -> None:
        """Put into memory what is on the disk now: a new person, or a changed one."""
        self.people[person.name] = person

    def take_device(self, device: Device) -> None:
        """The same for a device."""
        self.devices[device.name] = device
        self.by_token[device.token] = device

    def take_login(self, token: str, name: str, until: int) -> None:
        """The same for a session, to the instant (ms) of its end."""
        self.logins[digest(token)] = (name, until)

    def drop_login(self, token: str) -> None:
        """Forget a session that has ended."""
        self.logins.pop(digest(token), None)

    def drop_logins(self, name: str) -> None:
        """Forget every session of a person."""
        self.logins = {token: login for token, login in self.logins.items() if login[0] != name}

    def drop(self, kind: str, name: str) -> None:
        """Forget a person or device whose access was taken away; `kind` as in `revoke`."""
        if kind == "person":
            self.people.pop(name, None)
            self.drop_logins(name)
        elif (device := self.devices.pop(name, None)) is not None:
            del self.by_token[device.token]


def _refuse_odd(name: str) -> None:
    """A name is read by people, in logs and on paper: nothing unseen is in it, and no letter that only looks Latin."""
    if name != name.strip():
        raise Refused("name_odd", "a name has no spaces around it")
    for letter in unicodedata.normalize("NFC", name):
        kind = unicodedata.category(letter)
        if kind[0] in "CM" or kind in {"Zl", "Zp"} or letter == BLANK:
            raise Refused("name_odd", f"a name has no line ends or unseen signs: U+{ord(letter):04X}")
        if kind[0] == "L" and not unicodedata.name(letter, "").startswith("LATIN"):
            raise Refused("name_odd", f"a name has Latin letters: {letter} (U+{ord(letter):04X}) is none")


def folded(name: str) -> str:
    """What makes two names the same to a person who types one: not case, spaces or the form of diacritics."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def change(now: int, who: str, what: str, before: str | None, after: str | None) -> Statement:
    """A line of the change log: who changed what, from what to what."""
    return (
        "INSERT INTO changes (at, who, what, before, after) VALUES (?, ?, ?, ?, ?)",
        (now, who, what, before, after),
    )


def _delay(tries: int) -> float:
    return min(MAX_DELAY, 2.0 ** min(tries - 2, 10)) if tries > 1 else 0.0  # 2 to the 1024th would be an error
