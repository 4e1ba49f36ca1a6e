"""A code besides the password: how it is set up, asked for, lost and taken away."""

import re
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import text
from sqlmodel import col, select

from skills import clock
from skills.accounts.limits import PER_CODE, TooMany
from skills.accounts.models import RecoveryCode, SecondFactor
from skills.accounts.second_factor.check import Right, check_code
from skills.accounts.second_factor.codes import RECOVERY_CODES, recovery_hash, unseal
from skills.accounts.second_factor.set_up import forget
from skills.app import create_app
from skills.audit.models import AuditEntry
from skills.errors import Busy
from skills.people.add import dismiss, find_person, reset_password
from skills.people.models import LoginSession, Posting, Role
from tests.accounts.second_factor import KEY, code_of, give_second_factor
from tests.cast import PASSWORD, SINCE, City
from tests.client import Client, Page
from tests.conftest import AsPerson

NOON = datetime(2026, 8, 28, 5, 0, 10, tzinfo=UTC)  # ten seconds into a step
KHANH = "0905000005"  # city administrator
SOMEBODY = "/account/second-factor"


@pytest.fixture
def at_noon() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def strict(city: City) -> Iterator[Client]:
    """A browser at an office where the second factor is required."""
    app = create_app(city.settings.model_copy(update={"second_factor": "offices"}))
    yield Client(app)
    app.state.database.dispose()


def give_password(client: Client, tel: str = KHANH, **more: str):  # type: ignore[no-untyped-def]
    """The first step."""
    return client.post("/sign-in", {"tel": tel, "pw": PASSWORD, **more})


def give_code(client: Client, code: str):  # type: ignore[no-untyped-def]
    """The second."""
    return client.submit(client.page("/sign-in/code"), "/sign-in/code", code=code)


def secret_on(page: Page) -> str:
    """The key in letters, as somebody types it into an app."""
    return page.one("strong", class_="reference").text.replace(" ", "")


def codes_on(page: Page) -> list[str]:
    """The codes for paper."""
    return [e.text for e in page.all("strong", class_="reference")]


def sessions_of(city: City, name: str) -> int:
    """How many sessions somebody has."""
    with city.database.reading() as db:
        mine = col(LoginSession.person_id) == city.people[name].id
        return len(db.exec(select(LoginSession).where(mine)).all())


# Setting it up


def test_it_is_set_up_with_the_first_code(as_person: AsPerson, city: City) -> None:
    """The square and the letters hold the same secret; ten codes for paper follow."""
    khanh = as_person("Khánh")
    page = khanh.page(SOMEBODY)
    drawn = page.one("svg", width="248")
    assert not [e for e in drawn.walk() if "style" in e.attrs]
    answer = khanh.submit(page, SOMEBODY, code=pyotp.TOTP(secret_on(page)).now())
    codes = codes_on(Page(answer))
    assert len(set(codes)) == RECOVERY_CODES
    assert all(re.fullmatch(r"\d{4} \d{4} \d{4}", code) for code in codes)
    shown = khanh.page(SOMEBODY)
    assert "Còn 10 mã chưa dùng." in shown.text
    assert not any(code in shown.source for code in codes)  # that one time only
    with city.database.reading() as db:
        done = db.exec(select(AuditEntry.action).where(AuditEntry.actor_id == city.people["Khánh"].id)).all()
    assert done == ["second_factor.set_up"]


def test_a_wrong_first_code_keeps_the_square(as_person: AsPerson, city: City) -> None:
    """Whoever scanned it already need not scan another; nothing is set up yet."""
    khanh = as_person("Khánh")
    page = khanh.page(SOMEBODY)
    answer = khanh.submit(page, SOMEBODY, code="12")
    assert answer.status_code == 422
    assert secret_on(Page(answer)) == secret_on(page)
    with city.database.reading() as db:
        assert db.get(SecondFactor, city.people["Khánh"].id) is None


