"""Every table of the program in one list, for migrations and for whoever has to know them all."""

from skills.accounts import models as accounts
from skills.areas import models as areas
from skills.catalogue import models as catalogue
from skills.db import NAMES
from skills.households import models as households
from skills.people import models as people
from skills.totals import models as totals
from skills.visits import models as visits

FEATURES = (areas, catalogue, people, accounts, households, totals, visits)
ALL = NAMES.sorted_tables
