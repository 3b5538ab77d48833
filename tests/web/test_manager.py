"""The manager page in Chromium against the real hall: simulated days for the reports, live seats for today."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shlex
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

import server
from assets import texts
from display import __main__ as display_program
from kiosk import __main__ as kiosk_program
from kiosk.paper.wires import wire_of
from server import protocol as p
from server.cli.main import luot as luot_program
from server.record.tables import sqlite3
from server.settings.reading import default_settings, to_toml
from tests.halls import PIN, Program, begin, cookie_of, luot, new_id, program, seated, sign_in, sitting, until

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
DAYS = ("2026-09-07", "2026-09-08")
"""What `luot simulate --days 2` makes."""
HOSTILE = '<img src=x onerror="window.hurt=1">'


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two simulated days and the manager Thu."""
    folder = tmp_path_factory.mktemp("past") / "hall"
    begin(folder)
    assert luot("person", "add", "Thu", "--role", "manager", data=folder, stdin=f"{PIN}\n").returncode == 0
    made = luot("simulate", "--days", "2", "--tickets", "50", "--seed", "5", data=folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def hall(past: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    data = tmp_path_factory.mktemp("manager") / "hall"
    shutil.copytree(past, data)
    with program(data) as running:
        manager = session(running)

        async def confirm() -> None:
            async with sitting(running.url, "manager", manager) as seat:
                await seat.ask(p.ConfirmDate, date=here().isoformat())

        seated(confirm)
        yield running
    assert "Traceback" not in (data / "hall.log").read_text()


def here() -> date:
    """Today in the hall's zone."""
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


Enter = Callable[..., Page]


@pytest.fixture
def enter(come: Callable[..., Page]) -> Enter:
    """Sign a manager in and open a section, or a clerk (section "")."""

    def go(hall: Program, section: str = "today", name: str = "Thu", pin: str = PIN, lang: str = "vi") -> Page:
        page = come(hall.url, name, pin, size=(1440, 1000), lang=lang)
        if section:
            show(page, section)
        return page

    return go


def show(page: Page, section: str) -> None:
    page.evaluate("section => { location.hash = section }", section)
    if section.startswith("report"):
        page.wait_for_selector("#report[aria-busy=false]")


def device(hall: Program, name: str, role: str = "kiosk") -> str:
    added = luot("device", "add", name, "--role", role, data=hall.folder)
    assert added.returncode == 0, added.stderr
    return added.stdout.strip()


def session(hall: Program, name: str = "Thu") -> str:
    return cookie_of(sign_in(hall.port, name, PIN))


def report_of(folder: Path, start: str, end: str) -> dict[str, Any]:
    said = luot("report", "--period", f"{start}..{end}", "--format", "json", data=folder)
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    return found


# --- how figures are written, without the page's own code -------------------------------------------------------


def decimal(value: float, digits: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding)


def whole(value: float, rounding: str = ROUND_HALF_UP) -> str:
    return texts.number(int(decimal(value, 0, rounding)), "vi")


def percent(part: int, of: int, digits: int = 0) -> str:
    if not of:
        return "–"
    return f"{decimal(100 * (part / of), digits):.{digits}f}\N{NO-BREAK SPACE}%".replace(".", ",")


def minutes(ms: int | None, unit: str, rounding: str = ROUND_HALF_UP) -> str:
    return "–" if ms is None else f"{whole(ms / 60_000, rounding)} {unit}"


def rated(figures: dict[str, Any]) -> str:
    n = figures["ratings"]
    return f"{percent(figures['satisfied'], n, 1) if n >= 5 else '–'} ({n})"


def cells(page: Page, table: str, key: str) -> list[str]:
    return page.locator(f"{table} tr[data-key={json.dumps(key, ensure_ascii=False)}] > *").all_inner_texts()


def line(f: dict[str, Any]) -> list[str]:
    """What a line of the tables must say after its name."""
    recorded = f["visits"] - f["unrecorded"]
    service = f["mean_service"] and int(decimal(f["mean_service"] / 1000, 0))
    return [
        whole(f["issued"]), whole(f["visits"]), whole(f["no_show"]), minutes(f["mean_wait"], "ph"),
        percent(f["within_target"], f["waits"]), minutes(f["p90_wait"], "ph", ROUND_CEILING),
        "–" if service is None else f"{service // 60}:{service % 60:02d}",
        percent(f["outcomes"].get("supplement", 0), recorded, 1), whole(f["unrecorded"]), rated(f),
    ]  # fmt: skip


def test_a_page_that_is_cut_off_does_not_look_live(hall: Program, come: Callable[..., Page], cable: Any) -> None:
    page = come(hall.url, "Thu", size=(1440, 1000), prepare=cable.lay)
    expect(page.locator("#stale")).to_be_hidden()
    before = page.locator(".section").evaluate("e => getComputedStyle(e).filter")
    cable.pull()
    expect(page.locator("#stale")).to_contain_text(re.compile(r"trang dừng lại ở lúc \d\d:\d\d"))
    assert page.locator(".section").evaluate("e => getComputedStyle(e).filter") != before
    assert page.evaluate(CONTRAST) == []
    cable.out = False
    expect(page.locator("#stale")).to_be_hidden()


# --- reports ----------------------------------------------------------------------------------------------------


def test_every_figure_on_the_page_is_the_reports(hall: Program, enter: Enter) -> None:
    found = report_of(hall.folder, DAYS[0], DAYS[-1])
    f = found["total"]
    assert f["issued"] > 60, "nothing to compare"
    page = enter(hall, "report/month/2026-09-01")
    expect(page.locator("#report-title")).to_have_text("Báo cáo tháng 9/2026")
    value = {
        box.get_attribute("data-figure"): box.locator(".value").inner_text() for box in page.locator(".figure").all()
    }
    assert value == {
        "served": whole(f["visits"]), "mean": minutes(f["mean_wait"], "phút"),
        "within": percent(f["within_target"], f["waits"]), "p90": minutes(f["p90_wait"], "phút", ROUND_CEILING),
        "no_show": percent(f["no_show"], f["issued"], 1), "satisfied": percent(f["satisfied"], f["ratings"], 1),
    }  # fmt: skip
    expect(page.locator("[data-figure=p90]")).to_contain_text(f"trung vị {minutes(f['median_wait'], 'phút')}")
    expect(page.locator("[data-figure=no_show]")).to_contain_text(f"{f['no_show']} / {f['issued']} phiếu")
    expect(page.locator("[data-figure=satisfied]")).to_contain_text(f"{f['ratings']} đánh giá")
    few = 0
    for table, lines in (("areas", "areas"), ("desks", "desks"), ("clerks", "clerks"), ("days", "by_day")):
        for row in found[lines]:
            assert cells(page, f"#by-{table}", row["key"])[1:] == line(row["figures"]), (table, row["key"])
            few += row["figures"]["ratings"] < 5
        assert page.locator(f"#by-{table} tfoot tr > *").all_inner_texts()[1:] == line(f)
    expect(page.locator(".definitions")).to_have_count(1)
    expect(page.locator(".definitions")).to_contain_text("Vắng mặt = phiếu kết thúc do vắng")
    assert few, "no line below five ratings: the rule was not seen at work"
    for code, count in found["total"]["outcomes"].items():
        recorded = f["visits"] - f["unrecorded"]
        assert cells(page, "#outcomes", code)[1:] == [whole(count), percent(count, recorded, 1)]
    assert cells(page, "#outcomes", "unrecorded")[1] == whole(f["unrecorded"])
    for code, count in found["reasons"].items():
        assert cells(page, "#rated", code)[1] == whole(count)
    for score, count in enumerate(f["scores"], 1):
        assert cells(page, "#rated", str(score))[1] == whole(count)
    response = percent(f["ratings"], f["visits"], 1)
    expect(page.locator("#rated")).to_contain_text(
        f"Phản hồi: {f['ratings']} đánh giá / {f['visits']} lượt đã phục vụ ({response})"
    )
    expect(page.locator("#rated")).to_contain_text(f"tính riêng: {f['gave_up_ratings']}.")


def test_the_charts_show_the_hours_and_the_levels_of_the_report(hall: Program, enter: Enter) -> None:
    found = report_of(hall.folder, DAYS[0], DAYS[-1])
    page = enter(hall, "report/month/2026-09-01")
    hours = found["hours"]
    heights = [float(bar.get_attribute("height") or 0) for bar in page.locator(".chart .arrivals").all()]
    drawn = {hours[0]["hour"] + index: height for index, height in enumerate(heights)}
    most = max(hours, key=lambda hour: hour["issued"])
    for hour in hours:
        assert drawn[hour["hour"]] == pytest.approx(drawn[most["hour"]] * hour["issued"] / most["issued"], abs=0.01)
    waits = [hour["mean_wait"] for hour in hours if hour["mean_wait"] is not None]
    dots = [float(dot.get_attribute("cy") or 0) for dot in page.locator(".waits-dot").all()]
    fifteen, thirty = (float(page.locator(f".chart .target-{n}").get_attribute("y1") or 0) for n in (0, 1))
    scale = (fifteen - thirty) / (15 * 60_000)
    assert dots == pytest.approx([fifteen - (wait - 15 * 60_000) * scale for wait in waits], abs=0.01)
    enough = [desk for desk in found["desks"] if desk["figures"]["ratings"] >= 5]
    bars = page.locator(".stack").all()
    assert len(bars) == len(enough) > 0
    for bar, desk in zip(bars, enough, strict=True):
        n = desk["figures"]["ratings"]
        widths = [float((part.get_attribute("width") or "").rstrip("%")) for part in bar.locator("rect").all()]
        assert widths == pytest.approx([100 * count / n for count in reversed(desk["figures"]["scores"]) if count])
        assert f"{n} đánh giá" in (bar.get_attribute("aria-label") or "")


def test_a_figure_is_told_against_the_period_before(hall: Program, enter: Enter) -> None:
    then, now = (report_of(hall.folder, day, day)["total"] for day in DAYS[:2])
    page = enter(hall, f"report/day/{DAYS[1]}")
    waits = [int(whole(total["mean_wait"] / 60_000)) for total in (then, now)]
    moved = waits[1] - waits[0]
    word = "như 07/09"
    if moved:
        word = f"{'▲ tăng' if moved > 0 else '▼ giảm'} {abs(moved)} phút so với 07/09"
    expect(page.locator("[data-figure=mean]")).to_contain_text(word)
    share = percent(abs(now["visits"] - then["visits"]), then["visits"])
    arrow = "▲ tăng" if now["visits"] > then["visits"] else "▼ giảm"
    expect(page.locator("[data-figure=served]")).to_contain_text(f"{arrow} {share} so với 07/09")
    # The buttons keep the date at hand; the arrows go one period on and back.
    page.click("[aria-label='Kỳ sau']")
    expect(page.locator("#report-title")).to_have_text("Báo cáo ngày 09/09/2026")
    for kind, title in (
        ("week", "Báo cáo tuần 07/09 – 13/09/2026"), ("month", "Báo cáo tháng 9/2026"),
        ("quarter", "Báo cáo quý 3/2026"), ("year", "Báo cáo năm 2026"),
    ):  # fmt: skip
        page.click(f"[data-period={kind}]")
        expect(page.locator("#report-title")).to_have_text(title)
    show(page, "report/mid/2026-09-08")
    expect(page.locator("#report-title")).to_have_text("Báo cáo từ 15/08/2026 đến 14/09/2026")
    page.click("[aria-label='Kỳ trước']")
    expect(page.locator("#report-title")).to_have_text("Báo cáo từ 15/07/2026 đến 14/08/2026")
    page.click("[data-period=span]")
    page.fill("#field-from", DAYS[0])
    page.fill("#field-to", DAYS[1])
    page.click("#span .main")
    expect(page.locator("#report-title")).to_have_text("Báo cáo từ 07/09/2026 đến 08/09/2026")
    both = report_of(hall.folder, DAYS[0], DAYS[1])["total"]
    expect(page.locator("[data-figure=served] .value")).to_have_text(whole(both["visits"]))
    with page.expect_download() as saved:
        page.click("#report-csv")
    assert saved.value.suggested_filename == f"luot-report-{DAYS[0]}-{DAYS[1]}.csv"
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8-sig"))))
    assert list(rows[0])[:8] == ["Theo", "Tên", "Phiếu đã cấp", "Phiếu đã phục vụ", "Phiếu vắng mặt", "Phiếu đã hủy",
        "Phiếu hết ngày chưa phục vụ", "Lượt đã phục vụ"]  # fmt: skip
    assert (rows[0]["Theo"], rows[0]["Phiếu đã cấp"]) == ("Cả trung tâm", str(both["issued"]))
    assert rows[0]["Phiếu đã phục vụ"] == str(both["served"])
    assert rows[0]["Lượt đã phục vụ"] == str(both["visits"])
    assert {"Tư pháp, hộ tịch", "Quầy 1"} <= {row["Tên"] for row in rows}, "areas and desks by their names"


def test_visits_and_tickets_are_told_apart(hall: Program, enter: Enter) -> None:
    """Who comes back with a missing paper is a further visit of the same ticket: there may be more of these."""
    page = enter(hall, "report/month/2026-09-01")
    heads = page.locator("#by-areas thead th").all_inner_texts()
    assert heads[1:4] == ["Phiếu đã cấp", "Lượt đã phục vụ", "Phiếu vắng mặt"]
    expect(page.locator("#by-areas .definitions")).to_contain_text("Phiếu = một số đã cấp. Lượt = một lần được phục vụ")
    show(page, "today")
    heads = page.locator("main thead th").all_inner_texts()
    assert heads[1] == "Phiếu đã cấp"
    assert heads[4] == "Phiếu đã phục vụ", "the live hall counts tickets"


def test_an_empty_period_is_said_calmly(hall: Program, enter: Enter) -> None:
    page = enter(hall, "report/month/2026-03-01")
    expect(page.locator("#empty")).to_contain_text("Kỳ này không có số nào.")
    assert page.locator(".figure, .chart, table").count() == 0
    assert "NaN" not in page.inner_text("main")


def test_a_report_is_one_page_of_a4(hall: Program, enter: Enter) -> None:
    page = enter(hall, "report/month/2026-09-01")
    sheet = pdf(page)
    assert pages(sheet) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]", sheet), "not A4"
    # Many areas and desks: smaller, and still one page.
    page.evaluate("""() => {
        const body = document.querySelector("#by-areas tbody");
        for (let n = 0; n < 14; n += 1) body.append(body.rows[n % 6].cloneNode(true));
        const list = document.querySelector(".stacks");
        for (let n = 0; n < 8; n += 1) list.append(list.children[0].cloneNode(true));
    }""")
    assert pages(pdf(page)) == 1
    page.emulate_media(media="print")
    for there in (
        "#report-title",
        ".head-of-paper",
        ".figures",
        ".chart",
        ".stacks",
        "#by-areas .definitions",
        ".sign",
    ):
        expect(page.locator(there).first).to_be_visible()
    for absent in ("#menu", ".frame", ".periods", "#by-days", "#by-clerks"):
        expect(page.locator(absent)).to_be_hidden()
    expect(page.locator(".sign")).to_contain_text("ký, ghi rõ họ tên")
    expect(page.locator(".head-of-paper")).to_contain_text("Ngày in:")
    page.emulate_media(media="null")
    show(page, "log")
    page.fill("#field-start", DAYS[0])
    page.click("#filters .main")
    expect(page.locator("#more")).to_be_visible()
    assert pages(pdf(page)) > 1, "the counting of pages sees only one"


def test_only_a_report_is_made_one_page(hall: Program, enter: Enter) -> None:
    page = enter(hall, "log")
    page.fill("#field-start", DAYS[0])
    page.click("#filters .main")
    for rows in (200, 400):
        expect(page.locator("#log tbody tr")).to_have_count(rows)
        page.click("#more")
    page.emulate_media(media="print")
    for section in ("log", "today", "people", "devices"):
        show(page, section)
        if section == "log":
            expect(page.locator("#log tbody tr").first).to_be_visible()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        sizes = page.evaluate("""() => [...document.querySelectorAll("#page td, #page th, #page h2")]
            .filter((element) => element.checkVisibility() && element.innerText.trim())
            .map((element) => parseFloat(getComputedStyle(element).fontSize) * element.currentCSSZoom)""")
        assert len(sizes) > 3, section
        assert min(sizes) >= 10, section
        expect(page.locator(".head-of-paper")).to_contain_text("Ngày in:")
        for absent in ("#menu", ".frame", "#filters", "#more", "#add-person", "#add-device", ".danger"):
            assert all(not found.is_visible() for found in page.locator(absent).all()), (section, absent)
    page.emulate_media(media="null")
    show(page, "log")
    page.fill("#field-start", DAYS[0])
    page.click("#filters .main")
    expect(page.locator("#log tbody tr")).to_have_count(200)
    expect(page.locator("#log-count")).to_contain_text(f"07/09/2026 – {here():%d/%m/%Y}: 200 việc mới nhất")
    assert pages(pdf(page)) >= 4, "200 rows at a readable size"


def test_a_new_hall_is_led_through_its_first_steps(tmp_path: Path, enter: Enter) -> None:
    data = tmp_path / "hall"
    begin(data)
    assert luot("person", "add", "Thu", "--role", "manager", data=data, stdin=f"{PIN}\n").returncode == 0
    with program(data) as hall:
        page = enter(hall)
        links = page.locator("#begin a")
        expect(links).to_have_count(5)
        expect(page.locator("#alarms")).not_to_contain_text("Không có gì cần xử lý")
        assert page.evaluate(CONTRAST) == []
        assert luot("person", "add", "Hoa", "--role", "clerk", data=data, stdin=f"{PIN}\n").returncode == 0
        expect(links).to_have_count(4)
        for link in links.all():
            where = link.get_attribute("href") or ""
            assert where in {"#devices", "/desk"}
        links.first.click()
        expect(page.locator("#add-device")).to_be_visible()
        show(page, "today")
        kiosk_token, display_token, manager = device(hall, "k"), device(hall, "d", "display"), session(hall)

        async def first_number() -> None:
            async with (
                sitting(hall.url, "kiosk", kiosk_token) as kiosk,
                sitting(hall.url, "display", display_token),
                sitting(hall.url, "desk", manager) as desk,
            ):
                await desk.ask(p.OpenDesk, desk="1")
                ticket = (await kiosk.ask(p.Issue, area="tu-phap"))["ticket"]
                await desk.ask(p.CallNext, ticket=None)
                await desk.ask(p.Start, ticket=ticket)
                await desk.ask(p.Finish, ticket=ticket)

        seated(first_number)
        expect(page.locator("#begin")).to_have_count(0)


def test_a_hall_that_has_worked_is_not_led(hall: Program, enter: Enter) -> None:
    """Its devices may be off, its desks closed: that is no first day."""
    page = enter(hall)
    expect(page.locator("#open-now")).not_to_be_empty()
    assert page.locator("#begin").count() == 0


def pdf(page: Page) -> bytes:
    return page.pdf(prefer_css_page_size=True, print_background=True)


def pages(sheet: bytes) -> int:
    return len(PdfReader(io.BytesIO(sheet)).pages)


# --- today --------------------------------------------------------------------------------------------------------


def test_today_lives(hall: Program, enter: Enter) -> None:
    page = enter(hall)
    token, manager = device(hall, "kiosk-live"), session(hall)
    before = int(cells(page, ".card", "dat-dai")[2])

    async def morning() -> None:
        async with sitting(hall.url, "kiosk", token) as kiosk, sitting(hall.url, "desk", manager) as desk:
            await kiosk.ask(p.Status, printer="paper_out", paper="out")
            for _ in range(3):
                await kiosk.ask(p.Issue, area="dat-dai")
            await desk.ask(p.OpenDesk, desk="3")
            await desk.client.ask(p.CallNext(id=new_id(), ticket=None))
            await until(lambda: desk.view.me and desk.view.me.ticket)

    seated(morning)
    expect(page.locator("tr[data-key=dat-dai] td").nth(1)).to_have_text(str(before + 2))
    assert cells(page, ".card", "dat-dai")[3] == "1"
    expect(page.locator("[data-desk='3']")).to_contain_text("Đang mở")
    expect(page.locator("[data-desk='3']")).to_contain_text("Thu")
    expect(page.locator("[data-desk='3'] [data-number]")).to_have_text(re.compile("2[0-9]{3}"))
    expect(page.locator("#alarms")).to_contain_text("Máy lấy số kiosk-live mất kết nối")
    expect(page.locator("#alarms")).to_contain_text("Rút điện máy lấy số, cắm lại")

    async def mended() -> None:
        async with sitting(hall.url, "kiosk", token) as kiosk, sitting(hall.url, "desk", manager) as desk:
            await kiosk.ask(p.Status, printer="cover_open", paper="ok")
            await until(lambda: desk.view.me)
            ticket = desk.view.me.ticket.ticket
            await desk.ask(p.Start, ticket=ticket)
            await desk.ask(p.Finish, ticket=ticket, outcome="received")
            await desk.ask(p.CloseDesk, desk="3")

    expect(page.locator("#alarms")).not_to_contain_text("chưa quầy nào mở")
    seated(mended)
    expect(page.locator("[data-desk='3']")).to_contain_text("Đóng")
    expect(page.locator("#alarms")).to_contain_text("Đất đai")
    expect(page.locator("#alarms")).to_contain_text("2 người chờ mà chưa quầy nào mở")

    show(page, "devices")
    page.click("[aria-label='Thu hồi quyền của kiosk-live']")
    page.click("#dialog .danger")
    expect(page.locator("tr[data-key=kiosk-live]")).to_have_count(0)
    show(page, "today")
    expect(page.locator("#alarms")).not_to_contain_text("kiosk-live")


def test_a_doubtful_date_is_confirmed_by_its_form(past: Path, tmp_path: Path, enter: Enter) -> None:
    """The record ends in September; whatever the machine's clock says now is too far on to be believed unasked."""
    data = tmp_path / "hall"
    shutil.copytree(past, data)
    today = here()
    with program(data) as hall:
        page = enter(hall)
        expect(page.locator("#alarms")).to_contain_text("Máy chủ có thể sai ngày: sổ đang ghi Thứ Ba, 08/09/2026.")
        page.click("#alarms button")
        offered = [text.strip() for text in page.locator("#dialog .radios label").all_inner_texts()]
        clocks = f"{texts.long_date(today, 'vi')}\ntheo đồng hồ máy chủ, theo máy này"
        assert offered == ["Thứ Ba, 08/09/2026\ntheo sổ ghi", clocks, "Khác"]
        page.keyboard.press("Escape")
        token = device(hall, "kiosk-doubt")

        async def take() -> None:
            async with sitting(hall.url, "kiosk", token) as kiosk:
                await kiosk.ask(p.Issue, area="tu-phap")

        seated(take)  # numbers are given all the same, under the date that the clock shows
        expect(page.locator("#alarms")).to_contain_text(f"sổ đang ghi {texts.long_date(today, 'vi')}.")
        show(page, f"report/day/{today}")
        expect(page.locator("#doubtful")).to_contain_text(f"chưa ai xác nhận ngày: {texts.short_date(today)}")
        show(page, "today")
        page.click("#alarms button")
        assert page.locator("#dialog [name=known]:checked").count() == 0, "a doubtful date is suggested as right"
        page.click("#dialog .main")
        expect(page.locator("#dialog")).to_be_visible()
        page.fill("#field-date", DAYS[0])
        expect(page.locator("#other-date")).to_be_checked()
        expect(page.locator("#dialog [role=status]")).to_have_text("Thứ Hai, 07/09/2026")
        assert page.evaluate(CONTRAST) == []
        page.check(f"#dialog [value='{today}']")
        page.click("#dialog .main")
        expect(page.locator("#alarms")).not_to_contain_text("sai ngày")
        page.click("#correct-date")  # it may have been mistyped
        page.check("#other-date")
        page.fill("#field-date", DAYS[0])
        page.click("#dialog .main")
        expect(page.locator("#dialog")).to_be_hidden()
        page.click("#correct-date")
        page.check(f"#dialog [value='{today}']")
        page.click("#dialog .main")
        expect(page.locator("#dialog")).to_be_hidden()
        expect(page.locator("h2").first).to_have_text(texts.long_date(today, "vi"))
        show(page, f"report/day/{today}")
        expect(page.locator("#doubtful")).to_have_count(0)
        show(page, "log")
        page.fill("#field-start", DAYS[-1])
        page.select_option("#field-kind", "date_confirmed")
        page.click("#filters .main")
        expect(page.locator("#log")).to_contain_text("Xác nhận ngày")


def test_troubles_of_the_server_are_said_with_what_to_do(tmp_path: Path, enter: Enter) -> None:
    data = tmp_path / "hall"
    begin(data)
    for name, role in (("Thu", "manager"), ("Hoa", "clerk")):
        assert luot("person", "add", name, "--role", role, data=data, stdin=f"{PIN}\n").returncode == 0
    with program(data, module=(str(Path(__file__).with_name("troubled.py")),)) as hall:
        page, desk = enter(hall), enter(hall, "", "Hoa")
        alarms = page.locator("#alarms")
        expect(alarms).to_contain_text("chưa mã hóa (không có TLS)")
        expect(alarms).to_contain_text("chạy luot tls trên máy chủ")
        assert page.locator("#alarms .bad").count() == 0
        desk.click("[data-desk='1']")  # an empty record cannot be doubted
        expect(desk.locator("#big")).to_be_visible()
        (data / "leapt").touch()
        doubt = f"Máy chủ có thể sai ngày: sổ đang ghi {texts.long_date(here(), 'vi')}."
        expect(page.locator("#alarms .bad")).to_contain_text(doubt)
        expect(desk.locator("#notices")).to_contain_text(doubt)
        for found in (page, desk):
            assert found.evaluate(CONTRAST) == []
        desk.click("#notices button")
        assert desk.locator("#dialog [name=known]:checked").count() == 0, "a doubtful date is suggested as right"
        assert desk.evaluate(CONTRAST) == []
        desk.check(f"#dialog [value='{here()}']")
        desk.click("#dialog .main")
        expect(desk.locator("#notices")).not_to_contain_text("sai ngày")
        expect(alarms).not_to_contain_text("sai ngày")
        (data / "full").touch()
        expect(page.locator("#alarms .bad")).to_contain_text("Ổ đĩa của máy chủ sắp đầy")
        expect(alarms).to_contain_text("Ghi số trên giấy nếu máy ngừng cấp số.")
        assert page.evaluate(CONTRAST) == []
        desk.keyboard.press("KeyS")  # a number is begun no more
        desk.keyboard.press("Digit1")
        desk.keyboard.press("Enter")
        expect(desk.locator("body")).to_contain_text("Máy chủ gặp lỗi (internal)")
        desk.keyboard.press("Escape")
        desk.click("#close")  # and whoever is here finishes
        expect(desk.locator("[data-desk='1']")).to_be_visible()
        (data / "full").unlink()
        expect(alarms).not_to_contain_text("sắp đầy")
        expect(alarms).to_contain_text("không có TLS")


def test_a_new_folder_asks_the_first_manager_for_a_pin_then_opens_a_session(tmp_path: Path, enter: Enter) -> None:
    data = tmp_path / "hall"
    begin(data)
    shut = to_toml(msgspec.structs.replace(default_settings(), sessions=()))
    (tmp_path / "shut.toml").write_text(shut)
    assert luot("settings", "import", str(tmp_path / "shut.toml"), data=data).returncode == 0
    with program(data, config="") as hall:
        assert hall.process.stdout is not None
        told = ""
        while "PIN:" not in told:
            told = hall.process.stdout.readline()
        once = told.rsplit("PIN:", 1)[1].strip()
        page = enter(hall, name="quan-ly", pin=once)
        expect(page.locator("h2")).to_contain_text("hãy đặt mã PIN của riêng mình")
        expect(page.locator("#menu")).to_be_hidden()
        show(page, "people")
        expect(page.locator("#add-person")).to_have_count(0)
        assert page.evaluate(CONTRAST) == []
        page.fill("#field-pin", "135790")
        page.fill("#field-again", "135791")
        page.click("#first-pin button")
        expect(page.locator("#first-pin .fault")).to_contain_text("không giống nhau")
        page.fill("#field-again", "135790")
        page.click("#first-pin button")
        expect(page.locator("#menu")).to_be_visible()
        assert sign_in(hall.port, "quan-ly", once).status == 401
        assert sign_in(hall.port, "quan-ly", "135790").status == 204
        show(page, "today")
        expect(page.locator("#open-now")).to_have_text("Ngoài giờ lấy số.")
        page.click("#open-session")
        page.check("[name=minutes][value='30']")
        page.click("#dialog .main")
        expect(page.locator("#open-now")).to_have_text("Đang trong giờ lấy số")
        show(page, "log")
        expect(page.locator("#log")).to_contain_text("Mở thêm phiên")


# --- people, devices -----------------------------------------------------------------------------------------------


def test_a_person_is_added_used_and_taken_away(hall: Program, enter: Enter) -> None:
    page = enter(hall, "people")
    name = f"{HOSTILE}B"
    page.fill("#field-name", name)
    page.fill("#field-pin", "11223")
    page.fill("#field-again", "11223")
    page.click("#add-person button")
    assert page.evaluate("document.querySelector('#field-pin').validity.valid") is False, "five digits are too few"
    page.fill("#field-pin", "112233")
    page.fill("#field-again", "112233")
    page.click("#add-person button")
    row = page.locator(f"tr[data-key='{name}']")
    expect(row).to_contain_text(name)
    expect(page.locator("#message")).to_contain_text(f"Đã thêm {name}")
    assert sign_in(hall.port, name, "112233").status == 204
    page.fill("#field-name", name)
    page.fill("#field-pin", "112233")
    page.fill("#field-again", "112233")
    page.click("#add-person button")
    expect(page.locator("#message")).to_contain_text("Tên này đã có")
    page.fill("#field-name", "М\u0456nh")  # letters that only look Latin
    page.click("#add-person button")
    expect(page.locator("#message")).to_contain_text("Xóa đi rồi gõ lại tên")
    row.get_by_role("button", name=f"Đổi mã PIN của {name}").click()
    page.fill("#dialog [name=pin]", "445566")
    page.fill("#dialog [name=again]", "445566")
    page.click("#dialog .main")
    expect(page.locator("#dialog")).to_be_hidden()
    assert sign_in(hall.port, name, "112233").status == 401
    assert sign_in(hall.port, name, "445566").status == 204
    row.get_by_role("button", name=f"Thu hồi quyền của {name}").click()
    page.keyboard.press("Escape")
    expect(row).to_have_count(1)
    row.get_by_role("button", name=f"Thu hồi quyền của {name}").click()
    page.click("#dialog .danger")
    expect(row).to_have_count(0)
    assert sign_in(hall.port, name, "445566").status == 401
    page.click("[aria-label='Thu hồi quyền của Thu']")
    page.click("#dialog .danger")
    expect(page.locator("#dialog [role=alert]")).to_contain_text("người phụ trách cuối cùng")
    assert page.evaluate("window.hurt") is None


def test_a_pin_form_says_what_is_wrong_beside_it_in_one_language(hall: Program, enter: Enter) -> None:
    page = enter(hall, "people")
    faults = page.locator("#add-person .fault")
    page.click("#add-person button")
    expect(faults).to_have_text(["Chỗ này chưa điền."])
    expect(page.locator("#field-name")).to_be_focused()
    page.fill("#field-name", "Bình")
    page.fill("#field-pin", "11223")
    page.fill("#field-again", "11223")
    page.click("#add-person button")
    expect(faults).to_have_text(["Mã PIN gồm từ 6 đến 20 chữ số."])
    page.fill("#field-pin", "112233")
    page.fill("#field-again", "112234")
    page.click("#add-person button")
    expect(faults).to_have_text(["Hai lần nhập mã PIN không giống nhau."])
    expect(page.locator("#field-again")).to_be_focused()
    expect(page.locator("#message")).to_be_hidden()
    assert page.evaluate(CONTRAST) == []
    page.fill("#field-again", "112233")
    page.click("#add-person button")
    expect(page.locator("tr[data-key='Bình']")).to_be_visible()
    expect(faults).to_have_count(0)
    # The list is drawn anew while the question is open: the focus goes back to the same person's button.
    sign_in(hall.port, "Bình", "112233")
    button = page.get_by_role("button", name="Đổi mã PIN của Bình")
    button.click()
    page.fill("#dialog [name=pin]", "445566")
    assert luot("person", "add", "An", "--role", "clerk", data=hall.folder, stdin=f"{PIN}\n").returncode == 0
    expect(page.locator("tr[data-key='An']")).to_have_count(1)
    page.fill("#dialog [name=again]", "445566")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(button).to_be_focused()
    for name in ("An", "Bình"):
        page.click(f"[aria-label='Thu hồi quyền của {name}']")
        page.click("#dialog .danger")
        expect(page.locator(f"tr[data-key='{name}']")).to_have_count(0)


def test_dates_are_written_day_first_on_every_computer(hall: Program, browser: Any) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"{hall.url}/sign-in")
    page.fill("#name", "Thu")
    page.fill("#pin", PIN)
    page.press("#pin", "Enter")
    page.wait_for_selector("#body:not([hidden])")
    show(page, "log")
    expect(page.locator("#field-start")).to_have_value(f"{here():%d/%m/%Y}")
    for typed, means in (("7/9/2026", "07/09/2026"), ("07092026", "07/09/2026"), ("2026-09-07", "07/09/2026")):
        page.fill("#field-start", typed)
        page.press("#field-start", "Tab")
        expect(page.locator("#field-start")).to_have_value(means)
    page.fill("#field-end", "31/02/2026")
    page.click("#filters .main")
    expect(page.locator("#filters .fault")).to_have_text("Viết ngày như 23/11/2026.")
    expect(page.locator("#field-end")).to_be_focused()
    page.fill("#field-end", "08/09/2026")
    page.click("#filters .main")
    expect(page.locator("#log tbody tr")).to_have_count(200)
    assert "start=2026-09-07&end=2026-09-08" in (page.get_attribute("#log-csv", "href") or "")
    page.click("[aria-label='Chọn trên lịch'] >> nth=0")
    page.evaluate("""() => {
        const calendar = document.querySelector(".calendar");
        calendar.value = "2026-09-05";
        calendar.dispatchEvent(new Event("change"));
    }""")
    expect(page.locator("#field-start")).to_have_value("05/09/2026")
    context.close()


