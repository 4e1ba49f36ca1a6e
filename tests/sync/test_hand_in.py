"""What was saved on a phone is handed in: each item once, with its own answer, under the name of who saved it."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from skills import clock
from skills.people.add import dismiss, reset_password
from skills.people.models import Person, PhoneReport
from skills.sync.models import HeldItem, RejectedItem
from skills.sync.wire import phone_hash
from skills.totals.check import check
from skills.visits.models import Receipt, Visit, VisitVersion
from skills.visits.tally import recount
from tests.cast import City
from tests.conftest import AsPerson
from tests.phone import Item, Phone, days_ago, new_id


def visits(city: City) -> list[Visit]:
    """Everything stored, oldest first."""
    with city.database.reading() as db:
        return list(db.exec(select(Visit).order_by(col(Visit.id))))


def held(city: City) -> list[HeldItem]:
    """The tray."""
    with city.database.reading() as db:
        return list(db.exec(select(HeldItem)))


def exact(city: City) -> None:
    """Totals are what a recount finds."""
    with city.database.reading() as db:
        assert check(db, recount) == []


def test_three_visits_are_counted_once_however_often_they_come(city: City, as_person: AsPerson) -> None:
    """Hoài hands in three; the answer is lost; she hands them in again, compressed this time."""
    phone = Phone(as_person("Hoài"))
    items = [phone.visit(city, number, skill=[1], **{"level-1": 2}) for number in ("K45/2", "K45/12", "2")]
    first = phone.hand_in(*items)
    assert [told["status"] for told in first] == ["accepted"] * 3
    again = phone.send({"items": items}, compressed=True).json()["results"]
    assert [told["status"] for told in again] == ["already"] * 3
    assert [told["location"] for told in again] == [told["location"] for told in first]
    assert [str(visit.id) for visit in visits(city)] == sorted(item["id"] for item in items)
    assert {visit.author_id for visit in visits(city)} == {uuid.UUID(phone.person)}
    assert {visit.device_id for visit in visits(city)} == {uuid.UUID(phone.device)}
    exact(city)


def test_the_plain_form_and_the_phone_are_the_same_item(city: City, as_person: AsPerson) -> None:
    """The form was posted, the answer got lost, the outbox sends it later."""
    hoai = as_person("Hoài")
    phone = Phone(hoai)
    item = phone.visit(city, "K45/2")
    plain = hoai.post("/visits", data=dict(item["fields"]), headers={"Accept": "application/json"})
    assert plain.json()["status"] == "accepted"
    assert phone.hand_in(item)[0]["status"] == "already"
    assert len(visits(city)) == 1


def test_one_bad_item_stays_on_the_phone_and_holds_up_nobody(city: City, as_person: AsPerson) -> None:
    """Answers stand in the order of the items, whatever they are."""
    phone = Phone(as_person("Hoài"))
    bad = phone.visit(city, "2", people="nhiều")
    told = phone.hand_in(phone.visit(city, "K45/2"), bad, {"item": "x"}, 7, phone.visit(city, "K45/12"))
    assert [each["status"] for each in told] == ["accepted", "rejected", "rejected", "rejected", "accepted"]
    assert told[1]["fields"]["people"].startswith("Chỉ ghi chữ số")
    assert told[2] == {"item": "x", "status": "rejected", "code": "invalid"}
    with city.database.reading() as db:
        [logged] = db.exec(select(RejectedItem)).all()
    assert (str(logged.item), logged.code) == (bad["item"], "invalid")
    exact(city)


def test_a_door_of_another_ward_waits_in_the_tray_and_is_seen_by_nobody_there(
    city: City, as_person: AsPerson
) -> None:
    """Ngân of An Hải hands in a visit at a door of Hải Châu: held, in the tray of her own ward, not counted."""
    ngan = Phone(as_person("Ngân"))
    item = ngan.visit(city, "K45/2")
    assert ngan.hand_in(item)[0] == {"item": item["item"], "status": "held", "code": "no_place"}
    nowhere = ngan.visit_at(city.doors["K45/2"].ward_id, new_id())
    assert ngan.hand_in(nowhere)[0]["code"] == "no_place"  # a door that is not there looks the same
    assert visits(city) == []
    with city.database.reading() as db:
        wards = {row.tray_id for row in db.exec(select(HeldItem))}
    assert wards == {city.wards["An Hải"].id}
    assert ngan.hand_in(item)[0]["status"] == "held"  # sent again, it is still one
    assert len(held(city)) == 2
    asked = ngan.send({"items": [], "ask": [item["item"]]}).json()["states"]
    assert asked == {item["item"]: {"status": "held", "code": "no_place"}}


def test_the_author_is_who_signed_and_not_who_hands_in(city: City, as_person: AsPerson) -> None:
    """Bảo's phone carries what Hoài saved. What nobody signed is held, and counts for nobody."""
    hoai, bao = Phone(as_person("Hoài")), Phone(as_person("Bảo"))
    item = hoai.visit(city, "K45/2")
    forged = item | {"fields": [*item["fields"][:-1], ["people", "9"]], "item": new_id()}
    told = bao.hand_in(item, forged)
    assert [each["status"] for each in told] == ["accepted", "held"]
    assert told[1]["code"] == "unsigned"
    [stored] = visits(city)
    assert str(stored.author_id) == hoai.person
    [row] = held(city)
    assert str(row.author_id) == bao.person


