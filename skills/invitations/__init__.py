"""Bringing people in, and back in: single-use invitations, handed over face to face."""
