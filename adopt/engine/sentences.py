"""A verdict in one sentence that a media buyer understands; the same text in every face."""

from collections.abc import Callable

from adopt.engine.throttle import RESTORED
from adopt.model import Currency, Evidence
from adopt.policy import Target


class Speaker:
    """Says the verdicts of one account against one target."""

    def __init__(self, target: Target, currency: Currency, clicks: str = "link clicks") -> None:
        self.target = target
        self.clicks = clicks
        self.show = currency.show
        self.metric, _, self.bound = target.show(currency).partition(" ")  # `CPA`, `$45.00`

    def say(self, reason: str, evidence: Evidence) -> str:
        """The sentence for a verdict's reason."""
        return _SENTENCES[reason](_Words(self, evidence))


class _Words:
    """The phrases the sentences share, for one object."""

    def __init__(self, speaker: Speaker, evidence: Evidence) -> None:
        self.evidence = evidence
        self.target = speaker.target
        self.clicks = speaker.clicks
        self.show = speaker.show
        self.metric = speaker.metric
        self.bound = speaker.bound

    @property
    def noun(self) -> str:
        """`purchase`, `lead`."""
        return self.target.result.replace("_", " ")

    @property
    def _plural(self) -> str:
        return self.noun + "s"

    @property
    def count(self) -> str:
        """How many results it brought."""
        return f"{self.evidence.results:,}"

    @property
    def results(self) -> str:
        """`4 purchases`, `1 lead`."""
        return f"{self.count} {self.noun if self.evidence.results == 1 else self._plural}"

    @property
    def bought(self) -> str:
        """`$411.00 bought 4 purchases at $102.75 each`, or the revenue it brought."""
        spent = self.show(self.evidence.spend)
        if self.target.roas is not None:
            revenue, roas = self.show(self.evidence.revenue or 0), self.evidence.roas or 0
            return f"{spent} brought {revenue} in {self.results}, ROAS {roas:.2f}"
        each = f" at {self.show(self.evidence.cpa)} each" if self.evidence.cpa is not None else ""
        return f"{spent} bought {self.results}{each}"

    def end(self, value: float) -> str:
        """One end of the interval of CPA or ROAS."""
        return f"{value:.2f}" if self.target.roas is not None else self.show(round(value))

    @property
    def interval(self) -> str:
        """`the 95 % interval of its CPA, $19.00 to $44.00,`; whether it holds for one look only is said."""
        low, high = self.evidence.low or 0.0, self.evidence.high
        ends = f"{self.end(low)} {'and up' if high is None else f'to {self.end(high)}'}"
        looks = "one-look " if self.evidence.p_good is None else ""
        return f"the {self.evidence.confidence * 100:g} % {looks}interval of its {self.metric}, {ends},"

    @property
    def worse(self) -> str:
        """The side of the target that is bad."""
        return "above" if self.metric == "CPA" else "below"

    @property
    def better(self) -> str:
        """The side of the target that is good."""
        return "below" if self.metric == "CPA" else "above"

    @property
    def fell_short(self) -> str:
        """`$411.00 of matured spend should have bought 13.7 purchases at $30.00; it bought 4`, or in revenue."""
        ripe = f"{self.show(self.evidence.matured_spend or 0)} of matured spend"
        if self.target.roas is not None:
            due = self.show(round((self.evidence.matured_spend or 0) * self.target.roas))
            brought = self.show(self.evidence.revenue or 0)
            return f"{ripe} should have brought {due} at the target of {self.bound}, and brought {brought}"
        due = f"{self.evidence.due or 0:.1f} {self._plural}"
        return f"{ripe} should have bought {due} at the target of {self.bound}, and bought {self.count}"

    @property
    def against_due(self) -> str:
        """`4 purchases where 7.5 were due, 10 % chance that it meets the target`."""
        if self.target.roas is not None:
            due = self.show(round((self.evidence.matured_spend or 0) * self.target.roas))
            found = f"{self.show(self.evidence.revenue or 0)} where {due} was due"
        else:
            found = f"{self.results} where {self.evidence.due or 0:.1f} were due"
        return f"{found}, {_percent(self.evidence.p_good or 0)} chance that it meets the target of {self.bound}"

    @property
    def now_meets(self) -> str:
        """What it looks like now, its late results counted."""
        if self.evidence.p_good is not None:
            return f"{self.against_due}, its late results counted"
        if self.evidence.method == "threshold":
            return f"{self.bought}: it meets the target of {self.bound} now"
        ripe = f"on the {self.clicks.removeprefix('link ')} whose results have had time to arrive"
        return f"{self.bought}; {ripe}, it meets the target of {self.bound} now"

    @property
    def proof(self) -> str:
        """How sure it is that it misses the target, as the method promises it."""
        if self.evidence.method == "account":
            limit = 1 / self.evidence.alpha if self.evidence.alpha else 0
            times = f"{min(self.evidence.e_value or 0, 1e6):,.0f} times that for meeting it (limit {limit:,.0f})"
            return f"The evidence that it misses the target is {times}."
        return (
            "An ad set that really meets the target would look this bad at some point in its life "
            f"less than {self.seldom}."
        )

    @property
    def seldom(self) -> str:
        """`1 time in 45 (limit 1 in 20)`."""
        limit = 1 / self.evidence.alpha if self.evidence.alpha else 0
        return f"1 time in {min(self.evidence.e_value or 0, 1e6):,.0f} (limit 1 in {limit:,.0f})"

    @property
    def to_proof(self) -> str:
        """What it would take until a pause is proven."""
        if self.evidence.horizon and self.evidence.spend_to_pause is None:
            ahead = f"the horizon of {self.evidence.horizon:,} expected {self._plural}"
            return f"a pause can no longer be proven within {ahead}"
        if not self.evidence.spend_to_pause:
            return "a pause is not proven"
        more = self.show(self.evidence.spend_to_pause)
        return f"a pause would be proven after about {more} more matured spend without another {self.noun}"

    @property
    def missing(self) -> str:
        """What is still needed before anything can be said."""
        parts = []
        if self.evidence.clicks_needed:
            parts.append(f"{self.evidence.clicks_needed:,} more matured {self.clicks}")
        if self.evidence.spend_needed:
            parts.append(f"{self.show(self.evidence.spend_needed)} more spend")
        return " and ".join(parts)


