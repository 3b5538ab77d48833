"""Printing one job so that its end is known: asked before, watched meanwhile, confirmed after, all in limited time.

Blocking, for one thread (see `PrinterThread`), on any wire. It decides nothing about tickets: it says `confirmed`,
`sent` or a fault, and leaves the printer so that the next job starts clean. `confirmed` is an answer queued behind a
job of which nothing can have been lost: where the wire may lose, never more is under way than the smallest buffer
holds.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from kiosk.paper import status as st
from kiosk.paper.escpos import ABANDON_BAND, CLEAR_BUFFER, FEED, PAPER_SENSOR, PART, RESET, Job
from kiosk.paper.layout import LONGEST
from kiosk.paper.status import Answers, Status
from kiosk.paper.wires import Gone, Wire
from server.protocol import PrintFault, PrintResult

log = logging.getLogger(__name__)

ANSWER: Final = 1.0
"""Seconds for a status answer of an idle printer: it answers at once, a slow wire needs some tenths. One that lacks a
question still prints."""
FURTHER_ANSWER: Final = 0.3
"""Seconds for one while a job is under way: it may be stuck behind that, and is taken when it comes."""
STALL: Final = 2.5
"""Seconds without a byte taken after which the printer counts as stuck."""
CONFIRM: Final = 2.0
"""Seconds from the last byte taken to the answer queued behind it, besides the printing itself: a hot head may rest."""
SLOWEST: Final = 400.0
"""Dots a second of the slowest heads: 50 mm/s."""
UNDER_WAY: Final = 2 * PART + 400
"""Bytes that may be sent and not yet answered for where the wire may lose them; a buffer has 4 KB at least."""
LOOK: Final = 0.5
"""Seconds between looks at the status while waiting for that answer."""
_CUT_OFF: Final = b"\x1bJ\x78\x1dV\x00"
"""What is left of a broken job is cut off, so that the next paper begins at its own top."""

Outcome = PrintResult | PrintFault


class Printer:
    """One printer on one wire. Not for several threads at once."""

    def __init__(self, wire: Wire, *, cuts: bool = True) -> None:
        self._wire, self._cuts = wire, cuts
        self._answers = Answers()
        self._unclean = False
        """A job was begun and its end never seen: the printer may hold a part of it."""
        self._owed = 0
        """GS r 1 that were sent and not answered yet, inside a broken job and behind it."""
        self._inside = 0
        """Dots, at most, that a broken job left in the printer."""
        self._awaited: tuple[int, int] | None = None
        """The DLE EOT that is not answered yet, and how many answers had come before it."""
        self._connected = False
        self.status = Status(known=wire.answers)
        """As last seen."""

    def distrust(self) -> None:
        """An earlier run may have left half a job in the printer: rid it of that before the next one."""
        self._unclean = True
        self._owed, self._inside = 1 + UNDER_WAY // PART, LONGEST + FEED

    def check(self) -> Status:
        """Ask how it is. Opens the wire if need be; never raises."""
        try:
            self._open()
            self.status = self._ask()
        except Gone as error:
            self._gone(error)
        finally:
            if not self._wire.keeps_open or self.status.fault in {"offline", "timeout", "unknown"}:
                self._close()
        return self.status

    def print(self, job: Job) -> Outcome:
        """Print `job` and wait for its end. `confirmed`, `sent` (the wire has no back channel), or a fault."""
        outcome: Outcome
        try:
            outcome = self._print(job)
        except Gone as error:
            self._gone(error)
            outcome = "offline"
        if outcome not in {"confirmed", "sent"}:
            log.warning("not printed: %s", outcome)
            self._clear_up()
        if not self._wire.keeps_open:
            self._close()
        return outcome

    def _print(self, job: Job) -> Outcome:
        self._open()
        self.status = self._ask()
        if self.status.fault:
            return self.status.fault
        if self._unclean and (fault := self._start_clean()):
            return fault
        self._unclean, self._inside = True, job.dots
        self._forget()
        outcome = self._send_in_parts(job) if self._wire.may_lose else self._send(job)
        self._unclean = outcome not in {"confirmed", "sent"}
        if not self._unclean:
            self._owed = 0
        return outcome

    def _send(self, job: Job) -> Outcome:
        self._owed += not job.process_id
        if self._wire.write(job.data, STALL) < len(job.data):
            return self._cause_of_stall()
        return self._confirmed(job, 1) if self._wire.answers else "sent"

    def _send_in_parts(self, job: Job) -> Outcome:
        """Each part is sent once the printer has answered for so many earlier ones that its buffer holds it."""
        sizes: list[int] = []
        for n, part in enumerate(job.parts):
            last = n == len(job.parts) - 1
            data = part if last else part + PAPER_SENSOR
            answers = next((k for k in range(n) if sum(sizes[k:]) + len(data) <= UNDER_WAY), n)
            end = self._until(partial(self._answered, answers), STALL)
            if end is not True:
                return end or self._cause_of_stall()
            self._owed += not (last and job.process_id)
            if self._wire.write(data, STALL) < len(data):
                return self._cause_of_stall()
            sizes.append(len(data))
        return self._confirmed(job, len(sizes))

    def _answered(self, questions: int) -> bool:
        return self._answers.sensors >= questions

    def _ask(self) -> Status:
        """DLE EOT 4, 2, 3, 1. Silence is `timeout`, noise is `unknown`."""
        if not self._wire.answers:
            return Status(known=False)
        self._read_away()
        found, heard = Status(), dict[int, int]()
        for question in st.QUESTIONS:
            self._awaited = None  # an idle printer that has not answered by now lacks that question
            answer = self._question(question, ANSWER)
            if answer is not None:
                heard[question] = answer
                found = st.read(found, question, answer)
            elif not heard:
                return Status(fault="unknown" if self._answers.noise else "timeout")
        if self._answers.noise > len(heard):
            return Status(fault="unknown")
        return st.cause_first(found, heard)

    def _question(self, question: int, seconds: float, enough: Callable[[], bool] = lambda: False) -> int | None:
        """The answer to DLE EOT `question`, or None after `seconds` or once `enough` is true.

        Answers look alike whatever was asked, and one may be late behind a job: so an open question is not followed by
        another, and its answer, whenever it comes, is taken for nothing else.
        """
        if self._awaited is None:
            if self._wire.write(bytes((0x10, 0x04, question)), seconds) < 3:
                return None
            self._awaited = question, len(self._answers.statuses)
        known = self._awaited[1]
        self._read_until(lambda: len(self._answers.statuses) > known or enough(), seconds)
        if len(self._answers.statuses) <= known:
            return None
        self._awaited = None
        return self._answers.statuses[known]

    def _confirmed(self, job: Job, questions: int) -> Outcome:
        """Wait for the answer behind the job: for its own, or as the last of so many that were asked for."""

        def done() -> bool:
            if job.process_id:
                return job.process_id in self._answers.process_ids
            return self._answered(questions)

        end = self._until(done, CONFIRM + job.dots / SLOWEST)
        if end is True:
            return "confirmed"
        return end or self._cause_of_stall()

    def _until(self, done: Callable[[], bool], seconds: float) -> PrintFault | bool:
        """Wait for an answer; meanwhile hear what the printer says unasked, and ask how it is now and then.

        True once `done`; a fault that it tells; False after `seconds`.
        """
        end = time.monotonic() + seconds
        while not done():
            if (left := end - time.monotonic()) <= 0:
                return False
            self._read_until(lambda: done() or self._answers.unasked.fault is not None, min(LOOK, left))
            if done():
                break
            seen = self._answers.unasked
            if seen.fault is None:
                seen = self._look(done)
            if seen.fault and not done():
                self.status = seen
                return seen.fault
        return True

    def _look(self, done: Callable[[], bool]) -> Status:
        """A quick look at paper and cover while a job is under way. Silence says nothing here."""
        found, heard = Status(), dict[int, int]()
        questions = [4, 2, 3]
        if self._awaited is not None:
            questions = [self._awaited[0], *(one for one in questions if one != self._awaited[0])]
        for question in questions:
            answer = self._question(question, FURTHER_ANSWER, done)
            if answer is None:
                break  # nothing is said: the limit of 5 s is near
            heard[question] = answer
            found = st.read(found, question, answer)
        return st.cause_first(found, heard)

    def _cause_of_stall(self) -> Outcome:
        """The job is stuck halfway: does the printer say why?

        The question may be stuck behind the job as well, so what is on its way is dropped and it is asked anew.
        """
        seen = Status(fault="timeout", known=self._wire.answers)
        if self._wire.answers:
            self._close(discard=True)
            self._open()
            self._read_away()
            seen = self._look(lambda: False)
        self.status = seen if seen.fault else Status(fault="timeout")
        return self.status.fault or "timeout"

    def _start_clean(self) -> PrintFault | None:
        """Rid the printer of what a broken job left, and prove with an answer that it is rid of it.

        Where it does not say that it has cleared its buffer, it still prints what it holds and answers the questions
        in there. So as many answers are waited for; those that have not come so long after the last one were lost.
        """
        self._wire.write(CLEAR_BUFFER, ANSWER)
        if self._wire.answers and self._read_until(lambda: self._answers.cleared > 0, FURTHER_ANSWER):
            self._owed = 0
        rest = ABANDON_BAND + RESET + (_CUT_OFF if self._cuts else b"")
        if self._wire.write(rest, STALL) < len(rest):
            return "timeout"
        if self._wire.answers:
            self._forget()
            self._wire.write(PAPER_SENSOR, ANSWER)
            self._owed += 1
            for heard in range(self._owed):
                if not self._read_until(partial(self._answered, heard + 1), CONFIRM + self._inside / SLOWEST):
                    if heard == 0:
                        return "timeout"
                    break
            self._read_away()
        self._unclean, self._owed = False, 0
        return None

    def _clear_up(self) -> None:
        """After a fault: let the printer forget what it holds, so that it does not go on once paper is back."""
        if self._unclean:
            with contextlib.suppress(Gone):  # it is gone already: the next job will see to it
                self._wire.write(CLEAR_BUFFER, FURTHER_ANSWER)
                if self._wire.answers:
                    self._read_until(lambda: self._answers.cleared > 0, FURTHER_ANSWER)
        self._close(discard=True)

    def _read_until(self, done: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not done():
            left = end - time.monotonic()
            if left <= 0:
                return False
            data = self._wire.read(min(left, 0.1))
            self._answers.take(data)
        return True

    def _read_away(self) -> None:
        """Forget answers to older questions, and wait a moment for one that is still open."""
        if not self._wire.answers:
            return
        if self._awaited is not None:
            known = self._awaited[1]
            self._read_until(lambda: len(self._answers.statuses) > known, FURTHER_ANSWER)
        while data := self._wire.read(0):
            self._answers.take(data)
        self._forget()

    def _forget(self) -> None:
        self._awaited = None
        self._owed = max(0, self._owed - self._answers.sensors)
        self._answers.forget()

    def _open(self) -> None:
        """What one connection brings is one stream; another begins anew."""
        if not self._connected:
            awaited = self._awaited if self._wire.keeps_open else None
            self._forget()
            self._answers = Answers()
            if awaited is not None:  # the same printer may still answer it
                self._awaited = awaited[0], 0
        self._wire.open()
        self._connected = True

    def _close(self, *, discard: bool = False) -> None:
        self._connected = False
        self._wire.close(discard=discard)

    def _gone(self, error: Gone) -> None:
        if self.status.fault != "offline":
            log.warning("the printer is gone: %s", error)
        self.status = Status(fault="offline")
        self._close(discard=True)
