"""What every measurement stands on: the city, the people, the application over it, the machine's limits, and how long it may take."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bench.call import Answer, Ask, Caller
from bench.city import City
from bench.limits import Limits
from bench.people import Cast
from bench.rows import Times
from bench.statements import Watch, asked
from skills.app import create_app
from skills.db import Database
from skills.settings import Settings


@dataclass(frozen=True)
class Effort:
    """How often each thing is done, the most seconds that a row may take, how many people take part, and the seconds of
    rest that a started server gets before its memory is read. `senders` phones hand in `batches` of twenty each at once, and
    then `phones` within a `minute`; `carriers` carry them. A class comes
    within the seconds of a `lesson`."""

    repetitions: int = 60
    seconds: float = 10.0
    clients: int = 8
    students: int = 60
    volunteers: int = 40
    wards: int = 10
    starts: int = 3
    rest: float = 1.0
    senders: int = 32
    batches: int = 10
    phones: int = 2_000
    carriers: int = 200
    minute: float = 60.0
    lesson: float = 60.0


class Ground:
    """The application called directly, and the same once more with somebody listening to its statements.

    The second one is never timed: listening takes time too.
    """

    def __init__(self, city: City, effort: Effort, cast: Cast, limits: Limits) -> None:
        self.city = city
        self.effort = effort
        self.cast = cast
        self.limits = limits
        self.chance = Random("what is asked")
        settings = Settings(env="demo", database_url=city.url)
        app, heard = create_app(settings), create_app(settings)
        self.database: Database = app.state.database
        self._heard: Database = heard.state.database
        self.watch = Watch(self._heard)
        self.caller = Caller(app)
        self.heard = Caller(heard)

    def close(self) -> None:
        """Gives back loops and connections."""
        for caller in (self.caller, self.heard):
            caller.close()
        for database in (self.database, self._heard):
            database.dispose()

    def time(self, asks: Sequence[Ask]) -> tuple[Times, Answer]:
        """The times of a page, asked for by all of these in turn, over and over, and the first of the answers. A page of
        every day is warm, so the first times don't count."""
        turns = [asks[place % len(asks)] for place in range(self.effort.repetitions)]
        first = self.caller.get(asks[0])
        for ask in turns[1:3]:
            self.caller.get(ask)
        return self.caller.time(turns, self.effort.seconds), first

    def statements(self, ask: Ask) -> int:
        """How many statements an answer takes."""
        with self.watch.listening() as said:
            self.heard.get(ask)
        return len(asked(said))
