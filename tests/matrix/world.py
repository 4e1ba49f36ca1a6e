"""The world that the matrix is asked about: the cast, two more wards, a second city, and an object at each position for everybody.

A position says where an object lies, seen from the volunteer Hoài and her team:

own       written down by whoever asks (by Hoài, for who writes nothing down), in a residential group of her team
mate      by another member of the team
team      of another team of the same ward
sibling   of another ward of the same former district
cluster   of a ward elsewhere in the city
outside   of another city
former    by Hoài, in a group that was her team's and her ward's until yesterday
gone      her own, voided; of a door the address that it was moved away from; of an area one that is closed; of people and
          teams one who was dismissed, one that was dissolved
absent    nothing of that id

Of invitations the gone one was taken back, and the one of "former" ran out, as a card; of sheets the gone one was undone.

There is one more visit, of the kind "guest": the ward lead's, at a door of Hoài's group, in the name of a team that Hoài leads
on paper without being posted as a leader, and in which Hoài's own leader is a plain member.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select, update

from skills import clock
from skills.admin.audit.scope import NO_WARD
from skills.admin.people.models import PeopleImport, PeopleImportInvitation
from skills.areas.blocks import block_ids, give, move, next_id, rebuild
from skills.areas.find import children
from skills.areas.groups import list_groups
from skills.areas.models import FOREVER, Area, AreaParent, Block, Level
from skills.areas.parents import Edge, cut_above, hang
from skills.audit import trail
from skills.audit.reads import Noted, keep
from skills.catalogue.models import Audience
from skills.db import Database, Row, uuid7
from skills.group_counts.find import ENOUGH
from skills.group_counts.models import GroupCount
from skills.households.address import address
from skills.households.count import count_door
from skills.households.lock import lock_wards
from skills.households.models import Forward, Household, HouseholdIdentity
from skills.invitations.models import Invitation, Kind
from skills.invitations.tokens import new_token, token_hash
from skills.people import half_signed_in, sessions, tickets
from skills.people.confirmed import FRESH
from skills.people.models import (
    Device,
    LoginSession,
    Person,
    PhoneReport,
    Posting,
    Role,
    Team,
    TeamGroup,
    TeamMember,
    TeamRole,
)
from skills.people.viewer import find_viewer
from skills.text import fold, sort_key
from skills.visits.find import UNDO
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.models import Visit
from skills.visits.record import record_visit
from skills.visits.void import void_visit
from tests import cast
from tests.cast import AN_HAI, HAI_CHAU, SINCE
from tests.coverage.story import put, visit_fields
from tests.matrix.canary import Canaries

POSITIONS = ("own", "mate", "team", "sibling", "cluster", "outside", "former", "gone", "absent")
SUBJECTS = {  # letter: given name in the cast, and what they hold
    "N": ("", "nobody"),
    "V": ("Hoài", "volunteer"),
    "T": ("Lộc", "team leader"),
    "W": ("Thu", "ward lead"),
    "A": ("Tâm", "officer of a former district"),
    "C": ("Khánh", "city administrator"),
    "R": ("Yến", "auditor"),
    "K": ("Hoài", "upload ticket of the volunteer's phone"),
    "P": ("Thu", "program with the ward lead's API token"),
    "X": ("Lạ", "operator: works on the server with commands, and over HTTP is an account without a posting"),
}
WRITERS = ("V", "T", "W")
SINGLE = frozenset(
    {"guest", "skill", "sensitive", "above"}
)  # kinds of which there is one, the same for everybody
SIBLING, OUTSIDE = "Hòa Cường", "Thuận Hóa"
_AUTHORS = {"mate": "Bảo", "team": "Mai", "sibling": "Sáu", "cluster": "Ngân", "outside": "Ngoại", "former": "Hoài", "gone": "Hoài"}  # fmt: skip
_GROUPS = {
    "own": "Tổ 12", "mate": "Tổ 13", "team": "Tổ 40", "sibling": "Tổ 21", "cluster": "Tổ 3", "outside": "Tổ 91",
    "former": "Tổ 77", "gone": "Tổ 88",
}  # fmt: skip
NOWHERE = 199_999_999  # the number of no area


@dataclass(frozen=True)
class Thing:
    """An object as an address names it: the ward it is stored in and its id, or the number of an area."""

    ward: int
    id: uuid.UUID | int | str
    version: int = 1
    within: uuid.UUID | None = (
        None  # the team of a member or of a group that it goes to; the posting of a person
    )


@dataclass
class World:
    """Where everything lies. `things[kind]` is by position, `own[kind]` by the letter of who wrote it down."""

    database: Database
    city: cast.City
    canaries: Canaries = field(default_factory=Canaries)
    things: dict[str, dict[str, Thing]] = field(default_factory=dict)
    own: dict[str, dict[str, Thing]] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)  # by the letter of the subject
    groups: dict[str, Area] = field(default_factory=dict)
    wards: dict[str, Area] = field(default_factory=dict)
    teams: dict[str, uuid.UUID] = field(default_factory=dict)
    people: dict[str, uuid.UUID] = field(default_factory=dict)  # by given name
    homes: dict[uuid.UUID, Thing] = field(default_factory=dict)  # the door of each visit
    phone: tickets.Enrolled | None = None  # the volunteer's
    phones: dict[object, uuid.UUID] = field(
        default_factory=dict
    )  # of each person, as the list of phones names it
    sensitive: int = 0  # a group of the catalogue that nobody changes
    half: str = ""  # the cookie of the administrator between password and code
    unconfirmed: str = ""  # a session of the administrator that was proven too long ago

    def thing(self, kind: str, position: str, subject: str) -> Thing:
        """The object of that kind at that position, for that subject."""
        if kind == "guest":
            return self.own["visit"]["W"]
        if kind in SINGLE:
            return self.things[kind]["own"]
        if position == "own" and subject in self.own.get(kind, {}):
            return self.own[kind][subject]
        return self.things[kind][position]


def build(database: Database, url: str) -> World:
    """Puts the world into a database in which the cast was built."""
    world = World(database, cast.meet(database, url))
    world.people = {name: person.id for name, person in world.city.people.items()}
    with database.writing() as db:
        _places(db, world)
        _people(db, world)
    doors = _doors(world)
    for position, door in doors.items():
        _visit(world, position, door)
    _enough(world)
    _told(world)
    _trays(world, doors)
    with database.writing() as db:
        _yesterday(db, world)
        _came_and_went(db, world)
        _names(db, world)
        _areas(world)
        _invited(db, world)
        _office(world)
        _trail(db, world)
        _credentials(db, world)
    return world


def new_id() -> uuid.UUID:
    """An id as a phone would mint it."""
    return uuid7(clock.now(), uuid.uuid4().bytes[:10])


# Places


def _places(db: Session, world: World) -> None:
    """A sibling ward, a second city, and a residential group for each position."""
    city = world.city
    sibling = next(area for area in children(db, city.district, clock.today()) if area.short_name == SIBLING)
    world.wards = {"own": city.wards[HAI_CHAU], "sibling": sibling, "cluster": city.wards[AN_HAI]}
    world.wards["outside"] = _another_city(db)
    listed = (("own", ["Tổ 77", "Tổ 88"]), ("sibling", ["Tổ 21"]), ("outside", ["Tổ 91"]))
    made = {
        group.name: group
        for where, names in listed
        for group in list_groups(db, world.wards[where].id, [(name, None) for name in names], SINCE)
    }
    known = city.groups | made
    world.groups = {position: known[name] for position, name in _GROUPS.items()}


def _another_city(db: Session) -> Area:
    """Huế, with one ward; nobody of Đà Nẵng has any business there."""
    first, block = next_id(db, Area), Block(id=next_id(db, Block), label=OUTSIDE)
    huế, ward = (
        Area(
            id=first + step, level=level, kind=kind, name=f"{kind} {name}", short_name=name, fold=fold(name), sort_key=sort_key(name),
            valid_from=SINCE,
        )
        for step, (level, kind, name) in enumerate(
            [(Level.CITY, "Thành phố", "Huế"), (Level.WARD, "Phường", OUTSIDE)]
        )
    )  # fmt: skip
    db.add_all([huế, ward, block])
    db.flush()
    hang(db, [Edge(ward.id, huế.id, SINCE)])
    give(db, [(ward.id, block.id, SINCE, FOREVER)])
    rebuild(db, [block.id])
    return ward


def _yesterday(db: Session, world: World) -> None:
    """The group of "former" went to another ward, the one of "gone" was closed: both were Hoài's team's until yesterday."""
    today, yesterday = clock.today(), clock.today() - timedelta(days=1)
    moved, closed = world.groups["former"], world.groups["gone"]
    blocks = block_ids(db, moved.id, today)
    move(db, blocks, [world.wards["own"].id], world.wards["cluster"].id, today)
    cut_above(db, moved.id, today)
    hang(db, [Edge(moved.id, world.wards["cluster"].id, today)])
    rebuild(db, blocks)
    gone = block_ids(db, closed.id, today)
    move(db, gone, [closed.id], None, today)
    rebuild(db, gone)
    db.execute(update(Area).where(col(Area.id) == closed.id).values(valid_to=yesterday))
    db.execute(update(AreaParent).where(col(AreaParent.area_id) == closed.id).values(valid_to=yesterday))
    left = (moved.id, closed.id)
    db.execute(update(TeamGroup).where(col(TeamGroup.group_id).in_(left)).values(valid_to=yesterday))


def _areas(world: World) -> None:
    """Areas as reports name them: one's own is the area of one's posting."""
    city, groups, wards = world.city, world.groups, world.wards
    at = {position: groups[position].id for position in ("own", "mate", "team", "former", "gone")}
    at |= {position: wards[position].id for position in ("sibling", "cluster", "outside")}
    world.things["area"] = {position: Thing(0, area) for position, area in (at | {"absent": NOWHERE}).items()}
    world.own["area"] = {
        "W": Thing(0, wards["own"].id), "P": Thing(0, wards["own"].id), "A": Thing(0, city.district.id),
        "C": Thing(0, city.whole.id), "R": Thing(0, city.whole.id),
    }  # fmt: skip
    world.things["group"] = {
        position: Thing(wards["own"].id, groups[position].id) for position in POSITIONS if position in groups
    } | {"absent": Thing(wards["own"].id, NOWHERE)}


# People


def _people(db: Session, world: World) -> None:
    """Somebody who goes from door to door in the sibling ward and in the other city; the team's former groups."""
    for place, (name, position) in enumerate((("Sáu", "sibling"), ("Ngoại", "outside"))):
        person = Person(
            id=new_id(), full_name=f"Phan Thị {name}", phone=f"+8490500010{place}", created_at=clock.now()
        )
        team = Team(id=new_id(), area_id=world.wards[position].id, name=f"Tổ công nghệ số {position}")
        db.add_all([person, team])
        db.flush()
        world.people[name] = person.id
        world.teams[position] = team.id
        _post(db, person.id, Role.VOLUNTEER, world.wards[position].id)
        db.add(TeamMember(team_id=team.id, person_id=person.id, valid_from=SINCE, role=TeamRole.MEMBER))
        db.add(TeamGroup(team_id=team.id, group_id=world.groups[position].id, valid_from=SINCE))
    by_number = {name.split()[-1]: team for name, team in world.city.teams.items()}
    world.teams |= {"own": by_number["5"].id, "team": by_number["9"].id, "cluster": by_number["2"].id}
    paper = Team(id=new_id(), area_id=world.wards["own"].id, name="paper")
    db.add(paper)
    db.flush()
    world.teams["paper"] = paper.id
    before = SINCE - timedelta(days=1)  # so that it is nobody's first team
    for name, role in (("Hoài", TeamRole.LEADER), ("Lộc", TeamRole.MEMBER)):
        db.add(TeamMember(team_id=paper.id, person_id=world.people[name], valid_from=before, role=role))
    for position in ("former", "gone"):
        db.add(
            TeamGroup(
                team_id=world.teams["own"], group_id=world.groups[position].id, valid_from=SINCE
            )
        )  # fmt: skip
    db.flush()


