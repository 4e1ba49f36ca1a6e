"""Reports: a page, a file, and the totals for other programs."""

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, StreamingResponse

from skills import clock
from skills.errors import NotFound
from skills.forms import FormErrors
from skills.language import gettext as _
from skills.people.viewer import Viewer
from skills.reports import contract
from skills.reports.answer import totals
from skills.reports.area import area_for, area_report, areas_to_pick, in_order, readable
from skills.reports.counts import counts_beside
from skills.reports.download import csv_lines, file_name, measure_titles, skill_lines
from skills.reports.forms import FileQuery, ReportQuery, TotalsQuery, address, read_query
from skills.reports.own import own_report
from skills.reports.picker import picker_for
from skills.sync import contract as phones
from skills.web.answers import problem
from skills.web.gate import Anyone, MayReadFigures, Program
from skills.web.render import render
from skills.web.transaction import ReadDb

router = APIRouter()


@router.get("/reports")
def show(request: Request, viewer: MayReadFigures, db: ReadDb) -> Response:
    """The report of an area, or of one's own visits for whoever goes from door to door."""
    query = read_query(ReportQuery, _typed(request), viewer.today)
    if isinstance(query, FormErrors):
        return _unreadable(request, viewer, query)
    area = area_for(db, viewer, query.area)
    if area is None:
        own = own_report(db, viewer, query, viewer.today, clock.now())
        picker = picker_for(query, viewer.today)
        return render(request, viewer, "reports/own.html", report=own, picker=picker, titles=measure_titles())
    report = area_report(db, area, query, viewer.today, clock.now())
    return render(
        request, viewer, "reports/area.html",
        report=report,
        counts=counts_beside(db, viewer, report),
        lines=in_order(report.lines, query.sort, query.desc),
        sort_link=lambda name, desc: address(query, sort=name, desc=desc),
        area_link=lambda area_id: address(query, area=area_id, sort=None, desc=None),
        skills_file=address(query, "/reports/download.csv", by="skill", sort=None, desc=None),
        now=[(one, readable(db, viewer, one.id)) for one in report.now],
        picker=picker_for(query, viewer.today, area.id, areas_to_pick(db, viewer, report)),
        titles=measure_titles(),
    )  # fmt: skip


@router.get("/reports/download.csv")
def download(request: Request, viewer: MayReadFigures, db: ReadDb) -> Response:
    """The same report as a file."""
    query = read_query(FileQuery, _typed(request), viewer.today)
    if isinstance(query, FormErrors):
        return _unreadable(request, viewer, query)
    area = area_for(db, viewer, query.area)
    if area is None:
        raise NotFound("a report of one's own is no file")
    report = area_report(db, area, query, viewer.today, clock.now())
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(report)}"',
        "Cache-Control": "no-store",
    }
    lines = skill_lines(report) if query.by == "skill" else csv_lines(report)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/api/v1/totals",
    openapi_extra={**contract.OPERATION, "parameters": contract.parameters()},
    responses=contract.answers(),
)
def api_totals(request: Request, viewer: Program, db: ReadDb) -> Response:
    """The figures of an area in a period, and what they are made of: by area, skill, audience, ladder or day."""
    query = read_query(TotalsQuery, _typed(request), viewer.today)
    if isinstance(query, FormErrors):
        return problem(422, _("Địa chỉ này có chỗ không đọc được"), _told(query), fields=query.errors)
    area = area_for(db, viewer, query.area)
    if area is None:
        raise NotFound("no area to report on")
    report = area_report(db, area, query, viewer.today, clock.now())
    return JSONResponse(totals(db, report, query.by), headers={"Cache-Control": "no-store"})


@router.get("/api/v1/openapi.json", include_in_schema=False)
def api_document(request: Request, viewer: Anyone) -> Response:  # noqa: ARG001 - open to anyone, and said so
    """What /api/v1 offers to programs and to phones, as OpenAPI; pages are not in it."""
    document = get_openapi(title="Từng Nhà", version="1", routes=request.app.routes)
    document["paths"] = {
        path: told for path, told in document["paths"].items() if path.startswith("/api/v1/")
    }
    document["components"] = {"securitySchemes": contract.SECURITY | phones.SECURITY}
    return JSONResponse(document)


def _typed(request: Request) -> dict[str, list[str]]:
    """The query of the address as names with what was given for each."""
    query = request.query_params
    return {name: query.getlist(name) for name in query}


def _unreadable(request: Request, viewer: Viewer, query: FormErrors) -> Response:
    """What can't be read, with what was typed to be put right; the rest of the address is kept where it was readable."""
    kept = {name: query.values[name] for name in ("area", "lens", "calendar") if name in query.values}
    return render(
        request, viewer, "reports/unreadable.html", status=422,
        errors=query.errors,
        values={name: query.values.get(name, "") for name in ("period", "from", "to")},
        kept={name: value for name, value in kept.items() if name not in query.errors},
    )  # fmt: skip


def _told(query: FormErrors) -> str:
    return " ".join(query.errors.values())