def test_a_sealed_item_is_opened_here_and_never_rejected(city: City, as_person: AsPerson) -> None:
    """After a sign-out everything lies sealed; what would be rejected is held, for nobody on the phone could mend it."""
    phone = Phone(as_person("Hoài"))
    good, bad = phone.visit(city, "K45/2"), phone.visit(city, "2", people="nhiều")
    told = phone.hand_in(phone.sealed(good), phone.sealed(bad))
    assert [each["status"] for each in told] == ["accepted", "held"]
    assert phone.hand_in(good)[0]["status"] == "already"  # in clear it is the same item
    assert phone.hand_in(phone.sealed(bad))[0]["status"] == "held"
    moved = phone.sealed(good) | {"item": new_id()}
    assert phone.hand_in(moved)[0] == {
        "item": moved["item"],
        "status": "retry_later",
        "code": "sealed_unknown",
    }
    assert len(visits(city)) == 1


def test_a_door_made_in_the_lane_and_its_visit_come_in_any_order(city: City, as_person: AsPerson) -> None:
    """The visit waits for the door that it needs; both count in the end."""
    phone = Phone(as_person("Hoài"))
    group, ward = city.groups["Tổ 12"].id, city.wards["Hải Châu"].id
    door_id, door_item = new_id(), new_id()
    fields = {"id": door_id, "group": group, "street": "Hàng Dừa", "number": "K45/99", "room": ""}
    door = phone.saved("door", ward, door_id, fields, item=door_item)
    visit = phone.visit_at(ward, door_id, needs=door_item)
    assert phone.hand_in(visit)[0] == {
        "item": visit["item"],
        "status": "retry_later",
        "code": "parent_missing",
    }
    told = phone.hand_in(visit, door, visit)
    assert [each["status"] for each in told] == ["retry_later", "accepted", "accepted"]
    assert phone.hand_in(door)[0]["status"] == "already"
    assert len(visits(city)) == 1
    exact(city)


def corrected(phone: Phone, visit: Item, base: int = 1, **changes: object) -> Item:
    """A correction of a visit that this phone saved."""
    fields = dict(visit["fields"]) | {"item": new_id(), "base": base} | changes
    return phone.saved("correction", visit["ward"], visit["id"], fields, base=base)


def test_corrections_of_different_things_are_put_together(city: City, as_person: AsPerson) -> None:
    """The team leader corrects the people, Hoài without a network the day: both hold."""
    hoai, loc = Phone(as_person("Hoài")), Phone(as_person("Lộc"))
    visit = hoai.visit(city, "K45/2", people=3, skill=[1])
    hoai.hand_in(visit)
    assert loc.hand_in(corrected(loc, visit, people=4))[0]["version"] == 2
    mine = corrected(hoai, visit, visited_on=days_ago(1)[:10])
    assert hoai.hand_in(mine)[0]["version"] == 3
    [stored] = visits(city)
    assert (stored.people, str(stored.visited_on)) == (4, days_ago(1)[:10])
    assert hoai.hand_in(mine)[0]["status"] == "already"
    exact(city)


