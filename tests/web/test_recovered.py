"""The pages after the record went back to an older copy: what is said is so, and the way out is there."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from server import protocol as p
from server.record import mark
from server.record.file import FILE
from tests.halls import PIN, luot, program
from tests.web.conftest import Hall, SignIn

STEADY = 800
"""ms after which a further press is no tremor of the one before."""


def test_desk_and_manager_say_that_the_record_went_back(seed: tuple[Path, str], tmp_path: Path, come: SignIn) -> None:
    data, copy = tmp_path / "hall", tmp_path / "copy.db"
    shutil.copytree(seed[0], data)
    assert luot("person", "add", "Minh", "--role", "manager", data=data, stdin=f"{PIN}\n").returncode == 0

    def take(url: str, count: int) -> list[Any]:
        commands = [p.Issue(id=str(uuid.uuid4()), area="tu-phap") for _ in range(count)]
        return [found["number"] for found in Hall(url, data, seed[1]).kiosk(*commands)]

    with program(data) as running:
        assert take(running.url, 2) == ["1001", "1002"]
        assert luot("backup", "--to", str(copy), data=data).returncode == 0
        assert take(running.url, 3)[-1] == "1005"
        running.stop()
    found = mark.read(data)
    assert found is not None
    assert found.numbers == {"1": 5}
    assert luot("restore", "--from", str(copy), data=data).returncode == 0
    assert (data / FILE).exists()
    with program(data) as running:
        desk = come(running.url, "Hoa")
        notice = desk.get_by_text("Dữ liệu được khôi phục: số tiếp theo từ 1006 (Tư pháp, hộ tịch)")
        expect(notice).to_be_visible()
        desk.get_by_role("button", name="Quầy 1").first.click()
        assert take(running.url, 1) == ["1006"]
        expect(desk.locator("#queue li")).to_have_count(3)
        desk.wait_for_timeout(STEADY)
        desk.keyboard.press("KeyG")
        desk.keyboard.type("1004")
        desk.keyboard.press("Enter")
        expect(desk.locator("#card [data-number='1004']")).to_be_visible()
        manager = come(running.url, "Minh")
        expect(manager.get_by_text("Sổ thiếu những việc đã ghi trước đó")).to_be_visible()
        english = come(running.url, "Lan", lang="en")
        said = "Data was restored: the next number is from 1006 (Justice, civil status) on"
        expect(english.get_by_text(said)).to_be_visible()
        for page in (desk, manager, english):
            page.close()
        running.stop()
    assert luot("check", data=data).returncode == 0
