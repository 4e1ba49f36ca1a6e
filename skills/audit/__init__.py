"""Who did what to what, for ever: ids and names of fields, never values."""
