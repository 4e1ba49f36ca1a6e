"""`python -m skills …`: the commands for whoever runs the server."""

from skills.cli import app

app()