@pytest.mark.parametrize("code", ["٣٤٥٦٧٨", "１２３４５６", "sáu số", "\u200b123456"])
def test_a_code_of_other_letters_is_a_wrong_one(
    as_person: AsPerson, city: City, strict: Client, code: str
) -> None:
    """Digits of another script, or no digits at all: said beside the field, wherever a code is asked for."""
    khanh = as_person("Khánh")
    assert khanh.submit(khanh.page(SOMEBODY), SOMEBODY, code=code).status_code == 422
    give_second_factor(city, "Khánh")
    assert khanh.submit(khanh.page("/confirm"), "/confirm", code=code).status_code == 422
    give_password(strict)
    assert give_code(strict, code).status_code == 422


def test_looking_at_the_page_sets_nothing_up(as_person: AsPerson, city: City) -> None:
    """Each look shows another square, and nothing is stored."""
    khanh = as_person("Khánh")
    assert secret_on(khanh.page(SOMEBODY)) != secret_on(khanh.page(SOMEBODY))
    with city.database.reading() as db:
        assert db.exec(select(SecondFactor)).all() == []


def test_the_secret_of_another_person_s_page_is_not_taken(as_person: AsPerson) -> None:
    """What is sealed for one opens for no other."""
    hers = as_person("Yến").page(SOMEBODY)
    khanh = as_person("Khánh")
    answer = khanh.submit(
        khanh.page(SOMEBODY), SOMEBODY, sealed=hers.form(SOMEBODY)["sealed"], code=pyotp.TOTP(secret_on(hers)).now()
    )  # fmt: skip
    assert answer.status_code == 422


def test_the_page_wants_a_fresh_password(as_person: AsPerson, city: City) -> None:
    """Nobody sets up a phone of their own at a desk that was left open."""
    khanh = as_person("Khánh")
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert khanh.get(SOMEBODY).headers["location"].startswith("/confirm")
        assert khanh.post(SOMEBODY + "/removal").status_code == 307


# Signing in


