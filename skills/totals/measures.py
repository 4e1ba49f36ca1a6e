"""What is counted, each measure a small number. Households, people and visits are three things and never mixed."""

from enum import IntEnum


class Measure(IntEnum):
    """The measures that don't depend on the catalogue. Households are distinct within the period; all else adds up over periods."""

    REACHED = 1  # households with at least one meeting
    HELPED = 2  # households with a meeting at which people ≥ 1 were taught a skill
    REVISITED = 3  # households met on two or more days
    MET = 11  # visits by outcome
    ABSENT = 12
    DECLINED = 13
    COME_BACK = 14
    PEOPLE = 21  # people helped, all visits added up
    PEOPLE_NEW = 22  # of them for the first time
    ODD = 31  # visits with something unlikely about them: counted, and flagged
    CORE_D = 41  # flows: households in which somebody first managed the core group alone in this period
    CORE_M = 42
    CORE_T = 43
    CORE_A = 44
    CORE_N = 45
    GROUPS_5 = 46  # all five groups by somebody of the household: the union, never called official
    CORE_5 = 47  # one person manages all five: the ministry's figure (Công văn 3240/BTTTT-CĐSQG)


DISTINCT = frozenset({Measure.REACHED, Measure.HELPED, Measure.REVISITED})
OUTCOMES = {
    "met": Measure.MET,
    "absent": Measure.ABSENT,
    "declined": Measure.DECLINED,
    "come_back": Measure.COME_BACK,
}
CORES = {
    "D": Measure.CORE_D, "M": Measure.CORE_M, "T": Measure.CORE_T, "A": Measure.CORE_A, "N": Measure.CORE_N,
    "5": Measure.CORE_5,
}  # fmt: skip
LADDER = (*CORES.values(), Measure.GROUPS_5)

_AUDIENCE, _SKILL = 1_000, 10_000
BY_CATALOGUE = range(_AUDIENCE, 2**31 - 1)  # people of a group, and visits at which a skill was taught


def audience(audience_id: int) -> int:
    """The measure "people of this audience group"; ids below 9 000."""
    return _AUDIENCE + audience_id


def skill(skill_id: int, level: int) -> int:
    """The measure "visits at which this skill was taught, this level the highest reached" (lượt kỹ năng)."""
    return _SKILL + skill_id * 10 + level


def audience_of(measure: int) -> int | None:
    """The audience group of a measure, or None."""
    return measure - _AUDIENCE if _AUDIENCE < measure < _SKILL else None


def skill_of(measure: int) -> tuple[int, int] | None:
    """The skill and level of a measure, or None."""
    return divmod(measure - _SKILL, 10) if measure > _SKILL else None


def adds_up_over_periods(measure: int) -> bool:
    """Whether the sum over months is the figure of the year. Never true of distinct households."""
    return measure not in DISTINCT