def _came_and_went(db: Session, world: World) -> None:
    """Somebody who was moved to another ward yesterday, somebody who was dismissed; a team that Hoài left, one that was dissolved.
    Then people and teams as objects: one's own is oneself, and one's own team."""
    yesterday = clock.today() - timedelta(days=1)
    for place, (name, dismissed_at) in enumerate((("Chuyển", None), ("Thôi", clock.now()))):
        person = Person(
            id=new_id(), full_name=f"Phan Thị {name}", phone=f"+8490500020{place}", created_at=clock.now(), dismissed_at=dismissed_at,
        )  # fmt: skip
        db.add(person)
        db.flush()
        world.people[name] = person.id
        _post(db, person.id, Role.VOLUNTEER, world.wards["own"].id, until=yesterday)
        db.add(
            TeamMember(
                team_id=world.teams["own"], person_id=person.id, valid_from=SINCE, valid_to=yesterday, role=TeamRole.MEMBER,
            )
        )  # fmt: skip
    _post(db, world.people["Chuyển"], Role.VOLUNTEER, world.wards["cluster"].id, since=clock.today())
    for position, ward, dissolved_on in (("former", "cluster", None), ("gone", "own", yesterday)):
        team = Team(
            id=new_id(), area_id=world.wards[ward].id, name=position, dissolved_on=dissolved_on
        )  # fmt: skip
        db.add(team)
        db.flush()
        world.teams[position] = team.id
        db.add(
            TeamMember(
                team_id=team.id, person_id=world.people["Hoài"], valid_from=SINCE - timedelta(days=1), valid_to=yesterday,
                role=TeamRole.MEMBER,
            )
        )  # fmt: skip
    own_ward = world.wards["own"].id
    at = {"mate": "Bảo", "team": "Mai", "sibling": "Sáu", "cluster": "Ngân", "outside": "Ngoại", "former": "Chuyển", "gone": "Thôi"}  # fmt: skip
    world.things["person"] = {position: Thing(own_ward, world.people[name]) for position, name in at.items()}
    world.things["person"] |= {
        "own": Thing(own_ward, world.people["Hoài"]),
        "absent": Thing(own_ward, new_id()),
    }
    world.own["person"] = {
        letter: Thing(own_ward, world.people[name]) for letter, (name, _told) in SUBJECTS.items() if name
    }
    postings = dict(
        db.execute(
            select(Posting.person_id, Posting.id).order_by(col(Posting.valid_from), col(Posting.id))
        ).all()
    )
    for of in (world.things["person"], world.own["person"]):
        of |= {at: Thing(own_ward, one.id, within=postings.get(one.id)) for at, one in of.items()}
    world.sensitive = min(db.exec(select(Audience.id).where(col(Audience.sensitive))))
    world.things["team"] = {
        position: Thing(own_ward, world.teams["paper" if position == "mate" else position]) for position in at
    }
    world.things["team"] |= {"own": Thing(own_ward, world.teams["own"]), "absent": Thing(own_ward, new_id())}


