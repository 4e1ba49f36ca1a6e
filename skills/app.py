"""The whole program as one ASGI application: what is in it, and what every request passes through."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from skills.accounts import routes as accounts
from skills.admin import routes as admin
from skills.admin.areas import routes as areas
from skills.admin.audit import routes as audit
from skills.admin.catalogue import routes as catalogue
from skills.admin.people import routes as admin_people
from skills.admin.people.read_file import LARGEST as LARGEST_SHEET
from skills.admin.teams import routes as teams
from skills.coverage import routes as coverage
from skills.db import Database
from skills.devices import routes as devices
from skills.group_counts import routes as group_counts
from skills.home import routes as home
from skills.households import routes as households
from skills.invitations import routes as invitations
from skills.reports import routes as reports
from skills.settings import Settings
from skills.settings import settings as settings_of_the_process
from skills.sync import routes as sync
from skills.visits import routes as visits
from skills.web import errors, health, language, worker
from skills.web.assets import static_files
from skills.web.body_limit import LARGEST, BodyLimit
from skills.web.headers import SafeHeaders
from skills.web.origin import OwnPagesOnly
from skills.web.seen import Seen
from skills.web.transaction import open_database

NO_TELEMETRY = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application over the database that the settings name. It answers /api/v1/openapi.json and no other document."""
    settings = settings or settings_of_the_process()
    app = FastAPI(
        title="Từng Nhà",
        telemetry=NO_TELEMETRY,  # type: ignore[arg-type]
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # every page has one address
        lifespan=_lifespan,
        middleware=[  # the first is the outermost
            Middleware(Seen),
            Middleware(SafeHeaders, https=settings.https),
            Middleware(GZipMiddleware, compresslevel=5),
            Middleware(language.Languages),
            Middleware(errors.Unforeseen),
            Middleware(OwnPagesOnly),
            Middleware(BodyLimit, files={"/admin/people/sheet": LARGEST_SHEET + LARGEST}),
        ],
    )
    app.state.settings = settings
    open_database(app, Database(settings.database_url))
    errors.install(app)
    for feature in (
        health, language, worker, accounts, invitations, devices, home, households, visits, sync, reports, coverage,
        group_counts, admin, teams, areas, catalogue, audit, admin_people,
    ):  # fmt: skip
        app.include_router(feature.router)
    app.mount("/static", static_files(), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # what the program is made of never becomes garbage, and what a request leaves in cycles is little: looking for it in everything, as
    # often as Python does by itself, cost a twentieth of the processor while phones handed in
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    yield
    app.state.database.dispose()
