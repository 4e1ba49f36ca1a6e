"""The command: which city, how much effort, and where the table is."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bench import city as cities
from bench import tell
from bench.ground import Effort
from bench.run import PARTS, Plan, measure

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    size: Annotated[str, typer.Option(help=f"{', '.join(cities.SIZES)}")] = "small",
    households: Annotated[int, typer.Option(help="how many doors, instead of those of the size")] = 0,
    visits: Annotated[int, typer.Option(help="how many visits, instead of those of the size")] = 0,
    database: Annotated[
        str,
        typer.Option(
            help="a made city to measure: a SQLite file, or postgresql+psycopg://…; made when empty"
        ),
    ] = "",
    until: Annotated[str, typer.Option(help="the day of the city")] = cities.UNTIL.isoformat(),
    without: Annotated[str, typer.Option(help=f"parts to leave out, of {', '.join(PARTS)}")] = "",
    repetitions: Annotated[int, typer.Option(help="how often a page is asked for")] = 60,
    seconds: Annotated[float, typer.Option(help="the most that a row may take")] = 10.0,
    clients: Annotated[int, typer.Option(help="how many people save visits at once")] = 8,
    students: Annotated[int, typer.Option(help="how many people of a class sign in at once")] = 60,
    folder: Annotated[Path, typer.Option(help="where cities and tables are kept")] = Path("var"),
) -> None:
    """Measures the program on a made city, beside the machine's own limits, and writes a table and a JSON file."""
    left_out = frozenset(without.replace(",", " ").split())
    if size not in cities.SIZES or not left_out <= set(PARTS):
        raise typer.BadParameter(f"sizes are {', '.join(cities.SIZES)}; parts are {', '.join(PARTS)}")
    effort = Effort(repetitions, seconds, clients, students)
    plan = Plan(
        size, households, visits, database, date.fromisoformat(until), folder.resolve(), left_out, effort
    )
    try:
        result = measure(plan, lambda part: typer.echo(f"… {part}", err=True))
    except (cities.NoCity, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    table, data = tell.write(result, folder / "bench")
    typer.echo(tell.markdown(result))
    typer.echo(f"{table}\n{data}")
