"""Somebody who is more than one thing: what one posting allows does not spill over to where the other one is."""

import uuid

from skills.areas.models import FOREVER
from skills.people.models import Posting, Role, TeamMember, TeamRole
from tests.admin.teams.story import FIVE, TWO
from tests.cast import AN_HAI, SINCE, City
from tests.conftest import AsPerson


def test_a_ward_lead_who_leads_a_team_elsewhere_reads_it_and_changes_nothing(
    city: City, as_person: AsPerson
) -> None:
    """Thu is the lead of Hải Châu, and on her street in An Hải the leader of team 2: that ward's lead changes it, not she."""
    team, thu = city.teams[TWO].id, city.people["Thu"].id
    with city.database.writing() as db:
        db.add(
            Posting(
                id=uuid.uuid4(), person_id=thu, role=Role.TEAM_LEADER, area_id=city.wards[AN_HAI].id, valid_from=SINCE,
                valid_to=FOREVER,
            )
        )  # fmt: skip
        db.add(
            TeamMember(team_id=team, person_id=thu, valid_from=SINCE, valid_to=FOREVER, role=TeamRole.LEADER)
        )
    client = as_person("Thu")
    assert client.get(f"/admin/teams/{team}").status_code == 200
    assert client.get(f"/admin/teams/{team}/correction").status_code == 403
    assert client.get(f"/admin/teams/{city.teams[FIVE].id}/correction").status_code == 200
