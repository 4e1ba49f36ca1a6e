"""The catalogue in the office: read by all offices, changed by the administrator."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from skills.admin.catalogue.change import add, date_anew, reword, to_change
from skills.admin.catalogue.find import Entry, catalogue, entry, former_wordings, when
from skills.admin.catalogue.forms import (
    AudienceForm,
    DatesForm,
    Kind,
    SkillForm,
    SkillWordingForm,
    WordingForm,
)
from skills.catalogue.models import Audience, Core, Pillar
from skills.forms import FormErrors, read
from skills.language import gettext as _
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.page import Shown
from skills.web.answers import see_other
from skills.web.forms import Fields
from skills.web.gate import MayManageCatalogueConfirmed, MaySeeCatalogue
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

Number = Annotated[int, Path(ge=1, le=2_147_483_647)]
_ENTRY = "/admin/catalogue/{kind}/{entry_id}"
_COPIED = ("pillar", "digcomp", "core", "sort")


@router.get("/admin/catalogue")
def index(request: Request, viewer: MaySeeCatalogue, db: ReadDb) -> Response:
    """All skills and groups: of today, planned, over."""
    return render(
        request, viewer, "admin/catalogue/index.html", catalogue=catalogue(db, viewer.today), cores=_cores(),
        may_change=viewer.may(Permission.MANAGE_CATALOGUE),
    )  # fmt: skip


@router.get("/admin/catalogue/{kind}/new")
def new(
    request: Request, viewer: MayManageCatalogueConfirmed, db: ReadDb, kind: Kind,
    instead_of: Annotated[int, Query(ge=0, le=2_147_483_647)] = 0,
) -> Response:  # fmt: skip
    """The form for a new one, perhaps instead of a skill that is taught."""
    former = entry(db, kind, instead_of) if instead_of else None
    values = {name: str(getattr(former, name, None) or "") for name in _COPIED} if former else {}
    return _new_form(
        request, viewer, kind, values | ({"instead_of": str(instead_of)} if former else {}), former
    )


@router.post("/admin/catalogue/{kind}")
def create(
    request: Request, viewer: MayManageCatalogueConfirmed, db: Db, fields: Fields, kind: Kind
) -> Response:
    """A new skill or group."""
    form = read(SkillForm, fields) if kind == "skills" else read(AudienceForm, fields)
    came = form if isinstance(form, FormErrors) else add(db, viewer, kind, form)
    if not isinstance(came, FormErrors):
        return see_other(request, f"/admin/catalogue/{kind}/{came.id}")
    return _new_form(request, viewer, kind, _typed(fields), None, came.errors)


@router.get(_ENTRY)
def show(request: Request, viewer: MaySeeCatalogue, db: ReadDb, kind: Kind, entry_id: Number) -> Response:
    """One skill or group, with how it was called before."""
    found = entry(db, kind, entry_id)
    return _page(
        request, viewer, "show", kind, found, former=former_wordings(db, kind, entry_id),
        may_change=viewer.may(Permission.MANAGE_CATALOGUE) and not _sensitive(found),
    )  # fmt: skip


@router.get(_ENTRY + "/wording")
def show_wording(
    request: Request, viewer: MayManageCatalogueConfirmed, db: ReadDb, kind: Kind, entry_id: Number
) -> Response:
    """The words as they stand, to be changed."""
    return _page(request, viewer, "wording", kind, to_change(db, kind, entry_id))


@router.post(_ENTRY + "/wording")
def change_wording(
    request: Request,
    viewer: MayManageCatalogueConfirmed,
    db: Db,
    fields: Fields,
    kind: Kind,
    entry_id: Number,
) -> Response:
    """Other words."""
    form = read(SkillWordingForm if kind == "skills" else WordingForm, fields)
    found = to_change(db, kind, entry_id)
    came = form if isinstance(form, FormErrors) else reword(db, viewer, kind, entry_id, form)
    if not isinstance(came, FormErrors):
        return see_other(request, f"/admin/catalogue/{kind}/{entry_id}")
    return _page(request, viewer, "wording", kind, found, _typed(fields), came.errors)


@router.get(_ENTRY + "/dates")
def show_dates(
    request: Request, viewer: MayManageCatalogueConfirmed, db: ReadDb, kind: Kind, entry_id: Number
) -> Response:
    """The days as they stand, to be changed."""
    return _page(request, viewer, "dates", kind, to_change(db, kind, entry_id))


@router.post(_ENTRY + "/dates")
def change_dates(
    request: Request,
    viewer: MayManageCatalogueConfirmed,
    db: Db,
    fields: Fields,
    kind: Kind,
    entry_id: Number,
) -> Response:
    """Other days."""
    form = read(DatesForm, fields)
    found = to_change(db, kind, entry_id)
    came = form if isinstance(form, FormErrors) else date_anew(db, viewer, kind, entry_id, form)
    if not isinstance(came, FormErrors):
        return see_other(request, f"/admin/catalogue/{kind}/{entry_id}")
    return _page(request, viewer, "dates", kind, found, _typed(fields), came.errors)


def _page(
    request: Request, viewer: Viewer, template: str, kind: Kind, found: Entry, typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None, **context: Any,
) -> Response:  # fmt: skip
    """A page of one skill or group; with errors, what was typed is still there (422)."""
    stored = {name: str(value) for name, value in found.model_dump().items() if value is not None}
    days = {"valid_from": found.valid_from, "valid_to": found.valid_to}
    stored |= {name: f"{day:%d/%m/%Y}" for name, day in days.items() if day is not None}
    return render(
        request, viewer, f"admin/catalogue/{template}.html", status=422 if errors else 200, kind=kind, entry=found,
        when=when(found, viewer.today), sensitive=_sensitive(found), values=Shown(stored if typed is None else typed),
        errors=Shown(errors or {}), labels=_labels(), cores=_cores(), pillars=_pillars(), digcomp=_digcomp(), **context,
    )  # fmt: skip


def _sensitive(found: Entry) -> bool:
    return isinstance(found, Audience) and found.sensitive


def _new_form(
    request: Request, viewer: Viewer, kind: Kind, values: Mapping[str, str], former: Entry | None,
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    return render(
        request, viewer, "admin/catalogue/new.html", status=422 if errors else 200, kind=kind, former=former,
        values=Shown(values), errors=Shown(errors or {}), labels=_labels(), cores=_cores(), pillars=_pillars(), digcomp=_digcomp(),
    )  # fmt: skip


def _typed(fields: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: given[-1] for name, given in fields.items() if given}


def _cores() -> dict[str, str]:
    return {core.value: _(core.label) for core in Core}


def _pillars() -> dict[str, str]:
    return {pillar.value: _(pillar.label) for pillar in Pillar}


def _digcomp() -> dict[str, str]:
    """The five areas of DigComp, the European framework of digital competences."""
    return {
        "1": _("Thông tin, dữ liệu"),
        "2": _("Giao tiếp, hợp tác"),
        "3": _("Tạo nội dung số"),
        "4": _("An toàn"),
        "5": _("Giải quyết vấn đề"),
    }


def _labels() -> dict[str, Any]:
    """What the fields are called."""
    return {
        "code": _("Mã"),
        "name_vi": _("Tên tiếng Việt"),
        "name_en": _("Tên tiếng Anh"),
        "short_vi": _("Tên ngắn trên điện thoại"),
        "short_en": _("Tên ngắn tiếng Anh"),
        "check_vi": _("Thế nào là tự làm được"),
        "check_en": _("Thế nào là tự làm được, tiếng Anh"),
        "sort": _("Thứ tự"),
        "pillar": _("Trụ cột"),
        "digcomp": _("Lĩnh vực DigComp"),
        "core": _("Nhóm cốt lõi"),
        "valid_from": _("Từ ngày"),
        "valid_to": _("Đến hết ngày"),
    }