def test_no_page_uses_the_browsers_own_date_field_or_bubbles() -> None:
    for path in (Path(server.__file__).parent / "web").rglob("*.js"):
        text = path.read_text("utf-8")
        fields = [line for line in text.splitlines() if 'type: "date"' in line]
        assert all('class: "calendar"' in line for line in fields), path.name
        sends = re.findall(r'(?<!dialogs\.)(\w+)\.addEventListener\("submit"', text)
        assert len(sends) <= text.count("noValidate = true") + text.count('method: "dialog"'), path.name


def test_a_device_is_added_used_and_taken_away(hall: Program, enter: Enter) -> None:
    page = enter(hall, "devices")
    assert page.locator("#field-role option").evaluate_all("all => all.map((one) => one.value)") == ["kiosk", "display"]
    page.fill("#field-name", "sảnh <b>2</b>")
    page.select_option("#field-role", "display")
    page.click("#add-device button")
    token = page.input_value("#token")
    (hall.folder / "display.token").write_text(token)
    command = shlex.split(page.locator("#command").inner_text())
    assert command[:3] == ["luot-display", "--server", hall.url]
    given = display_program.arguments([str(hall.folder / word) if ".token" in word else word for word in command[1:]])
    assert given.token == token
    assert given.windowed, "a full screen has no key that ends it"
    assert installs(page, hall, "display") == ["luot", "install", "display", "--server", hall.url]
    expect(page.locator("#dialog .notice:not([hidden])")).to_contain_text("chỉ nhận kết nối từ chính nó")
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("button", name="Đã lưu mã, đóng").click()
    assert token not in page.content()
    row = page.locator("tr[data-key='sảnh <b>2</b>']")
    expect(row).to_contain_text("chưa kết nối")

    async def come() -> None:
        async with sitting(hall.url, "display", token) as display:
            await display.ask(p.Status, sound="ok")
            await asyncio.to_thread(seen.wait, 8)

    seen = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(lambda: asyncio.run(come()))
        expect(row).to_contain_text("đã kết nối")
        expect(row.locator("td").nth(4)).to_have_text("tốt")
        seen.set()
        running.result()
    expect(row).to_contain_text("mất kết nối từ")
    row.get_by_role("button").click()
    page.click("#dialog .danger")
    expect(row).to_have_count(0)


