"""A door knocked: record, correct and void a visit, each a version, each counted in the same transaction."""
