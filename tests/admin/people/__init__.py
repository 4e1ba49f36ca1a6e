"""People: found, changed, brought in by a sheet."""
