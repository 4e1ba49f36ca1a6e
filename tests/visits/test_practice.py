"""The door that is not there: the same form, and nothing is kept of it."""

from skills.visits.models import Receipt, Visit
from tests.cast import City
from tests.conftest import AsPerson
from tests.visits.pages import count, log


def test_it_is_the_form_of_a_visit_and_keeps_nothing(as_person: AsPerson, city: City) -> None:
    client = as_person("Hoài")
    page = client.page("/visits/practice")
    assert "Ghi thử: không lưu, không tính." in page.text
    assert len(page.all("form", action="/visits/practice")) == 3
    assert all("data-outbox" not in form.attrs for form in page.all("form"))
    assert not any("/households/" in link.attrs.get("href", "") for link in page.all("a"))
    answer = client.submit(page, "/visits/practice", outcome="met", people="99", note="CCCD 048190001234")
    assert answer.status_code == 303
    assert "Đã ghi thử. Không lưu, không tính." in client.page(answer.headers["location"]).text
    assert (count(city.database, Visit), count(city.database, Receipt)) == (0, 0)


def test_it_is_offered_until_the_first_visit(as_person: AsPerson, city: City) -> None:
    client = as_person("Hoài")
    assert client.page("/").link("Ghi thử") == "/visits/practice"
    log(client, city.doors["2"], "absent")
    assert "Ghi thử" not in client.page("/").text
    assert as_person("Tâm").get("/visits/practice").status_code == 403
