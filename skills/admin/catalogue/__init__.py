"""The catalogue as an office keeps it: what is taught and to whom, with dates, in both languages."""
