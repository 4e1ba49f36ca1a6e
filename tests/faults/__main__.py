"""`python -m tests.faults`: a run, told as a table. Ends with 1 when an invariant does not hold. A seed tells the same story again."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests.faults import faults
from tests.faults.oracle import INVARIANTS, judge
from tests.faults.planted import BUGS
from tests.faults.run import Run, Wanted, run


def main(
    seed: Annotated[int, typer.Option(help="the story")] = 1,
    phones: Annotated[int, typer.Option(help="how many phones hand in at once")] = 6,
    items: Annotated[int, typer.Option(help="how many things are saved, at least one a fault")] = 650,
    faults: Annotated[
        int, typer.Option(help="how many faults hit handings in, people, disk and process")
    ] = 500,
    database: Annotated[
        str, typer.Option(help="an empty database; a SQLite file of its own when not given")
    ] = "",
    planted: Annotated[
        bool, typer.Option("--planted", help="lists the bugs that can be planted, and by what they are found")
    ] = False,
    plant: Annotated[str, typer.Option(help="the name of one of them, to see it found")] = "",
) -> None:
    """Saves, fails, brings in and counts."""
    if planted:
        for bug in BUGS:
            typer.echo(f"{bug.name:28} {', '.join(bug.found_by):10} {bug.title}")
        return
    folder = Path(tempfile.mkdtemp(prefix="tungnha-faults-"))
    wanted = Wanted(seed=seed, phones=phones, items=items, faults=faults, planted=plant)
    if database:
        wanted = Wanted(
            **{
                **vars(wanted),
                "world": tuple(name for name in wanted.world if name not in ("disk_full", "restore")),
            }
        )
    done = run(wanted, database or f"sqlite:///{folder / 'run.db'}", folder)
    told = judge(done)
    typer.echo("\n".join(lines(done, told)))
    if any(told.values()):
        typer.echo(f"kept for looking at: {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


def lines(done: Run, told: dict[str, list[str]]) -> list[str]:
    """The report of a run."""
    statuses = {told.item: told.status for told in done.wire.told}
    found = [
        f"seed {done.seed}, story {done.story}: {len(done.phones)} phones, {len(done.ledger)} saved, {done.injected.total()} faults"
    ]
    for name, n in sorted(done.injected.items(), key=lambda pair: (faults.BY_NAME[pair[0]].number, pair[0])):
        found.append(f"  F{faults.BY_NAME[name].number:<3} {n:5} {faults.BY_NAME[name].title}")
    tried = {fault.number for fault in faults.ALL}
    for number, title, where in faults.IN_A_BROWSER:
        if number not in tried:
            found.append(f"  F{number:<3}     - {title}: not here, {where}")
    found += [f"  F{number:<3}     - left out: {why}" for number, why in faults.LEFT_OUT.items()]
    found.append(
        f"  server started {done.server.starts} times; everything in {done.settle_seconds:.0f} s after the last fault"
    )
    found.append(
        "  answers " + ", ".join(f"{n} × {status}" for status, n in done.wire.statuses.most_common())
    )
    found.append(
        "  told last "
        + ", ".join(
            f"{list(statuses.values()).count(each)} {each}" for each in sorted(set(statuses.values()))
        )
    )
    for name, wrong in told.items():
        title = (INVARIANTS[name].__doc__ or "").partition(".")[0].partition(":")[0]
        found.append(f"  {name:4} {len(wrong):4} {title}")
        found += [f"         {each}" for each in wrong[:10]]
    return found


if __name__ == "__main__":
    typer.run(main)
