"""What is at Meta against what is remembered: objects that moved or vanished since, launches cut from under us."""

from collections.abc import Iterator
from typing import NamedTuple

from adopt.errors import NeedsPerson
from adopt.graph import objects
from adopt.model import AdSet, Campaign, Change, Currency, Finding, Job, Money, Ref
from adopt.operations.doctor.patient import Patient, finding
from adopt.operations.launching import discard_key
from adopt.operations.reviewing import key_of
from adopt.store import changes, polls, queue
from adopt.store.database import Store

_SHOWN = 5  # objects that a finding names
_JOBS = 500  # looked through, newest first


class _Set(NamedTuple):
    """What is set on an object."""

    name: str
    status: str | Money | None
    daily_budget: str | Money | None
    lifetime_budget: str | Money | None


class Cut(NamedTuple):
    """A launch whose campaign is gone at Meta, and the job that still watches over it."""

    launch: Job
    campaign: str
    review: Job | None


def drift(patient: Patient) -> Iterator[Finding]:
    """Whether status and budgets are as they were last seen, or written since."""
    moved = moved_since(patient)
    if moved is None:
        return
    if not moved:
        yield finding(drift, "ok", "Meta has everything as it is remembered")
        return
    more = f"; and {len(moved) - _SHOWN} more" if len(moved) > _SHOWN else ""
    yield finding(
        drift,
        "note",
        f"{len(moved)} object{'s' * (len(moved) != 1)} changed since the last poll: {'; '.join(moved[:_SHOWN])}{more}",
        why="somebody else did it; evidence is weighed with it from the next poll on",
        do="adopt plan",
        fix="poll the account, and change nothing" if patient.policy else "",
    )


def launches(patient: Patient) -> Iterator[Finding]:
    """Whether the campaign of a launch that still goes on was deleted."""
    for launch, campaign, review in cut_launches(patient):
        if review:
            what = f"the campaign {campaign} of launch {launch.id} ({launch.name}) is gone at Meta"
            yield finding(launches, "note", what, why="its review is still watched", fix=f"stop job {review.id}")
        else:
            yield finding(
                launches,
                "warning",
                f"launch {launch.id} ({launch.name}) stopped half-way, and its campaign {campaign} is gone at Meta",
                why="it cannot go on from there, and what else it made is left",
                do=f"adopt launch discard {launch.id}",
            )


def tier(patient: Patient) -> Iterator[Finding]:
    """How much Meta lets the app ask: by its usage header."""
    named = patient.graph.usage.tier if patient.graph and patient.graph.usage else None
    if named == "development_access":
        yield finding(
            tier,
            "note",
            "the app has limited access to the Marketing API: 20 changes of an ad account in 5 minutes",
            why="a large account is polled slowly, and long plans wait",
            do="full access for the app at https://developers.facebook.com/apps, App Review, Permissions and Features",
            data={"tier": named},
        )
    elif named:
        yield finding(tier, "ok", "the app has full access to the Marketing API", data={"tier": named})


def moved_since(patient: Patient) -> tuple[str, ...] | None:
    """A sentence for each object that is not as it was last seen or written; None where that cannot be told."""
    store, graph, account_id = patient.store, patient.graph, patient.settings.account
    if store is None or graph is None or account_id is None:
        return None
    last = polls.newest(store, account_id)
    if last is None:
        return None
    account, campaigns, ad_sets = polls.objects(store, account_id)
    try:
        now = objects.structure(graph, account)
    except NeedsPerson:
        return None  # as the connection has told
    expected, found = _known(campaigns, ad_sets), _known(*now)
    for made in changes.made_since(store, account_id, last.as_of):
        if one := expected.get(made.change.object.id):
            expected[made.change.object.id] = _written(one, made.change)
    return tuple(sentence for id_, one in expected.items() if (sentence := _moved(one, found.get(id_), account.money)))


def cut_launches(patient: Patient) -> tuple[Cut, ...]:
    """The launches that go on, or could, and whose campaign is deleted or archived at Meta."""
    store, account_id = patient.store, patient.settings.account
    if store is None or patient.graph is None or account_id is None:
        return ()
    going = [cut for job in queue.listing(store, lane=account_id, limit=_JOBS) if (cut := _going(store, job))]
    refs = [Ref(level="campaign", id=cut.campaign, name=cut.launch.name) for cut in going]
    try:
        seen = objects.look(patient.graph, [(ref, "status") for ref in refs])
    except NeedsPerson:
        return ()
    return tuple(cut for cut, one in zip(going, seen, strict=True) if one.values is None)


def _going(store: Store, job: Job) -> Cut | None:
    """A launch that has made a campaign and has not come to its end; None for any other job."""
    campaign = next((step.object for step in job.steps if step.name == "campaign"), None)
    if job.kind != "launch" or campaign is None:
        return None
    review = queue.under(store, key_of(job.id))
    if job.state == "completed" and review and not review.has_ended:
        return Cut(job, campaign, review)
    discarded = queue.under(store, discard_key(job.id))
    return Cut(job, campaign, None) if job.state == "failed" and not discarded else None


def _known(campaigns: tuple[Campaign, ...], ad_sets: tuple[AdSet, ...]) -> dict[str, _Set]:
    many: tuple[Campaign | AdSet, ...] = (*campaigns, *ad_sets)
    return {one.id: _Set(one.name, one.status, one.daily_budget, one.lifetime_budget) for one in many}


def _written(one: _Set, change: Change) -> _Set:
    """What is set after a change of ours."""
    for field, after in zip(change.fields, change.afters, strict=True):
        one = one._replace(**{field: after})  # type: ignore[arg-type] # a change has none of its fields but these
    return one


def _moved(was: _Set, now: _Set | None, money: Currency) -> str:
    """`Broad: $50.00 -> $60.00 a day`, `Broad is gone`; empty where nothing moved."""
    if now is None:
        return f"{was.name} is gone"
    said = [f"{was.status} -> {now.status}"] if was.status != now.status else []
    for field, span in (("daily_budget", "a day"), ("lifetime_budget", "in all")):
        before, after = getattr(was, field), getattr(now, field)
        if before != after:
            said.append(f"{_shown(before, money)} -> {_shown(after, money)} {span}")
    return f"{was.name}: {', '.join(said)}" if said else ""


def _shown(amount: str | Money | None, money: Currency) -> str:
    return "none" if amount is None else money.show(int(amount))
