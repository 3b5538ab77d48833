"""Who a page belongs to: two people in one browser, sessions that end, pages of another role."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server import protocol as p
from server.live.sockets import TABS
from tests.halls import PIN, begin, cookie_of, luot, program, seated, sign_in, sitting

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")


def second_person(page: Page, url: str, name: str) -> Page:
    """Somebody else signs in in a further tab of the same browser."""
    tab = page.context.new_page()
    tab.goto(f"{url}/sign-in")
    tab.fill("#name", name)
    tab.fill("#pin", PIN)
    tab.press("#pin", "Enter")
    tab.wait_for_url("**/desk")
    return tab


def test_a_tab_never_becomes_somebody_elses_desk(hall: Any, sign_in: Any, cable: Any) -> None:
    hall.take(3)
    page = sign_in("Hoa", "2", prepare=cable.lay)
    tab = second_person(page, hall.url, "Lan")
    tab.click("[data-desk='1']")
    expect(tab.locator("#who")).to_contain_text("Lan")
    cable.deaf = 9
    page.keyboard.press("Space")  # the hall takes it, its answer is lost: the page would send it again
    expect(tab.locator("#queue li")).to_have_count(2)
    before = len([frame for frame in cable.sent if "call_next" in frame])
    cable.pull()
    cable.out = False
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.locator("#ended")).to_contain_text("người khác vừa đăng nhập trong cùng trình duyệt")
    assert len([frame for frame in cable.sent if "call_next" in frame]) == before, "sent in another's name"
    assert page.evaluate(CONTRAST) == []
    # Nor after a reload; and who signs in here is welcome.
    page.goto(f"{hall.url}/desk")
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.locator("#go")).to_be_enabled()
    page.fill("#name", "Hoa")
    page.fill("#pin", PIN)
    page.press("#pin", "Enter")
    expect(page.locator("#who")).to_contain_text("Hoa")


def test_signing_out_leaves_the_other_person_signed_in(hall: Any, sign_in: Any) -> None:
    page = sign_in("Hoa", "2")
    tab = second_person(page, hall.url, "Lan")
    page.click("#leave")
    expect(page).to_have_url(re.compile("/sign-in$"))
    tab.reload()
    tab.click("[data-desk='2']")  # closed behind Hoa
    expect(tab.locator("#who")).to_contain_text("Lan")


@pytest.fixture
def manager(hall: Any) -> str:
    """A manager's session."""
    luot("person", "add", "Thu", "--role", "manager", data=hall.data, stdin=f"{PIN}\n")
    return cookie_of(sign_in(int(hall.url.rsplit(":", 1)[1]), "Thu", PIN))


@pytest.mark.parametrize(
    ("end", "said"),
    [("pin", "mã PIN vừa được đổi"), ("revoked", "quyền đăng nhập đã bị thu hồi"), ("signed out", "ở một tab khác")],
)
def test_who_is_out_is_told_why_and_finds_the_name_filled_in(
    hall: Any, come: Any, manager: str, end: str, said: str
) -> None:
    page = come(hall.url, "Hoa")

    async def act() -> None:
        async with sitting(hall.url, "manager", manager) as seat:
            if end == "pin":
                await seat.ask(p.SetPin, name="Hoa", pin="135790")
            else:
                await seat.ask(p.Revoke, kind="person", name="Hoa")

    if end == "signed out":
        tab = page.context.new_page()
        tab.goto(f"{hall.url}/desk")
        tab.click("#leave")
    else:
        seated(act)
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.locator("#ended")).to_contain_text(said)
    expect(page.locator("#name")).to_have_value("Hoa")
    expect(page.locator("#pin")).to_be_focused()
    assert page.evaluate(CONTRAST) == []


def test_a_session_that_ran_out_is_said_too(hall: Any, come: Any, cable: Any) -> None:
    """Whatever ended it while nobody was connected: the page was asleep."""
    page = come(hall.url, "Hoa", prepare=cable.lay)
    cable.pull()
    expect(page.locator("#state")).to_contain_text("Mất kết nối")
    page.context.clear_cookies()
    cable.out = False
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.locator("#ended")).to_contain_text("Phiên đã kết thúc vì")


def test_who_opens_the_sign_in_first_is_told_nothing(hall: Any, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{hall.url}/desk")
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.locator("#ended")).to_be_hidden()
    context.close()


def test_a_manager_comes_back_to_where_the_session_ended(hall: Any, come: Any, manager: str) -> None:
    page = come(hall.url, "Thu")
    page.evaluate("location.hash = 'log'")

    async def act() -> None:
        async with sitting(hall.url, "manager", manager) as seat:
            await seat.ask(p.SetPin, name="Thu", pin="135790")

    seated(act)
    expect(page.locator("#go")).to_be_enabled()
    expect(page.locator("#name")).to_have_value("Thu")
    page.fill("#pin", "135790")
    page.press("#pin", "Enter")
    page.wait_for_url(re.compile("/manager#log$"))


def test_a_clerk_on_the_managers_page_is_told_and_stays_signed_in(hall: Any, come: Any) -> None:
    page = come(hall.url, "Hoa")
    page.goto(f"{hall.url}/manager")
    told = page.locator("#not-yours")
    expect(told).to_contain_text("Trang này dành cho người phụ trách")
    assert page.evaluate(CONTRAST) == []
    told.get_by_role("link", name="Đến trang quầy").click()
    expect(page.locator("#who")).to_contain_text("Hoa")


def test_too_many_pages_of_one_person_do_not_push_each_other_out_for_ever(tmp_path: Path, come: Any) -> None:
    """The oldest says so and stays away until it is reloaded; then another does."""
    begin(tmp_path)
    assert luot("person", "add", "Hoa", "--role", "clerk", data=tmp_path, stdin=f"{PIN}\n").returncode == 0
    with program(tmp_path, config="") as found:
        page = come(found.url, "Hoa")
        state = page.locator("#state")
        expect(state).to_have_text("Đã kết nối")
        others = []
        for _ in range(TABS):
            tab = page.context.new_page()
            tab.goto(f"{found.url}/desk")
            expect(tab.locator("#state")).to_have_text("Đã kết nối")
            others.append(tab)
        expect(state).to_contain_text("tải lại để dùng trang này")
        page.wait_for_timeout(4000)  # longer than any pause before a page tries again
        expect(state).to_contain_text("tải lại để dùng trang này")
        for tab in others:
            expect(tab.locator("#state")).to_have_text("Đã kết nối")
        page.reload()
        expect(state).to_have_text("Đã kết nối")
        expect(others[0].locator("#state")).to_contain_text("tải lại để dùng trang này")
