"""What opens over the views: the evidence, a question, a line to fill in, a text, a list to choose from."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from adopt.model import Currency, Why
from adopt.wording.evidence import evidence
from adopt.wording.text import clean
from adopt.wording.words import footing, when


class WhyScreen(ModalScreen[None]):
    """The evidence for one object: the text of `adopt why`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back"),
        Binding("left", "other(-1)", "Previous"),
        Binding("right", "other(1)", "Next"),
        Binding("u", "undo", "Undo"),
        Binding("e", "export", "Export"),
        Binding("o", "ads_manager", "Ads Manager"),
    ]

    class Other(Message):
        """The one before or after it in the list is wanted."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Undone(Message):
        """The newest change of it is to be taken back."""

        def __init__(self, known: Why) -> None:
            super().__init__()
            self.known = known

    def __init__(self, known: Why, account: str) -> None:
        super().__init__()
        self._why, self._account = known, account

    def compose(self) -> ComposeResult:
        """A box that scrolls."""
        with Vertical(classes="box"):
            with VerticalScroll():
                yield Static(id="evidence", markup=False)
            yield Footer()

    def on_mount(self) -> None:
        """Show what it was opened with."""
        self.show(self._why)

    def show(self, known: Why) -> None:
        """The evidence for another object."""
        self._why = known
        box = self.query_one(".box", Vertical)
        box.border_title = f"Why: {clean(known.object.name)}"[:80]
        box.border_subtitle = f"{known.object.level} {known.object.id}"
        self.query_one("#evidence", Static).update(why_table(known))

    def action_other(self, by: int) -> None:
        """The previous or the next one in the list."""
        self.app.screen_stack[0].post_message(self.Other(by))

    def action_undo(self) -> None:
        """Take back the newest change of it that was made."""
        self.app.screen_stack[0].post_message(self.Undone(self._why))

    def action_export(self) -> None:
        """Write it as JSON beside where the dashboard was started."""
        path = Path(f"why-{self._why.object.id}.json").absolute()
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self._why), indent=2) + b"\n")
        self.app.notify(f"written to {path}")

    def action_ads_manager(self) -> None:
        """Open the object in Ads Manager."""
        chosen = {"campaign": "selected_campaign_ids", "ad": "selected_ad_ids"}.get(
            self._why.object.level, "selected_adset_ids"
        )
        account = self._account.removeprefix("act_")
        self.app.open_url(
            f"https://adsmanager.facebook.com/adsmanager/manage/adsets?act={account}&{chosen}={self._why.object.id}"
        )


class AskScreen(ModalScreen[bool]):
    """A question that names the thing and the money; only a yes goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape,q", "dismiss(False)", "No"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """The question."""
        with Vertical(classes="box small") as box:
            box.border_title = self._title
            with VerticalScroll():
                yield Static(self._text, markup=False)
            yield Label("y yes   n no", classes="keys")


class LineScreen(ModalScreen[str | None]):
    """One line to fill in; escape gives it up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Give up")]

    def __init__(self, title: str, hint: str, value: str = "", suggestions: Sequence[str] = ()) -> None:
        super().__init__()
        self._title, self._hint, self._value, self._suggestions = title, hint, value, suggestions

    def compose(self) -> ComposeResult:
        """The line, with what it may say below it."""
        from textual.suggester import SuggestFromList

        with Vertical(classes="box line") as box:
            box.border_title = self._title
            yield Input(self._value, suggester=SuggestFromList(self._suggestions) if self._suggestions else None)
            yield Label(self._hint, classes="keys", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes the line."""
        self.dismiss(event.value.strip())


class TextScreen(ModalScreen[None]):
    """A text that scrolls: what a command printed, a job's error in full, the help."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", "Back")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """A box that scrolls."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            with VerticalScroll(can_focus=True):
                yield Static(self._text, markup=False)
            yield Footer()


class ChooseScreen(ModalScreen[str | None]):
    """One of several things, each with its id."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Back")]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._choices = title, choices

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(classes="box small") as box:
            box.border_title = self._title
            yield OptionList(*(Option(clean(text), id=name) for name, text in self._choices), markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The one that was chosen."""
        self.dismiss(event.option.id)


def why_table(known: Why) -> Table:
    """All that `adopt why` says of an object: names, and beside them their texts."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in evidence(known):
        if value not in (None, ""):
            table.add_row(name, Text(clean(value)))
    currency = Currency(known.currency)
    for one in known.outcomes:
        done = f"{one.state}: {one.change.show(currency)} ({one.id})"
        table.add_row(when(one.at, known.timezone), Text(done))
    table.add_row("", Text(footing(known.currency, known.timezone, known.attribution, known.target), style="dim"))
    return table
