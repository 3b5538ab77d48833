"""Dividing a list of rows into pages. Pure; how high a row is, is its screen's affair."""

from __future__ import annotations

from collections.abc import Sequence


def page_starts(heights: Sequence[float], room: float, gap: float, pager: float) -> list[int]:
    """With which row each page begins: all on one where they fit, else pages with `pager` left free below.

    A row is never divided and always on exactly one page; one higher than the page has it for itself.
    """
    if sum(heights) + gap * (len(heights) - 1) <= room:
        return [0]
    starts, used = [0], 0.0
    for n, height in enumerate(heights):
        if used and used + height > room - pager:
            starts.append(n)
            used = 0.0
        used += height + gap
    return starts
