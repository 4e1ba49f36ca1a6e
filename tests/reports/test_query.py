"""What a report may be asked for, and how a period is spoken of."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from skills.forms import FormErrors
from skills.language import speaking
from skills.reports import charts, titles
from skills.reports.forms import ReportQuery, TotalsQuery, address, address_of, read_query
from skills.reports.picker import picker_for
from skills.totals.periods import Calendar, Kind, Period, containing, day_range, parse
from tests.examples import for_every
from tests.vietnamese import ANYTHING, DAYLIKE, typed_days

TODAY = date(2026, 11, 22)


def asked(**typed: str) -> ReportQuery | FormErrors:
    return read_query(ReportQuery, {name.rstrip("_"): [value] for name, value in typed.items()}, TODAY)


def period(**typed: str) -> Period:
    query = asked(**typed)
    assert isinstance(query, ReportQuery), query
    return query.chosen(TODAY)


def test_without_a_period_it_is_the_running_month() -> None:
    assert period().name == "2026-11"
    assert period(calendar="nd09").name == "2026-12"
    assert period(calendar="nd09").start == date(2026, 11, 15)


def test_days_of_ones_own_may_be_written_as_people_do() -> None:
    assert period(from_="1/8/2026", to="2026-08-20") == day_range(date(2026, 8, 1), date(2026, 8, 20))


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"period": "2026-13"}, "period", "Không có kỳ này"),
        ({"period": "x' OR 1=1"}, "period", "Không có kỳ này"),
        ({"period": "2026-W33", "calendar": "nd09"}, "period", "không có ngày và tuần"),
        ({"period": "2026-12"}, "period", "chưa tới"),
        ({"period": "2027"}, "period", "chưa tới"),
        ({"from_": "1/12/2026", "to": "2/12/2026"}, "from", "chưa tới"),
        ({"from_": "1/8/2026"}, "to", "Ghi thêm đến ngày"),
        ({"to": "1/8/2026"}, "from", "Ghi thêm từ ngày"),
        ({"from_": "2/8/2026", "to": "1/8/2026"}, "to", "trước từ ngày"),
        ({"from_": "1/1/2025", "to": "1/2/2026"}, "to", "366"),
        ({"from_": "32/8/2026", "to": "1/9/2026"}, "from", "ngày/tháng/năm"),
        ({"period": "2026-08", "from_": "1/8/2026", "to": "2/8/2026"}, "period", "không ghi cả hai"),
        ({"calendar": "lunar"}, "calendar", "Ghi civil (lịch thường) hoặc nd09"),
        ({"lens": "tomorrow"}, "lens", "Ghi then (lúc đó) hoặc today"),
        ({"sort": "id; --"}, "sort", "Chọn lại cột"),
        ({"desc": "maybe"}, "desc", "Chọn lại cột"),
        ({"area": "x"}, "area", "Chọn lại địa bàn"),
        ({"area": "0"}, "area", "Chọn lại địa bàn"),
        ({"area": "99999999999999999999"}, "area", "Chọn lại địa bàn"),
        ({"area": "9" * 5000}, "area", "Chọn lại địa bàn"),
        ({"page": "2"}, "", "phần thừa"),
    ],
)
def test_what_can_not_be_is_said_beside_its_name(typed: dict[str, str], field: str, words: str) -> None:
    query = asked(**typed)
    assert isinstance(query, FormErrors)
    assert words in query.errors[field]


def test_days_one_by_one_are_told_for_a_quarter_at_most() -> None:
    told = read_query(TotalsQuery, {"period": ["2026"], "by": ["day"]}, TODAY)
    assert isinstance(told, FormErrors)
    assert "một quý" in told.errors["by"]
    assert isinstance(read_query(TotalsQuery, {"period": ["2026-Q3"], "by": ["day"]}, TODAY), TotalsQuery)


def test_the_map_is_that_of_the_last_day_or_of_today() -> None:
    def lens_day(**typed: str) -> date:
        query = asked(**typed)
        assert isinstance(query, ReportQuery)
        return query.lens_day(TODAY)

    assert lens_day(period="2025-05") == date(2025, 5, 31)
    assert lens_day(period="2025-05", lens="today") == TODAY
    assert lens_day(period="2026") == TODAY


@pytest.mark.parametrize(
    ("name", "calendar", "words", "english"),
    [
        ("2026-08", "civil", "tháng 8/2026", "8/2026"),
        ("2026-Q3", "civil", "quý III/2026", "III/2026"),
        ("2026-H1", "civil", "nửa đầu năm 2026", "2026"),
        ("2026-H2", "civil", "nửa cuối năm 2026", "2026"),
        ("2026", "civil", "năm 2026", "2026"),
        ("2026-W33", "civil", "tuần 33/2026", "33"),
        ("2026-08-28", "civil", "ngày 28/8/2026", "28/8/2026"),
        ("2026-08", "nd09", "tháng 8/2026 (15/7–14/8)", "15/7–14/8"),
        ("2026-Q1", "nd09", "quý I/2026 (15/12/2025–14/3/2026)", "15/12/2025–14/3/2026"),
        ("2026", "nd09", "năm 2026 (15/12/2025–14/12/2026)", "15/12/2025–14/12/2026"),
    ],
)
def test_a_period_in_words(name: str, calendar: str, words: str, english: str) -> None:
    told = parse(name, Calendar(calendar))
    assert titles.title(told) == words
    with speaking("en"):
        assert english in titles.title(told)


def test_days_of_ones_own_in_words() -> None:
    assert titles.title(day_range(date(2026, 8, 1), date(2026, 8, 20))) == "từ 1/8/2026 đến 20/8/2026"


def test_the_picker_offers_the_latest_and_the_chosen() -> None:
    chosen = parse("2019-03")
    offered = titles.choices(chosen, Calendar.CIVIL, TODAY)
    assert [one.title for one in offered] == ["Tháng", "Quý", "Nửa năm", "Năm", "Tuần", "Ngày"]
    months = offered[0].choices
    assert (months[0].name, months[-1].name) == ("2026-11", "2019-03")
    assert [one.name for one in months if one.chosen] == ["2019-03"]
    assert offered[1].choices[0].title == "Quý IV/2026"
    assert [one.title for one in titles.choices(chosen, Calendar.ND09, TODAY)] == [
        "Tháng",
        "Quý",
        "Nửa năm",
        "Năm",
    ]


def test_from_a_report_to_the_next() -> None:
    query = asked(area="7", period="2026-10", sort="visits", desc="1")
    assert isinstance(query, ReportQuery)
    picker = picker_for(query, TODAY)
    assert picker.previous is not None
    assert picker.previous.href == "/reports?area=7&period=2026-09&sort=visits&desc=1"
    assert picker.following is not None
    assert picker.following.href == "/reports?area=7&period=2026-11&sort=visits&desc=1"
    assert picker.lenses[1].href.startswith("/reports?area=7&period=2026-10&lens=today")
    assert picker.calendars[1].href.startswith("/reports?area=7&period=2026-10&calendar=nd09")
    assert picker.file.startswith("/reports/download.csv?area=7&period=2026-10")
    running = asked(period="2026-11")
    assert isinstance(running, ReportQuery)
    assert picker_for(running, TODAY).following is None


@for_every(
    "read_query",
    day=st.dates(date(2000, 1, 1), TODAY),
    kind=st.sampled_from(list(Kind)),
    calendar=st.sampled_from(list(Calendar)),
    more=st.integers(0, 365),
)
def test_every_way_on_leads_to_a_report(day: date, kind: Kind, calendar: Calendar, more: int) -> None:
    """No link of any report is answered with 422."""
    if kind is Kind.RANGE:
        typed = {"from": [str(day)], "to": [str(date.fromordinal(day.toordinal() + more))]}
    else:
        assume(calendar is Calendar.CIVIL or kind not in (Kind.DAY, Kind.WEEK))
        named = containing(day, kind, calendar)
        assume(not named.name.startswith("1999"))  # the week of 01/01/2000
        typed = {"period": [named.name]}
    query = read_query(ReportQuery, typed | {"calendar": [calendar.value]}, TODAY)
    assert isinstance(query, ReportQuery)
    picker = picker_for(query, TODAY)
    for link in [picker.previous, *picker.lenses, *picker.calendars, picker.following]:
        if link is None:
            continue
        followed = read_query(ReportQuery, parse_qs(urlsplit(link.href).query), TODAY)
        assert isinstance(followed, ReportQuery), (link, followed)
    before = query.chosen(TODAY).before()
    if picker.previous is None:
        assert before.start < date(2000, 1, 1)
        return
    there = read_query(ReportQuery, parse_qs(urlsplit(picker.previous.href).query), TODAY)
    assert isinstance(there, ReportQuery)
    assert there.chosen(TODAY) == before


@pytest.mark.parametrize(
    "typed",
    [
        {"period": "2000"},
        {"period": "2000-01-01"},
        {"period": "2000-W01"},
        {"from_": "1/1/2000", "to": "2/1/2000"},
    ],
)
def test_there_is_no_way_back_before_the_first_day(typed: dict[str, str]) -> None:
    """The arrow used to lead to 1999, which was answered with 422."""
    query = asked(**typed)
    assert isinstance(query, ReportQuery)
    assert picker_for(query, TODAY).previous is None


PERIODS = st.sampled_from(
    ["2026", "2026-H1", "2026-Q3", "2026-08", "2026-W33", "2026-08-28", "2019-03", "2000"]
)
ASKED = st.fixed_dictionaries({}, optional={
    "calendar": st.sampled_from(["civil", "nd09", "lunar"]),
    "area": st.integers(-1, 200).map(str) | DAYLIKE,
    "period": PERIODS | DAYLIKE,
    "from": typed_days().map(lambda pair: pair[1]) | DAYLIKE,
    "to": typed_days().map(lambda pair: pair[1]) | DAYLIKE,
    "lens": st.sampled_from(["then", "today", "tomorrow"]),
    "by": st.sampled_from(["area", "skill", "audience", "ladder", "day", "team"]),
})  # fmt: skip
SAID = ASKED.map(lambda typed: {name: [value] for name, value in typed.items()})
JUNK = st.dictionaries(st.sampled_from(["calendar", "area", "period", "from", "to", "lens", "by"]) | ANYTHING, st.lists(ANYTHING | DAYLIKE, max_size=3), max_size=5)  # fmt: skip


@for_every("read_query", typed=SAID | JUNK)
def test_any_address_is_a_question_or_a_sentence_beside_a_name(typed: dict[str, list[str]]) -> None:
    query = read_query(TotalsQuery, typed, TODAY)
    if isinstance(query, FormErrors):
        assert query.errors
        assert all(query.errors.values())
        left_out = {
            "from",
            "to",
        }  # one of two days may be what is missing, and then it stands beside that one
        assert query.errors.keys() <= typed.keys() | left_out | {""}
        return
    period = query.chosen(TODAY)
    assert period.start <= TODAY
    assert period.start <= query.lens_day(TODAY) <= TODAY
    assert query.by != "day" or (period.end - period.start).days < 92
    again = parse_qs(urlsplit(address(query, by=query.by)).query)
    assert read_query(TotalsQuery, again, TODAY) == query
    there = parse_qs(urlsplit(address_of(query, period, by=query.by)).query)
    reread = read_query(TotalsQuery, there, TODAY)
    assert isinstance(reread, TotalsQuery)
    assert reread.chosen(TODAY) == period


def test_an_address_leaves_out_what_goes_without_saying() -> None:
    query = asked()
    assert isinstance(query, ReportQuery)
    assert address(query) == "/reports"
    assert address(query, lens="today") == "/reports?lens=today"
    days = day_range(date(2026, 8, 1), date(2026, 8, 2))
    assert address_of(query, days) == "/reports?from=2026-08-01&to=2026-08-02"


@for_every("charts.columns", values=st.lists(st.integers(0, 10**9), max_size=12))
def test_a_chart_has_few_labels_and_round_lines(values: list[int]) -> None:
    chart = charts.columns([(str(place), value, False) for place, value in enumerate(values)])
    assert [point.value for point in chart.points] == values
    assert sum(1 for point in chart.points if point.label) <= 3
    assert len(chart.grid) <= 3
    assert all(str(line).rstrip("0") in {"1", "2", "3", "4", "5", "6", "15"} for line in chart.grid)
    assert all(0 < line <= max(values) for line in chart.grid)
    assert not values or max(values) == 0 or chart.grid
