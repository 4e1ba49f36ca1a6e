"""The office's list of people: who is here, in which role and place, and how many come at once."""
