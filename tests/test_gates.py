"""Every route names exactly one gate, so that who may come in can be read where the route begins."""

from collections.abc import Iterable, Iterator

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from skills.web.gate import Anyone, SignedIn

OPEN_MOUNTS = {"/static"}  # files of the program itself: nothing in them belongs to anybody


def walk(routes: Iterable[object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Each route with its whole path, mounts and routers of routers included; a mount that hides its routes as itself."""
    for context in iter_route_contexts(list(routes)):  # type: ignore[arg-type]
        route = (
            getattr(context, "starlette_route", None) or getattr(context, "original_route", None) or context
        )
        path = prefix + str(getattr(context, "path", None) or getattr(route, "path", ""))
        inner = getattr(getattr(route, "app", None), "routes", None)
        if isinstance(route, Mount) and inner:
            yield from walk(inner, path)
        else:
            yield path, route


def gates_of(route: object) -> list[str]:
    """The names of the gates in the route's own signature, and of those that a router put in front of it."""
    dependant = getattr(route, "dependant", None)
    depends = dependant.dependencies if dependant else []
    return [getattr(each.call, "name", "?") for each in depends if getattr(each.call, "is_gate", False)]


def without_one_gate(app: FastAPI) -> dict[str, list[str]]:
    """The routes that break the rule, with the gates that they have."""
    return {
        path: gates_of(route)
        for path, route in walk(app.routes)
        if len(gates_of(route)) != 1 and not (isinstance(route, Mount) and path in OPEN_MOUNTS)
    }


def test_the_walk_sees_a_route_without_a_gate_and_one_with_two() -> None:
    """Nested routers and mounted applications too, and the documents that FastAPI opens by itself."""
    inner, outer, mounted, app = APIRouter(), APIRouter(prefix="/outer"), FastAPI(), FastAPI(openapi_url=None)

    @inner.get("/open")
    def forgotten() -> None: ...

    @inner.get("/one")
    def one(viewer: SignedIn) -> None: ...

    @outer.get("/two")
    def two(viewer: SignedIn, other: Anyone) -> None: ...

    @mounted.get("/secret")
    def secret() -> None: ...

    outer.include_router(inner, prefix="/inner")
    app.include_router(outer)
    app.mount("/sub", mounted)
    found = without_one_gate(app)
    assert found["/outer/inner/open"] == []
    assert found["/outer/two"] == ["signed in", "anyone"]
    assert "/outer/inner/one" not in found
    assert {"/sub/secret", "/sub/docs", "/sub/openapi.json"} <= found.keys()


def test_every_route_has_exactly_one_gate(app: FastAPI) -> None:
    """Public is said out loud too, with Anyone."""
    assert without_one_gate(app) == {}


def test_the_walk_saw_the_routes_there_are(app: FastAPI) -> None:
    """A walk that sees nothing would find nothing wrong."""
    paths = {path for path, _ in walk(app.routes)}
    assert len(paths) >= 20
    assert {"/", "/sign-in", "/visits/{ward_id}/{visit_id}/void", "/api/v1/totals", "/static"} <= paths


def test_what_is_open_to_everybody_is_a_short_list(app: FastAPI) -> None:
    """Whoever adds to it has to say so here."""
    open_to_all = {path for path, route in walk(app.routes) if gates_of(route) == ["anyone"]}
    assert open_to_all == {
        "/healthz",
        "/readyz",
        "/language",
        "/sign-in",
        "/sign-out",
        "/join",
        "/join/{token}",
        "/switch",
        "/api/v1/openapi.json",
        "/sw.js",
        "/shell/{language}",
        "/shell/{language}/sync",
        "/shell/{language}/take-in",
        "/sync/take-in",
        "/manifest.webmanifest",
    }
