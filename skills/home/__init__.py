"""Each role's first page."""
