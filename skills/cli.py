"""The commands for whoever runs the server: `python -m skills --help` says everything."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from skills import clock, demo, migrate
from skills.accounts.begin_anew import begin_anew
from skills.areas import load
from skills.areas import plan as plans
from skills.areas.find import area_on
from skills.audit import chain, trail, verify
from skills.catalogue import load as catalogue
from skills.db import Database, Session
from skills.errors import Busy
from skills.people import add, sessions, tickets
from skills.people.models import Device, Person, Role
from skills.reports.area import area_report
from skills.reports.forms import PeriodQuery, read_query
from skills.settings import settings
from skills.sync import epoch, seal
from skills.totals import check
from skills.visits.carry import blocks_of, carry_doors, lock_doors
from skills.visits.tally import recount

app = typer.Typer(
    help="Từng Nhà: the commands for whoever runs the server.", no_args_is_help=True, add_completion=False
)
person = typer.Typer(help="People who work with the program.", no_args_is_help=True)
areas = typer.Typer(help="The map in time.", no_args_is_help=True)
totals = typer.Typer(help="The totals, which are derived from the visits.", no_args_is_help=True)
epochs = typer.Typer(help="Which life of the database this is.", no_args_is_help=True)
phones = typer.Typer(help="Phones on which visits are saved.", no_args_is_help=True)
audits = typer.Typer(help="The trail of what everybody changed, and who read what.", no_args_is_help=True)
app.add_typer(person, name="person")
app.add_typer(areas, name="areas")
app.add_typer(totals, name="totals")
app.add_typer(epochs, name="epoch")
app.add_typer(phones, name="phone")
app.add_typer(audits, name="audit")

Phone = Annotated[str, typer.Argument(help="the telephone number they sign in by")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="asked for when not given")
]


@app.command()
def serve(
    host: Annotated[str, typer.Option(envvar="HOST", help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", help="the port to listen on")] = 8000,
) -> None:
    """Serves the program until it is stopped."""
    import uvicorn

    with kindly():
        settings()  # a setting that can't be used is said now, in one sentence
        typer.echo(f"Từng Nhà: http://{host}:{port}")
        uvicorn.run("main:app", host=host, port=port, proxy_headers=False, log_level="warning")


@app.command("migrate")
def migrate_command() -> None:
    """Brings the database to the newest schema, and the map and the catalogue to the newest data."""
    with kindly():
        database = Database(settings().database_url)
        file = settings().database_file
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        migrate.upgrade(database)
        with database.writing() as db:
            load.load(db)
            catalogue.load(db)
        database.dispose()


@app.command("demo")
def demo_command(
    seed: Annotated[int, typer.Option(help="the same seed and day give the same city")] = 1,
    households: Annotated[int, typer.Option(help="how many doors")] = 40_000,
    visits: Annotated[int, typer.Option(help="how many visits, up to ten millions")] = 120_000,
    days: Annotated[
        int | None, typer.Option(help="over how many days back; from 01/01/2024 on when not given")
    ] = None,
    until: Annotated[str, typer.Option(help="the last day, as 2026-11-24; today when not given")] = "",
) -> None:
    """Fills an empty database with a demonstration city, and says who can sign in."""
    with kindly():
        database = Database(settings().database_url)
        last = _day(until) if until else None
        with typer.progressbar(length=visits, label=f"{visits} visits") as bar:
            demo.make_city(
                database, seed=seed, households=households, visits=visits, days=days, until=last,
                tell=lambda written: bar.update(written - bar.pos),
            )  # fmt: skip
        database.dispose()
    for phone, who in demo.ACCOUNTS.items():
        typer.echo(f"{phone}  {who}")
    typer.echo(f"Password: {demo.PASSWORD}")


@person.command("add")
def person_add(
    full_name: Annotated[str, typer.Argument(help="as on paper: Lê Thị Hoài")],
    phone: Phone,
    role: Annotated[Role, typer.Argument(help="what they do")],
    area: Annotated[int, typer.Argument(help="number of the area in which they do it")],
    password: Password,
) -> None:
    """Adds a person with one role in one area."""
    with writing() as db:
        added = add.add_person(db, full_name, phone, role, area, password)
        tell(db, added.id, "person.added", "full_name", "phone", "role", "area_id", "password")
        typer.echo(f"{added.full_name} can sign in as {added.phone}.")


@person.command("reset")
def person_reset(phone: Phone, password: Password) -> None:
    """Gives a person a new password, takes their second factor away and signs them out everywhere."""
    with writing() as db:
        found = _person(db, phone)
        add.reset_password(db, found, password)
        begin_anew(db, None, found, settings().secret)
        tell(db, found.id, "person.reset", "password")
    typer.echo("Done. They are signed out everywhere, and set up the code of their phone anew.")


@person.command("dismiss")
def person_dismiss(phone: Phone) -> None:
    """Ends a person's roles today. What they recorded stays, under their name."""
    with writing() as db:
        found = _person(db, phone)
        told_in = trail.chain_of(db, found.id)
        add.dismiss(db, found)
        trail.write(db, told_in, None, "person.dismissed", found.id, ["dismissed_at"])
    typer.echo("Done. They can no longer sign in.")


