"""What a hall can set, as typed values; and what the rules and the clients need of it."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from server import protocol as p
from server.hall.calendar import Calendar
from server.hall.policy import Policy

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=40)]
Minutes = Annotated[int, Meta(ge=0, le=1440)]


class Area(p.AreaInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service area, with what its values may be."""

    code: Slug
    prefix: Annotated[str, Meta(pattern=r"^[1-9]\Z")]
    color: Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}\Z")] = "#0B5C6B"


class Procedure(p.ProcedureInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A procedure; what clients are not told stands here."""

    code: Slug
    certainty: Annotated[str, Meta(pattern=r"^[A-D](/[A-D])?\Z")] = "D"
    """A official · B secondary source · C well known, not checked · D uncertain."""
    valid_until: str = ""
    sensitive: bool = False
    """Logged by its area only (disability, poverty)."""
    same_day: bool = False


class Desk(p.DeskInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A desk, with what its code may be."""

    code: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,4}\Z")]


class Session(p.SessionInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours on some weekdays (0: Monday), with what its values may be."""

    start: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
    end: Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z")]
    weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)


class Priority(p.PriorityInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is served first, with what its values may be."""

    weight: Annotated[int, Meta(ge=1, le=20)] = 4
    longest_wait: Minutes = 30


class Rating(p.RatingInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The question after a visit, with what its values may be."""

    minutes: Minutes = 240
    reasons: Annotated[dict[p.ReasonCode, p.Text], Meta(max_length=p.MOST_REASONS)]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a hall can set. `assets/catalogue/default.toml` shows each key in use."""

    name: p.Text
    place: p.Text
    timezone: str = "Asia/Ho_Chi_Minh"
    languages: tuple[str, ...] = ("vi", "en")
    voice: bool = True
    no_show_calls: Annotated[int, Meta(ge=1, le=10)] = 2
    no_show_seconds: Annotated[int, Meta(ge=0, le=600)] = 45
    absences: Annotated[int, Meta(ge=1, le=20)] = 3
    day_end_minutes: Minutes = 120
    target_minutes: Annotated[int, Meta(ge=1, le=240)] = 15
    """The wait that reports are measured against (QĐ 468/QĐ-TTg: 15 minutes from 2025)."""
    priority: Priority
    rating: Rating
    texts: dict[str, p.Text] = {}
    areas: tuple[Area, ...]
    procedures: tuple[Procedure, ...] = ()
    desks: tuple[Desk, ...]
    sessions: tuple[Session, ...] = ()


TEXTS: Final = ("notice", "ticket_foot", "help", "slot")
"""The sentences that a hall may reword."""
ITEMS: Final = {"areas": Area, "procedures": Procedure, "desks": Desk, "sessions": Session}
OPTIONS: Final = tuple(name for name in Settings.__struct_fields__ if name not in ITEMS)


class BadSettings(ValueError):
    """A settings file is wrong. `faults` are sentences for a person, each with its line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def policy_of(
    s: Settings,
    *,
    secret: bytes,
    kiosks: tuple[str, ...] = (),
    displays: p.Displays = "none",
    always_open: bool = False,
    tickets_per_minute: int = 30,
    burst: int = 3,
) -> Policy:
    """What the rules are told of settings, of devices and of the process's limits."""
    return Policy(
        calendar=Calendar(s.timezone, s.sessions, always_open),
        areas={area.code: area for area in s.areas},
        desks={desk.code: desk for desk in s.desks},
        procedures={procedure.code: procedure.area for procedure in s.procedures},
        sensitive=frozenset(procedure.code for procedure in s.procedures if procedure.sensitive),
        kiosks=kiosks,
        displays=displays,
        secret=secret,
        priority=s.priority.policy,
        weight=s.priority.weight,
        longest_wait_minutes=s.priority.longest_wait,
        no_show_calls=s.no_show_calls,
        no_show_seconds=s.no_show_seconds,
        absences=s.absences,
        rating_minutes=s.rating.minutes,
        rating_levels=len(s.rating.levels),
        day_end_minutes=s.day_end_minutes,
        tickets_per_minute=tickets_per_minute,
        burst=burst,
    )


def hall_info(s: Settings) -> p.HallInfo:
    """What clients are told of settings."""
    return p.HallInfo(
        name=s.name,
        place=s.place,
        areas=s.areas,
        procedures=s.procedures,
        desks=s.desks,
        sessions=s.sessions,
        priority=s.priority,
        rating=s.rating,
        texts=s.texts,
        timezone=s.timezone,
        languages=s.languages,
        voice=s.voice,
        no_show_calls=s.no_show_calls,
        no_show_seconds=s.no_show_seconds,
        target_minutes=s.target_minutes,
    )
