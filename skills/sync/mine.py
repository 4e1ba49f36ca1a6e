"""What the server has of one person: the items of theirs that do not count yet, or came back."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from skills.people.viewer import Viewer
from skills.sync.models import HeldItem, HeldState

_OPEN = (HeldState.HELD, HeldState.CONFLICT, HeldState.RETURNED)


def not_counted(db: Session, viewer: Viewer, most: int = 50) -> Sequence[HeldItem]:
    """The viewer's items that a ward has still to answer, or has given back, latest first."""
    return db.exec(
        select(HeldItem)
        .where(col(HeldItem.author_id) == viewer.person_id, col(HeldItem.state).in_(_OPEN))
        .order_by(col(HeldItem.received_at).desc(), col(HeldItem.item))
        .limit(most)
    ).all()
