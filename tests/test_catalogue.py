"""What is taught and to whom, as the files say and as the database keeps it."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from skills.catalogue.find import audiences_on, skill_by_code, skills_on
from skills.catalogue.load import load
from skills.catalogue.models import Audience, Core, Pillar, Skill, SkillLevel
from skills.db import Row
from skills.errors import NotFound
from skills.text import nfc

DAY = date(2026, 8, 28)


@pytest.fixture
def db() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    tables = [Row.metadata.tables["skill"], Row.metadata.tables["audience"]]
    Row.metadata.create_all(engine, tables=tables)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_loading_twice_changes_nothing_the_second_time(db: Session) -> None:
    assert load(db) == 43
    assert load(db) == 0
    assert len(db.exec(select(Skill)).all()) == 30
    assert len(db.exec(select(Audience)).all()) == 13


def test_loading_puts_right_what_differs_and_leaves_what_an_office_added(db: Session) -> None:
    load(db)
    scams = skill_by_code(db, "XH04")
    scams.name_vi = "Khác"
    older = db.exec(select(Audience).where(Audience.code == "NCT")).one()
    older.sensitive = True
    own = scams.model_dump() | {"id": 900, "code": "DP01", "name_vi": "Kỹ năng của phường"}
    db.add(Skill(**own))
    db.flush()

    assert load(db) == 2
    assert skill_by_code(db, "XH04").name_vi == "Nhận biết, phòng chống lừa đảo trực tuyến"
    assert not older.sensitive
    assert skill_by_code(db, "DP01").id == 900


def test_the_thirty_skills_stand_in_their_order(db: Session) -> None:
    load(db)
    skills = skills_on(db, DAY)
    assert [skill.id for skill in skills] == list(range(1, 31))
    assert [skill.code for skill in skills] == [
        *(f"NT0{n}" for n in range(1, 7)), *(f"CQ0{n}" for n in range(1, 9)),
        *(f"KT0{n}" for n in range(1, 10)), *(f"XH0{n}" for n in range(1, 8)),
    ]  # fmt: skip
    assert Counter(skill.core for skill in skills) == {"D": 6, "M": 3, "T": 4, "A": 6, "N": 9, None: 2}
    assert Counter(skill.pillar for skill in skills) == {"gov": 8, "eco": 9, "soc": 13}


def test_each_skill_is_written_so_that_it_can_be_shown(db: Session) -> None:
    load(db)
    # Hòa, hóa, khỏe: the tone stands on the first vowel of an open syllable, as the official lists write it
    new_style = re.compile(r"(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])\b", re.IGNORECASE)
    rows: list[Skill | Audience] = [*skills_on(db, DAY), *audiences_on(db, DAY, with_sensitive=True)]
    for row in rows:
        words = [value for value in row.model_dump().values() if isinstance(value, str)]
        assert all(word == nfc(word).strip() != "" for word in words), row.code
        assert not any(new_style.search(word) or "!" in word for word in words), row.code
        assert len(row.short_vi) <= 22, row.code
        assert len(row.short_en) <= 22, row.code
    for short in ("short_vi", "short_en", "name_vi", "name_en"):
        assert len({getattr(row, short) for row in rows}) == len(rows)


def test_managing_alone_has_one_observable_check_for_each_skill(db: Session) -> None:
    load(db)
    skills = skills_on(db, DAY)
    assert len({skill.check_vi for skill in skills}) == len({skill.check_en for skill in skills}) == 30
    for skill in skills:
        for check in (skill.check_vi, skill.check_en):
            assert check.count(".") == 1, skill.code
            assert check.endswith("."), skill.code
            assert len(check) <= 120, skill.code


def test_sensitive_groups_are_left_out_unless_asked_for(db: Session) -> None:
    load(db)
    everyone = {group.code for group in audiences_on(db, DAY, with_sensitive=True)}
    at_a_door = {group.code for group in audiences_on(db, DAY)}
    assert len(everyone) == 13
    assert everyone - at_a_door == {"NKT", "DTTS", "HN"}


def test_a_row_is_in_the_catalogue_from_its_first_day_to_its_last(db: Session) -> None:
    load(db)
    ended = skill_by_code(db, "KT09")
    ended.valid_to = DAY
    group = db.exec(select(Audience).where(Audience.code == "NGD")).one()
    group.valid_from = DAY
    db.flush()
    day_before, day_after = date(2026, 8, 27), date(2026, 8, 29)
    assert ended in skills_on(db, DAY)
    assert ended not in skills_on(db, day_after)
    assert group in audiences_on(db, DAY)
    assert group not in audiences_on(db, day_before)
    assert skills_on(db, date(2021, 12, 31)) == []
    assert skill_by_code(db, "KT09") == ended  # its teaching card and old visits still name it


def test_a_code_that_never_was_is_not_found(db: Session) -> None:
    load(db)
    with pytest.raises(NotFound):
        skill_by_code(db, "ZZ99")


@pytest.mark.parametrize(
    ("column", "value"), [("pillar", "xyz"), ("digcomp", 6), ("core", "Z"), ("code", "NT01")]
)
def test_the_database_refuses_what_no_skill_can_be(db: Session, column: str, value: object) -> None:
    load(db)
    wrong = skill_by_code(db, "NT01").model_dump() | {"id": 900, "code": "DP01"} | {column: value}
    db.add(Skill(**wrong))
    with pytest.raises(IntegrityError):
        db.flush()


def test_pillars_groups_and_levels_have_names() -> None:
    assert [level.label for level in SkillLevel] == ["Giới thiệu", "Thực hành", "Tự làm được"]
    assert "".join(Core) == "DMTAN"
    assert [core.label for core in Core] == [
        "Dịch vụ công", "Mua bán trên mạng", "Thanh toán số", "An toàn trên mạng", "Nền tảng của thành phố",
    ]  # fmt: skip
    assert [pillar.label for pillar in Pillar] == ["Chính quyền số", "Kinh tế số", "Xã hội số"]
    assert SkillLevel.INTRODUCED < SkillLevel.PRACTISED < SkillLevel.ALONE
