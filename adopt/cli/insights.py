"""`adopt insights`: measurements as Meta answers them."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.nouns import PAGE, account_facts, row_columns, split
from adopt.cli.session import client, settings
from adopt.errors import Invalid
from adopt.wording.words import footing

if TYPE_CHECKING:
    from adopt.client import Client

app = App("Get measurements: spend, impressions, clicks, results.")
_FIELDS = "spend,impressions,clicks,ctr,cpc,reach,actions"
_NAMES = {"campaign": "campaign_id,campaign_name", "adset": "adset_id,adset_name", "ad": "ad_id,ad_name"}


@app.command(
    epilog="adopt insights get --level adset --date-preset last_7d --sort spend_descending\n"
    "adopt insights get 23851234567890 --since 2026-11-01 --until 2026-11-07 --time-increment 1 -o csv\n"
    "adopt insights get --breakdowns age,gender"
)
def get(  # noqa: PLR0913 # the options of Meta's edge
    ctx: Context,
    object_id: Annotated[str | None, Argument(metavar="ID", help="An object; the ad account if not said.")] = None,
    *,
    level: Annotated[
        Literal["account", "campaign", "adset", "ad"], Option(help="One row for each of these.")
    ] = "account",
    since: Annotated[str | None, Option(metavar="DATE", help="The first day, in the account's time zone.")] = None,
    until: Annotated[str | None, Option(metavar="DATE", help="The last day; today if only --since is said.")] = None,
    date_preset: Annotated[str | None, Option(metavar="NAME", help="Days by Meta's name, like last_7d.")] = None,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
    time_increment: Annotated[str | None, Option(metavar="N", help="A row for every N days, or monthly.")] = None,
    breakdowns: Annotated[str | None, Option(metavar="A,B", help="A row for each value, like age,gender.")] = None,
    sort: Annotated[str | None, Option(metavar="FIELD", help="Like spend_descending.")] = None,
    limit: Annotated[int | None, Option("-l", "--limit", metavar="N", help="At most N rows; 50 if not said.")] = None,
    everything: Annotated[bool, Option("--all", help="All rows.")] = False,
) -> None:
    """Get measurements as Meta answers them: money in major units, results in `actions`."""
    out, door = screen(ctx), client(ctx)
    most = None if everything else limit or PAGE
    params: dict[str, Any] = {
        "level": level,
        "fields": split(fields or ",".join(part for part in (_NAMES.get(level), _FIELDS) if part)),
        **_days(since, until, date_preset),
        "time_increment": time_increment,
        "breakdowns": split(breakdowns),
        "sort": sort,
        "limit": most,
    }
    with out.waiting("asking Meta"):
        found = list(door.insights(object_id or settings(ctx).require_account(), **params))
        footer = [_footing(door)] if out.for_people else []
    out.listing(found, row_columns(found, whole=bool(fields)), footer)
    if len(found) == most and limit is None:
        out.note(f"{most} shown; -l N or --all shows more")


def _footing(door: "Client") -> str:
    currency, zone = account_facts(door)
    return footing(currency, zone, "account").replace("times", "days")


def _days(since: str | None, until: str | None, preset: str | None) -> dict[str, Any]:
    if preset and (since or until):
        raise Invalid("--date-preset stands alone, without --since and --until", try_next="--date-preset last_7d")
    if preset or not (since or until):
        return {"date_preset": preset or "last_30d"}
    last = _day("--until", until) if until else date.today()  # noqa: DTZ011 # a person's today
    return {"since": _day("--since", since) if since else last - timedelta(days=29), "until": last}


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{option}: {text!r} is no date", try_next=f"{option} 2026-11-24") from None
