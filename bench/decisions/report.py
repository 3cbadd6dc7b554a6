"""What the records say: tables in Markdown, the gates, and a picture."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from bench.decisions.metrics import Record
from bench.decisions.scenarios import WHY

COLUMNS: Final = (
    "false_pause",
    "fdr",
    "losers_proven",
    "money_lost",
    "profit_missed",
    "profit",
    "wrong_scale",
    "calibration_gap",
    "calibration_se",
    "days_to_half",
)
IN_UNITS: Final = frozenset({"days_to_half", "spend_to_proof", "wald_ratio", "look_gap"})
Key = tuple[str, str, str]


class Gate(Struct, frozen=True):
    """A number that a release has to reach."""

    name: str
    scenarios: tuple[str, ...]
    metric: str
    limit: float
    at_most: bool = True
    by_limit: bool = False  # whether the unfavourable end of the interval has to hold too
    policy: str = "evidence"


BOUNDARY: Final = ("D3", "D4", "D5")
EVERYWHERE: Final = ("D1", "D2", "D6", "D7", "D8", "D9", "D10", "D11", "D12", "D15")
GATES: Final = (
    Gate("on target, ever paused: upper 95 % limit", ("D3", "D5"), "false_pause", 0.055, by_limit=True),
    Gate("the same without the throttle", ("D3", "D5"), "false_pause", 0.055, by_limit=True, policy="proof"),
    Gate("good ad sets ever paused wrongly", (*EVERYWHERE, *BOUNDARY), "false_pause", 0.03),
    Gate("matured spend to proof / Wald's limit", ("D1",), "wald_ratio", 1.20),
    Gate("profit less hourly Wilson's", EVERYWHERE, "profit_lead", 0.0, at_most=False),
    Gate("the same in the base world", ("D1",), "profit_lead", 0.04, at_most=False),
    Gate("profit / best stop's", ("D1",), "profit_of_dp", 0.94, at_most=False),
    Gate("allocation / clairvoyant's profit", ("D13",), "allocation", 0.80, at_most=False),
    Gate("losers ever scaled", EVERYWHERE, "wrong_scale", 0.05),
    Gate("P(good) off by", ("D1", "D2"), "calibration_gap", 0.05),
    Gate("evidence depends on when one looks", ("D14",), "look_gap", 1e-9),
)


def report(records: Sequence[Record], heading: str, picture: str) -> str:
    """The whole report."""
    found = {(r.scenario, r.policy, r.metric): r for r in records}
    policies = list(dict.fromkeys(r.policy for r in records))
    parts = [f"# Decisions, measured\n\n{heading}\n\n![False pauses and profit]({picture})", _gates(found)]
    parts.append("## The base world\n\n" + _policies(found, "D1", policies))
    others = [name for name in dict.fromkeys(r.scenario for r in records) if name != "D1"]
    parts += [f"## {_title(name)}\n\n" + _policies(found, name, policies) for name in others]
    return "\n\n".join(parts) + "\n"


def table(records: Sequence[Record]) -> str:
    """A line a scenario and policy, for a terminal."""
    found = {(r.scenario, r.policy, r.metric): r for r in records}
    rows = dict.fromkeys((r.scenario, r.policy) for r in records)
    head = f"{'scenario':<11}{'policy':<16}" + "".join(f"{column:>16}" for column in COLUMNS)
    lines = [
        f"{scenario:<11}{policy:<16}" + "".join(f"{_cell(found, (scenario, policy, c)):>16}" for c in COLUMNS)
        for scenario, policy in rows
    ]
    verdicts = [f"{verdict:<7} {gate.name}: {_named(worst)}" for gate, worst, verdict in judged(found)]
    return "\n".join([head, *lines, "", *verdicts])


def judged(found: dict[Key, Record]) -> Iterator[tuple[Gate, Record, str]]:
    """Each gate with its worst record and whether it is met; open where the interval holds both answers."""
    for gate in GATES:
        records = [r for s in gate.scenarios if (r := found.get((s, gate.policy, gate.metric))) is not None]
        if records:
            worst = (max if gate.at_most else min)(records, key=_weight(gate))
            yield gate, worst, _verdict(gate, worst)


def _weight(gate: Gate) -> Callable[[Record], float]:
    return lambda record: record.high if gate.by_limit else record.value


def _verdict(gate: Gate, worst: Record) -> str:
    sign = 1 if gate.at_most else -1
    value = worst.high if gate.by_limit else worst.value
    if sign * value <= sign * gate.limit:
        return "met"
    kind = worst.low if gate.at_most else worst.high
    return "open" if sign * kind <= sign * gate.limit else "missed"


def _gates(found: dict[Key, Record]) -> str:
    head = "## Gates\n\n| gate | limit | worst | verdict |\n|---|---|---|---|"
    return "\n".join([head, *(_gate_row(*row) for row in judged(found))])


def _gate_row(gate: Gate, worst: Record, verdict: str) -> str:
    sign = "<=" if gate.at_most else ">="
    return f"| {gate.name} | {sign} {_number(gate.metric, gate.limit)} | {_named(worst)} | {verdict} |"


def _named(record: Record) -> str:
    value, low, high = (_number(record.metric, n) for n in (record.value, record.low, record.high))
    return f"{value} ({low} to {high}) in {record.scenario}"


def _policies(found: dict[Key, Record], scenario: str, policies: Iterable[str]) -> str:
    here = {key[2] for key in found if key[0] == scenario}
    columns = [column for column in (*COLUMNS, "profit_lead", "allocation", "look_gap") if column in here]
    lines = ["| policy | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for policy in policies:
        cells = [_cell(found, (scenario, policy, column)) for column in columns]
        if any(cell != "-" for cell in cells):
            lines.append(f"| {policy} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(found: dict[Key, Record], key: Key) -> str:
    record = found.get(key)
    return "-" if record is None else _number(record.metric, record.value)


def _number(metric: str, value: float) -> str:
    return f"{value:.3g}" if metric in IN_UNITS else f"{value:.1%}"


def _title(scenario: str) -> str:
    name, _, variant = scenario.partition("/")
    return f"{scenario}: {WHY[name]}" + (f", {variant}" if variant else "")