def test_two_steps_and_in_between_nothing(stranger: Client, city: City) -> None:
    """After the password the page of the code is all there is."""
    give_second_factor(city, "Khánh")
    answer = give_password(stranger, next="/reports")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code?next=%2Freports")
    assert "sid" not in stranger.cookies
    assert sessions_of(city, "Khánh") == 0
    for path in ("/reports", "/", SOMEBODY, "/confirm", "/api/v1/totals"):
        assert stranger.get(path).status_code in (303, 401), path
    page = stranger.page(answer.headers["location"])
    answer = stranger.submit(page, "/sign-in/code", code=code_of(city, "Khánh"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports")
    assert stranger.get("/reports").status_code == 200
    assert "half" not in stranger.cookies


def test_the_note_between_the_steps_is_no_session(stranger: Client, city: City) -> None:
    """Put into the session's cookie, it opens nothing; nor does a session open the page of the code."""
    give_second_factor(city, "Khánh")
    give_password(stranger)
    half = stranger.cookies["half"]
    other = Client(stranger.app)
    assert other.get("/reports", headers={"Cookie": f"sid={half}"}).status_code == 303
    give_code(stranger, code_of(city, "Khánh"))
    sid = stranger.cookies["sid"]
    assert other.get("/sign-in/code", headers={"Cookie": f"half={sid}"}).status_code == 303


def test_the_note_ends_after_ten_minutes_and_with_a_new_password(
    stranger: Client, city: City, at_noon: time_machine.Traveller
) -> None:
    """And when its person is dismissed, which a second administrator makes possible."""
    with city.database.writing() as db:
        db.add(
            Posting(
                id=uuid.uuid4(), person_id=city.people["Tâm"].id, role=Role.CITY_ADMIN, area_id=city.whole.id, valid_from=SINCE
            )
        )  # fmt: skip
    give_second_factor(city, "Khánh")
    give_password(stranger)
    assert stranger.get("/sign-in/code").status_code == 200
    at_noon.shift(timedelta(minutes=10))
    assert stranger.get("/sign-in/code").headers["location"] == "/sign-in"
    for ending in (lambda db, person: reset_password(db, person, "another"), dismiss):
        give_password(stranger)
        assert stranger.get("/sign-in/code").status_code == 200
        with city.database.writing() as db:
            person = find_person(db, KHANH)
            assert person
            before = person.password_hash
            ending(db, person)
        assert stranger.get("/sign-in/code").status_code == 303
        with city.database.writing() as db:
            person = find_person(db, KHANH)
            assert person
            person.password_hash, person.dismissed_at = before, None
            db.add(person)


@pytest.mark.parametrize("half", ["", "x", "%ff", "A" * 76, "é".encode().decode("latin-1")])
def test_a_forged_note_is_nobody_s(stranger: Client, half: str) -> None:
    """And no error."""
    answer = stranger.get("/sign-in/code", headers={"Cookie": f"half={half}".encode("latin-1")})
    assert answer.headers["location"] == "/sign-in"


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_wrong_by_one_step(
    stranger: Client, city: City, at_noon: time_machine.Traveller, seconds: int, good: bool
) -> None:
    """Half a minute either way, as RFC 6238 advises (5.2)."""
    give_second_factor(city, "Khánh")
    give_password(stranger)
    answer = give_code(stranger, code_of(city, "Khánh", NOON + timedelta(seconds=seconds)))
    assert answer.status_code == (303 if good else 422)


def test_a_code_counts_once(stranger: Client, city: City, at_noon: time_machine.Traveller) -> None:
    """Whoever looked over the shoulder is too late, also for the code before it; the next one works."""
    give_second_factor(city, "Khánh")
    code, before = code_of(city, "Khánh"), code_of(city, "Khánh", NOON - timedelta(seconds=30))
    give_password(stranger)
    assert give_code(stranger, code).status_code == 303
    for used in (code, before):
        other = Client(stranger.app)
        give_password(other)
        assert give_code(other, used).status_code == 422
    at_noon.shift(timedelta(seconds=30))
    assert give_code(other, code_of(city, "Khánh")).status_code == 303


def test_spaces_and_dashes_in_a_code_are_no_mistake(stranger: Client, city: City) -> None:
    """Apps show it in two halves."""
    give_second_factor(city, "Khánh")
    give_password(stranger)
    code = code_of(city, "Khánh")
    assert give_code(stranger, f" {code[:3]}-{code[3:]} ").status_code == 303


def test_codes_on_paper_work_once_and_say_how_many_are_left(stranger: Client, city: City) -> None:
    """Each of the ten."""
    codes = give_second_factor(city, "Khánh")
    for used, code in enumerate(codes[:2], start=1):
        client = Client(stranger.app)
        give_password(client)
        answer = give_code(client, f"{code[:4]} {code[4:8]} {code[8:]}")
        assert answer.status_code == 200
        assert f"Còn {RECOVERY_CODES - used} mã." in Page(answer).text
        assert client.get("/reports").status_code == 200
    give_password(stranger)
    assert give_code(stranger, codes[0]).status_code == 422


def test_who_runs_out_of_paper_is_told_before(stranger: Client, city: City) -> None:
    """While three are left."""
    codes = give_second_factor(city, "Khánh")
    with city.database.writing() as db:
        for row in db.exec(select(RecoveryCode)).all():
            if row.code_hash != recovery_hash(KEY, row.person_id, codes[0]):
                row.used_at = NOON
                db.add(row)
    give_password(stranger)
    assert "Sắp hết mã dự phòng" in Page(give_code(stranger, codes[0])).text


def test_new_codes_end_the_old_ones(stranger: Client, as_person: AsPerson, city: City) -> None:
    """Ten again."""
    old = give_second_factor(city, "Khánh")
    khanh = as_person("Khánh")
    fresh = codes_on(Page(khanh.post(SOMEBODY + "/recovery-codes")))
    assert len(fresh) == RECOVERY_CODES
    give_password(stranger)
    assert give_code(stranger, old[0]).status_code == 422
    assert give_code(stranger, fresh[0]).status_code == 200


# Who has to


@pytest.mark.parametrize("tel", ["0905000004", KHANH, "0905000006"])
def test_offices_set_it_up_before_anything_else(strict: Client, city: City, tel: str) -> None:
    """After the password there is that one page; after it they are in."""
    answer = give_password(strict, tel, next="/reports")
    assert answer.headers["location"] == "/sign-in/second-factor?next=%2Freports"
    assert strict.get("/reports").status_code == 303
    page = strict.page(answer.headers["location"])
    wrong = strict.submit(page, "/sign-in/second-factor", code="1")
    assert wrong.status_code == 422
    code = pyotp.TOTP(secret_on(page)).now()
    done = strict.submit(Page(wrong), "/sign-in/second-factor", code=code)
    assert len(codes_on(Page(done))) == RECOVERY_CODES
    assert Page(done).link("Đã cất, làm tiếp") == "/reports"
    assert strict.get("/reports").status_code == 200
    again = Client(strict.app)
    assert give_password(again, tel).headers["location"] == "/sign-in/code"
    assert again.get("/sign-in/second-factor").headers["location"] == "/sign-in/code"
    assert again.post("/sign-in/second-factor", {"code": "1", "sealed": "x"}).status_code == 303
    assert give_code(again, code).status_code == 422  # it was used to set it up


@pytest.mark.parametrize("tel", ["0905000001", "0905000002", "0905000003", "0905000009"])
def test_others_need_none(strict: Client, tel: str) -> None:
    """People in the field sign in as before."""
    assert give_password(strict, tel).headers["location"] in ("/", "/devices/pin")


def test_where_nobody_has_to_the_printed_passwords_are_enough(stranger: Client) -> None:
    """The accounts of the demonstration."""
    for n in range(1, 7):
        assert give_password(Client(stranger.app), f"090500000{n}").headers["location"] in (
            "/",
            "/devices/pin",
        )


def test_a_ward_lead_may_and_may_stop(as_person: AsPerson, strict: Client, city: City) -> None:
    """Offered, not asked for; an office that has to can't take it off."""
    give_second_factor(city, "Thu")
    thu = as_person("Thu")
    assert thu.submit(thu.page(SOMEBODY), SOMEBODY + "/removal").status_code == 303
    assert thu.page(SOMEBODY).form(SOMEBODY)["code"] == [""]
    give_second_factor(city, "Khánh")
    give_password(strict)
    give_code(strict, code_of(city, "Khánh"))
    assert SOMEBODY + "/removal" not in strict.page(SOMEBODY).source
    assert strict.post(SOMEBODY + "/removal").status_code == 403
    with city.database.reading() as db:
        assert db.get(SecondFactor, city.people["Thu"].id) is None
        assert db.get(SecondFactor, city.people["Khánh"].id) is not None


def test_a_second_one_is_not_set_up_over_the_first(as_person: AsPerson, city: City) -> None:
    """It has to be removed first; codes can only be renewed where there are some."""
    khanh = as_person("Khánh")
    page = khanh.page(SOMEBODY)
    assert khanh.post(SOMEBODY + "/recovery-codes").headers["location"] == SOMEBODY
    give_second_factor(city, "Khánh")
    before = code_of(city, "Khánh", NOON)
    assert khanh.submit(page, SOMEBODY, code=pyotp.TOTP(secret_on(page)).now()).status_code == 303
    assert code_of(city, "Khánh", NOON) == before


def test_at_an_open_desk_the_code_is_asked_for(as_person: AsPerson, city: City) -> None:
    """Not the password, which a neighbour may have seen."""
    give_second_factor(city, "Khánh")
    khanh = as_person("Khánh")
    page = khanh.page("/confirm")
    assert khanh.submit(page, "/confirm", code="1").status_code == 422
    assert khanh.submit(page, "/confirm", pw=PASSWORD).status_code == 422
    assert khanh.submit(page, "/confirm", code=code_of(city, "Khánh")).status_code == 303


def test_who_lost_both_begins_anew(stranger: Client, city: City) -> None:
    """By a command on the server or an administrator; it stands in the trail."""
    give_second_factor(city, "Khánh")
    with city.database.writing() as db:
        forget(db, None, city.people["Khánh"].id)
        forget(db, None, city.people["Yến"].id)  # has none: nothing to say
    assert give_password(stranger).headers["location"] == "/"
    with city.database.reading() as db:
        assert db.exec(select(RecoveryCode)).all() == []
        done = [(e.action, e.subject) for e in db.exec(select(AuditEntry))]
    khanh = str(city.people["Khánh"].id)
    assert done == [("second_factor.removed", khanh), ("session.started", khanh)]


# Thieves


def test_the_database_alone_makes_no_code(city: City) -> None:
    """The secret is sealed, the codes for paper are hashed with a key; another key opens nothing."""
    codes = give_second_factor(city, "Khánh")
    person_id = city.people["Khánh"].id
    with city.database.reading() as db:
        factor = db.get_one(SecondFactor, person_id)
        rows = str(db.execute(text("SELECT * FROM recovery_code")).all()) + factor.sealed
    secret = unseal(KEY, person_id, factor.sealed)
    assert secret
    assert secret not in rows
    assert not any(code in rows for code in codes)
    assert unseal("another secret of another program", person_id, factor.sealed) is None
    assert unseal(KEY, city.people["Yến"].id, factor.sealed) is None


def test_five_codes_in_five_minutes(stranger: Client, city: City, at_noon: time_machine.Traveller) -> None:
    """Of the phone and of paper together; then not even the right one, until it opens."""
    give_second_factor(city, "Khánh")
    give_password(stranger)
    tries = ["000000", "111111111111", "000000", "222222222222", "000000"]
    assert [give_code(stranger, code).status_code for code in tries] == [422] * PER_CODE
    closed = give_code(stranger, code_of(city, "Khánh"))
    assert closed.status_code == 429
    assert "12:05:10" in Page(closed).text
    at_noon.shift(timedelta(minutes=5, seconds=1))
    assert give_code(stranger, code_of(city, "Khánh")).status_code == 303


def fifty_at_once(city: City, code: str) -> list[object]:
    """Fifty threads with the same code."""
    person_id = city.people["Khánh"].id
    seen: list[object] = []

    def one() -> None:
        while True:
            try:
                seen.append(check_code(city.database, person_id, code, "203.0.113.9", KEY))
                return
            except Busy:  # a machine with too much to do: the phone is told to try again, and does
                continue

    threads = [threading.Thread(target=one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def test_fifty_wrong_codes_at_once_are_five(city: City) -> None:
    """Counting comes before looking."""
    give_second_factor(city, "Khánh")
    seen = fifty_at_once(city, "000000")
    assert len(seen) == 50
    assert len([each for each in seen if not isinstance(each, TooMany)]) == PER_CODE


@pytest.mark.parametrize("paper", [False, True])
def test_the_right_code_fifty_times_at_once_is_right_once(city: City, paper: bool) -> None:
    """Of the phone or of paper."""
    codes = give_second_factor(city, "Khánh")
    seen = fifty_at_once(city, codes[0] if paper else code_of(city, "Khánh"))
    assert len([each for each in seen if isinstance(each, Right)]) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("paper", [False, True])
def test_once_on_postgresql_as_well(postgres_city: City, paper: bool) -> None:
    """Where many write at the same time."""
    test_the_right_code_fifty_times_at_once_is_right_once(postgres_city, paper)


@pytest.mark.postgres
def test_five_on_postgresql_as_well(postgres_city: City) -> None:
    """Each count locks its row."""
    test_fifty_wrong_codes_at_once_are_five(postgres_city)
