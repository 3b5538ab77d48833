"""The desk page in Chromium against the real hall."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

import server
from server import protocol as p
from tests.halls import luot

pytestmark = pytest.mark.browser

ROOT = Path(server.__file__).parent.parent
STEADY = 730
"""Milliseconds between two deliberate presses; the page ignores those within 700."""

CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(STEADY)


def number(page: Page) -> str | None:
    found = page.query_selector("#card [data-number]")
    return found.get_attribute("data-number") if found else None


def kind(page: Page) -> str:
    return page.text_content("#now-title") or ""


def box_of(page: Page, selector: str) -> dict[str, float]:
    """Where an element is, read in one go: the page draws its rows anew each second."""
    script = "(s) => { const r = document.querySelector(s).getBoundingClientRect(); return { ...r.toJSON() }; }"
    return dict(page.evaluate(script, selector))


def shows(page: Page, number: str | None, title: str | None = None) -> None:
    """The card of the one at the desk, and its heading. They come with a view, so this waits for them."""
    if title is not None:
        expect(page.locator("#now-title")).to_have_text(title)
    card = page.locator("#card [data-number]")
    if number is None:
        expect(card).to_have_count(0)
    else:
        expect(card).to_have_attribute("data-number", number)


def has_queue(page: Page, numbers: list[str]) -> None:
    """The numbers waiting, from the first. A view comes after the answer that a message waits for: this waits too."""
    expect(page.locator("#queue li b .unseen")).to_have_text(numbers)


def test_a_morning_of_forty_tickets_by_keyboard_alone(hall: Any, sign_in: Any) -> None:
    numbers = [ticket["number"] for ticket in hall.take(40)]
    page = sign_in(desk="")
    # Tab to the desk and open it: no mouse from here on.
    while page.evaluate("document.activeElement.dataset.desk") != "2":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#big:not([hidden])")
    page.wait_for_timeout(STEADY)
    press(page, "Space")
    served = []
    for turn in range(40):
        expect(page.locator("#now-title")).to_have_text("Đang gọi")
        served.append(number(page))
        press(page, "Space")
        expect(page.locator("#now-title")).to_have_text("Đang phục vụ")
        assert page.locator("#outcomes [aria-pressed=true]").count() == 0, "chosen beforehand"
        if turn % 4:
            page.keyboard.press(f"Digit{turn % 9 + 1}")
            expect(page.locator("#outcomes [aria-pressed=true]")).to_have_count(1)
        if turn == 7:
            page.keyboard.press("KeyD")
            page.keyboard.type("12")
            page.keyboard.press("Enter")
        press(page, "Space")
    assert served == numbers
    expect(page.locator("#message")).to_contain_text("Không còn ai chờ")
    expect(page.locator("#day b").first).to_have_text("40")
    expect(page.locator("#day button b")).to_contain_text("10")
    expect(page.locator("#total")).to_have_text("0")
    checked = subprocess.run(
        [sys.executable, "-m", "server", "check", "--data", str(hall.data)], cwd=ROOT, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_a_key_held_down_is_one_press(hall: Any, sign_in: Any) -> None:
    hall.take(3)
    page = sign_in()
    for _ in range(40):  # after the first, Chromium is told that the key repeats
        page.keyboard.down("Space")
        page.wait_for_timeout(30)
    page.keyboard.up("Space")
    page.wait_for_timeout(STEADY)
    shows(page, "1001", "Đang gọi")
    has_queue(page, ["1002", "1003"])


def test_space_twice_within_200_ms_is_one_press(hall: Any, sign_in: Any) -> None:
    hall.take(3)
    page = sign_in()
    page.keyboard.press("Space")
    page.wait_for_timeout(150)
    page.keyboard.press("Space")
    page.wait_for_timeout(STEADY)
    shows(page, "1001", "Đang gọi")
    page.dblclick("#big", delay=20)
    page.wait_for_timeout(STEADY)
    shows(page, "1001", "Đang phục vụ")
    has_queue(page, ["1002", "1003"])


@pytest.mark.parametrize("lost", ["the press", "the answer"])
def test_a_link_cut_in_the_middle_of_a_press_calls_one_citizen(hall: Any, sign_in: Any, lost: str) -> None:
    hall.take(3)
    armed: list[bool] = []
    sent: list[str] = []

    def between(page_side: WebSocketRoute) -> None:
        hall_side = page_side.connect_to_server()

        def cut() -> None:
            armed.clear()
            hall_side.close()
            page_side.close()

        def from_page(frame: str | bytes) -> None:
            if '"call_next"' in str(frame):
                sent.append(str(frame))
                if armed and lost == "the press":
                    return cut()
            hall_side.send(frame)
            return None

        def from_hall(frame: str | bytes) -> None:
            if armed and lost == "the answer" and '"reply"' in str(frame):
                return cut()
            if not (armed and sent):  # nor may a view tell what became of it
                page_side.send(frame)
            return None

        page_side.on_message(from_page)
        hall_side.on_message(from_hall)

    page = sign_in(prepare=lambda page: page.route_web_socket("**/ws", between))
    armed.append(True)
    page.keyboard.press("Space")
    expect(page.locator("#now-title")).to_have_text("Đang gọi")
    page.wait_for_timeout(STEADY)
    shows(page, "1001")
    has_queue(page, ["1002", "1003"])
    assert len(sent) == 2
    assert sent[0] == sent[1], "the same id, word for word"


def test_while_the_link_is_cut_nothing_is_taken_and_the_page_says_so(hall: Any, sign_in: Any, cable: Any) -> None:
    hall.take(2)
    page = sign_in(prepare=cable.lay)
    big = page.locator("#big")
    alive = big.evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).borderStyle]")
    cable.pull()
    expect(page.locator("#state")).to_have_text("Mất kết nối – đang thử lại")
    expect(big).to_have_text("Mất kết nối – đang thử lại")
    dead = big.evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).borderStyle]")
    assert dead[0] != alive[0], "the button looks alive"
    assert dead[1] != alive[1], "told by colour alone"
    press(page, "Space")
    expect(page.locator("#message")).to_contain_text("Mất kết nối")
    shows(page, None)
    assert failures(page) == []
    cable.out = False
    expect(page.locator("#state")).to_have_text("Đã kết nối")
    expect(big).to_contain_text("Gọi số tiếp theo")
    page.wait_for_timeout(STEADY)
    shows(page, None)  # the press made while cut came back to life
    has_queue(page, ["1001", "1002"])


def test_an_answer_lost_on_the_way_is_asked_for_again(hall: Any, sign_in: Any, cable: Any) -> None:
    hall.take(2)
    page = sign_in(prepare=cable.lay)
    cable.deaf = 1
    page.keyboard.press("Space")
    expect(page.locator("#message")).to_contain_text("Đang chờ máy chủ trả lời")
    assert failures(page) == []
    expect(page.locator("#message")).to_be_hidden()
    asked = [frame for frame in cable.sent if "call_next" in frame]
    assert len(asked) == 2
    assert asked[0] == asked[1], "the same id, word for word"
    press(page, "Space")
    shows(page, "1001", "Đang phục vụ")


def test_a_press_that_is_never_answered_ends_and_is_said(hall: Any, sign_in: Any, cable: Any) -> None:
    hall.take(2)
    page = sign_in(prepare=cable.lay)
    cable.deaf = 99
    page.keyboard.press("Space")
    expect(page.locator("#message")).to_contain_text("Máy chủ không trả lời", timeout=20_000)
    cable.deaf = 0
    press(page, "Space")
    shows(page, "1001", "Đang phục vụ")


def test_recall_absent_and_put_back(hall: Any, sign_in: Any, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    assert luot("settings", "export", str(settings), data=hall.data).returncode == 0
    text = settings.read_text("utf-8")
    assert "no_show_seconds = 45" in text
    settings.write_text(text.replace("no_show_seconds = 45", "no_show_seconds = 12"), "utf-8")
    assert luot("settings", "import", str(settings), data=hall.data).returncode == 0
    hall.take(3)
    page = sign_in()
    press(page, "Space")
    absent = page.locator("#steps button", has_text="Vắng mặt")
    expect(absent).to_be_disabled()
    expect(absent).to_contain_text("gọi lại trước đã")
    press(page, "KeyV")
    expect(page.locator("#now-title")).to_have_text("Đang gọi")
    press(page, "KeyR")
    expect(page.locator("#card .facts")).to_contain_text("số lần gọi 2")
    expect(absent).to_be_disabled()
    expect(absent).to_contain_text(re.compile(r"còn 0:[01]\d"))
    expect(absent).to_be_enabled(timeout=30_000)
    press(page, "KeyV")
    shows(page, None)
    expect(page.locator("#missed li")).to_contain_text("1001")
    page.click("#missed button")
    expect(page.locator("#missed li")).to_have_count(0)
    page.wait_for_timeout(STEADY)
    has_queue(page, ["1002", "1001", "1003"])
    expect(page.locator("#big")).to_be_focused()


def test_undo_puts_the_number_back_at_the_head(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in()
    press(page, "Space")
    expect(page.locator("#steps button", has_text="Hoàn tác")).to_contain_text("gọi số 1001")
    press(page, "KeyZ")
    shows(page, None)
    has_queue(page, ["1001", "1002"])
    press(page, "Space")
    press(page, "Space")
    press(page, "KeyF")
    shows(page, None)
    press(page, "KeyZ")
    shows(page, "1001", "Đang phục vụ")


def test_a_row_of_the_queue_is_made_anew_only_where_it_changed(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in()
    has_queue(page, ["1001", "1002"])
    page.evaluate("document.querySelectorAll('#queue li').forEach((row) => { row.marked = true; })")
    menu = page.get_by_label("Thao tác với số 1002")
    menu.focus()
    hall.take(1)
    has_queue(page, ["1001", "1002", "1003"])
    marked = "[...document.querySelectorAll('#queue li')].map((row) => row.marked === true)"
    assert page.evaluate(marked) == [True, True, False]
    expect(menu).to_be_focused()
    menu.press("Enter")
    page.get_by_role("button", name="Ưu tiên", exact=True).last.click()
    expect(page.locator("#queue .badge")).to_have_text("ƯU TIÊN")
    assert sorted(page.evaluate(marked)) == [False, False, True], "the number that changed is drawn anew"


def test_areas_are_a_radio_group_as_a_keyboard_knows_it(hall: Any, sign_in: Any) -> None:
    page = sign_in()
    page.keyboard.press("KeyS")
    chosen = page.locator("#dialog [role=radio][aria-checked=true]")
    codes = page.locator("#dialog [role=radio]").evaluate_all("all => all.map((one) => one.dataset.choice)")
    expect(chosen).to_be_focused()
    expect(chosen).to_have_attribute("data-choice", codes[0])
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_attribute("data-choice", codes[1])
    expect(chosen).to_be_focused()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(chosen).to_have_attribute("data-choice", codes[-1])
    page.keyboard.press("Tab")
    expect(page.locator("#procedure")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(chosen).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-given]")).to_have_attribute("data-given", "6001")


def test_a_number_given_at_the_desk_joins_the_queue_and_stands_huge(hall: Any, sign_in: Any) -> None:
    page = sign_in()
    page.keyboard.press("KeyS")
    page.keyboard.press("Digit6")
    page.keyboard.press("KeyU")
    page.keyboard.press("Enter")
    given = page.locator("[data-given]")
    expect(given).to_have_attribute("data-given", "6001")
    assert box_of(page, "[data-given]")["height"] > 100
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#queue .badge")).to_have_text("ƯU TIÊN")
    expect(page.locator("#issued li")).to_contain_text("6001")
    expect(page.locator("#big")).to_be_focused()
    press(page, "Space")
    shows(page, "6001")


def test_call_by_number_and_the_menu_of_a_waiting_number(hall: Any, sign_in: Any) -> None:
    hall.take(4)
    page = sign_in()
    page.keyboard.press("KeyG")
    page.keyboard.type("1003")
    page.keyboard.press("Enter")
    expect(page.locator("#card [data-number='1003']")).to_be_visible()
    page.wait_for_timeout(STEADY)
    press(page, "Space")
    page.click("[aria-label='Thao tác với số 1004']")
    page.click("dialog >> text=Ưu tiên")
    expect(page.locator("#queue li").first).to_contain_text("1004")
    page.click("[aria-label='Thao tác với số 1001']")
    page.click("dialog >> text=Hủy số này")
    assert page.locator("dialog[open]").count() == 1
    expect(page.locator("#dialog-title")).to_have_text("Hủy số 1001?")
    page.keyboard.press("KeyH")
    expect(page.locator("#message")).to_have_text("Đã hủy số 1001.")
    has_queue(page, ["1004", "1002"])
    page.keyboard.press("KeyG")
    page.keyboard.type("7777")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("Không có số này")


def test_outcomes_may_be_filled_in_later_and_taken_back_before(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in()
    press(page, "Space")
    page.keyboard.press("Digit1")
    expect(page.locator("#outcomes [aria-pressed=true]")).to_have_count(0)
    press(page, "Space")
    page.keyboard.press("Numpad1")
    page.keyboard.press("Digit1")
    expect(page.locator("#outcomes [aria-pressed=true]")).to_have_count(0)
    press(page, "KeyF")
    expect(page.locator("#day button b")).to_contain_text("1")
    page.keyboard.press("KeyK")
    page.select_option("[data-visit='1001']", "guided")
    expect(page.locator("#day button b")).to_contain_text("0")
    page.fill(".visits input", "3")
    page.select_option("[data-visit='1001']", "")  # a slip: taken back, the dossiers stay
    expect(page.locator("#day button b")).to_contain_text("1")
    page.keyboard.press("Escape")
    page.keyboard.press("KeyK")
    expect(page.locator("[data-visit='1001']")).to_have_value("")
    expect(page.locator(".visits input")).to_have_value("3")
    page.keyboard.press("Escape")
    expect(page.locator("#big")).to_be_focused()


def test_enter_in_the_field_for_dossiers_finishes_nobody(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in()
    press(page, "Space")
    press(page, "Space")
    page.keyboard.press("KeyD")
    page.keyboard.type("12")
    press(page, "Enter")
    shows(page, "1001", "Đang phục vụ")
    expect(page.locator("#big")).to_be_focused()
    press(page, "Space")
    shows(page, "1002")
    page.keyboard.press("KeyK")
    expect(page.locator(".visits input")).to_have_value("12")


@pytest.mark.parametrize("outcome", ["", "Digit1"])
def test_a_call_by_number_keeps_the_outcome_and_the_dossiers(hall: Any, sign_in: Any, outcome: str) -> None:
    hall.take(2)
    page = sign_in()
    press(page, "Space")
    press(page, "Space")
    if outcome:
        page.keyboard.press(outcome)
    page.keyboard.press("KeyD")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.keyboard.press("KeyG")
    page.keyboard.type("1002")
    page.keyboard.press("Enter")
    expect(page.locator("#card [data-number='1002']")).to_be_visible()
    page.keyboard.press("KeyK")
    expect(page.locator("[aria-label='Số hồ sơ của số 1001']")).to_have_value("7")
    expect(page.locator("[data-visit='1001']")).to_have_value("received" if outcome else "")


def test_a_chosen_outcome_survives_a_reload(hall: Any, sign_in: Any) -> None:
    hall.take(1)
    page = sign_in()
    press(page, "Space")
    press(page, "Space")
    page.keyboard.press("Digit3")
    page.reload()
    expect(page.locator("#outcomes [aria-pressed=true]")).to_have_attribute("data-outcome", "supplement")
    shows(page, "1001")


def test_pause_close_and_the_colleague_takes_the_desk(hall: Any, sign_in: Any) -> None:
    hall.take(1)
    page, other = sign_in(), sign_in("Lan", "")
    expect(other.locator("[data-desk='2']")).to_be_disabled()
    expect(other.locator("[data-desk='2']")).to_contain_text("Hoa")
    page.click("#pause")
    page.keyboard.press("Digit2")
    expect(page.locator("#now-title")).to_have_text("Quầy đang tạm dừng")
    expect(page.locator("#card")).to_contain_text("Họp")
    page.wait_for_timeout(STEADY)
    press(page, "Space")
    expect(page.locator("#now-title")).to_have_text("Quầy đang rảnh")
    press(page, "Space")
    page.click("#leave")
    expect(page.locator("#message")).to_contain_text("kết thúc số đang phục vụ")
    press(page, "Space")
    press(page, "KeyF")
    page.click("#leave")
    expect(page).to_have_url(re.compile("/sign-in$"))
    other.click("[data-desk='2']")
    expect(other.locator("#who")).to_contain_text("Quầy 2")


def test_before_a_desk_is_chosen_no_empty_queue_is_claimed(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in(desk="")
    expect(page.locator("#queue")).to_have_text("Chọn quầy để xem hàng chờ")
    expect(page.locator("#total")).to_have_text("")


def test_the_last_desk_closes_on_waiting_people_only_after_a_question(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in()
    page.click("#close")
    expect(page.locator("#dialog-title")).to_contain_text("Còn 2 người chờ")
    page.keyboard.press("Escape")
    expect(page.locator("#now-title")).to_have_text("Quầy đang rảnh")
    page.click("#leave")
    page.keyboard.press("KeyC")
    expect(page).to_have_url(re.compile("/sign-in$"))
    page = sign_in()
    other = sign_in("Lan", "1")  # serves that area too
    expect(other.locator("#total")).to_have_text("2")
    page.click("#close")
    expect(page.locator("#now-title")).to_have_text("Mời chọn quầy")


def test_who_cannot_be_signed_out_is_told_so(hall: Any, sign_in: Any) -> None:
    page = sign_in(desk="")
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()); }")
    page.click("#leave")
    expect(page.locator("#message")).to_contain_text("Mất kết nối")
    assert page.url.endswith("/desk")


def test_two_tabs_of_one_desk_the_second_is_told(hall: Any, sign_in: Any) -> None:
    hall.take(3)
    page = sign_in()
    tab = page.context.new_page()
    held: list[bool] = []

    def between(page_side: WebSocketRoute) -> None:
        hall_side = page_side.connect_to_server()
        # Views are held back from this tab: it presses on what it saw last.
        hall_side.on_message(lambda frame: None if held and '"view"' in str(frame)[:16] else page_side.send(frame))

    tab.route_web_socket("**/ws", between)
    tab.goto(f"{hall.url}/desk")
    tab.wait_for_selector("#big:not([hidden])")
    held.append(True)
    press(page, "Space")
    press(tab, "Space")
    expect(tab.locator("#message")).to_contain_text("Quầy đã chuyển sang bước khác")
    shows(page, "1001")
    has_queue(page, ["1002", "1003"])


def test_failed_paper_and_a_sick_printer_are_shown(hall: Any, sign_in: Any) -> None:
    (ticket,) = hall.take(1)
    hall.kiosk(p.PrintFailed(id=str(uuid.uuid4()), ticket=ticket["ticket"], reason="paper_out"))
    page = sign_in()
    expect(page.locator("#queue .badge")).to_have_text("CHƯA IN: hết giấy")
    press(page, "Space")
    expect(page.locator("#card .badge")).to_have_text("CHƯA IN: hết giấy")
    page.keyboard.press("KeyI")
    expect(page.locator("#message")).to_have_text("Đã yêu cầu máy lấy số in lại phiếu 1001.")
    expect(page.locator("#notices")).to_contain_text("kiosk-1")


def test_screen_readers_hear_the_number_and_every_control_has_a_name(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in()
    expect(page.locator("#live")).to_have_text("Quầy đang rảnh")
    press(page, "Space")
    expect(page.locator("#live")).to_have_text("Đang gọi số 1001")
    expect(page.get_by_role("button", name="Người dân đã đến – bắt đầu")).to_be_focused()
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input, select')].filter(e => e.checkVisibility()"
        " && !(e.innerText || e.labels?.length || e.getAttribute('aria-label'))).map(e => e.outerHTML)"
    )
    assert nameless == []
    for sign, name in (("R", "Gọi lại"), ("V", "Vắng mặt"), ("Z", "Hoàn tác"), ("S", "Cấp số")):
        expect(page.locator(f"#steps [aria-keyshortcuts='{sign}'] kbd")).to_have_text(sign)
        expect(page.locator(f"#steps [aria-keyshortcuts='{sign}']")).to_contain_text(name)


def test_tab_and_space_press_the_button_that_has_the_focus(hall: Any, sign_in: Any) -> None:
    hall.take(2)
    page = sign_in()
    press(page, "Space")
    while page.evaluate("document.activeElement.getAttribute('aria-keyshortcuts')") != "R":
        page.keyboard.press("Tab")
    press(page, "Space")
    expect(page.locator("#card .facts")).to_contain_text("số lần gọi 2")
    expect(page.locator("#now-title")).to_have_text("Đang gọi")


def test_vietnamese_typing_changes_letters_not_keys(hall: Any, sign_in: Any) -> None:
    hall.take(1)
    page = sign_in()
    press(page, "Space")
    page.evaluate("dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyR', key: 'ư', bubbles: true}))")
    expect(page.locator("#card .facts")).to_contain_text("số lần gọi 2")


class UniKey:
    """What Chromium hears while UniKey or OpenKey is on: a press that changes the word is swallowed, its coming up
    is not; Backspaces and letters without a `code` come between."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wire = page.context.new_cdp_session(page)

    def retype(self, code: str, letters: str, *, backspaces: int = 1, comes_up: bool = True) -> None:
        """The key `code` is pressed; the program erases, writes `letters`, and lets the key come up."""
        for _ in range(backspaces):
            for kind in ("rawKeyDown", "keyUp"):
                self._send(kind, key="Backspace", windowsVirtualKeyCode=8)
        for letter in letters:
            self._send("keyDown", key=letter, text=letter, windowsVirtualKeyCode=231)
            self._send("keyUp", key=letter, windowsVirtualKeyCode=231)
        if comes_up:
            self._send("keyUp", key=code[-1].lower(), code=code, windowsVirtualKeyCode=ord(code[-1]))

    def _send(self, kind: str, **fields: Any) -> None:
        self.wire.send("Input.dispatchKeyEvent", {"type": kind, **fields})


