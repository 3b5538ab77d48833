"""The hall that the display's tests are of."""

from __future__ import annotations

import pytest

from server.protocol import HallInfo
from tests.display.samples import default_hall, long_names


@pytest.fixture(scope="session")
def hall() -> HallInfo:
    return default_hall()


@pytest.fixture(scope="session")
def long_hall() -> HallInfo:
    return long_names()
