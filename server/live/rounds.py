"""The one clerk of the record: every change of the hall goes through here, in rounds.

A round takes commands that wait, decides and folds each in order of arrival, commits all their events, answers and
projections in one transaction, and only then answers; a burst of touches costs few fsyncs. A command that changes by
what the next is judged (the date, people, devices, settings) is the last of its round. While the disk takes a round
the hall in memory is that round ahead of it. Nobody is told what is not on the disk: whoever reads the hall
does so through `show`, which holds back what was read until the round has landed.

While another program holds the file for writing no round begins: commands are answered `busy`, and are welcome again.

What fails: a refusal answers its command alone; a bug in the rules answers `internal`; a constraint error rolls the
round back, rebuilds the hall from the disk and runs its commands one by one; a bug in the fold or a disk that does not
take the round ends the process, whose next start rebuilds everything from the record.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server import protocol as p
from server.access.people import Access, Statement
from server.client.client import new_id
from server.hall import events as e
from server.hall.calendar import iso
from server.hall.day import Reading, due
from server.hall.fold import Hall
from server.hall.policy import Policy
from server.hall.rules.case import Decision, Refused, Who
from server.hall.rules.decide import decide
from server.hall.secrets import comment_note
from server.hall.views.moment import Moment, with_secrets
from server.live.clock import Clock
from server.live.disk import Disk
from server.live.marking import Marking
from server.live.presence import Presence
from server.live.requests import Key, Requests, fingerprint, key_of
from server.record.answers import Stored
from server.record.file import Batch, Held, RoundRejected, forget_requests
from server.record.mark import Mark
from server.record.thread import TRY_EVERY, RecordThread

log = logging.getLogger(__name__)

BEGIN: Final = (p.Issue, p.AddPerson, p.AddDevice)
"""What begins something that a nearly full disk may not see to its end."""

IDLE: Final = 5.0
"""s without a round after which the write-ahead log is folded into the record's file."""

ROUND: Final = 256
"""Commands of one round at most."""

T = TypeVar("T")

_result = msgspec.json.Decoder(p.TicketResult)


_NOTHING: Final = msgspec.Raw(b"{}")
_SHOWN_ONCE: Final = Stored(
    ok=False, error=p.Error(code="token_gone", detail="its token was shown once: revoke the device and add it anew")
)
_ID_REUSED: Final = Stored(ok=False, error=p.Error(code="id_reused"))
_ENDED: Final = Stored(ok=False, error=p.Error(code="internal", detail="the hall ends"))


class Change(Struct, frozen=True):
    """A change of people, devices or settings: statements for the record, and what to do once they are there."""

    statements: list[Statement]
    after: Callable[[], None]
    events: Sequence[e.Event] = ()
    token: str | None = None
    """Of a new device: shown to whoever asked, and kept nowhere."""


Tell = Callable[[bytes], None]


Make = Callable[[int], Change]
"""Makes a change, with the instant at hand; may raise `Refused`."""


class Pending(Struct):
    """Somebody's wish on its way through a round."""

    command: p.Command | None
    """Null for what is no command of the protocol: a sign-in, an import, a recovery."""
    id: str
    who: Who
    body: bytes
    """See :func:`fingerprint`; empty for what is no command."""
    key: Key
    tell: list[Tell]
    make: Make | None = None
    result: p.TicketResult | None = None
    """Of `issue` and `reprint`, as it is stored."""

    @property
    def name(self) -> str:
        """For the log."""
        return "a change" if self.command is None else p.name_of(self.command)


@dataclass
class _Round:
    """Commands that were decided together and reach the disk together."""

    batch: Batch
    answers: list[tuple[Pending, Stored, Change | None]] = field(default_factory=list)
    events: list[e.Event] = field(default_factory=list)
    seq: int = 0
    """Of the hall after it."""
    last: bool = False
    """What follows is judged by something else than this round was: by another date, other people, other settings."""
    shown: list[tuple[Any, Callable[[Any], None]]] = field(default_factory=list)
    """What was read of the hall after it, and whom to tell once it is on the disk."""