def installs(page: Page, hall: Program, part: str) -> list[str]:
    """The words that install a part, which the real command takes; without those of the token."""
    words = shlex.split(page.locator("#install").inner_text())
    given = luot_program.get_command(click.Context(luot_program), "install").make_context("install", words[2:]).params
    assert (given["part"], given["server"], given["token_file"]) == (part, hall.url, Path(f"{part}.token"))
    place = words.index("--token-file")
    return words[:place] + words[place + 2 :]


def test_the_servers_own_devices_are_explained(hall: Program, enter: Enter) -> None:
    """The hall pairs them itself at its first start: nobody has added them, and nobody knows them."""
    page = enter(hall, "devices")
    for role, what in (("kiosk", "máy lấy số"), ("display", "màn hình")):
        name = page.locator(f"tr[data-key={role}-local] th")
        expect(name).to_contain_text(f"{what} chạy trên chính máy chủ này; không dùng thì bỏ qua")
    assert page.evaluate(CONTRAST) == []
    expect(page.locator("tr[data-key=kiosk-1] th")).to_have_text("kiosk-1")


def test_the_command_for_a_kiosk_runs_as_it_stands(hall: Program, enter: Enter) -> None:
    page = enter(hall, "devices")
    page.fill("#field-name", "kiosk-new")
    page.select_option("#field-role", "kiosk")
    page.click("#add-device button")
    shown = page.locator("#command")
    expect(shown).to_be_visible()
    kinds = page.locator("#field-printer option").evaluate_all("all => all.map((one) => one.value)")
    typed = {"usb:": "04b8:0202", "tcp:": "192.168.1.50", "serial:": "/dev/ttyUSB0@19200"}
    assert set(kinds) == {"preview:phieu", *typed}
    for kind in kinds:
        page.select_option("#field-printer", kind)
        page.fill("#field-where", "") if kind in typed else None
        if kind in typed:
            expect(shown).to_be_hidden()
            page.fill("#field-where", typed[kind])
        assert page.evaluate(CONTRAST) == []
        program, *words = shlex.split(shown.inner_text())
        assert program == "luot-kiosk"
        given = kiosk_program._parser().parse_args(words)
        assert given.server == hall.url
        assert given.printer == kind + typed.get(kind, "")
        assert wire_of(given.printer, width=576)
        assert given.windowed
        if kind in typed:
            assert installs(page, hall, "kiosk")[-2:] == ["--printer", given.printer]
        else:
            expect(page.locator("#install")).to_be_hidden()
    page.get_by_role("button", name="Đã lưu mã, đóng").click()
    page.click("[aria-label='Thu hồi quyền của kiosk-new']")
    page.click("#dialog .danger")
    expect(page.locator("tr[data-key=kiosk-new]")).to_have_count(0)


