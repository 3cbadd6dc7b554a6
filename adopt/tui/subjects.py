"""What a row is about: the object at Meta that a key pauses, starts or gives another budget."""

from typing import Any, NamedTuple

from adopt.model import Activity, AdSetRow, Branch, Change, Money, Ref


class Subject(NamedTuple):
    """An object, how it stands, and which object holds its budget."""

    object: Ref
    status: str
    budget: Money | None = None
    budget_at: Ref | None = None


def subject(row: Any) -> Subject | None:
    """The object of a row; None where there is none that can be changed."""
    match row:
        case AdSetRow():
            own = Ref(level="adset", id=row.id, name=row.name)
            above = Ref(level="campaign", id=row.campaign_id, name=row.campaign)
            holder = above if row.budget_of == "campaign" else own if row.budget_of else None
            return Subject(own, row.status, row.budget, holder)
        case Branch():
            return Subject(row.object, row.status, row.budget, row.object if row.budget is not None else None)
        case Change():
            return Subject(row.object, "")
        case Activity() if row.object is not None:
            return Subject(row.object, "")
        case _:
            return None


def undone_by(row: Any) -> str | None:
    """What `undo` is to take back for a row: a change or a plan; None where it must be looked up."""
    if isinstance(row, Activity):
        return str(row.data.get("change") or row.data.get("plan") or "") or None
    return None
