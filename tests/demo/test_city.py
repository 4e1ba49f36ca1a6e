"""The demonstration city: as large, as lively and as exact as it is promised, out of a seed."""

import uuid
from collections import Counter
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import select
from sqlmodel import col

from skills import clock
from skills.areas.find import city as city_on
from skills.areas.find import wards_of_city
from skills.areas.models import FOREVER, Area, AreaBlock, Level
from skills.catalogue.models import Audience
from skills.demo import ACCOUNTS, PASSWORD
from skills.demo.chance import at
from skills.households.address import address
from skills.households.find import doors_of, due_doors
from skills.households.models import DoorState, Household, Mark
from skills.people.models import Person, Posting, Role, TeamGroup, TeamMember
from skills.people.passwords import verify
from skills.people.phones import parse_phone
from skills.totals import check
from skills.totals.measures import Measure
from skills.totals.periods import Calendar, Kind, containing
from skills.totals.read import figures
from skills.visits.models import (
    HouseholdCore,
    Outcome,
    Visit,
    VisitAudience,
    VisitSkill,
)
from skills.visits.tally import recount
from tests.demo.made import HOAI, UNTIL, Made, small, viewer


def test_it_has_as_many_doors_and_visits_as_were_asked_for(full: Made) -> None:
    assert len(full.rows(Household.id)) == 2_000
    assert len(full.rows(Visit.id)) == 6_000


def test_the_totals_are_what_the_visits_come_to(full: Made) -> None:
    with full.database.reading() as db:
        assert check.check(db, recount) == []


def test_every_ward_where_people_live_has_residential_groups(full: Made) -> None:
    groups = {area.id: area for (area,) in full.rows(Area) if area.level == Level.GROUP}
    held = {block: area for block, area in full.rows(AreaBlock.block_id, AreaBlock.area_id) if area in groups}
    with full.database.reading() as db:
        wards = wards_of_city(db, UNTIL)
        of_ward = {
            ward.short_name: {
                held[block]
                for block in db.scalars(
                    select(col(AreaBlock.block_id)).where(col(AreaBlock.area_id) == ward.id)
                )
                if block in held
            }
            for ward in wards
        }
    assert len(wards) == 94
    assert {name for name, own in of_ward.items() if not own} == {"Hoàng Sa"}
    assert sum(map(len, of_ward.values())) == len(groups)
    assert 5 <= len(of_ward["Hải Châu"]) <= 15  # many teams in the old city, few in the hills
    assert len(of_ward["Trà Leng"]) == 1
    began = {groups[held[block]].valid_from: block for (block,) in full.rows(Household.block_id)}
    assert began.keys() == {date(2024, 1, 1), date(2025, 7, 1)}  # the old city, and where it grew


def test_it_has_lived_through_three_maps(full: Made) -> None:
    """Doors written down under wards of each map, all of them in wards of today; visits stay where their door was written."""
    ends = {area.id: area.valid_to for (area,) in full.rows(Area)}
    stored = Counter(ends[ward] for (ward,) in full.rows(Household.ward_id))
    assert stored.keys() == {date(2024, 12, 31), date(2025, 6, 30), FOREVER}
    assert min(stored.values()) > 50
    since = {(ward, door): clock.local(moment).date() for ward, door, moment in full.rows(Household.ward_id, Household.id, Household.created_at)}  # fmt: skip
    for visit in full.standing():
        assert since[visit.ward_id, visit.household_id] <= visit.visited_on
    with full.database.reading() as db:
        for day in (date(2024, 6, 1), date(2025, 3, 1), UNTIL):
            period = containing(day, Kind.YEAR)
            place = city_on(db, day)
            own = figures(db, [place.id], period, day)[place.id]
            parts = figures(db, [ward.id for ward in wards_of_city(db, day)], period, day)
            assert own[Measure.MET] == sum(part.get(Measure.MET, 0) for part in parts.values()) > 500


def test_addresses_are_real_ones_each_there_once(full: Made) -> None:
    doors = [door for (door,) in full.rows(Household)]
    plates = Counter((door.ward_id, door.fold) for door in doors)
    assert [plate for plate, often in plates.items() if often > 1] == []
    numbers = [door.number for door in doors]
    for sign in ("K", "/H", "A", "/"):
        assert any(sign in number for number in numbers), sign
    assert any(door.room for door in doors)
    assert any(door.is_business for door in doors)
    for door in doors[::50]:
        wanted = address(door.street, door.number, door.room)
        assert {name: getattr(door, name) for name in wanted} == wanted


def test_the_year_has_its_rhythm(full: Made) -> None:
    days = [visit.visited_on for visit in full.standing()]
    by_week = Counter(day.isocalendar()[:2] for day in days)
    peak = by_week[date(2026, 8, 28).isocalendar()[:2]]
    assert peak == max(by_week.values())
    assert peak >= 2 * median(by_week.values())
    ordinary = Counter(day.weekday() for day in days if day.month != 8)
    assert min(ordinary[5], ordinary[6]) > max(ordinary[day] for day in range(5))
    hours = [clock.local(visit.saved_at).hour for visit in full.standing() if visit.visited_on.weekday() < 5]
    assert sum(hour >= 17 for hour in hours) > 0.9 * len(hours)


