"""A hall as the kiosk gets it, for tests: five areas and results, desks, procedures with papers; and hostile names."""

from __future__ import annotations

from server.protocol import (
    AreaInfo,
    DeskInfo,
    EndedTicket,
    HallInfo,
    KioskArea,
    KioskView,
    PriorityInfo,
    ProcedureInfo,
    RatingInfo,
    SessionInfo,
    TicketResult,
)

HOSTILE = "[b]Ủy[/b] & <i>ban</i> %s {x} =1+1 \x1b@\x10\x04\x01 $(ls) &bl;"
LONG = "Thực hiện, điều chỉnh, thôi hưởng trợ cấp hưu trí xã hội và các chế độ bảo trợ khác theo quy định hiện hành"

AREAS = (
    ("tu-phap", "Tư pháp, hộ tịch", "Khai sinh, kết hôn, khai tử, chứng thực", "account-multiple-outline", "#0B5C6B"),
    ("dat-dai", "Đất đai, xây dựng", "Sổ đỏ, giấy phép xây dựng, môi trường", "home-outline", "#7A4000"),
    ("xa-hoi", "Chính sách xã hội", "Người có công, trợ cấp, khuyết tật", "heart-outline", "#97190F"),
    ("kinh-te", "Kinh tế, hộ kinh doanh", "Đăng ký, thay đổi, tạm ngừng", "store-outline", "#1B5E37"),
    ("van-phong", "Văn phòng, đơn thư, khác", "Phản ánh, xác nhận", "file-document-outline", "#3F358C"),
    ("KQ", "Nhận kết quả", "Đã có giấy hẹn", "tray-arrow-down", "#14212B"),
    ("nong-nghiep", "Nông nghiệp, môi trường", "Chăn nuôi, trồng trọt", "sprout-outline", "#1B5E37"),
    ("van-hoa", "Văn hóa, giáo dục, y tế", "Trường học, lễ hội", "school-outline", "#0B5C6B"),
    ("cong-an", "Công an: cư trú, căn cước", "Phòng bên cạnh", "shield-outline", "#97190F"),
)

PROCEDURES = (
    ("chung-thuc", "Chứng thực bản sao", "sao y công chứng", ("Bản chính", "Bản sao cần chứng thực")),
    (
        "khai-sinh",
        "Đăng ký khai sinh",
        "",
        ("Giấy chứng sinh", "Căn cước của cha, mẹ", "Giấy chứng nhận kết hôn (nếu có)", "Tờ khai – có sẵn tại quầy"),
    ),
    ("ket-hon", "Đăng ký kết hôn", "cả hai bên phải có mặt", ("Tờ khai", "Căn cước của hai bên")),
    ("khai-tu", "Đăng ký khai tử", "", ("Tờ khai", "Giấy báo tử", "Căn cước")),
    ("doc-than", "Xác nhận tình trạng hôn nhân", "giấy độc thân", ("Tờ khai",)),
    ("trich-luc", "Cấp bản sao trích lục hộ tịch", "", ("Tờ khai", "Căn cước")),
    ("cai-chinh", "Thay đổi, cải chính, bổ sung hộ tịch", "", ("Tờ khai", "Giấy tờ chứng minh", "Căn cước")),
    ("chu-ky", "Chứng thực chữ ký", "sơ yếu lý lịch; chưa ký trước", ("Căn cước", "Giấy tờ cần ký")),
)  # fmt: skip


def hall(areas: int = 6, *, long_names: bool = False, hostile: bool = False, levels: int = 5) -> HallInfo:
    """A hall with so many areas; every name long, or hostile, where asked."""

    def said(text: str) -> dict[str, str]:
        return {"vi": HOSTILE if hostile else f"{text}: {LONG}" if long_names else text}

    words = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
    english = ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied")
    chosen = range(5) if levels == 5 else (1, 2, 3)
    return HallInfo(
        name=said("UBND PHƯỜNG THÁI BÌNH") if hostile else {"vi": "UBND PHƯỜNG THÁI BÌNH"},
        place={"vi": "Trung tâm Phục vụ hành chính công", "en": "Public Administration Service Centre"},
        areas=tuple(
            AreaInfo(code=code, prefix=str(n), name=said(name), words=said(often), icon=icon, color=color)
            for n, (code, name, often, icon, color) in enumerate(AREAS[:areas], 1)
        ),
        procedures=tuple(
            ProcedureInfo(
                code=code,
                area="tu-phap",
                name=said(name),
                words=said(often) if often else {},
                papers=tuple(said(paper) for paper in papers),
                time_limit={"vi": "trong ngày (nhận sau 15:00: ngày làm việc sau)"} if code == "khai-sinh" else {},
                fee={"vi": "Miễn phí nếu đúng hạn 60 ngày"} if code == "khai-sinh" else {},
            )
            for code, name, often, papers in PROCEDURES
        ),
        desks=tuple(DeskInfo(code=str(n), name={"vi": f"Quầy {n}"}, areas=("tu-phap",)) for n in range(1, 5)),
        sessions=(SessionInfo(start="07:30", end="11:30"), SessionInfo(start="13:30", end="17:00")),
        priority=PriorityInfo(
            rule={"vi": "Ưu tiên: từ 75 tuổi, khuyết tật, người có công, mang thai, có con nhỏ"},
            short={"vi": "từ 75 tuổi"},
        ),
        rating=RatingInfo(
            question={
                "vi": "Ông/Bà hài lòng ở mức nào về việc phục vụ vừa rồi?",
                "en": "How satisfied are you with the service you have just received?",
            },
            levels=tuple({"vi": words[n], "en": english[n]} for n in chosen),
            reasons={
                "wait": {"vi": "Chờ lâu"},
                "manner": {"vi": "Thái độ chưa lịch sự"},
                "guidance": {"vi": "Hướng dẫn chưa rõ, phải đi lại nhiều lần"},
                "extra_papers": {"vi": "Yêu cầu thêm giấy tờ ngoài quy định"},
                "late_result": {"vi": "Trả kết quả trễ hẹn"},
                "place": {"vi": "Cơ sở vật chất chưa tốt"},
                "other": {"vi": "Khác"},
            },
        ),
    )


def view(areas: int = 6, *, waiting: int | None = None, is_open: bool = True, ended: int = 4) -> KioskView:
    """Waiting as in the picture (7, 1, 2, no desk, nobody, 3 …), or the same number everywhere."""
    counts = (7, 1, 2, 0, 0, 3, 4, 0, 12)
    return KioskView(
        areas=tuple(
            KioskArea(
                code=code,
                waiting=counts[n] if waiting is None else waiting,
                desks_open=() if n == 3 else ("1", "2"),
                open=is_open,
                opens_at="13:30" if n == 3 else None,
            )
            for n, (code, *_) in enumerate(AREAS[:areas])
        ),
        ended=tuple(
            EndedTicket(ticket=100 + n, number=f"10{n:02}", area="tu-phap", desk="2", ended_at="2026-11-23T01:40:00Z")
            for n in range(1, ended + 1)
        ),
        open=is_open,
        opens_at=None if is_open else "2026-11-23T13:30:00+07:00",
    )


def ticket(
    number: str = "1008", *, id: int = 9182, priority: bool = True, procedure: str | None = "khai-sinh"
) -> TicketResult:
    return TicketResult(
        ticket=id,
        number=number,
        area="tu-phap",
        procedure=procedure,
        priority=priority,
        ahead=2,
        estimate=None,
        desks=("1", "2"),
        issued_at="2026-11-23T01:42:07.120Z",
        token="t",
        rating_code="47",
    )
