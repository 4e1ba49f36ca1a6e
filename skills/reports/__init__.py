"""What offices, teams and volunteers read: the figures of an area, a team or a person in a period."""