@pytest.mark.parametrize("method", ["Telex", "VNI"])
def test_a_press_that_a_typing_program_swallows_still_counts(hall: Any, sign_in: Any, method: str) -> None:
    """After U the program takes R, S, F for tones (Telex), or 1 (VNI)."""
    hall.take(3)
    page = sign_in()
    unikey = UniKey(page)
    press(page, "Space")
    badge = page.locator("#card .badge.priority")
    page.keyboard.press("KeyU")
    expect(badge).to_be_visible()
    if method == "Telex":
        unikey.retype("KeyR", "ủ")
        expect(page.locator("#card .facts")).to_contain_text("số lần gọi 2")
        page.keyboard.press("KeyU")
        expect(badge).to_have_count(0)
        unikey.retype("KeyS", "ús", backspaces=2)
        expect(page.locator("#dialog-title")).to_have_text("Cấp số tại quầy")
        page.keyboard.press("KeyU")
        unikey.retype("KeyU", "ú", backspaces=2)  # in a question its keys are meant
        expect(page.locator("#give-priority")).not_to_be_checked()
        page.keyboard.press("Escape")
    page.wait_for_timeout(STEADY)
    press(page, "Space")
    expect(page.locator("#now-title")).to_have_text("Đang phục vụ")
    page.keyboard.press("KeyU")
    if method == "VNI":
        unikey.retype("Digit1", "ú")
        expect(page.locator("#outcomes [aria-pressed=true]")).to_have_attribute("data-outcome", "received")
    else:
        unikey.retype("KeyF", "ù")
        expect(page.locator("#now-title")).to_have_text("Quầy đang rảnh")
    expect(page.locator("#message")).to_be_hidden()


