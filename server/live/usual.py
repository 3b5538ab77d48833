"""How many numbers an hour are usual here, and whether the last one was far above: then somebody should look."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from server import protocol as p
from server.hall.fold import Hall
from server.hall.state import LOST

ALARM: Final[p.AlarmCode] = "many_numbers"
DAYS: Final = 30
"""Whose busiest hour counts as usual."""
TIMES: Final = 3
"""So many times as many as that are far above;"""
FEW: Final = 120
"""so many an hour are not, wherever the hall is;"""
AT_FIRST: Final = 300
"""nor are so many in a hall that has no earlier day to compare with."""
_HOUR: Final = 3_600_000


def busiest_hour(conn: Any, today: str) -> int | None:
    """Numbers of the busiest hour of the days before `today`; null where there are none. Raises `sqlite3.Error`."""
    since = (date.fromisoformat(today) - timedelta(days=DAYS)).isoformat()
    found = conn.execute(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM tickets WHERE day >= ? AND day < ? GROUP BY day, issued_at / ?)",
        (since, today, _HOUR),
    ).fetchone()
    return None if found is None else found[0]


def far_above(hall: Hall, now: int, usual: int | None) -> bool:
    """Were so many numbers given within the last hour?"""
    most = AT_FIRST if usual is None else max(FEW, TIMES * usual)
    count = 0
    for ticket in reversed(hall.tickets.values()):
        if ticket.via == LOST:
            continue  # it is older than its place here
        if ticket.issued_at < now - _HOUR:
            return False
        count += 1
        if count > most:
            return True
    return False