def test_corrections_of_the_same_thing_are_both_kept(city: City, as_person: AsPerson) -> None:
    """What stands is not overwritten; the other version waits for the ward lead."""
    hoai, loc = Phone(as_person("Hoài")), Phone(as_person("Lộc"))
    visit = hoai.visit(city, "K45/2", people=3)
    hoai.hand_in(visit)
    loc.hand_in(corrected(loc, visit, people=4))
    told = hoai.hand_in(corrected(hoai, visit, people=5))[0]
    assert (told["status"], told["code"], told["version"]) == ("conflict", "same_field", 2)
    assert visits(city)[0].people == 4
    [kept] = held(city)
    assert ["people", "5"] in json.loads(kept.fields)


def test_a_void_wins_and_a_correction_of_what_was_voided_is_kept(city: City, as_person: AsPerson) -> None:
    """In any order the visit counts nowhere, and nothing said of it is gone."""
    hoai, loc = Phone(as_person("Hoài")), Phone(as_person("Lộc"))
    visit = hoai.visit(city, "K45/2")
    hoai.hand_in(visit)
    loc.hand_in(corrected(loc, visit, people=4))
    fields = {"item": new_id(), "base": 1, "reason": "twice"}
    void = hoai.saved("void", visit["ward"], visit["id"], fields, base=1)
    assert hoai.hand_in(void)[0]["status"] == "accepted"
    assert hoai.hand_in(void)[0]["status"] == "already"
    assert loc.hand_in(corrected(loc, visit, base=2, people=6))[0]["code"] == "voided"
    assert visits(city)[0].voided_at is not None
    with city.database.reading() as db:
        assert [row.op for row in db.exec(select(VisitVersion).order_by(col(VisitVersion.version)))] == [
            "record", "correct", "void"
        ]  # fmt: skip
    exact(city)


def test_the_same_id_with_other_content_is_not_taken(city: City, as_person: AsPerson) -> None:
    """Kept on the phone; what is stored stays as it is."""
    phone = Phone(as_person("Hoài"))
    item = phone.visit(city, "K45/2", people=2)
    phone.hand_in(item)
    other = phone.signed(item | {"fields": [*item["fields"], ["note", "khác"]]})
    assert phone.hand_in(other)[0] == {"item": item["item"], "status": "rejected", "code": "item_id_reused"}
    sealed = phone.hand_in(phone.sealed(other))[0]
    assert sealed["status"] == "held"
    assert phone.hand_in(phone.sealed(other))[0]["status"] == "held"
    assert len(held(city)) == 1


def test_five_things_may_happen_to_a_person_and_her_queue_arrives(city: City, as_person: AsPerson) -> None:
    """A new password changes nothing. Whoever was dismissed hands in too: it waits in the tray under her name."""
    phone = Phone(as_person("Hoài"))
    before, after = phone.visit(city, "K45/2"), phone.visit(city, "K45/12")
    with city.database.writing() as db:
        reset_password(db, db.get_one(Person, uuid.UUID(phone.person)), "mot-mat-khau-moi")
    assert phone.hand_in(before)[0]["status"] == "accepted"
    with city.database.writing() as db:
        dismiss(db, db.get_one(Person, uuid.UUID(phone.person)))
    assert phone.hand_in(after)[0] == {"item": after["item"], "status": "held", "code": "dismissed"}
    [row] = held(city)
    assert (str(row.author_id), row.tray_id) == (phone.person, city.wards["Hải Châu"].id)


def test_a_phone_on_another_day_is_noticed(city: City, as_person: AsPerson) -> None:
    """Its clock is twenty years ahead, or behind: the ward says which day it was. Ten minutes are put right in silence."""
    phone = Phone(as_person("Hoài"))
    for years in (-20, 20):
        then = clock.local(clock.now()) + timedelta(days=365 * years)
        text = then.isoformat(timespec="seconds")
        told = phone.hand_in(phone.visit(city, "K45/2", saved_at=text, skew=None), sent_at=text)
        assert told[0]["code"] == "clock"
    late = (clock.local(clock.now()) - timedelta(minutes=30)).isoformat(timespec="seconds")
    assert phone.hand_in(phone.visit(city, "K45/2", saved_at=late, skew=1_800_000))[0]["status"] == "accepted"
    [stored] = visits(city)
    assert abs((stored.saved_at - clock.now()).total_seconds()) < 60


