"""A code besides the password: made by the person's own phone, or one of ten that were printed."""
