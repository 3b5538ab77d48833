"""The hall that the display's tests are of, and the picture of each of its states."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from display.picture import Picture
from server.protocol import HallInfo
from tests.display.samples import default_hall, long_names, states


@pytest.fixture(scope="session")
def hall() -> HallInfo:
    return default_hall()


@pytest.fixture(scope="session")
def long_hall() -> HallInfo:
    return long_names()


@pytest.fixture(scope="session")
def pictures() -> Callable[[str], dict[str, Picture]]:
    """Each state of the screen by name, in a language."""
    return states
