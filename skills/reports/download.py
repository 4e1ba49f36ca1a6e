"""A report as a CSV file: UTF-8 with a byte order mark, as spreadsheets want it, and no text taken for a formula."""

import csv
import io
from collections.abc import Iterator

from skills.areas.models import Area, Level
from skills.clock import local
from skills.language import gettext as _
from skills.reports.area import NAMES, AreaReport, Line
from skills.text import fold

# A cell that begins with one of these is worked out by a spreadsheet; the fullwidth ones are folded to them by some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def file_name(report: AreaReport) -> str:
    """A name of plain letters: bao-cao-phuong-hai-chau-2026-08.csv."""
    words = f"{_('Báo cáo')} {report.title} {report.period.name}"
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in fold(words))
    return "-".join(part for part in plain.split("-") if part) + ".csv"


def csv_lines(report: AreaReport) -> Iterator[bytes]:
    """The file line by line: a head in the reader's language, each area, what lies in none of them, and the sum."""
    yield "\ufeff".encode()
    yield _row(
        [
            _("Từ ngày"),
            _("Đến ngày"),
            _("Tính đến"),
            _("Số hiệu"),
            _("Mã"),
            _("Cấp"),
            _("Đơn vị"),
            _("Thuộc"),
            *_heads(),
        ]
    )
    for line in report.lines:
        yield _line(report, line, report.title)
        for inner in line.lines:
            yield _line(report, inner, line.title)
    if report.unallocated:
        yield _line(report, report.unallocated, report.title)
    yield _row(
        [*_place(report), *_named(report.area, _sum_title(report), ""), *_sums(report), report.fresh.missing]
    )


def skill_lines(report: AreaReport) -> Iterator[bytes]:
    """What was taught in the area, a line for each skill with its levels (lượt kỹ năng); none for an area not in force."""
    yield "\ufeff".encode()
    yield _row(
        [
            _("Từ ngày"),
            _("Đến ngày"),
            _("Tính đến"),
            _("Số hiệu"),
            _("Đơn vị"),
            _("Mã"),
            _("Kỹ năng"),
            _("Giới thiệu"),
            _("Thực hành"),
            _("Tự làm được"),
            _("Cộng"),
            _("Còn chưa tính"),
        ]
    )
    for skill in report.skills:
        whose: list[int | str] = [report.area.id, guarded(report.title), skill.code, guarded(skill.title)]
        yield _row([*_place(report), *whose, *skill.levels, skill.total, report.fresh.missing])


def guarded(text: str) -> str:
    """The text so that no spreadsheet works it out: a leading apostrophe where it begins like a formula."""
    return (
        f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA) or text.startswith(_FORMULA) else text
    )


def measure_titles() -> dict[str, str]:
    """The figures of a report by name, in words."""
    return {
        "households_reached": _("Hộ đã gặp"),
        "households_helped": _("Hộ được hướng dẫn"),
        "households_revisited": _("Hộ gặp từ hai ngày trở lên"),
        "visits_met": _("Lượt gặp"),
        "visits_absent": _("Lượt vắng nhà"),
        "visits_declined": _("Lượt từ chối"),
        "visits_come_back": _("Lượt hẹn lại"),
        "visits_odd": _("Lượt có điều lạ, vẫn tính"),
        "people": _("Số người được hướng dẫn"),
        "people_new": _("Trong đó lần đầu"),
        "households_core_services": _("Hộ mới tự làm được: dịch vụ công"),
        "households_core_shopping": _("Hộ mới tự làm được: mua bán trên mạng"),
        "households_core_payment": _("Hộ mới tự làm được: thanh toán số"),
        "households_core_safety": _("Hộ mới tự làm được: an toàn trên mạng"),
        "households_core_platforms": _("Hộ mới tự làm được: nền tảng của thành phố"),
        "households_five_groups": _("Hộ mới đủ năm nhóm, nhiều người cộng lại"),
        "households_five_by_one": _("Hộ mới có một người làm được cả năm"),
    }


def _heads() -> list[str]:
    titles = measure_titles()
    return [*(titles[name] for name in NAMES), _("Còn chưa tính")]


def _line(report: AreaReport, line: Line, within: str) -> bytes:
    return _row(
        [
            *_place(report),
            *_named(line.area, line.title, within),
            *(line.figures[name] for name in NAMES),
            report.fresh.missing,
        ]
    )


def _place(report: AreaReport) -> list[str]:
    """Which days, and when it was read."""
    return [
        report.period.start.isoformat(),
        report.period.end.isoformat(),
        f"{local(report.read_at):%Y-%m-%d %H:%M}",
    ]


def _named(area: Area | None, title: str, within: str) -> list[int | str]:
    """Our own number first: codes of the statistics office were given anew to other wards."""
    if area is None:
        return ["", "", "", guarded(title), guarded(within)]
    return [area.id, guarded(area.code), _level(area), guarded(title), guarded(within)]


def _level(area: Area) -> str:
    """What kind of line it is, so that nobody adds a subtotal to its parts."""
    return {
        Level.CITY: _("thành phố"),
        Level.PROVINCE: _("tỉnh"),
        Level.DISTRICT: _("khu vực"),
        Level.CLUSTER: _("khu vực"),
        Level.WARD: _("phường, xã"),
        Level.GROUP: _("tổ dân phố, thôn"),
    }[Level(area.level)]


def _sum_title(report: AreaReport) -> str:
    return f"{_('Cộng')}: {report.title}" if report.lines else report.title


def _sums(report: AreaReport) -> list[int | str]:
    """The figures of the area; empty cells, not 0, when it was not in force."""
    return [report.figures[name] if report.figures is not None else "" for name in NAMES]


def _row(cells: list[int | str] | list[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue().encode()