# Invitations, sheets, and what an office has


def _invited(db: Session, world: World) -> None:
    """An invitation, its card and a sheet at each position; the officer's are of a ward lead, the administrator's of an auditor."""
    now, wards = clock.now(), world.wards
    at = {
        "own": ("Lộc", "own", "own"), "mate": ("Thu", "own", "own"), "team": ("Thu", "own", "team"), "sibling": ("Khánh", "sibling", "sibling"),
        "cluster": ("Phúc", "cluster", "cluster"), "outside": ("Khánh", "outside", "outside"), "former": ("Phúc", "cluster", "former"),
        "gone": ("Lộc", "own", "own"),
    }  # fmt: skip
    above = {
        "A": ("Tâm", Role.WARD_LEAD, wards["sibling"].id), "C": ("Khánh", Role.AUDITOR, world.city.whole.id),
    }  # fmt: skip
    wanted: list[tuple[str, str, Role, int, uuid.UUID | None]] = [
        (of, by, Role.VOLUNTEER, wards[ward].id, world.teams[team]) for of, (by, ward, team) in at.items()
    ]
    wanted += [(of, by, role, area_id, None) for of, (by, role, area_id) in above.items()]
    for of, by, role, area_id, team_id in wanted:
        token = new_token()
        invitation = Invitation(
            id=new_id(), kind=Kind.JOIN, token_hash=token_hash(token), full_name=world.canaries.word("invited", of),
            phone=world.canaries.phone(of, "invited phone"), role=role, area_id=area_id, team_id=team_id, issued_by=world.people[by],
            issued_at=now, expires_at=now - timedelta(hours=1) if of == "former" else now + timedelta(days=6),
            revoked_at=now if of == "gone" else None,
        )  # fmt: skip
        sheet = PeopleImport(
            id=new_id(), made_by=world.people[by], made_at=now, area_id=area_id, left_out=0, undone_at=now if of == "gone" else None
        )  # fmt: skip
        db.add_all([invitation, sheet])
        db.flush()
        db.add(PeopleImportInvitation(import_id=sheet.id, invitation_id=invitation.id))
        world.canaries.mark(invitation.id, "invitation id", of)
        kinds = world.own if of in above else world.things
        kinds.setdefault("invitation", {})[of] = Thing(area_id, invitation.id)
        if of not in above:
            world.things.setdefault("card", {})[of] = Thing(area_id, token)
            world.things.setdefault("import", {})[of] = Thing(area_id, sheet.id)
    for kind in ("invitation", "import"):
        world.things[kind]["absent"] = Thing(wards["own"].id, new_id())
    world.things["card"]["absent"] = Thing(wards["own"].id, new_token())


