"""What an insights call asks for: read from its parameters, and refused as Meta refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from adopt.mock.breakdowns import (
    ACTION_NAMES,
    ASYNC_ONLY,
    FREQUENCY,
    HOURS,
    NAMES,
    Breakdowns,
    breakdowns_of,
    combination,
    family_of,
)
from adopt.mock.errors import GraphError, invalid
from adopt.mock.filtering import Filter, filters_of
from adopt.mock.objects import LEVELS, Node
from adopt.mock.params import Params, flag, text, whole, words
from adopt.mock.properties import FIELDS
from adopt.mock.spans import Span, months_before, spans_of

LEVEL_NAMES = {"account": "account", "campaign": "campaign", "adset": "ad set", "ad": "ad"}
_WINDOWS = """
default 1d_click 7d_click 28d_click 1d_view 7d_view 28d_view 1d_ev custom dda incrementality
incrementality_all_conversions incrementality_first_conversion 1d_sequenced 7d_sequenced 28d_sequenced
7d_view_first_conversion 28d_view_first_conversion 7d_view_all_conversions 28d_view_all_conversions skan_click skan_view
skan_click_second_postback skan_view_second_postback skan_click_third_postback skan_view_third_postback
"""
WINDOW_NAMES = frozenset(_WINDOWS.split())
REPORT_TIMES = ("impression", "conversion", "mixed", "lifetime")  # read, and left aside since 2025-06-10
_DEFAULT = {
    "account": ("account_id",),
    "campaign": ("account_id", "campaign_id"),
    "ad set": ("account_id", "campaign_id", "adset_id"),
    "ad": ("account_id", "campaign_id", "adset_id", "ad_id"),
}
ALWAYS = ("date_start", "date_stop")
_OF_ASSETS = frozenset(
    ["impressions", "clicks", "spend", "reach", "actions", "action_values"]
)  # all that assets are told
_ABOUT = ("_id", "_name", "account_currency", "date_start", "date_stop", "objective", "buying_type")
# Months after which a figure of a young kind is no longer told.
UNIQUE_MONTHS, HOURLY_MONTHS, FREQUENCY_MONTHS = 13, 13, 6
_TOO_MANY = (
    "The reporting data you are trying to fetch has too many rows. Please use asynchronous query or restrict amount of "
    "ad IDs or time ranges to fetch the data."
)
MOST_VALUES = 500_000  # fields of rows on one page


@dataclass(frozen=True)
class Query:
    """One insights call, understood."""

    level: str
    names: tuple[str, ...]
    windows: tuple[str, ...]
    breakdowns: Breakdowns
    spans: tuple[Span, ...]
    filters: tuple[Filter, ...]
    order: tuple[tuple[str, bool], ...]
    summary: tuple[str, ...] | None
    summary_actions: tuple[str, ...]
    today: date

    @property
    def videos(self) -> bool:
        """Tell whether counts of videos watched are needed."""
        asked = {*self.names, *(self.summary or ()), *(name for name, _ in self.order), *self.figures()}
        return any("video" in one or "action" in one or "engagement" in one or "thruplay" in one for one in asked)

    def figures(self) -> list[str]:
        """Give the fields that rows are filtered by."""
        return [figure_of(one)[0] for one in self.filters if not is_action(one) and label_of(one) is None]

    def told(self, name: str, since: date) -> bool:
        """Tell whether a field is still told for days so long ago."""
        unique = name.startswith(("unique_", "cost_per_unique_")) or (
            name in ("reach", "frequency", "cpp") and self.cut
        )
        return not unique or since >= months_before(self.today, UNIQUE_MONTHS)

    @property
    def cut(self) -> tuple[str, ...]:
        """Give the breakdowns whose cells are needed, those only filtered by among them."""
        asked = [*self.breakdowns.rows, *filter(None, map(label_of, self.filters))]
        return tuple(dict.fromkeys(name for name in asked if name != self.breakdowns.asset))


def query_of(node: Node, params: Params, today: date, first: date, *, later: bool = False) -> Query:
    """Read a call on a node; `later` is for the ones answered by a report run."""
    level = _level(node, params)
    broken = breakdowns_of(params)
    if ASYNC_ONLY in broken.rows and not later:
        raise invalid(f"The {ASYNC_ONLY} breakdown is only available in asynchronous requests")
    names = _names(level, params, broken)
    filters = tuple(filters_of(params))
    spans = spans_of(params, today, first)
    _check_size(params, names)
    query = Query(
        level=level,
        names=names,
        windows=_windows(params),
        breakdowns=broken,
        spans=tuple(one for one in spans if _kept(broken, one, today)),
        filters=filters,
        order=tuple(_order(params)),
        summary=_summary(params),
        summary_actions=_summary_actions(params),
        today=today,
    )
    if query.cut and family_of(query.cut) is None and not broken.empty:
        raise combination({*broken.rows, *query.cut, *broken.actions})
    return query


def is_action(condition: Filter) -> bool:
    """Tell whether a condition is on the kind of action that is shown."""
    return condition.field == "action_type"


def label_of(condition: Filter) -> str | None:
    """Give the breakdown a condition is on, None for any other."""
    return condition.field if condition.field in NAMES else None


def figure_of(condition: Filter) -> tuple[str, str | None]:
    """Give the field a condition on figures is on, and the action type it looks at."""
    name, _, kind = condition.field.partition(":")
    return name.rpartition(".")[2], kind or None


def object_of(condition: Filter) -> tuple[str, str] | None:
    """Give the level and field of a condition on objects, None for one on figures."""
    prefix, dot, name = condition.field.partition(".")
    if not dot:
        prefix, _, name = condition.field.partition("_")
        return (LEVEL_NAMES[prefix], name) if prefix in LEVEL_NAMES and name in ("id", "name") else None
    name = "effective_status" if name == "delivery_info" else name
    if prefix not in LEVEL_NAMES:
        raise invalid(f"Filtering field {condition.field} is invalid.")
    return (LEVEL_NAMES[prefix], name) if name not in FIELDS["insights"] or name == "id" else None


def _level(node: Node, params: Params) -> str:
    asked = text(params, "level")
    if not asked:
        return node.kind
    if asked not in LEVEL_NAMES:
        raise invalid(f"level must be one of the following values: {', '.join(LEVEL_NAMES)}")
    level = LEVEL_NAMES[asked]
    if LEVELS.index(level) < LEVELS.index(node.kind):
        raise invalid(f"level {asked} is not valid for this object")
    return level


def _names(level: str, params: Params, broken: Breakdowns) -> tuple[str, ...]:
    asked = words(params, "fields")
    if not asked:
        return (*_DEFAULT[level], "impressions", "spend", *ALWAYS)
    wrong = [name for name in dict.fromkeys(asked) if name not in FIELDS["insights"]]
    if wrong:
        page = "https://developers.facebook.com/docs/marketing-api/reference/ads-insights/"
        verb = "is" if len(wrong) == 1 else "are"
        raise invalid(f"{', '.join(wrong)} {verb} not valid for fields param. please check {page} for all valid values")
    if broken.hourly and (video := next((name for name in asked if name.startswith("video_")), None)):
        raise invalid(f"{video} cannot be requested with the breakdown {broken.rows[0]}")
    kept = [name for name in asked if broken.asset is None or name in _OF_ASSETS or name.endswith(_ABOUT)]
    return tuple(dict.fromkeys((*kept, *ALWAYS)))


def _windows(params: Params) -> tuple[str, ...]:
    asked = words(params, "action_attribution_windows") or []
    _check(asked, "action_attribution_windows", sorted(WINDOW_NAMES))
    _check([*filter(None, [text(params, "action_report_time")])], "action_report_time", REPORT_TIMES)
    return tuple(dict.fromkeys(name for name in asked if name != "default"))


def _check(asked: Sequence[str], param: str, known: Sequence[str]) -> None:
    for place, name in enumerate(asked):
        if name not in known:
            raise invalid(f"{param}[{place}] must be one of the following values: {', '.join(known)}")


def _order(params: Params) -> list[tuple[str, bool]]:
    found = []
    for item in words(params, "sort") or []:
        name, _, direction = item.rpartition("_")
        plain = name.partition(":")[0]
        if direction not in ("ascending", "descending") or (plain not in FIELDS["insights"] and plain not in NAMES):
            raise invalid(f"Sorting field {item} is invalid.")
        found.append((name, direction == "descending"))
    return found


def _summary(params: Params) -> tuple[str, ...] | None:
    asked = words(params, "summary")
    if asked and not {"true", "false", "1", "0"} & {*asked}:
        wrong = [name for name in asked if name not in FIELDS["insights"]]
        if wrong:
            raise invalid(f"{wrong[0]} is not valid for summary param.")
        return tuple(dict.fromkeys((*asked, *ALWAYS)))
    wanted = flag(params, "default_summary") or flag(params, "summary")
    return ("account_id", "impressions", "spend", *ALWAYS) if wanted else None


def _summary_actions(params: Params) -> tuple[str, ...]:
    asked = words(params, "summary_action_breakdowns")
    _check(asked or [], "summary_action_breakdowns", sorted(ACTION_NAMES))
    return ("action_type",) if asked is None else tuple(dict.fromkeys(asked))


def _check_size(params: Params, names: tuple[str, ...]) -> None:
    limit = whole(params, "limit") or 0
    if limit * len(names) > MOST_VALUES:
        raise too_much()


def too_much() -> GraphError:
    """Give the error for a page with more on it than Meta will carry."""
    message = "Please reduce the amount of data you're asking for, then retry your request"
    return GraphError(message, 1, 99, status=500)


def too_many_rows() -> GraphError:
    """Give the error for a report with more rows than a call may compute."""
    return GraphError(
        "Invalid parameter",
        100,
        1487534,
        person=(
            "Too many rows",
            _TOO_MANY,
        ),
    )


def _kept(broken: Breakdowns, span: Span, today: date) -> bool:
    """Tell whether a span's rows are still kept under such breakdowns."""
    if {*HOURS} & {*broken.rows}:
        return span.since >= months_before(today, HOURLY_MONTHS)
    return not {*FREQUENCY} & {*broken.rows} or span.since >= months_before(today, FREQUENCY_MONTHS)