def test_a_swallowed_digit_stands_in_the_field_for_digits(hall: Any, sign_in: Any) -> None:
    """D then 9 is "đ" in VNI: the field is erased and written anew, and the nine is the sign of the stroke."""
    hall.take(3)
    page = sign_in()
    unikey = UniKey(page)
    press(page, "Space")
    press(page, "Space")
    field = page.locator("#dossiers")
    page.keyboard.press("KeyD")
    unikey.retype("Digit9", "đ")
    expect(field).to_have_value("9")
    page.keyboard.press("Digit1")
    unikey.retype("Digit2", "đ91", backspaces=3)
    expect(field).to_have_value("912")
    page.keyboard.press("Enter")
    press(page, "Space")
    page.keyboard.press("KeyK")
    visits = page.locator(".visits input")
    expect(visits).to_have_value("912")
    page.keyboard.press("Escape")
    press(page, "Space")
    press(page, "KeyF")
    page.keyboard.press("KeyG")
    page.keyboard.press("Digit1")
    page.keyboard.press("Digit0")
    page.keyboard.press("Digit0")
    unikey.retype("Digit3", "g100", backspaces=4)
    expect(page.locator("#number")).to_have_value("1003")


def test_a_press_that_nobody_can_know_is_said(hall: Any, sign_in: Any) -> None:
    page = sign_in()
    unikey = UniKey(page)
    unikey.retype("KeyS", "ú", comes_up=False)
    expect(page.locator("#message")).to_contain_text("Bộ gõ tiếng Việt đã đổi phím vừa bấm thành “ú”")
    unikey.retype("", "s", backspaces=0, comes_up=False)  # a keyboard on the screen: the letter is the key
    expect(page.locator("#dialog-title")).to_have_text("Cấp số tại quầy")


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768), (640, 400), (512, 384)], ids=str)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_state_reads_at_seven_to_one_and_nothing_sticks_out(
    hall: Any, sign_in: Any, size: tuple[int, int], lang: str
) -> None:
    """640×400 is 1280×800 at 200 % zoom."""
    hall.take(2, procedure="khai-sinh")
    hall.take(1, priority=True)
    page = sign_in(desk="", size=size, lang=lang)
    assert failures(page) == []
    page.click("[data-desk='2']")
    page.wait_for_timeout(STEADY)
    assert failures(page) == []
    for key in ("Space", "Space"):
        press(page, key)
        assert failures(page) == [], kind(page)
    page.keyboard.press("Digit3")
    assert failures(page) == []
    for key in ("KeyS", "KeyG", "KeyK"):
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_have_count(1)
        assert failures(page) == [], key
        page.keyboard.press("Escape")
    press(page, "KeyF")
    page.click("#pause")
    assert failures(page) == []
    page.keyboard.press("Digit1")
    page.wait_for_timeout(STEADY)
    assert failures(page) == []


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768), (1366, 640), (1024, 640)], ids=str)
def test_a_full_queue_a_notice_and_a_message_push_nothing_out_of_sight(
    hall: Any, sign_in: Any, size: tuple[int, int]
) -> None:
    """1366×640 is a screen of 1366×768 less the browser's own bars."""
    tickets = hall.take(40)
    hall.kiosk(p.PrintFailed(id=str(uuid.uuid4()), ticket=tickets[9]["ticket"], reason="unknown"))
    page = sign_in(size=size)
    expect(page.locator("#notices p")).to_have_count(1)
    for key in ("Space", "Space", "Digit3", "KeyF", "Space", "Space"):
        press(page, key)
    page.click("#close")
    expect(page.locator("#message")).to_be_visible()
    expect(page.locator("#queue .badge")).to_have_text("CHƯA IN: không rõ phiếu đã in chưa")
    expect(page.locator("#queue li")).to_have_count(38)
    for there in ("#notices", "#message", "#outcomes", "#big", "#steps", "#missed", "#day"):
        box = box_of(page, there)
        assert box["y"] >= 0, there
        assert box["y"] + box["height"] <= size[1], there
    badge, row = (box_of(page, f"#queue {found}") for found in (".badge", "li:has(.badge) .wait"))
    assert badge["x"] + badge["width"] <= row["x"], "the badge lies over the wait"
    assert failures(page) == []


