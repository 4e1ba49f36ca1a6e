"""The whole program as one ASGI application: what is in it, and what every request passes through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from skills.accounts import routes as accounts
from skills.admin.people import routes as admin_people
from skills.admin.people.read_file import LARGEST as LARGEST_SHEET
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
        group_counts, admin_people,
    ):  # fmt: skip
        app.include_router(feature.router)
    app.mount("/static", static_files(), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.database.dispose()
