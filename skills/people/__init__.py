"""Persons, their roles and teams, the sessions they are signed in with, and the Viewer through whom all rows are reached."""