class Rounds:
    """Owns the hall, as it is after every round, the one under way included.

    `run` is its loop; `submit` is how everybody else writes, and `show` how everybody reads.
    """

    def __init__(
        self, thread: RecordThread, policy: Policy, clock: Clock, *, access: Access, presence: Presence, disk: Disk
    ) -> None:
        self.record = thread.record
        self.clock = clock
        self.hall = Hall(policy)
        self.head = self.record.load(self.hall)
        """Every start is a recovery: all comes from the record."""
        self.seq = self.hall.seq
        """Of the last committed event."""
        self.epoch = self.record.epoch
        """See :class:`Mark`; as of the last committed event."""
        self.on_round: list[Callable[[list[e.Event]], None]] = []
        """Called with the events of each round, while the disk takes it; what they have to say goes through `show`."""
        self.held = ""
        """The sentence that names the file that another program holds; "" where none does."""
        self.on_held: list[Callable[[], None]] = []
        """Called when such a program comes or goes."""
        self.unsure: Literal["", "hold", "refuse"] = ""
        """The record may lack numbers that are on papers, and not everybody was asked yet who knows: see
        `wait_with_numbers`."""
        self.marking = Marking(self.record.mark)
        self._thread = thread
        self._access = access
        self._presence = presence
        self._disk = disk
        self._requests = Requests(self.record)
        self._ended = False
        self._waiting: deque[Pending] = deque()
        self._held_back: list[Pending] = []
        self._stir = asyncio.Event()
        """Commands wait, or time has passed."""
        self._under_way: _Round | None = None
        """Decided, and with the disk."""
        self._pending: dict[Key, Pending] = {}
        self._written_at = 0.0
        """When the last round reached the disk, by the monotonic clock; 0 once the write-ahead log was folded in."""

    def mark_soon(self) -> None:
        """Have the mark say what the record holds now. Only between rounds, when nothing is with the disk."""
        if not self.marking.allowed:
            return  # to make one costs time
        hall = self.hall
        self.marking.soon(
            Mark(
                hall=self.record.id.hex(),
                epoch=self.epoch,
                seq=hall.seq,
                hash=self.head.hex(),
                at=hall.last_at,
                day=hall.day,
                numbers=hall.on_paper(),
            )
        )

    async def commit_alone(self, batch: Batch) -> None:
        """Write something that is no command, before the rounds begin."""
        await self._take_file()
        self.record.write(batch)
        await self._thread.do(self.record.commit)

    def wait_with_numbers(self, how: Literal["", "hold", "refuse"]) -> None:
        """Give no number: let who asks for one wait (`hold`), or come again (`refuse`). "": give them, again."""
        self.unsure = how
        if how != "hold" and self._held_back:
            self._waiting.extendleft(reversed(self._held_back))
            self._held_back = []
            self._stir.set()

    def wake(self) -> None:
        """Run a round although nobody asked: time has passed."""
        self._stir.set()

    def show(self, read: Callable[[], T], tell: Callable[[T], None]) -> None:
        """Read the hall as it is now; `tell` what was read once that state is on the disk: at once, if it is.

        Told in the order of reading.
        """
        seen = read()
        if self._under_way:
            self._under_way.shown.append((seen, tell))
        else:
            tell(seen)

    async def submit(self, command: p.Command, who: Who, make: Make | None = None) -> bytes:
        """The reply to a command, as JSON bytes, once it is on the disk. See `enqueue`."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.enqueue(command, who, _teller(answer), make)
        return await answer

    async def submit_change(self, who: Who, make: Make) -> bytes:
        """The same for a change that no command of the protocol asks for: a sign-in, an import, a recovery.

        It has an id of its own and is not stored with its answer: nobody can repeat it.
        """
        id = new_id()
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        pending = Pending(None, id, who, b"", key_of(who, id), [_teller(answer)], make)
        if self._ended or self.held:
            return _reply(id, _ENDED if self._ended else self._busy())
        self._take(pending)
        return await answer

    def enqueue(self, command: p.Command, who: Who, tell: Tell, make: Make | None = None) -> None:
        """Take a command into the next round; `tell` gets its reply (JSON bytes) once it is on the disk.

        A command that was answered before is answered at once, with the same words. `make` makes the change of a
        command that the rules do not know (people, devices).
        """
        key = key_of(who, command.id)
        body = fingerprint(command)
        pending = self._pending.get(key)
        if pending is not None:
            if pending.body == body:
                pending.tell.append(tell)  # its first sender waits for it too
            else:
                tell(_reply(command.id, _ID_REUSED))
            return
        known = self._requests.known(key, body, p.name_of(command))
        if known is not None and known[0] == body:
            tell(self._reply(command, who, known[1] or self._answer_again(command)))
        elif known is not None:
            tell(_reply(command.id, _ID_REUSED))
        elif self._ended:
            tell(_reply(command.id, _ENDED))
        elif self.held:
            tell(_reply(command.id, self._busy()))
        else:
            self._take(Pending(command, command.id, who, body, key, [tell], make))

    def _take(self, pending: Pending) -> None:
        self._pending[pending.key] = pending
        self._waiting.append(pending)
        self._stir.set()

    def _answer_again(self, command: p.Command) -> Stored:
        """The answer of a request of which only that it was carried out is known: never a second number."""
        given = self.record.ticket_of(command.id) if isinstance(command, p.Issue) else None
        ticket = self.hall.tickets.get(given or 0)
        if ticket is None:
            return Stored(ok=False, error=p.Error(code="id_reused", detail="it was carried out; its answer is lost"))
        now = max(self.clock.read().now, self.hall.last_at)
        result = self._moment(now).ticket_result(ticket, secrets=False)
        return Stored(ok=True, result=msgspec.Raw(p.encode(result)))

    def _moment(self, now: int) -> Moment:
        return Moment(self.hall, now, self._presence.away(self.hall))

    async def run(self) -> None:
        """Rounds until cancelled. Raises what must end the process: `DiskTrouble`, or a bug of the fold."""
        try:
            while True:
                if not self._waiting:
                    await self._stir.wait()
                self._stir.clear()
                await self._gathered()
                if not self._waiting and self._written_at and time.monotonic() - self._written_at > IDLE:
                    self._written_at = 0.0
                    if not self._disk.low:  # it takes room in the record's file
                        await self._thread.do(self.record.checkpoint)
                await self._round()
        finally:
            # Nobody writes any more: what the disk never saw is told so; what was with the disk is not, since it may
            # be there. Its client asks again with the same id, and the next start knows.
            self._ended = True
            for pending in (*self._waiting, *self._held_back):
                self._settle(pending, _reply(pending.id, _ENDED))

    async def _gathered(self) -> None:
        """Whatever lies in the sockets by now shares this round, and what comes while these are read."""
        found = -1
        while found < len(self._waiting) < ROUND:
            found = len(self._waiting)
            await asyncio.sleep(0)

    async def _take_file(self) -> None:
        """Begin a transaction, as soon as no other program holds the file; until then commands are answered `busy`."""
        while True:
            try:
                self.record.begin()
            except Held as error:
                if not self.held:
                    log.error("%s: nothing can be written until it lets go", error)
                    self.held = str(error)
                    self._held_changed()
                while self._waiting:
                    pending = self._waiting.popleft()
                    self._settle(pending, _reply(pending.id, self._busy()))
                await asyncio.sleep(TRY_EVERY)
            else:
                if self.held:
                    log.info("%s can be written again", self.record.path)
                    self.held = ""
                    self._held_changed()
                return

    def _held_changed(self) -> None:
        for told in self.on_held:
            told()

    def _busy(self) -> Stored:
        return Stored(ok=False, error=p.Error(code="busy", detail=self.held))

    async def _round(self) -> None:
        await self._take_file()
        found = self._decide_round(self._waiting)
        try:
            await self._carry_out(found)
        except RoundRejected as error:
            log.error("the record refused a round of %d: %s", len(found.answers), error)
            await self._one_by_one([pending for pending, _, _ in found.answers])

    async def _carry_out(self, found: _Round) -> None:
        """Write a decided round, and tell what came of it.

        Raises :class:`RoundRejected`; nothing was written or told then.

        The rows are put into the transaction here: that is quick, and a thread would only wait for the interpreter
        between them. Waiting for the disk is the thread's.
        """
        if found.batch:
            self.record.write(found.batch)
            self.head = found.batch.head
        else:
            self.record.let_go()
        self._under_way = found
        commit = self._thread.do(self.record.commit) if found.batch else None
        # While the disk works:
        replies = [
            _reply(pending.id, answer)
            if pending.command is None
            else self._reply(pending.command, pending.who, answer, pending.result)
            for pending, answer, _ in found.answers
        ]
        for told in self.on_round:
            told(found.events)
        if commit is not None:
            await commit
            self._written_at = time.monotonic()
        self.seq, self._under_way = found.seq, None
        for _, _, change in found.answers:
            if change is not None:
                change.after()
        for (pending, _, _), reply in zip(found.answers, replies, strict=True):
            self._settle(pending, reply)
        for seen, tell in found.shown:
            tell(seen)
        if found.events:
            self.mark_soon()

    async def _one_by_one(self, commands: list[Pending]) -> None:
        """Nothing of their round was written: run them again from the disk, each alone."""
        self._rebuild()
        for pending in commands:
            await self._take_file()
            try:
                await self._carry_out(self._decide_round(deque([pending])))
            except RoundRejected:
                log.exception("the record refuses %s of %s", pending.name, pending.who.name)
                self._rebuild()
                await self._store_internal(pending)

    async def _store_internal(self, pending: Pending) -> None:
        """Remember that this command fails, so that its repetition does not loop."""
        answer = Stored(ok=False, error=p.Error(code="internal"))
        if pending.command is None:
            self._settle(pending, _reply(pending.id, answer))
            return
        await self._take_file()
        found = _Round(Batch(self.head), [(pending, answer, None)], seq=self.hall.seq)
        self._remember(found.batch, pending, answer, max(self.clock.read().now, self.hall.last_at))
        await self._carry_out(found)

    def _rebuild(self) -> None:
        hall = Hall(self.hall.policy)
        self.head = self.record.load(hall)
        self.hall = hall

    def _decide_round(self, waiting: deque[Pending]) -> _Round:
        """Decide and fold what waits, as far as one round goes: the hall is that much further then, the disk not yet.

        What it takes it removes from `waiting`: at least the first.
        """
        found = _Round(Batch(self.head))
        reading = self.clock.read()  # one instant for the whole round
        for event in due(self.hall, reading):
            self._apply(event, found, None)
        if found.last:
            reading, found.last = self.clock.read(), False  # the date is known again
        while waiting and len(found.answers) < ROUND and not found.last:
            pending = waiting.popleft()
            if self.unsure == "hold" and isinstance(pending.command, p.Issue) and not self._disk.low:
                self._held_back.append(pending)
                continue
            before = len(found.events)
            answer, change = self._answer(pending, found, reading)
            found.answers.append((pending, answer, change))
            if pending.who.role == "control" or pending.command is None:
                continue  # the hall's own requests are never repeated
            if len(found.events) > before or change is not None:
                self._remember(found.batch, pending, answer, max(reading.now, self.hall.last_at))
            else:
                self._requests.changed_nothing(pending.key, pending.body, answer)
        found.seq = self.hall.seq
        return found

    def _apply(self, event: e.Event, found: _Round, request: str | None) -> None:
        touched = self.hall.apply(event)
        found.batch.add(event, touched, self.hall, request)
        found.events.append(event)
        if isinstance(event, e.DateConfirmed):
            self.clock.accept(event.at)
            found.last = True
        elif isinstance(event, e.DayClosed):
            found.batch.statements.append(("DELETE FROM logins", ()))
            if not self.hall.doubtful:
                found.batch.statements.append(forget_requests(event.at))

    def _answer(self, pending: Pending, found: _Round, reading: Reading) -> tuple[Stored, Change | None]:
        command, who, batch = pending.command, pending.who, found.batch
        change: Change | None = None
        try:
            if not self._access.admits(who.role, who.name):
                raise Refused("unauthorised")
            if self.unsure == "refuse" and isinstance(command, p.Issue):
                raise Refused("busy", "the kiosks are asked which numbers they gave")
            begins = isinstance(command, BEGIN) and who.role != "control"
            if self._disk.full or (self._disk.low and begins):
                raise Refused("internal", "the disk is nearly full")
            if pending.make is not None:
                change = pending.make(max(reading.now, self.hall.last_at))
            else:
                assert command is not None
                decision = self._decide(command, who, reading)
        except Refused as refused:
            return Stored(ok=False, error=refused.error), None
        except Exception:  # a bug in one rule must not stop the hall: it is logged, and this command alone fails
            log.exception("%s of %s %s failed", pending.name, who.role, who.name)
            return Stored(ok=False, error=p.Error(code="internal")), None
        if change is not None:
            batch.statements += change.statements
            found.last = True
            if change.token is not None:
                self._requests.keep_token(pending.key, change.token)
            for event in change.events:
                self._apply(event, found, pending.id)
            return Stored(ok=True, result=_NOTHING), change
        for event in decision.events:
            self._apply(event, found, pending.id)
        if isinstance(command, p.Rate) and command.comment and decision.events:
            note = comment_note(self.hall.policy.secret, command.id, command.comment)
            batch.statements.append(
                ("INSERT INTO comments VALUES (?, ?, ?)", (note, command.comment, self.hall.last_at))
            )
        if isinstance(command, p.EraseComment):
            batch.forgets = True
            batch.statements.append(
                (
                    "DELETE FROM comments WHERE note IN ("
                    "SELECT note FROM events WHERE seq > ? AND ticket = ? AND kind = 'rated')",
                    (command.ticket, command.ticket),
                )
            )
        if decision.refused is not None:
            return Stored(ok=False, error=decision.refused), None
        return Stored(ok=True, result=self._result(pending, decision)), None

    def _decide(self, command: p.Command, who: Who, reading: Reading) -> Decision:
        if isinstance(command, p.ConfirmDate):
            try:
                reading = self.clock.confirm(command.date)
            except ValueError:
                raise Refused("bad_message", f"no such date: {command.date}") from None
        return decide(self.hall, command, who, reading)

    def _result(self, pending: Pending, decision: Decision) -> msgspec.Raw:
        for event in reversed(decision.events):
            if isinstance(event, (e.Issued, e.ReprintAsked)):
                ticket = self.hall.tickets[event.ticket]
                pending.result = self._moment(event.at).ticket_result(ticket, secrets=False)
                return msgspec.Raw(p.encode(pending.result))
            if isinstance(event, (e.Called, e.Requeued)):
                return msgspec.Raw(p.encode(p.CallResult(ticket=event.ticket, number=event.number, at=iso(event.at))))
        return _NOTHING

    @staticmethod
    def _remember(batch: Batch, pending: Pending, answer: Stored, now: int) -> None:
        batch.requests.append((*pending.key, pending.body, p.encode(answer).decode(), now))

    def _settle(self, pending: Pending, reply: bytes) -> None:
        self._pending.pop(pending.key, None)
        for tell in pending.tell:
            tell(reply)

    def _reply(self, command: p.Command, who: Who, answer: Stored, result: p.TicketResult | None = None) -> bytes:
        # Secrets stand on the citizen's paper: only who prints it gets them.
        if isinstance(command, (p.Issue, p.Reprint)) and who.role == "kiosk" and isinstance(answer.result, msgspec.Raw):
            found = with_secrets(result or _result.decode(answer.result), self.hall.policy.secret)
            return p.encode(p.Reply(id=command.id, ok=True, result=msgspec.Raw(p.encode(found))))
        if isinstance(command, p.AddDevice) and answer.ok:
            token = self._requests.token(key_of(who, command.id))
            if token is None:
                return _reply(command.id, _SHOWN_ONCE)
            answer = replace(answer, result=msgspec.Raw(p.encode(p.DeviceToken(token=token))))
        return _reply(command.id, answer)


def _teller(answer: asyncio.Future[bytes]) -> Tell:
    def tell(reply: bytes) -> None:
        if not answer.done():  # its sender may have gone
            answer.set_result(reply)

    return tell


def _reply(id: str, answer: Stored) -> bytes:
    return p.encode(p.Reply(id=id, ok=answer.ok, result=answer.result, error=answer.error))