@person.command("token")
def person_token(
    phone: Phone, label: Annotated[str, typer.Option(help="which program it is for")] = ""
) -> None:
    """Makes a bearer token with which another program reads /api/v1 as this person; it is shown once."""
    with writing() as db:
        found = _person(db, phone)
        token = sessions.issue_api_token(db, found.id, label)
        tell(db, found.id, "token.issued")
        typer.echo(token)


@areas.command("load")
def areas_load() -> None:
    """Puts the map of Đà Nẵng and the catalogue into the database; run again, it changes nothing."""
    with writing() as db:
        typer.echo(f"{load.load(db)} rows of the map, {catalogue.load(db)} of the catalogue changed.")


@areas.command("reorganise")
def areas_reorganise(
    file: Annotated[
        Path, typer.Argument(help="the plan, as docs/operations.md describes it", exists=True, dir_okay=False)
    ],
) -> None:
    """Carries out a plan of merges, cuts, renames and regroupings, all of it or nothing."""
    with writing() as db:
        plan = plans.read_plan(file)
        lock_doors(db, plans.doors_listed(plan))
        for sentence in plans.apply(
            db, plan, lambda block, doors: carry_doors(db, block, doors), blocks_of(db)
        ):
            typer.echo(sentence)
        trail.write(
            db,
            0,
            None,
            "areas.reorganised",
            len(plan),
            sorted({verb for step in plan for verb in step.model_fields_set}),
        )


@totals.command("check")
def totals_check() -> None:
    """Recounts everything from the visits. Prints each difference; ends with 1 when there is one."""
    with kindly():
        database = Database(settings().database_url)
        with database.reading() as db:
            found = check.check(db, recount)
        database.dispose()
    for difference in found:
        typer.echo(f"{difference.key}: kept {difference.kept}, counted {difference.counted}")
    typer.echo(f"{len(found)} differences")
    if found:
        raise typer.Exit(1)


@totals.command("rebuild")
def totals_rebuild() -> None:
    """Throws the totals away and counts them anew from the visits."""
    with writing() as db:
        written = check.rebuild(db, recount)
        trail.write(db, 0, None, "totals.rebuilt", written)
        typer.echo(f"{written} amounts written")


@epochs.command("renew")
def epoch_renew() -> None:
    """After a restore: phones then offer again what they sent in the last 14 days, and nothing of it counts twice."""
    with writing() as db:
        renewed = epoch.renew(db).value
        trail.write(db, 0, None, "epoch.renewed", renewed)
        typer.echo(f"The epoch is now {renewed}.")


@phones.command("seal")
def phone_seal() -> None:
    """Makes a new key pair, to which phones seal from their next sign-in on. What was sealed before is opened as before."""
    with writing() as db:
        made = seal.make_key(db, settings().secret).id
        trail.write(db, 0, None, "sealing_key.made", made)
        typer.echo(f"Phones seal to key {made} from now on.")


@phones.command("lost")
def phone_lost(
    device: Annotated[UUID, typer.Argument(help="the number of the phone, as in the tray")],
) -> None:
    """Ends the right of a lost phone: what comes from it from now on is held for the ward to look at."""
    with writing() as db:
        tickets.revoke_device(db, device)
        owner = db.get(Device, device)
        trail.write(db, trail.chain_of(db, owner.person_id) if owner else 0, None, "device.revoked", device)
    typer.echo("Done. What this phone hands in is held from now on.")


