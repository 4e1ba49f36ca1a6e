"""Nothing is lost: hundreds of faults, and not one violation; planted bugs, and every one of them found."""

from pathlib import Path

import pytest

from tests.faults.__main__ import lines
from tests.faults.oracle import judge
from tests.faults.planted import BUGS, Bug
from tests.faults.run import Run, Wanted, run


def proven(wanted: Wanted, folder: Path, made: Path | None = None, url: str = "") -> Run:
    """A run in which every invariant holds; else its report is the failure."""
    done = run(wanted, url or f"sqlite:///{folder / 'run.db'}", folder, made)
    told = judge(done)
    assert not any(told.values()), "\n".join(lines(done, told))
    return done


@pytest.mark.prove
def test_five_hundred_faults(cast_file: Path, tmp_path: Path) -> None:
    """0 lost, 0 doubled, 0 changed, 0 mis-attributed, 0 silently overwritten, 0 stranded."""
    done = proven(Wanted(seed=1, faults=500, items=650), tmp_path, cast_file)
    assert done.injected.total() >= 500
    assert done.server.starts > 50
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


SOON = ("answers before commit", "no idempotency", "last write wins", "author is the bearer", "drops held", "skips totals",
        "phone: forgets_on_200", "phone: deletes_rejected")  # fmt: skip


@pytest.mark.parametrize(
    "bug",
    [pytest.param(bug, id=bug.name, marks=() if bug.name in SOON else pytest.mark.prove) for bug in BUGS],
)
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
