"""A verdict in one sentence that a media buyer understands; the same text in every face."""

from collections.abc import Callable

from adopt.model import Currency, Evidence
from adopt.policy import Target


def say(reason: str, evidence: Evidence, target: Target, currency: Currency) -> str:
    """The sentence for a verdict's reason."""
    return _SENTENCES[reason](_Words(evidence, target, currency))


class _Words:
    """The phrases the sentences share, for one object."""

    def __init__(self, evidence: Evidence, target: Target, currency: Currency) -> None:
        self.evidence = evidence
        self.target = target
        self.show = currency.show
        self.goal = target.show(currency)

    @property
    def results(self) -> str:
        """`4 purchases`, `1 lead`."""
        count = self.evidence.results
        noun = self.target.result.replace("_", " ")
        return f"{count:,} {noun if count == 1 else noun + 's'}"

    @property
    def bought(self) -> str:
        """`$411.00 bought 4 purchases at $102.75 each`, or the revenue it brought."""
        spent = self.show(self.evidence.spend)
        if self.target.roas is not None:
            revenue, roas = self.show(self.evidence.revenue or 0), self.evidence.roas or 0
            return f"{spent} brought {revenue} in {self.results}, ROAS {roas:.2f}"
        each = f" at {self.show(self.evidence.cpa)} each" if self.evidence.cpa is not None else ""
        return f"{spent} bought {self.results}{each}"

    def end(self, value: float | None) -> str:
        """One end of the interval of CPA or ROAS."""
        if value is None:
            return "no limit"
        return f"{value:.2f}" if self.target.roas is not None else self.show(round(value))

    @property
    def interval(self) -> str:
        """`the 95 % interval $19.00 to $44.00`."""
        ends = f"{self.end(self.evidence.low)} to {self.end(self.evidence.high)}"
        return f"the {self.evidence.confidence * 100:g} % interval {ends}"

    @property
    def kind_end(self) -> str:
        """The end of the interval that speaks for the object."""
        return self.end(self.evidence.low if self.target.cpa is not None else self.evidence.high)

    @property
    def harsh_end(self) -> str:
        """The end of the interval that speaks against it."""
        return self.end(self.evidence.high if self.target.cpa is not None else self.evidence.low)

    @property
    def missing(self) -> str:
        """What is still needed before anything can be said."""
        parts = []
        if self.evidence.clicks_needed:
            parts.append(f"{self.evidence.clicks_needed:,} more matured link clicks")
        if self.evidence.spend_needed:
            parts.append(f"{self.show(self.evidence.spend_needed)} more spend")
        return " and ".join(parts)


_SENTENCES: dict[str, Callable[[_Words], str]] = {
    "misses_target": lambda w: (
        f"{w.bought}; even the favourable end of {w.interval} ({w.kind_end}) misses the target of {w.goal}."
    ),
    "beats_target": lambda w: (
        f"{w.bought}; even the unfavourable end of {w.interval} ({w.harsh_end}) beats the target of {w.goal}."
    ),
    "unsure": lambda w: f"{w.bought}; {w.interval} contains the target of {w.goal}, so it may be good or bad.",
    "unripe": lambda w: (
        f"{w.bought}; it beats the target of {w.goal} on the clicks whose results have had time to arrive, "
        "but not yet if no more came from the newer ones."
    ),
    "too_little": lambda w: f"{w.bought}; too little to judge: it needs {w.missing}.",
    "no_spend": lambda w: f"Nothing was spent in the days that are judged{_results_anyway(w)}.",
    "no_clicks": lambda w: f"{w.bought}, without a link click, so no rate can be formed.",
    "unpriced": lambda w: f"{w.bought}; without revenue its ROAS cannot be formed.",
    "overcounted": lambda w: (
        f"{w.bought}, more than its {w.evidence.clicks:,} link clicks: most came without a click, "
        "so the interval cannot judge it."
    ),
    "comeback": lambda w: f"{w.bought}, counting what came in late: it meets the target of {w.goal} now.",
    "stays_paused": lambda w: f"Paused; {w.bought}, which does not meet the target of {w.goal}.",
    "parent_paused": lambda w: f"Its campaign is paused; {w.bought}.",
    "bad_campaign": lambda w: (
        f"{w.bought} over all its ad sets; even the favourable end of {w.interval} misses the target of {w.goal}. "
        "Its ad sets are judged one by one."
    ),
    "good_in_campaign": lambda w: f"{w.bought}: it beats the target of {w.goal}, and its budget is its campaign's.",
}


def _results_anyway(words: _Words) -> str:
    return f"; {words.results} came in late" if words.evidence.results > 0 else ""
