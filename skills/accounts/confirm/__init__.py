"""Proving once more, at an open session, that it is still the same person who sits there."""