def _office(world: World) -> None:
    """Somebody below whoever leads the ward, the members and groups of teams, and what a catalogue has."""
    teams, own_ward = world.teams, world.wards["own"].id
    world.things["below"] = {
        "own": Thing(own_ward, world.people["Bảo"], within=world.things["person"]["mate"].within)
    }
    member = {"own": "Hoài", "mate": "Lộc", "team": "Mai", "sibling": "Sáu", "cluster": "Ngân", "outside": "Ngoại", "former": "Hoài", "gone": "Hoài"}  # fmt: skip
    paper = {"mate": "paper"}
    world.things["member"] = {
        at: Thing(own_ward, world.people[name], within=teams[paper.get(at, at)])
        for at, name in member.items()
    } | {"absent": Thing(own_ward, new_id(), within=teams["own"])}
    going = {"own": "own", "mate": "own", "former": "own", "gone": "own"}
    world.things["going"] = {
        at: Thing(own_ward, group.id, within=teams[going.get(at, at)]) for at, group in world.groups.items()
    } | {"absent": Thing(own_ward, NOWHERE, within=teams["own"])}
    for kind, number in (("skill", 1), ("sensitive", world.sensitive), ("above", 1)):
        world.things[kind] = {"own": Thing(own_ward, number)}


def _post(
    db: Session, person_id: uuid.UUID, role: Role, area_id: int, since: date = SINCE, until: date = FOREVER
) -> None:
    db.add(
        Posting(
            id=new_id(), person_id=person_id, role=role, area_id=area_id, valid_from=since, valid_to=until
        )
    )


