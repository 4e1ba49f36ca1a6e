"""What an address is called, found by and sorted by: the derived columns of a door, and its heading."""

from functools import lru_cache

from skills.text import door_key, door_number, fold, lane_name, lane_of, sort_key, tidy

FOLD_LENGTH = 220
DOOR_KEY_LENGTH = 400


def address(street: str, number: str, room: str = "") -> dict[str, str]:
    """The columns that an address decides: the number as painted, and what it is found and sorted by.

    Whoever writes a household (a form, an import, the demonstration city) takes all six from here.
    """
    street, number, room = tidy(street), door_number(number), tidy(room)
    return {
        "street": street,
        "number": number,
        "room": room,
        "fold": _words(street, number, room)[:FOLD_LENGTH],
        "street_key": sort_key(street),
        "door_key": (door_key(number) + (door_key(room) if room else ""))[:DOOR_KEY_LENGTH],
    }


@lru_cache(maxsize=4096)
def heading(street: str, lane: str) -> str:
    """Where a door is met while walking: "Kiệt 45 Hàng Dừa" for a lane, "Hàng Dừa" for the street itself."""
    return f"{lane_name(lane)} {street}" if lane else street


def same_street(street: str, other: str) -> bool:
    """Whether two streets are written for the same one: accents, case and a leading "đường" don't matter."""
    return _plain_street(street) == _plain_street(other)


def _words(street: str, number: str, room: str) -> str:
    """The folded words that find a door. K45/H2/5 answers to 45/h2/5, h2/5, 5, "kiet 45" and "hem 2" too.

    What every door has stands first: behind very many lanes it is only a way to call them that is cut off.
    """
    steps = number.split("/")
    tails = ["/".join(steps[start:]) for start in range(1, len(steps))]
    unmarked = [number[1:]] if lane_of(number) else []
    lanes = [lane_name(step) for step in steps[:-1]]
    return fold(" ".join([number, room, street, *unmarked, *lanes, *tails]))


def _plain_street(street: str) -> str:
    folded = fold(street)
    return next((folded.removeprefix(lead) for lead in ("duong ", "d. ") if folded.startswith(lead)), folded)