def test_a_desk_is_chosen_by_its_key_and_the_last_one_by_space(hall: Any, sign_in: Any) -> None:
    page = sign_in(desk="")
    expect(page.locator("[data-desk='3'] kbd")).to_have_text("3")
    press(page, "Digit3")
    expect(page.locator("#who")).to_contain_text("Quầy 3")
    page.click("#close")
    expect(page.locator("[data-desk='3']")).to_contain_text("quầy lần trước của Hoa")
    assert failures(page) == []
    page.wait_for_timeout(STEADY)
    press(page, "Space")
    expect(page.locator("#who")).to_contain_text("Quầy 3")


def test_the_page_has_the_halls_clock_and_marks_waits_over_the_target(hall: Any, sign_in: Any) -> None:
    hall.take(2)

    def between(page_side: WebSocketRoute) -> None:
        hall_side = page_side.connect_to_server()

        def longer(frame: str | bytes) -> None:
            """As it will be in a quarter of an hour."""
            page_side.send(re.sub(r'("number":"1001".{0,120}?"waited":)\d+', r"\g<1>901", str(frame)))

        hall_side.on_message(longer)

    page = sign_in(prepare=lambda page: page.route_web_socket("**/ws", between))
    now = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
    expect(page.locator("#clock")).to_have_text(re.compile(f"{now:%H:%M}|{now + timedelta(minutes=1):%H:%M}"))
    late = page.locator("#queue .late")
    expect(late).to_have_count(1)
    expect(late).to_contain_text("▲ 15 phút")
    expect(late.locator(".unseen")).to_contain_text("quá mức 15 phút")
    assert failures(page) == []


