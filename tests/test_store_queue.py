"""The queue: a key is one job, a lane runs one at a time, and who lost a lease can spoil nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from adopt.errors import Invalid, Temporary
from adopt.store import queue, steps
from adopt.store.database import Store, open_store, transaction
from adopt.store.queue import Lease, Lost, Order

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def now() -> datetime:
    return NOW


def order(key: str, lane: str = "act_1", **more: object) -> Order:
    return Order(**{"key": key, "kind": "launch", "lane": lane, "name": key, "payload": b"{}", **more})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def claimed(store: Store, owner: str = "w1", at: datetime = NOW) -> Lease:
    lease = queue.claim(store, owner, ["launch"], lambda: at)
    assert lease is not None
    return lease


def test_a_key_is_one_job_for_ever(store: Store) -> None:
    first, is_new = queue.enqueue(store, order("a"), now)
    assert (is_new, first.state, first.shown) == (True, "queued", "Queued")
    again, is_new = queue.enqueue(store, order("a", name="other"), now)
    assert (again, is_new) == (first, False)
    queue.complete(store, claimed(store), now)
    assert queue.enqueue(store, order("a"), now)[0].state == "completed"


def test_jobs_go_by_priority_then_age_when_they_are_due(store: Store) -> None:
    for key, more in {"old": {}, "urgent": {"priority": 1}, "late": {"priority": 9, "due": LATER}}.items():
        queue.enqueue(store, order(key, lane=key, **more), now)
    names = [claimed(store).id for _ in range(2)]
    assert names == [queue.find(store, name).id for name in names]
    assert [queue.find(store, name).name for name in names] == ["urgent", "old"]
    assert queue.claim(store, "w1", ["launch"], now) is None
    assert queue.next_due(store, ["launch"]) == LATER
    assert queue.find(store, claimed(store, at=LATER).id).name == "late"


def test_a_lane_runs_one_job_at_a_time(store: Store) -> None:
    for key, lane in (("a", "act_1"), ("b", "act_1"), ("c", "act_2")):
        queue.enqueue(store, order(key, lane), now)
    first, second = claimed(store), claimed(store)
    assert [lease.lane for lease in (first, second)] == ["act_1", "act_2"]
    assert queue.claim(store, "w2", ["launch"], now) is None
    queue.complete(store, first, now)
    assert claimed(store, "w2").lane == "act_1"


def test_another_kind_of_worker_leaves_it(store: Store) -> None:
    queue.enqueue(store, order("a"), now)
    assert queue.claim(store, "w1", ["notify"], now) is None


def test_who_lost_the_lease_can_write_nothing(store: Store) -> None:
    queue.enqueue(store, order("a"), now)
    old = claimed(store)
    [pulse] = queue.running(store)
    assert queue.take_back(store, pulse, now)
    new = claimed(store, "w1")  # even by a worker of the same name
    for write in (
        lambda: queue.beat(store, old),
        lambda: queue.note(store, old, "creating"),
        lambda: queue.complete(store, old, now),
        lambda: queue.fail(store, old, Temporary("x"), now),
        lambda: queue.postpone(store, old, LATER, None, now),
        lambda: queue.require(store, old),
    ):
        with pytest.raises(Lost):
            write()
    queue.complete(store, new, now)
    assert queue.listing(store)[0].state == "completed"


def test_a_worker_that_beat_since_the_look_keeps_its_job(store: Store) -> None:
    queue.enqueue(store, order("a"), now)
    lease = claimed(store)
    [pulse] = queue.running(store)
    assert not queue.beat(store, lease)
    assert not queue.take_back(store, pulse, now)
    queue.complete(store, lease, now)


def test_a_crash_is_no_failure_and_a_temporary_error_is_one(store: Store) -> None:
    queue.enqueue(store, order("a"), now)
    claimed(store)
    queue.take_back(store, queue.running(store)[0], now)
    lease = claimed(store)
    assert lease.failures == 0
    queue.postpone(store, lease, LATER, Temporary("too many calls"), now)
    job = queue.listing(store)[0]
    assert (job.failures, job.due, job.state) == (1, LATER, "queued")
    assert job.error is not None
    assert job.error.message == "too many calls"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_told(store: Store) -> None:
    for key in ("a", "b"):
        queue.enqueue(store, order(key), now)
    running, waiting = claimed(store), queue.listing(store)[0]
    assert queue.cancel(store, waiting.id, now).state == "cancelled"
    assert queue.cancel(store, running.id, now).state == "running"
    assert queue.beat(store, running)
    queue.postpone(store, running, LATER, None, now)
    assert queue.find(store, running.id).state == "cancelled"
    with pytest.raises(Invalid, match="has ended: cancelled"):
        queue.cancel(store, running.id, now)


def test_only_what_failed_or_was_cancelled_is_tried_again(store: Store) -> None:
    job, _ = queue.enqueue(store, order("a"), now)
    with pytest.raises(Invalid, match="only what failed or was cancelled"):
        queue.retry(store, job.id, now)
    queue.fail(store, claimed(store), Temporary("x"), now)
    back = queue.retry(store, job.id, lambda: LATER)
    assert (back.state, back.failures, back.error, back.due) == ("queued", 0, None, LATER)


def test_a_job_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    job, _ = queue.enqueue(store, order("a"), now)
    assert queue.find(store, job.id[:4]) == job
    for name in ("", "zz"):
        with pytest.raises(Invalid, match="there is no job"):
            queue.find(store, name)


def test_a_step_goes_from_intent_to_result_and_is_in_doubt_between(store: Store) -> None:
    queue.enqueue(store, order("a"), now)
    job = claimed(store).n
    assert not steps.begin(store, job, "campaign", "creating", NOW).in_doubt
    assert steps.begin(store, job, "campaign", "creating", LATER) == steps.Begun(in_doubt=True, begun_at=NOW)
    steps.refuse(store, job, "campaign", Temporary("limit"), NOW)
    assert not steps.begin(store, job, "campaign", "creating", NOW).in_doubt
    steps.finish(store, job, "campaign", {"id": "120", "name": "x"}, NOW)
    done = steps.begin(store, job, "campaign", "creating", NOW)
    assert (done.is_done, done.result) == (True, {"id": "120", "name": "x"})
    [step] = queue.listing(store)[0].steps
    assert (step.object, step.attempts, step.error) == ("120", 2, None)


class QueueLife(RuleBasedStateMachine):
    """Any order of events leaves each job in one state, and one job running in a lane."""

    jobs = Bundle("jobs")
    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = open_store(Path(self.folder.name) / "adopt.db")
        self.held: dict[str, Lease] = {}  # by job: the lease that counts
        self.ended: dict[str, str] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(target=jobs, key=st.sampled_from("abcdef"), lane=st.sampled_from("xy"))
    def enqueue(self, key: str, lane: str) -> str:
        return queue.enqueue(self.store, order(key, lane), now)[0].id

    @rule(target=leases, owner=st.sampled_from(["w1", "w2"]))
    def claim(self, owner: str) -> object:
        lease = queue.claim(self.store, owner, ["launch"], now)
        if lease is None:
            return multiple()
        assert lease.id not in self.held
        assert lease.id not in self.ended
        self.held[lease.id] = lease
        return lease

    @rule(lease=leases, how=st.sampled_from(["complete", "fail", "sleep", "late"]))
    def end(self, lease: Lease, how: str) -> None:
        def act() -> None:
            if how == "complete":
                queue.complete(self.store, lease, now)
            elif how == "fail":
                queue.fail(self.store, lease, Temporary("x"), now)
            else:
                queue.postpone(self.store, lease, NOW if how == "sleep" else LATER, None, now)

        if self.held.get(lease.id) != lease:
            with pytest.raises(Lost):
                act()
            return
        act()
        del self.held[lease.id]
        if (state := queue.find(self.store, lease.id).state) != "queued":
            self.ended[lease.id] = state

    @rule()
    def crash(self) -> None:
        for pulse in queue.running(self.store):
            assert queue.take_back(self.store, pulse, now)
        for id_ in list(self.held):
            del self.held[id_]
            if (state := queue.find(self.store, id_).state) != "queued":
                self.ended[id_] = state

    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        if job in self.ended:
            with pytest.raises(Invalid):
                queue.cancel(self.store, job, now)
        elif queue.cancel(self.store, job, now).state == "cancelled":
            self.ended[job] = "cancelled"

    @rule(job=jobs)
    def retry(self, job: str) -> None:
        if self.ended.get(job) in ("failed", "cancelled"):
            assert queue.retry(self.store, job, now).state == "queued"
            del self.ended[job]
        else:
            with pytest.raises(Invalid):
                queue.retry(self.store, job, now)

    @invariant()
    def each_job_is_where_it_should_be(self) -> None:
        found = queue.listing(self.store)
        running = [job for job in found if job.state == "running"]
        assert {job.id for job in running} == set(self.held)
        assert len({job.lane for job in running}) == len(running)
        assert len({job.key for job in found}) == len(found)
        assert {job.id: job.state for job in found if job.id in self.ended} == self.ended


QueueLife.TestCase.settings = settings(max_examples=40, stateful_step_count=30, suppress_health_check=list(HealthCheck))
TestQueueLife = QueueLife.TestCase


def test_writes_inside_one_transaction_are_kept_together_or_not_at_all(store: Store) -> None:
    queue.enqueue(store, order("a"), now)
    lease = claimed(store)

    def interrupted() -> None:
        with transaction(store):
            queue.require(store, lease)
            steps.begin(store, lease.n, "campaign", "creating", NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert queue.listing(store)[0].steps == ()