def test_what_a_phone_says_of_itself_is_remembered(city: City, as_person: AsPerson) -> None:
    """How many still wait, and since when."""
    phone = Phone(as_person("Hoài"))
    phone.hand_in(phone.visit(city, "K45/2"), pending=7, oldest=days_ago(2))
    with city.database.reading() as db:
        [told] = db.exec(select(PhoneReport)).all()
    assert (told.pending, str(told.person_id), str(told.device_id)) == (7, phone.person, phone.device)
    assert told.oldest_at is not None
    assert clock.now() - told.oldest_at > timedelta(days=1)


def test_more_than_five_hundred_a_day_are_held(city: City, as_person: AsPerson) -> None:
    """Never refused: but somebody looks at it first."""
    phone = Phone(as_person("Hoài"))
    with city.database.writing() as db:
        for _ in range(499):
            db.add(
                Receipt(
                    ward_id=1, item=uuid.UUID(new_id()), salt="", body_hash="", author_id=uuid.UUID(phone.person),
                    to_ward_id=1, visit_id=uuid.UUID(new_id()), version=1, received_at=clock.now(),
                )
            )  # fmt: skip
    told = phone.hand_in(phone.visit(city, "K45/2"), phone.visit(city, "K45/12"))
    assert [each.get("code") for each in told] == [None, "many"]


def test_a_ticket_that_nobody_has_is_told_so(city: City, as_person: AsPerson) -> None:
    """401: the phone keeps everything and asks to sign in."""
    phone = Phone(as_person("Hoài"))
    phone.ticket = "nobody's"
    assert phone.send({"items": []}).status_code == 401


def test_what_is_no_batch_is_refused_whole(city: City, as_person: AsPerson) -> None:
    """Nothing is known of any item then, and nothing is stored."""
    phone = Phone(as_person("Hoài"))
    assert phone.send(b"{").status_code == 400
    assert phone.send({"items": 3}).status_code == 422
    assert phone.send({"items": [{}] * 201}).status_code == 413
    assert phone.send(b"\x1f\x8b", encoding="gzip").status_code == 400
    assert phone.send(b"[" * 100_000).status_code == 400
    newer = phone.visit(city, "K45/2", schema=9)
    assert phone.hand_in(newer)[0] == {
        "item": newer["item"],
        "status": "retry_later",
        "code": "schema_unknown",
    }
    assert visits(city) == []


def test_the_end_of_the_day_names_what_is_missing_on_either_side(city: City, as_person: AsPerson) -> None:
    """Two here, one never sent, one that the phone has forgotten."""
    phone = Phone(as_person("Hoài"))
    sent = [phone.visit(city, number) for number in ("K45/2", "K45/12", "2")]
    phone.hand_in(*sent)
    unsent = phone.visit(city, "4")
    pairs = [[item["item"], hash_of(item)] for item in (sent[0], sent[1], unsent)]
    pairs[1][1] = "0" * 64
    answer = phone.client.post(
        "/api/v1/sync/ledger",
        json={"day": str(clock.today()), "items": pairs},
        headers={"Authorization": f"Bearer {phone.ticket}"},
    )
    assert answer.json() == {
        "here": 1,
        "missing_here": [unsent["item"]],
        "different": [sent[1]["item"]],
        "missing_there": [sent[2]["item"]],
    }


@pytest.mark.parametrize(
    ("day", "hash"),
    [("2026-11-25", "\ud800"), ("2026-11-25", "ư" * 64), ("20261125", "0" * 64), ("2026-W48-3", "0" * 64), (20261125, "0" * 64)],
)  # fmt: skip
def test_what_is_no_day_is_refused(city: City, as_person: AsPerson, day: Any, hash: str) -> None:
    """Half a letter for the hash of an item that is here; a day written otherwise than phones write it."""
    phone = Phone(as_person("Hoài"))
    sent = phone.visit(city, "K45/2")
    phone.hand_in(sent)
    answer = phone.client.post(
        "/api/v1/sync/ledger",
        content=json.dumps({"day": day, "items": [[sent["item"], hash]]}),
        headers={"Authorization": f"Bearer {phone.ticket}"},
    )
    assert answer.status_code == 422


def hash_of(item: Item) -> str:
    """What the phone remembers of an item."""

    return phone_hash(item)
