"""The program as a server on the city's day: `python -m bench.served 2026-11-24 8000`.

Reads the settings from the environment, as `python -m skills serve` does.
"""

import sys
from datetime import date

import uvicorn

from bench.day import on_the_day

if __name__ == "__main__":
    day, port = date.fromisoformat(sys.argv[1]), int(sys.argv[2])
    with on_the_day(day):
        uvicorn.run("main:app", host="127.0.0.1", port=port, proxy_headers=False, log_level="warning")