def test_nothing_has_happened_on_the_day_itself(full: Made) -> None:
    for visit in full.standing():
        assert visit.visited_on == clock.local(visit.saved_at).date() < UNTIL
        assert timedelta() < visit.received_at - visit.saved_at <= timedelta(days=1)
        assert clock.local(visit.received_at) <= at(UNTIL, 0)


def test_outcomes_are_those_of_a_good_year(full: Made) -> None:
    visits = full.standing()
    outcomes = Counter(visit.outcome for visit in visits)
    assert set(outcomes) == set(Outcome)
    assert 0.6 < outcomes[Outcome.MET] / len(visits) < 0.8
    assert all((visit.people >= 1) == (visit.outcome == Outcome.MET) for visit in visits)
    assert all(visit.people_new <= visit.people for visit in visits)
    people = Counter(visit.people for visit in visits if visit.people)
    assert sum(people[n] for n in (1, 2, 3)) > 0.9 * people.total()
    assert all(visit.come_back_on for visit in visits if visit.outcome == Outcome.COME_BACK)
    assert any(visit.note for visit in visits)
    follow_ups = [day for (day,) in full.rows(DoorState.follow_up_on) if day]
    assert any(day < UNTIL for day in follow_ups)
    assert any(day > UNTIL for day in follow_ups)
    assert min(follow_ups) >= UNTIL - timedelta(days=10)  # nobody is kept waiting since last winter


def test_people_climb_the_ladder(full: Made) -> None:
    months = Counter(
        (day.year, day.month) for day, core in full.rows(HouseholdCore.first_alone_on, HouseholdCore.core)
    )
    assert len(months) >= 12
    assert set("DMTAN5") == {core for (core,) in full.rows(HouseholdCore.core)}
    assert any(len(cores) == 5 for (cores,) in full.rows(DoorState.cores))
    answers = Counter(visit.five_by_one for visit in full.standing())
    assert answers[True]
    assert answers[False]
    taught = Counter(len(list(own)) for _, own in groupby(sorted(full.rows(VisitSkill.visit_id))))
    assert {1, 2, 3} <= set(taught)
    half = UNTIL - timedelta(days=180)
    first, last = (
        [level for level, day in _levels(full) if (day < half) is early] for early in (True, False)
    )
    assert sum(last) / len(last) > sum(first) / len(first)


def _levels(made: Made) -> list[tuple[int, date]]:
    days = {visit.id: visit.visited_on for visit in made.standing()}
    return [
        (level, days[visit_id])
        for visit_id, level in made.rows(VisitSkill.visit_id, VisitSkill.level)
        if visit_id in days
    ]


def test_five_by_one_is_asked_when_five_groups_are_managed_and_until_somebody_says_yes(full: Made) -> None:
    with full.database.reading() as db:
        asked = db.execute(
            select(Visit, col(DoorState.cores))
            .join(
                DoorState,
                (col(DoorState.ward_id) == col(Visit.ward_id))
                & (col(DoorState.household_id) == col(Visit.household_id)),
            )
            .where(col(Visit.five_by_one).is_not(None), col(Visit.voided_at).is_(None))
            .order_by(col(Visit.visited_on), col(Visit.saved_at))
        ).all()
    answers: dict[uuid.UUID, list[bool]] = {}
    for visit, cores in asked:
        assert set(cores) == set("DMTAN")
        answers.setdefault(visit.household_id, []).append(visit.five_by_one)
    for own in answers.values():
        assert True not in own[:-1]  # after a yes nobody asks again


def test_no_sensitive_group_is_counted_at_a_door(full: Made) -> None:
    sensitive = {audience.id for (audience,) in full.rows(Audience) if audience.sensitive}
    people = {visit.id: visit.people for (visit,) in full.rows(Visit)}
    counted = full.rows(VisitAudience.visit_id, VisitAudience.audience_id, VisitAudience.people)
    assert len(counted) > 1_000
    assert sensitive
    assert sensitive.isdisjoint(audience for _, audience, _ in counted)
    assert all(1 <= n <= people[visit] for visit, _, n in counted)


def test_some_places_are_quiet_and_some_nobody_has_come_to(full: Made) -> None:
    visited = Counter(ward for (ward,) in full.rows(Visit.ward_id))
    doors = Counter(ward for (ward,) in full.rows(Household.ward_id))
    wards = {area.id: area for (area,) in full.rows(Area) if area.id in doors}
    towns = [ward for ward, area in wards.items() if area.kind == "Phường"]
    hills = [ward for ward, area in wards.items() if area.short_name.startswith(("Trà ", "Tây Giang", "La "))]
    assert len(hills) >= 8
    assert (
        sum(visited[ward] for ward in hills) / len(hills)
        < sum(visited[ward] for ward in towns) / len(towns) / 3
    )
    seen = {door for (door,) in full.rows(Visit.household_id)}
    by_block: dict[int, set[uuid.UUID]] = {}
    for block, door in full.rows(Household.block_id, Household.id):
        by_block.setdefault(block, set()).add(door)
    closed = [block for block, own in by_block.items() if own.isdisjoint(seen)]
    assert 3 <= len(closed) < len(by_block) / 4


