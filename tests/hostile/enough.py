"""How much has to be sent before the siege counts as one. The parts are attacked by different processes; together 5 000."""

AT_LEAST = {"forms": 3500, "parameters": 1000, "bodies": 500}
assert sum(AT_LEAST.values()) == 5000
