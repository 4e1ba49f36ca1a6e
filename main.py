"""What an ASGI server is pointed at: `uvicorn main:app`."""

from skills.app import create_app

app = create_app()