def _names(db: Session, world: World) -> None:
    """Names, numbers and labels that are found again wherever they are written. The given name is what the teams see."""
    where = {
        "Hoài": "V", "Lộc": "T", "Thu": "W", "Tâm": "A", "Khánh": "C", "Yến": "R", "Lạ": "X", "Bảo": "mate", "Mai": "team",
        "Sáu": "sibling", "Ngân": "cluster", "Phúc": "cluster lead", "Ngoại": "outside",
        "Chuyển": "former", "Thôi": "gone",
    }  # fmt: skip
    canaries = world.canaries
    for name, of in where.items():
        person = db.get_one(Person, world.people[name])
        person.full_name = f"{canaries.word('full name', of)} {canaries.word('short name', of)}"
        person.phone = canaries.phone(of)
        db.add(person)
        label = canaries.word("device", of)
        device_id = tickets.enrol(db, person.id, None, label, world.city.settings.secret).device_id
        db.add(PhoneReport(device_id=device_id, person_id=person.id, seen_at=clock.now(), pending=3))
        world.phones[person.id] = device_id
    for position, team_id in world.teams.items():
        team = db.get_one(Team, team_id)
        team.name = canaries.word("team", position)
        team.decision_no = canaries.word("decision", position)
        db.add(team)
    for position, group in world.groups.items():
        area = db.get_one(Area, group.id)
        area.name = area.short_name = f"Tổ {canaries.word('group', position)}"
        db.add(area)
    lock_wards(db, [ward.id for ward in world.wards.values()])
    for position, door in world.things["door"].items():
        if position in ("absent", "gone") or not isinstance(door.id, uuid.UUID):
            continue
        db.add(
            HouseholdIdentity(
                ward_id=door.ward, household_id=door.id, name=canaries.word("household", position),
                phone=canaries.phone(position), consent_version="1", consented_at=clock.now(),
                recorded_by=world.people["Hoài"],
            )
        )  # fmt: skip
    db.flush()


