"""The tables of the catalogue. Both are reference tables: small, rarely written, each row with its dates."""

from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from skills.db import Row, moment_column
from skills.text import N_


class Pillar(StrEnum):
    """The three pillars of digital transformation (QĐ 749/QĐ-TTg)."""

    GOVERNMENT = "gov"
    ECONOMY = "eco"
    SOCIETY = "soc"

    @property
    def label(self) -> str:
        """The Vietnamese name: a msgid, translated where it is shown."""
        return _PILLAR_LABELS[self]


class Core(StrEnum):
    """The five basic skills that a person of each household is to manage (Công văn 3240/BTTTT-CĐSQG)."""

    SERVICES = "D"
    SHOPPING = "M"
    PAYMENT = "T"
    SAFETY = "A"
    PLATFORMS = "N"

    @property
    def label(self) -> str:
        """The Vietnamese name: a msgid, translated where it is shown."""
        return _CORE_LABELS[self]


class SkillLevel(IntEnum):
    """How far a skill came at a visit. A skill ticked without a level is the lowest."""

    INTRODUCED = 1
    PRACTISED = 2
    ALONE = 3

    @property
    def label(self) -> str:
        """The Vietnamese name: a msgid, translated where it is shown."""
        return _LEVEL_LABELS[self]


_PILLAR_LABELS = {
    Pillar.GOVERNMENT: N_("Chính quyền số"),
    Pillar.ECONOMY: N_("Kinh tế số"),
    Pillar.SOCIETY: N_("Xã hội số"),
}
_CORE_LABELS = {
    Core.SERVICES: N_("Dịch vụ công"),
    Core.SHOPPING: N_("Mua bán trên mạng"),
    Core.PAYMENT: N_("Thanh toán số"),
    Core.SAFETY: N_("An toàn trên mạng"),
    Core.PLATFORMS: N_("Nền tảng của thành phố"),
}
_LEVEL_LABELS = {
    SkillLevel.INTRODUCED: N_("Giới thiệu"),
    SkillLevel.PRACTISED: N_("Thực hành"),
    SkillLevel.ALONE: N_("Tự làm được"),
}


class Skill(Row, table=True):
    """One thing that is taught at a door. `check_vi` says what has to be seen before a level is "alone"."""

    __table_args__ = (
        CheckConstraint("pillar IN ('gov', 'eco', 'soc')", name="pillar"),
        CheckConstraint("digcomp BETWEEN 1 AND 5", name="digcomp"),
        CheckConstraint("core IN ('D', 'M', 'T', 'A', 'N')", name="core"),
    )
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    code: str = Field(max_length=8, unique=True)
    name_vi: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    short_vi: str = Field(max_length=22)  # fits a chip on a phone
    short_en: str = Field(max_length=22)
    pillar: str = Field(max_length=3)  # a Pillar
    digcomp: int  # area of DigComp, 1–5; the numbers are the same in versions 2.2 and 3.0
    core: str | None = Field(default=None, max_length=1)  # a Core, or none of the five
    check_vi: str = Field(max_length=200)
    check_en: str = Field(max_length=200)
    sort: int
    valid_from: date
    valid_to: date | None = None  # inclusive; None: still taught
    external_ref: str | None = Field(default=None, max_length=20)  # '757/0.1': group 0.1 of QĐ 757/QĐ-BKHCN
    changed_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))  # by an office


class Audience(Row, table=True):
    """A group of people that teaching is meant for. Groups overlap, so their counts never add up to people.

    Sensitive groups (health and ethnic origin by Nghị định 356/2025/NĐ-CP, poverty by our choice) are never
    asked at a door: their counts belong to a residential group and a month.
    """

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    code: str = Field(max_length=8, unique=True)
    name_vi: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    short_vi: str = Field(max_length=22)
    short_en: str = Field(max_length=22)
    sensitive: bool
    sort: int
    valid_from: date
    valid_to: date | None = None  # inclusive
    changed_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))  # by an office


class FormerWording(Row, table=True):
    """How a skill or a group was called until an office chose other words: what a level meant on the day of an old visit."""

    __tablename__ = "former_wording"
    of: str = Field(primary_key=True, max_length=9)  # "skills" or "audiences"
    of_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    replaced_at: datetime = Field(sa_column=moment_column(nullable=False, primary_key=True))
    name_vi: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    short_vi: str = Field(max_length=22)
    short_en: str = Field(max_length=22)
    check_vi: str = Field(default="", max_length=200)
    check_en: str = Field(default="", max_length=200)
