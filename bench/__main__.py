"""`python -m bench`: measures, and says where the table is."""

from bench.command import app

app()