def test_the_accounts_can_sign_in_and_nobody_else(full: Made) -> None:
    people = {person.phone: person for (person,) in full.rows(Person)}
    accounts = {parse_phone(phone) for phone in ACCOUNTS}
    assert len(accounts) == 8
    assert {phone for phone, person in people.items() if person.password_hash} == accounts
    assert all(verify(people[str(phone)].password_hash, PASSWORD)[0] for phone in accounts)
    assert all(parse_phone(phone) == phone for phone in people)
    with full.database.reading() as db:
        roles = {phone: viewer(db, phone, UNTIL).role for phone in ACCOUNTS}
        places = {
            phone: {
                area.name
                for area in (db.get(Area, one.area_id) for one in viewer(db, phone, UNTIL).postings)
                if area
            }
            for phone in ACCOUNTS
        }
    assert roles == {
        "0905000001": Role.VOLUNTEER, "0905000002": Role.TEAM_LEADER, "0905000003": Role.WARD_LEAD, "0905000004": Role.OFFICER,
        "0905000005": Role.CITY_ADMIN, "0905000006": Role.AUDITOR, "0905000011": Role.VOLUNTEER, "0905000013": Role.WARD_LEAD,
    }  # fmt: skip
    assert places["0905000001"] == places["0905000003"] == {"Phường Hải Châu"}
    assert places["0905000004"] == {"Quận Hải Châu"}
    assert places["0905000011"] == places["0905000013"] == {"Phường An Hải"}


def test_teams_are_people_and_some_of_them_stopped(full: Made) -> None:
    members: dict[uuid.UUID, set[uuid.UUID]] = {}
    for team, person in full.rows(TeamMember.team_id, TeamMember.person_id):
        members.setdefault(team, set()).add(person)
    sizes = Counter(len(own) for own in members.values())
    assert sizes.most_common(1)[0][0] == 7
    assert sum(n for size, n in sizes.items() if size < 7) >= 5
    assert {len(list(own)) for _, own in groupby(sorted(full.rows(TeamGroup.team_id)))} == {1, 2}
    posted = {person for (person,) in full.rows(Posting.person_id)}
    last: dict[uuid.UUID, date] = {}
    for visit in full.standing():
        last[visit.author_id] = max(visit.visited_on, last.get(visit.author_id, visit.visited_on))
        assert visit.author_id in members[visit.team_id] & posted
    assert sum(day < UNTIL - timedelta(days=90) for day in last.values()) >= 20


@pytest.mark.parametrize(
    "until",
    [date(2025, 12, 15), date(2026, 1, 1), date(2026, 1, 14), date(2026, 1, 15), date(2026, 2, 28), UNTIL],
    ids=str,
)
def test_her_first_page_keeps_its_promise_on_any_day(tmp_path: Path, until: date) -> None:
    keeps_its_promise(small(tmp_path, until))


@pytest.mark.prove
def test_her_first_page_keeps_its_promise_on_every_twelfth_day_of_two_years(tmp_path: Path) -> None:
    for place in range(0, 731, 12):
        folder = tmp_path / str(place)
        folder.mkdir()
        keeps_its_promise(small(folder, date(2026, 1, 1) + timedelta(days=place), seed=place))


def keeps_its_promise(made: Made) -> None:
    """Every mark in the group; follow-ups due, the first of a door met in an earlier month, of both calendars, and taught then."""
    until = made.until
    with made.database.reading() as db:
        hoai = viewer(db, HOAI, until)
        due, due_in_all = due_doors(db, hoai, 3)
        rows = doors_of(db, hoai)
        groups = [area.name for area in (db.get(Area, group) for group in hoai.group_ids) if area]
    made.database.dispose()
    assert groups == ["Tổ 12"]
    assert len(rows) == 84
    assert len({row.heading for row in rows}) == 4  # a street and three lanes
    marks = Counter(row.mark for row in rows)
    assert set(marks) == set(Mark)
    assert marks[Mark.TODO] == 32
    assert due_in_all >= 3
    first, second = due[:2]
    assert first.follow_up_on is not None
    assert second.follow_up_on is not None
    assert first.follow_up_on < second.follow_up_on <= until
    assert first.mark == Mark.BACK
    assert first.last_met_on is not None
    for calendar in Calendar:
        assert (
            containing(first.last_met_on, Kind.MONTH, calendar).end
            < containing(until, Kind.MONTH, calendar).start
        )
    assert first.last_on == first.last_met_on
    assert 40 <= (until - first.last_met_on).days <= 75
    assert first.last_skills
    assert first.alone_skills == 0
