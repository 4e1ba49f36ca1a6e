"""Every table of the program in one list, for migrations and for whoever has to know them all."""

from skills.accounts import models as accounts
from skills.areas import models as areas
from skills.catalogue import models as catalogue
from skills.db import NAMES
from skills.group_counts import models as group_counts
from skills.households import models as households
from skills.people import models as people
from skills.sync import models as sync
from skills.totals import models as totals
from skills.visits import models as visits

FEATURES = (areas, catalogue, people, accounts, households, totals, visits, group_counts, sync)
ALL = NAMES.sorted_tables

# What a country spreads over its nodes by ward, and what it copies to every node (architecture 4, rules 1 and 3). The rest,
# sessions, counters, devices, is neither: it stays where people sign in.
FACTS = frozenset(table.name for table in ALL if next(iter(table.primary_key)).name == "ward_id")
REFERENCE = frozenset(
    {
        "area", "area_parent", "area_succession", "block", "area_block", "skill", "audience", "person", "posting", "team",
        "team_member", "team_group",
    }
)  # fmt: skip