def _trail(db: Session, world: World) -> None:
    """A line of the trail and a read by each writer in the chain of their ward, and one of the city's; each about a thing of its own."""
    wards = {
        "own": "own",
        "mate": "own",
        "team": "own",
        "sibling": "sibling",
        "cluster": "cluster",
        "outside": "outside",
    }
    of_city = new_id()
    trail.write(db, NO_WARD, world.people["Khánh"], "team.created", of_city)
    world.canaries.mark(of_city, "changed", "city")
    for position, ward in wards.items():
        actor = world.people["Hoài" if position == "own" else _AUTHORS[position]]
        changed, seen = new_id(), new_id()
        trail.write(db, world.wards[ward].id, actor, "visit.corrected", changed)
        keep(db, (Noted(world.wards[ward].id, actor, "visit", str(seen), ""),))
        world.canaries.mark(changed, "changed", position)
        world.canaries.mark(seen, "read", position)


def _credentials(db: Session, world: World) -> None:
    """What each subject shows: a cookie, an upload ticket, or a token."""
    for letter, (name, _told) in SUBJECTS.items():
        if not name:
            continue
        person = world.people[name]
        if letter == "K":
            world.phone = tickets.enrol(db, person, None, "", world.city.settings.secret)
            world.credentials[letter] = world.phone.token
        elif letter == "P":
            world.credentials[letter] = sessions.issue_api_token(
                db, person, world.canaries.word("token", "P")
            )
        else:
            world.credentials[letter] = sessions.create(db, person)
    # seen and confirmed so late that a walk of hours finds them as they are now
    later = clock.now() + timedelta(hours=8)
    db.execute(update(LoginSession).values(seen_at=later, confirmed_at=later))
    world.unconfirmed = sessions.create(db, world.people["Khánh"])
    db.execute(
        update(LoginSession)
        .where(col(LoginSession.token_hash) == sessions.hashed(world.unconfirmed))
        .values(seen_at=later, confirmed_at=clock.now() - FRESH)
    )
    admin = db.get_one(Person, world.people["Khánh"])
    world.half = half_signed_in.issue(admin, world.city.settings.secret, later)


