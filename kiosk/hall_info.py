"""What the hall's settings say of a code: its area, its procedure. Pure."""

from __future__ import annotations

from server.protocol import AreaInfo, HallInfo, ProcedureInfo


def area_of(hall: HallInfo, code: str) -> AreaInfo:
    """The area, or one that is called by its code where the settings changed meanwhile."""
    for area in hall.areas:
        if area.code == code:
            return area
    return AreaInfo(code=code, prefix="", name={"vi": code})


def procedure_of(hall: HallInfo, code: str | None) -> ProcedureInfo | None:
    """The procedure, or None where none was chosen or the settings changed meanwhile."""
    return next((procedure for procedure in hall.procedures if procedure.code == code), None) if code else None
