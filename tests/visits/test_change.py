"""What was recorded is corrected or voided: the next version, the history kept, the figures right each time."""

import uuid
from datetime import date

from skills.households.models import DoorState
from skills.people.models import TeamMember, TeamRole
from skills.totals.check import check
from skills.visits.models import Visit, VisitVersion
from skills.visits.tally import recount
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.visits.pages import count, log


def corrected(client: Client, address: str, **values: object) -> object:
    """Opens the correction of a visit and sends it with some fields changed."""
    page = client.page(f"{address}/correction")
    return client.submit(page, f"{address}/correction", **values)


def sound(city: City) -> bool:
    """Whether all totals are what the visits come to."""
    with city.database.reading() as db:
        return check(db, recount) == []


def test_a_correction_is_the_next_version(city: City, as_person: AsPerson) -> None:
    """Another number of people, another day: the page shows the new, the history keeps the old."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["6"], people="1", note="cửa xanh")
    assert corrected(hoai, address, people="3", visited_on="2026-01-15").status_code == 303  # type: ignore[attr-defined]
    page = hoai.page(address)
    assert "3 người" in page.text
    assert "15/01/2026" in page.text
    assert "cửa xanh" in page.text
    assert count(city.database, VisitVersion) == 2
    assert sound(city)


def test_two_corrections_of_the_same_version(city: City, as_person: AsPerson) -> None:
    """The team leader was faster: Hoài's words are kept on the page, nothing is overwritten unseen, and she may save again."""
    hoai, loc = as_person("Hoài"), as_person("Lộc")
    address = log(hoai, city.doors["6"], people="1")
    mine = hoai.page(f"{address}/correction")
    assert corrected(loc, address, people="5").status_code == 303  # type: ignore[attr-defined]
    clash = hoai.submit(mine, f"{address}/correction", people="2")
    assert clash.status_code == 409
    page = Page(clash)
    assert "sửa ở nơi khác" in page.text
    assert page.form(f"{address}/correction")["people"] == ["2"]
    assert hoai.submit(page, f"{address}/correction").status_code == 303
    assert "2 người" in hoai.page(address).text
    assert count(city.database, VisitVersion) == 3
    assert sound(city)


def test_a_correction_sent_again_changes_nothing(city: City, as_person: AsPerson) -> None:
    """A lost answer: the same correction comes twice."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["6"])
    sent = hoai.page(f"{address}/correction").form(f"{address}/correction") | {"people": ["2"]}
    answers = [
        hoai.post(f"{address}/correction", sent, headers={"Accept": "application/json"}).json()
        for _ in range(3)
    ]
    assert [answer["status"] for answer in answers] == ["accepted", "already", "already"]
    assert {answer["version"] for answer in answers} == {2}


def test_who_may_correct(city: City, as_person: AsPerson) -> None:
    """Not a colleague, and not the colleague of another team; the team leader and the ward lead may."""
    address = log(as_person("Hoài"), city.doors["6"])
    assert as_person("Bảo").get(address).status_code == 200
    assert as_person("Bảo").get(f"{address}/correction").status_code == 403
    assert as_person("Mai").get(address).status_code == 404
    assert as_person("Lộc").get(f"{address}/correction").status_code == 200
    assert as_person("Thu").get(f"{address}/correction").status_code == 200


def test_a_leader_changes_visits_of_the_team_that_he_leads(city: City, as_person: AsPerson) -> None:
    """Lộc helps out in Mai's team as a plain member: he sees its doors, and changes nothing of what others logged there."""
    with city.database.writing() as db:
        db.add(
            TeamMember(
                team_id=city.teams["Tổ công nghệ số cộng đồng số 9"].id, person_id=city.people["Lộc"].id,
                valid_from=date(2025, 7, 1), role=TeamRole.MEMBER,
            )
        )  # fmt: skip
    address = log(as_person("Mai"), city.doors["31"])
    assert as_person("Lộc").get(address).status_code == 200
    assert as_person("Lộc").get(f"{address}/correction").status_code == 403


def test_a_colleague_reads_no_note(city: City, as_person: AsPerson) -> None:
    """At the doors of one's own groups: day, outcome, skills; the note is its author's and her leaders'."""
    address = log(as_person("Hoài"), city.doors["6"], note="hàng xóm giữ chìa khóa")
    assert "chìa khóa" not in as_person("Bảo").page(address).text
    assert "chìa khóa" in as_person("Lộc").page(address).text