# What was written down


def _doors(world: World) -> dict[str, Household]:
    """A door for each visit: by position, and "T" and "W" for those of their own."""
    doors: dict[str, Household] = {}
    wards = {"sibling": "sibling", "cluster": "cluster", "outside": "outside"}
    with world.database.writing() as db:
        lock_wards(db, [ward.id for ward in world.wards.values()])
        for of in ("own", "T", "W", "mate", "team", "sibling", "cluster", "outside", "former", "gone"):
            # the doors of her own groups lie in one, so that each can be somebody else's next along the way
            group = world.groups[{"T": "own", "W": "own", "mate": "own", "gone": "own"}.get(of, of)]
            ward = world.wards[wards.get(of, "own")]
            street, number, room = (world.canaries.word("door", _author_of(of)) for _part in range(3))
            block_id = min(block_ids(db, group.id, clock.today()))
            wanted: dict[str, Any] = dict(address(street, number, room))
            door = Household(
                ward_id=ward.id, id=new_id(), block_id=block_id, created_at=clock.now(),
                created_by=world.people["Hoài"], **wanted,
            )  # fmt: skip
            db.add(door)
            db.flush()
            count_door(db, ward.id, block_id, 1)
            doors[of] = door
            world.canaries.mark(door.id, "door id", _author_of(of))
        away = new_id()
        db.add(
            Forward(ward_id=world.wards["own"].id, id=away, to_ward_id=doors["mate"].ward_id, to_id=doors["mate"].id)
        )  # fmt: skip
        db.flush()
        db.expunge_all()
    world.things["door"] = {of: Thing(door.ward_id, door.id) for of, door in doors.items() if of in POSITIONS}
    world.things["door"] |= {
        "gone": Thing(world.wards["own"].id, away),
        "absent": Thing(world.wards["own"].id, new_id()),
    }
    world.own["door"] = {letter: Thing(doors[letter].ward_id, doors[letter].id) for letter in ("T", "W")}
    return doors


def _author_of(of: str) -> str:
    return "V" if of == "own" else of


def _visit(world: World, of: str, door: Household) -> None:
    """A visit at that door, with a note; the one that is gone is voided."""
    names = _AUTHORS | {"own": "Hoài", "T": "Lộc", "W": "Thu"}
    with world.database.writing() as db:
        viewer = find_viewer(db, world.people[names[of]], clock.today())
        assert viewer is not None
        form = VisitForm(
            ward=door.ward_id, household=door.id, item=new_id(), id=new_id(), outcome="met", people=2,
            visited_on=viewer.today, note=world.canaries.word("note", _author_of(of)),
        )  # fmt: skip
        taken = record_visit(db, viewer, form)
        if of == "gone":
            void_visit(
                db, viewer, taken.ward_id, taken.visit_id, VoidForm(item=new_id(), base=1, reason="practice")
            )
        # its minute for taking it back is over, so that it is the rules of afterwards that are asked about
        db.execute(
            update(Visit)
            .where(col(Visit.ward_id) == door.ward_id, col(Visit.id) == taken.visit_id)
            .values(
                received_at=clock.now() - 2 * UNDO, **({"team_id": world.teams["paper"]} if of == "W" else {})
            )
        )
    thing = Thing(door.ward_id, taken.visit_id, 2 if of == "gone" else 1)
    world.canaries.mark(taken.visit_id, "visit id", _author_of(of))
    world.homes[taken.visit_id] = Thing(door.ward_id, door.id)
    if of in ("T", "W"):
        world.own.setdefault("visit", {})[of] = thing
    else:
        world.things.setdefault("visit", {})[of] = thing
    world.things["visit"]["absent"] = Thing(world.wards["own"].id, new_id())