# --- the log -------------------------------------------------------------------------------------------------------


def test_the_log_is_filtered_and_a_number_tells_its_story(hall: Program, enter: Enter) -> None:
    token, manager = device(hall, "kiosk-log"), session(hall)

    async def story() -> str:
        async with sitting(hall.url, "kiosk", token) as kiosk, sitting(hall.url, "desk", manager) as desk:
            await desk.ask(p.OpenDesk, desk="4")
            chosen = await kiosk.ask(p.Issue, area="xa-hoi", priority=True)
            number = str(chosen["number"])
            await desk.client.ask(p.CallNext(id=new_id(), ticket=None))
            await until(lambda: desk.view.me and desk.view.me.ticket)
            ticket = desk.view.me.ticket.ticket
            await desk.ask(p.Start, ticket=ticket)
            await desk.ask(p.Finish, ticket=ticket, outcome="supplement")
            await kiosk.ask(p.Rate, ticket=ticket, score=1, reasons=("wait",), comment=f"{HOSTILE} chờ lâu")
            await desk.ask(p.CloseDesk, desk="4")
            return number

    number = seated(story)
    page = enter(hall, "log")
    page.select_option("#field-kind", "called")
    page.fill("#field-number", number)
    page.click("#filters .main")
    expect(page.locator("#log tbody tr")).to_have_count(1)
    expect(page.locator("#log tbody")).to_contain_text("Gọi số · số ưu tiên")
    with page.expect_download() as saved:
        page.click("#log-csv")
    rows = saved.value.path().read_text("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert ",called," in rows[1]
    page.click(f"#log [data-story='{number}']")
    story_of = ["Lấy số", "Gọi số", "Bắt đầu phục vụ", "Xong", "Đã đánh giá"]
    expect(page.locator("#story li b")).to_have_text(story_of)
    expect(page.locator("#story")).to_contain_text("ưu tiên · tại máy lấy số")
    expect(page.locator("#story")).to_contain_text("Quầy 4 · Thu")
    expect(page.locator("#story")).to_contain_text("Cần bổ sung")
    expect(page.locator("#story q")).to_have_text(f"{HOSTILE} chờ lâu")
    assert page.evaluate(CONTRAST) == []
    page.keyboard.press("Escape")
    page.select_option("#field-kind", "rated")
    page.click("#filters .main")
    expect(page.locator("#log q")).to_have_text(f"{HOSTILE} chờ lâu")
    page.click("#log [data-erase]")
    page.click("#dialog .danger")
    expect(page.locator("#log q")).to_have_count(0)
    expect(page.locator("#log tbody")).to_contain_text("Rất không hài lòng")
    conn = sqlite3.connect(f"file:{hall.folder / 'luot.db'}?mode=ro", uri=True)
    assert conn.execute("SELECT count(*) FROM comments WHERE text LIKE '%chờ lâu'").fetchone()[0] == 0
    conn.close()
    assert page.evaluate("window.hurt") is None


def test_the_log_goes_on_page_by_page(hall: Program, enter: Enter) -> None:
    page = enter(hall, "log")
    page.fill("#field-start", DAYS[0])
    page.fill("#field-end", DAYS[-1])
    page.click("#filters .main")
    rows = page.locator("#log tbody tr")
    conn = sqlite3.connect(f"file:{hall.folder / 'luot.db'}?mode=ro", uri=True)
    events = conn.execute(
        "SELECT seq FROM events WHERE kind <> 'hours_set' AND day <= ? ORDER BY seq DESC", (DAYS[-1],)
    )
    wanted = [seq for (seq,) in events]
    conn.close()
    assert len(wanted) > 200
    page.select_option("#field-kind", "rated")  # not asked for yet: the list that is shown goes on as it was
    for so_far in range(200, len(wanted), 200):
        expect(rows).to_have_count(so_far)
        page.evaluate("() => { const more = document.querySelector('#more'); more.click(); more.click(); }")
    expect(rows).to_have_count(len(wanted))
    assert [int(row) for row in rows.evaluate_all("rows => rows.map((row) => row.dataset.key)")] == wanted
    expect(page.locator("#more")).to_be_hidden()


# --- the page as a whole -------------------------------------------------------------------------------------------


SECTIONS = ("today", "report/month/2026-09-01", "report/span/2026-03-01/2026-03-02", "log", "people", "devices")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_section_reads_at_seven_to_one_and_has_named_controls(hall: Program, enter: Enter, lang: str) -> None:
    page = enter(hall, lang=lang)
    for section in SECTIONS:
        show(page, section)
        page.wait_for_timeout(120)
        for width, height in ((1440, 1000), (1024, 768), (390, 800)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(CONTRAST) == [], (section, width)
        nameless = page.evaluate("""() => [...document.querySelectorAll("button, a, input, select")].filter((element) =>
            element.checkVisibility() && !element.getAttribute("aria-label") && !element.innerText?.trim()
            && !element.labels?.length).map((element) => element.outerHTML)""")
        assert nameless == []
        current = page.locator("#menu [aria-current=page]")
        assert (current.get_attribute("href") or "")[1:] == section.split("/")[0]
        assert "NaN" not in page.inner_text("main")
        assert "undefined" not in page.inner_text("main")


def test_a_phone_shows_every_row_whole(hall: Program, come: Callable[..., Page]) -> None:
    """Rows of words stand one below the other there; a table of figures may be moved sideways, its words not broken."""
    page = come(hall.url, "Thu", size=(390, 800))
    for section in ("people", "devices", "log"):
        show(page, section)
        expect(page.locator("#page tbody tr").first).to_be_visible()
        wide = page.evaluate("""() => [...document.querySelectorAll("#page .table, dialog[open]")]
            .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.innerText.slice(0, 60))""")
        assert wide == [], section
    show(page, "today")
    broken = page.evaluate("""() => [...document.querySelectorAll("#page td, #page th")].filter((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        const words = cell.innerText.split(/\\s+/).filter(Boolean);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.bottom))).size;
        return cell.checkVisibility() && lines > Math.max(words.length, 1);
    }).map((cell) => cell.innerText)""")
    assert broken == []
    show(page, "devices")
    page.fill("#field-name", "máy lấy số ở sảnh")
    page.click("#add-device button")
    expect(page.locator("#command")).to_be_visible()
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth")
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("button", name="Đã lưu mã, đóng").click()
    page.click("[aria-label='Thu hồi quyền của máy lấy số ở sảnh']")
    page.click("#dialog .danger")
    expect(page.locator("#dialog")).to_be_hidden()


def test_the_menu_works_by_keyboard_and_signing_out_ends_it(hall: Program, enter: Enter) -> None:
    page = enter(hall)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hash") == "#report":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#report-title")).to_be_visible()
    address = f"{hall.url}/export/report.csv?start={DAYS[0]}&end={DAYS[0]}"
    assert page.request.get(address).headers["content-type"].startswith("text/csv")
    page.click("#leave")
    expect(page).to_have_url(re.compile("/sign-in$"))
    assert page.request.get(address).url.endswith("/sign-in")
    page.goto(f"{hall.url}/manager")
    expect(page).to_have_url(re.compile("/sign-in$"))