def test_a_visit_carried_to_a_door_of_another_ward(city: City, as_person: AsPerson) -> None:
    """The ward lead of both wards finds it was the house across the border: it moves, its old address leads on, sums hold."""
    from skills.people.models import Role
    from skills.people.viewer import Posted, Viewer
    from skills.visits.correct import correct_visit
    from skills.visits.forms import VisitForm

    hoai, there = as_person("Hoài"), city.doors["8"]
    address = log(hoai, city.doors["6"], people="2")
    ward_id, visit_id = address.split("/")[2:]
    thu = city.people["Thu"]
    both = Viewer(
        thu.id, thu.full_name, thu.short_name, "vi",
        tuple(Posted(Role.WARD_LEAD, ward.id) for ward in city.wards.values()), (), frozenset(), date(2027, 1, 1),
    )  # fmt: skip
    form = VisitForm(
        ward=there.ward_id, household=there.id, item=uuid.uuid4(), id=uuid.UUID(visit_id), base=1,
        outcome="met", people=2, visited_on=date(2026, 2, 3),
    )  # fmt: skip
    with city.database.writing() as db:
        moved = correct_visit(db, both, int(ward_id), uuid.UUID(visit_id), form)
    assert moved.ward_id == there.ward_id != int(ward_id)
    with city.database.writing() as db:
        assert correct_visit(db, both, int(ward_id), uuid.UUID(visit_id), form).status == "already"
    assert as_person("Phúc").page(f"/visits/{ward_id}/{visit_id}").text.count("2 người") == 1
    assert hoai.get(address).status_code == 404, "it stands in a ward that is not hers now"
    assert count(city.database, Visit) == 1
    assert sound(city)


def test_undo_within_a_minute(city: City, as_person: AsPerson, time_machine: object) -> None:
    """One tap takes it back; after the minute the tap is gone and a reason is asked for."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["6"])
    page = hoai.page(address)
    assert "Hoàn tác được đến" in page.text
    assert hoai.submit(page, f"{address}/void").status_code == 303
    assert "Đã hủy" in hoai.page(address).h1
    with city.database.reading() as db:
        assert db.get(DoorState, (city.doors["6"].ward_id, city.doors["6"].id)) is None
    assert sound(city)
    other = log(hoai, city.doors["7"])
    from datetime import timedelta

    from skills import clock

    time_machine.move_to(clock.now() + timedelta(minutes=2))  # type: ignore[attr-defined]
    assert "Hoàn tác được đến" not in hoai.page(other).text


def test_a_void_asks_why(city: City, as_person: AsPerson) -> None:
    """Without a reason it comes back with the sentence; twice is told, not done."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["6"])
    asked = hoai.page(f"{address}/void")
    refused = hoai.submit(asked, f"{address}/void")
    assert refused.status_code == 422
    assert "Chọn vì sao hủy lượt này." in Page(refused).text
    assert hoai.submit(Page(refused), f"{address}/void", reason="wrong_door").status_code == 303
    again = hoai.submit(asked, f"{address}/void", reason="wrong_door", item=str(uuid.uuid4()))
    assert again.status_code == 409
    assert "đã hủy rồi" in Page(again).text
    assert count(city.database, VisitVersion) == 2


def test_a_voided_visit_can_not_be_corrected(city: City, as_person: AsPerson) -> None:
    """It says that it was cancelled and offers no Save that could never work; nothing is stored, and what was typed is there."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["6"])
    late = hoai.page(f"{address}/correction")
    hoai.submit(hoai.page(f"{address}/void"), f"{address}/void", reason="twice")
    refused = hoai.submit(late, f"{address}/correction", people="9")
    assert refused.status_code == 409
    page = Page(refused)
    assert "đã hủy, nên không sửa được" in page.one("div", role="alert").text
    assert page.link("Ghi lượt thăm").startswith("/visits/new?")
    assert page.form(f"{address}/correction")["people"] == ["9"]
    assert [button.text for button in page.all("button", class_="go")] == []
    assert hoai.get(f"{address}/correction").headers["location"] == address
    assert count(city.database, VisitVersion) == 2


def test_the_history_of_a_door(city: City, as_person: AsPerson) -> None:
    """Latest first, voided ones left out; as a page, and as the piece that the door's page loads."""
    hoai, door = as_person("Hoài"), city.doors["6"]
    log(hoai, door, visited_on="2026-03-01", skill=["7"])
    void = log(hoai, door, visited_on="2026-04-01")
    log(as_person("Bảo"), door, "absent")
    hoai.submit(hoai.page(f"{void}/void"), f"{void}/void", reason="twice")
    page = hoai.page(f"/households/{door.ward_id}/{door.id}/visits")
    told = [
        element.text for element in page.one("ol", class_="track").children if not isinstance(element, str)
    ]
    assert ["Vắng nhà" in told[0], "01/03/2026" in told[1], len(told)] == [True, True, 2]
    piece = hoai.get(f"/households/{door.ward_id}/{door.id}/visits", headers={"HX-Request": "true"})
    assert "<html" not in piece.text
    assert "01/03/2026" in piece.text


def test_own_visits_show_voided_ones(city: City, as_person: AsPerson) -> None:
    """So that nothing seems lost."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["6"])
    hoai.submit(hoai.page(address), f"{address}/void")
    assert "đã hủy, không tính" in hoai.page("/visits").text