def _enough(world: World) -> None:
    """So many visits of the team-mate's group this month that its counts may stand beside its figures."""
    with world.database.writing() as db:
        viewer = find_viewer(db, world.people["Bảo"], clock.today())
        assert viewer is not None
        block = min(block_ids(db, world.groups["mate"].id, clock.today()))
        there = db.exec(select(Household).where(col(Household.block_id) == block)).first()
        assert there is not None
        for _time in range(ENOUGH):
            form = VisitForm(
                ward=there.ward_id, household=there.id, item=new_id(), id=new_id(), outcome="absent", visited_on=viewer.today,
            )  # fmt: skip
            record_visit(db, viewer, form)


def _told(world: World) -> None:
    """What was told of each residential group this month."""
    names = _AUTHORS | {"own": "Hoài", "mate": "Bảo"}
    wards = {"sibling": "sibling", "cluster": "cluster", "outside": "outside"}
    at: dict[str, Thing] = {}
    with world.database.writing() as db:
        lock_wards(db, [ward.id for ward in world.wards.values()])
        for position, group in world.groups.items():
            ward = world.wards[wards.get(position, "own")].id
            told = GroupCount(
                ward_id=ward, group_id=group.id, month=f"{clock.today():%Y-%m}", version=1, id=new_id(), item=new_id(),
                disabled=world.canaries.number("count", position), author_id=world.people[names[position]],
                saved_at=clock.now(), received_at=clock.now(),
            )  # fmt: skip
            db.add(told)
            at[position] = Thing(ward, told.id)
            world.canaries.mark(told.id, "told id", position)
    world.things["told"] = at | {"absent": Thing(world.wards["own"].id, new_id())}


def _trays(world: World, doors: dict[str, Household]) -> None:
    """An item in the tray of each ward; "former" was moved on to another ward, "gone" was answered."""
    nowhere = {position: new_id() for position in POSITIONS}
    trays = {"sibling": "sibling", "cluster": "cluster", "outside": "outside", "former": "cluster"}
    names = _AUTHORS | {"own": "Hoài", "former": "Bảo", "gone": "Bảo"}
    at: dict[str, Thing] = {}
    for position, name in names.items():
        tray = world.wards[trays.get(position, "own")].id
        sent = world.wards["own"].id if position == "former" else tray
        fields = visit_fields((sent, nowhere[position]), note=world.canaries.word("held note", position))
        held = put(world.database, world.people[name], tray, fields, "no_place", ward=sent)
        at[position] = Thing(held.ward_id, held.item)
        world.canaries.mark(held.item, "held id", position)
        if position in ("former", "gone"):
            with world.database.writing() as db:
                lock_wards(db, [held.ward_id])
                held.answered_by, held.answered_at = world.people["Phúc"], clock.now() - 2 * UNDO
                if position == "gone":
                    held.state, held.answer, held.fields = "returned", "ask", ""
                db.merge(held)
    world.things["held"] = at | {"absent": Thing(world.wards["own"].id, new_id())}


def unmarked(world: World) -> list[str]:
    """The texts of doors, notes and households that hold no canary, so that a leak of them would go unseen; the cast's own lane is
    left aside, whose numbers are readable."""
    kinds: tuple[tuple[type[Row], tuple[str, ...]], ...] = (
        (Visit, ("note",)), (Household, ("street", "number", "room")), (HouseholdIdentity, ("name", "phone")), (Person, ("full_name", "phone")),
        (Team, ("name",)), (Device, ("label",)),
    )  # fmt: skip
    bare = []
    with world.database.reading() as db:
        for table, names in kinds:
            for row in db.scalars(select(table)):
                texts = [str(getattr(row, name)) for name in names if getattr(row, name)]
                of_the_cast = str(getattr(row, "id", "")).startswith("dddddddd")
                bare += [text for text in texts if not of_the_cast and not world.canaries.found_in(text)]
    return bare