_BACK = f"{RESTORED * 100:.0f} %"
_PLAIN = "A plain threshold takes luck for skill: it promises nothing."

_SENTENCES: dict[str, Callable[[_Words], str]] = {
    "misses_target": lambda w: f"{w.bought}; {w.interval} lies wholly {w.worse} the target of {w.bound}.",
    "beats_target": lambda w: f"{w.bought}; {w.interval} lies wholly {w.better} the target of {w.bound}.",
    "unsure": lambda w: f"{w.bought}; {w.interval} contains the target of {w.bound}, so it may be good or bad.",
    "past_threshold": lambda w: f"{w.bought}: past the threshold for the target of {w.bound}. {_PLAIN}",
    "within_threshold": lambda w: f"{w.bought}: well within the target of {w.bound}. {_PLAIN}",
    "between": lambda w: f"{w.bought}: near the target of {w.bound}. {_PLAIN}",
    "proven_bad": lambda w: f"{w.fell_short}. {w.proof}",
    "doubted": lambda w: (
        f"{w.against_due}: its budget falls to a fifth a day, and comes back above {_BACK}; {w.to_proof}."
    ),
    "open": lambda w: f"{w.against_due}; {w.to_proof}.",
    "restored": lambda w: (
        f"{w.against_due}: its budget rises again, to four times a day at most, until it is its base."
    ),
    "proven_good": lambda w: f"{w.against_due}: that it beats the target is proven.",
    "unripe": lambda w: f"{w.bought}; none of its spend has had time to bring results yet.",
    "too_little": lambda w: f"{w.bought}; too little to judge: it needs {w.missing}.",
    "no_spend": lambda w: f"Nothing was spent in the days that are judged{_results_anyway(w)}.",
    "no_clicks": lambda w: f"{w.bought}, without {w.clicks}, so no rate can be formed.",
    "unpriced": lambda w: f"{w.bought}; that does not say what a result is worth, so its ROAS cannot be judged.",
    "overcounted": lambda w: (
        f"{w.bought}, more than its {w.evidence.clicks:,} {w.clicks}: some came without one, "
        "so the interval cannot judge it."
    ),
    "comeback": lambda w: f"{w.now_meets}.",
    "probe": lambda w: (
        f"Paused for long enough to see whether it has changed{_before_the_pause(w)}. It is tried again with little "
        "money and judged by what comes from now on alone."
    ),
    "on_trial": lambda w: (
        f"Tried again after a pause, by what came since alone: {w.against_due}; it keeps its small budget until one "
        f"{w.noun} was due."
    ),
    "stays_paused": lambda w: f"Paused; {_not_back(w)}.",
    "parent_paused": lambda w: f"Its campaign is paused; {w.bought}.",
    "bad_campaign": lambda w: f"{_bad_over_all(w)}. Its ad sets are judged one by one.",
    "good_in_campaign": lambda w: f"{w.bought}: it beats the target of {w.bound}, and its budget is its campaign's.",
}


def _percent(share: float) -> str:
    """`10 %`, `below 1 %`, `above 99 %`."""
    if 0 < share < 0.01:  # noqa: PLR2004 - a whole percent
        return "below 1 %"
    return "above 99 %" if 0.99 < share < 1 else f"{share:.0%}".replace("%", " %")  # noqa: PLR2004 - likewise


def _not_back(words: _Words) -> str:
    """Why it stays paused: by the evidence it may do well and still not be sure enough."""
    if words.evidence.p_good is not None:
        return f"{words.against_due}, which does not bring it back"
    return f"{words.bought}, which does not meet the target of {words.bound}"


def _before_the_pause(words: _Words) -> str:
    """What is known of it: without a day in its epoch, nothing."""
    return f": before, {words.against_due}" if words.evidence.matured_spend else ""


def _bad_over_all(words: _Words) -> str:
    if words.evidence.p_good is not None:
        return f"Over all its ad sets, {words.fell_short}"
    if words.evidence.method == "threshold":
        return f"{words.bought} over all its ad sets, past the threshold for the target of {words.bound}"
    return (
        f"{words.bought} over all its ad sets; {words.interval} lies wholly {words.worse} the target of {words.bound}"
    )


def _results_anyway(words: _Words) -> str:
    return f"; {words.results} came in late" if words.evidence.results > 0 else ""