@audits.command("verify")
def audit_verify(
    heads: Annotated[
        Path | None,
        typer.Option(
            help="what `audit heads` printed, kept outside the database", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Works out every chain anew. Prints the first thing in each ward that can't be true; ends with 1 when there is one."""
    with kindly():
        kept = verify.read_heads(heads.read_text(encoding="utf-8").splitlines()) if heads else []
        database = Database(settings().database_url)
        with database.reading() as db:
            found = verify.verify(db, kept)
        database.dispose()
    for each in found.broken:
        typer.echo(f"ward {each.ward_id}: {each.what}")
    typer.echo(
        f"{found.entries} entries and {found.reads} reads in {found.wards} chains, {len(found.broken)} broken"
    )
    if found.broken:
        raise typer.Exit(1)


@audits.command("heads")
def audit_heads() -> None:
    """Prints where every chain ends, to be kept outside the database: only that shows when an end is cut off whole."""
    with kindly():
        database = Database(settings().database_url)
        with database.reading() as db:
            for each in verify.heads(db):
                typer.echo(str(each))
        database.dispose()


@audits.command("seal")
def audit_seal() -> None:
    """Seals the days that are over, in every ward; otherwise the first to write there does it. For each night."""
    with writing() as db:
        typer.echo(f"{chain.seal_what_is_over(db)} days sealed")


@app.command()
def report(
    area: Annotated[int, typer.Argument(help="number of the area")],
    period: Annotated[str, typer.Argument(help="2026, 2026-H1, 2026-Q3, 2026-08, 2026-W33, 2026-08-28")],
    calendar: Annotated[str, typer.Option(help="civil or nd09")] = "civil",
    lens: Annotated[str, typer.Option(help="then or today")] = "then",
) -> None:
    """Prints the headline figures of an area in a period."""
    with kindly():
        query = read_query(
            PeriodQuery, {"period": [period], "calendar": [calendar], "lens": [lens]}, clock.today()
        )
        if not isinstance(query, PeriodQuery):
            raise ValueError(" ".join(query.errors.values()))
        database = Database(settings().database_url)
        with database.reading() as db:
            place = area_on(db, area)
            if place is None:
                raise ValueError(f"there is no area {area}")
            told = area_report(db, place, query, clock.today(), clock.now())
        database.dispose()
    typer.echo(f"{told.title}, {told.period.name} ({told.period.start} – {told.period.end})")
    for name, n in (told.figures or {}).items():
        typer.echo(f"{name:28} {n:>10}")
    if told.figures is None:
        typer.echo("—")


@app.command(
    "bench",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def bench_command(context: typer.Context) -> None:
    """Measures the program on a made city, beside the machine's own limits. Works where bench/ lies beside the program."""
    try:
        from bench.command import app as measuring  # no part of the program: an office has no need of it
    except ModuleNotFoundError:
        _stop(
            "bench/, or what it needs to measure with, is not here: measure in a checkout, with `make bench`"
        )
    measuring(context.args, prog_name="python -m skills bench")


@contextmanager
def writing() -> Iterator[Session]:
    """One transaction on the database of the settings."""
    with kindly():
        database = Database(settings().database_url)
        with database.writing() as db:
            yield db
        database.dispose()


@contextmanager
def kindly() -> Iterator[None]:
    """What a person can put right is said in one sentence, without a traceback."""
    try:
        yield
    except ValidationError as error:
        _stop("; ".join(str(problem["msg"]).removeprefix("Value error, ") for problem in error.errors()))
    except Busy as error:
        _stop(f"the database can't be written now ({error.reason}); try again")
    except DBAPIError as error:
        _stop(f"the database is not ready: {error.orig}. Run `python -m skills migrate` first")
    except (ValueError, OSError) as error:
        _stop(str(error))


def tell(db: Session, person_id: UUID, action: str, *fields: str) -> None:
    """Writes into the trail what a command did to a person."""
    trail.write(db, trail.chain_of(db, person_id), None, action, person_id, fields)


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(1)


def _person(db: Session, phone: str) -> Person:
    found = add.find_person(db, phone)
    if found is None:
        raise ValueError(f"nobody signs in by {phone}")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no day; write it as 2026-11-24") from None