def test_a_large_screen_shows_larger_letters(hall: Any, sign_in: Any) -> None:
    hall.take(40)
    page = sign_in()
    press(page, "Space")
    height = {}
    for size in ((1280, 800), (1920, 1080), (2560, 1440)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        height[size[0]] = box_of(page, "#big")["height"]
        assert failures(page) == [], size
        for there in ("#card", "#outcomes", "#big", "#steps", "#day"):
            box = box_of(page, there)
            assert box["y"] + box["height"] <= size[1], (there, size)
        page.keyboard.press("KeyS")
        box = box_of(page, "dialog[open]")
        assert box["y"] >= 0, size
        assert box["y"] + box["height"] <= size[1], size
        page.keyboard.press("Escape")
    assert height[1920] >= 1.25 * height[1280]
    assert height[2560] >= 1.6 * height[1280]


def test_in_forced_colours_everything_that_counts_has_a_border(hall: Any, sign_in: Any) -> None:
    hall.take(2, priority=True)
    page = sign_in(prepare=lambda page: page.emulate_media(forced_colors="active"))
    for key in ("Space", "Space"):
        press(page, key)
    page.keyboard.press("Digit1")
    for there in ("#big", "#now", ".chip", ".badge", "#day > *", "#outcomes [aria-pressed=true]"):
        width = page.locator(there).first.evaluate("e => parseFloat(getComputedStyle(e).borderTopWidth)")
        assert width >= 2, there
    pressed, other = (
        page.locator(f"#outcomes [aria-pressed={state}]").first.evaluate("e => getComputedStyle(e).borderTopWidth")
        for state in ("true", "false")
    )
    assert pressed != other, "which outcome is chosen cannot be seen"


def failures(page: Page) -> list[str]:
    """Texts below 7:1, texts cut off, and a page wider than its window."""
    found: list[str] = page.evaluate(CONTRAST)
    return found


def test_a_wrong_pin_is_said_and_many_are_slowed_down(hall: Any, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{hall.url}/sign-in")
    assert page.evaluate(CONTRAST) == []
    page.fill("#name", "Hoa")
    for _ in range(12):
        if page.locator("#go").is_disabled():
            break
        page.fill("#pin", "000000")
        page.press("#pin", "Enter")
        expect(page.locator("#message")).not_to_be_empty()
        said = page.inner_text("#message")
        if "giây" in said:
            break
        assert said == "Tên hoặc mã PIN không đúng."
    else:
        raise AssertionError("never slowed down")
    assert "Mời thử lại sau" in page.inner_text("#message")
    assert page.evaluate(CONTRAST) == []
    context.close()


def test_without_a_session_the_desk_sends_to_sign_in(hall: Any, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{hall.url}/desk")
    expect(page).to_have_url(re.compile("/sign-in$"))
    context.close()


def test_a_server_that_is_away_is_said_at_sign_in(hall: Any, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{hall.url}/sign-in")

    def nobody(route: Route) -> None:
        route.abort()

    page.route("**/sign-in", nobody)
    page.fill("#name", "Hoa")
    page.fill("#pin", "246810")
    page.press("#pin", "Enter")
    expect(page.locator("#message")).to_contain_text("Không kết nối được máy chủ")
    context.close()


def test_a_sign_in_that_nobody_answers_ends(hall: Any, browser: Any) -> None:
    """The machine is there, its program stands still: the button must not stay dead for ever."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{hall.url}/sign-in")
    held: list[Route] = []
    page.route("**/sign-in", lambda route: held.append(route))
    page.fill("#name", "Hoa")
    page.fill("#pin", "246810")
    page.press("#pin", "Enter")
    expect(page.locator("#go")).to_be_disabled()
    expect(page.locator("#message")).to_contain_text("Không kết nối được máy chủ", timeout=25_000)
    expect(page.locator("#go")).to_be_enabled()
    context.close()


@pytest.mark.parametrize("late", ["**/web/sign-in/sign-in.js", "**/web/texts/en.json"])
def test_who_types_before_the_page_is_ready_leaves_no_pin_in_an_address(hall: Any, browser: Any, late: str) -> None:
    context = browser.new_context()
    context.add_init_script("localStorage.setItem('luot-lang', 'en')")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    held: list[Route] = []
    page.route(late, lambda route: held.append(route))  # a bound method of C takes no marks
    page.goto(f"{hall.url}/sign-in", wait_until="commit")
    page.fill("#name", "Hoa")
    page.fill("#pin", "246810")
    page.wait_for_timeout(200)
    page.press("#pin", "Enter")
    page.wait_for_timeout(500)
    assert held
    for route in held:
        route.continue_()
    page.unroute(late)
    if "sign-in.js" in late:
        expect(page.locator("#go")).to_be_enabled()
        page.press("#pin", "Enter")
    page.wait_for_url("**/desk")
    assert not [url for url in asked if "246810" in url]
    context.close()


def test_no_page_carries_inline_script_or_style() -> None:
    files = [path for path in (ROOT / "server" / "web").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".js", ".css", ".html"}
    for path in files:
        text = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:|innerHTML|insertAdjacentHTML|\beval\(", text), (
            path.name
        )
        if path.suffix == ".html":
            assert not re.search(r"<script(?![^>]*\ssrc=)|<style", text), path.name
