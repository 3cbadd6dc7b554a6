"""A list of any length of which only what is seen is drawn: rows in columns, a cursor, an order, a filter."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from adopt.tui.pieces import Palette, Piece, fit, palette, strip

T = TypeVar("T")
_GAP = 2
_LEAST = 16  # cells that a column which gives way keeps before others are left out


class Column(NamedTuple, Generic[T]):
    """One column: its title, what it shows of a row in so many cells, and how rows are put in its order."""

    title: str
    width: int
    cell: Callable[[T, int], Sequence[Piece] | str]
    right: bool = False
    gives: int = 0  # its share of the room that is left, which it also gives up first
    spare: int = 0  # left out where the screen is narrow, the highest first
    order: Callable[[T], Any] | None = None  # the most interesting first is the smallest


class Rows(ScrollView, Generic[T], can_focus=True):
    """Rows of anything with a key, drawn a line each as they come into sight."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000000)", "First", show=False),
        Binding("end,G", "move(1000000000)", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]
    DEFAULT_CSS = """
    Rows { overflow-x: hidden; background: $surface; color: $foreground; }
    Rows:focus { background-tint: $foreground 2%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", "rows--titles"}

    cursor: reactive[int] = reactive(0, repaint=False)

    class Chosen(Message):
        """A row was opened: by enter, or by a click on the one under the cursor."""

        def __init__(self, rows: "Rows[Any]", row: Any) -> None:
            super().__init__()
            self.rows, self.row = rows, row

        @property
        def control(self) -> "Rows[Any]":
            """The list, for handlers that name it."""
            return self.rows

    def __init__(
        self,
        columns: Sequence[Column[T]],
        key: Callable[[T], Hashable],
        text: Callable[[T], str],
        *,
        empty: str = "nothing yet",
        id: str | None = None,  # noqa: A002 - Textual's own word
    ) -> None:
        super().__init__(id=id)
        self._columns, self._key, self._text, self._empty = columns, key, text, empty
        self._all: Sequence[T] = ()
        self._seen: list[T] = []
        self._needle = ""
        self._order: Column[T] | None = None
        self._fitted: list[tuple[Column[T], int]] = []
        self._fitted_to = 0
        self._head = ""
        self.caption = ""  # what stands above the list, before how many rows are shown
        self._tones: Palette = {}

    # -- what is shown --------------------------------------------------------------------------

    @property
    def current(self) -> T | None:
        """The row under the cursor."""
        return self._seen[self.cursor] if self.cursor < len(self._seen) else None

    @property
    def seen(self) -> Sequence[T]:
        """The rows that pass the filter, in their order."""
        return self._seen

    @property
    def needle(self) -> str:
        """What the rows are filtered by."""
        return self._needle

    @property
    def says(self) -> str:
        """How many are shown of how many, by what filter and order."""
        found = (
            f"{len(self._seen):,}"
            if len(self._seen) == len(self._all)
            else f"{len(self._seen):,} of {len(self._all):,}"
        )
        filtered = f" · filter: {self._needle}" if self._needle else ""
        return f"{found}{filtered}{f' · by {self._order.title.strip()}' if self._order else ''}"

    def show(self, rows: Sequence[T]) -> None:
        """Other rows, or the same with other values: the cursor stays on its row, only changed lines are drawn."""
        before, kept = self._seen, self.current
        self._all = rows
        self._arrange()
        self.entitle()
        self.cursor = self._place_of(kept)
        if len(before) != len(self._seen):
            self._resize()
            self.refresh()
            return
        top = int(self.scroll_offset.y)
        for place in range(top, min(top + self.size.height, len(self._seen))):
            if before[place] != self._seen[place]:
                self._draw(place)

    def columns(self, columns: Sequence[Column[T]]) -> None:
        """Other columns."""
        self._columns = columns
        named = self._order.title if self._order else None
        self._order = next((column for column in columns if column.order and column.title == named), None)
        self._fitted_to = 0
        self.refresh()

    def entitle(self) -> None:
        """Say above the list what it is, and how much of it is shown."""
        self.head(f"{self.caption} {self.says}".strip())

    def head(self, title: str) -> None:
        """Another title above; the same one again draws nothing."""
        if title != self._head:
            self._head = title
            self.border_title = title

    def filter(self, needle: str) -> None:
        """Only rows whose text holds this, in any case."""
        self._needle = needle.strip()
        self._again()

    def sort(self, title: str | None = None) -> None:
        """By the column of that title, else by the next one that has an order."""
        orders = [column for column in self._columns if column.order]
        if not orders:
            return
        following = orders.index(self._order) + 1 if self._order in orders else 0
        named = next((column for column in orders if column.title.strip() == title), None)
        self._order = named or orders[following % len(orders)]
        self._again()

    def _again(self) -> None:
        kept = self.current
        self._arrange()
        self.entitle()
        self.cursor = self._place_of(kept)
        self._resize()
        self._follow()
        self.refresh()

    def _place_of(self, row: T | None) -> int:
        """Where a row stands now, by its key: mostly where it stood; the first where it is gone."""
        if row is None:
            return 0
        key = self._key(row)
        if self.cursor < len(self._seen) and self._key(self._seen[self.cursor]) == key:
            return self.cursor
        return next((place for place, one in enumerate(self._seen) if self._key(one) == key), 0)

    def _arrange(self) -> None:
        needle = self._needle.casefold()
        found = [row for row in self._all if needle in self._text(row).casefold()] if needle else list(self._all)
        self._seen = sorted(found, key=self._order.order) if self._order and self._order.order else found

    # -- drawing --------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Draw in the theme's colours, also after it was changed."""
        self.watch(self.app, "theme", self._tint)

    def _tint(self) -> None:
        self._tones = palette(self.app.theme_variables)
        self.refresh()

    def on_resize(self) -> None:
        """As many lines as there are rows, whatever the width."""
        self._resize()

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, max(1, len(self._seen)) + 1)

    def _fit(self, room: int) -> None:
        self._fitted_to = room
        kept = list(self._columns)
        while (spare := [column for column in kept if column.spare]) and _need(kept) > room:
            kept.remove(max(spare, key=lambda column: column.spare))
        fixed = sum(0 if column.gives else column.width for column in kept) + _GAP * (len(kept) - 1)
        shares = sum(column.gives for column in kept) or 1
        left = max(0, room - fixed)
        self._fitted = [(one, max(4, left * one.gives // shares) if one.gives else one.width) for one in kept]

    def render_line(self, y: int) -> Strip:
        """One line of what is seen: the titles, which stay, then the rows."""
        if self._fitted_to != self.size.width:
            self._fit(self.size.width)
        if y == 0:
            ground = self.get_component_rich_style("rows--titles")
            titles = self._line(lambda column, cells: fit([Piece(column.title)], cells, right=column.right))
            return strip(titles, self.size.width, self._tones, ground)
        place = y - 1 + int(self.scroll_offset.y)
        if place >= len(self._seen):
            said = f"  {self._empty}" if place == 0 else ""
            return strip([Piece(said, "dim")], self.size.width, self._tones, self.rich_style)
        row, here = self._seen[place], place == self.cursor
        ground = self.get_component_rich_style("rows--cursor") if here else self.rich_style
        body = self._line(lambda column, cells: fit(_pieces(column.cell(row, cells)), cells, right=column.right))
        line = strip(body, self.size.width, self._tones, ground)
        return line.apply_style(Style(meta={"row": place}))

    def _line(self, cell: Callable[[Column[T], int], list[Piece]]) -> list[Piece]:
        gap = Piece(" " * _GAP)
        return [piece for column, cells in self._fitted for piece in (*cell(column, cells), gap)]

    def _draw(self, place: int) -> None:
        self.refresh(Region(0, place + 1 - int(self.scroll_offset.y), self.size.width, 1))

    # -- moving ---------------------------------------------------------------------------------

    def watch_cursor(self, before: int, now: int) -> None:
        """Draw the two lines that changed, and bring the cursor into sight."""
        self._draw(before)
        self._draw(now)
        self._follow()

    def _follow(self) -> None:
        top, seen = int(self.scroll_offset.y), max(1, self.size.height - 1)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + seen:
            self.scroll_to(y=self.cursor - seen + 1, animate=False)

    def action_move(self, by: int) -> None:
        """Move the cursor by so many rows."""
        self.cursor = max(0, min(len(self._seen) - 1, self.cursor + by))

    def action_page(self, way: int) -> None:
        """Move the cursor by a page."""
        self.action_move(way * max(1, self.size.height - 2))

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; one on the row under it opens it."""
        place = event.style.meta.get("row")
        if place is None:
            return
        if place == self.cursor:
            self.action_choose()
        self.cursor = place


def _need(columns: Sequence[Column[Any]]) -> int:
    return sum(_LEAST if column.gives else column.width for column in columns) + _GAP * (len(columns) - 1)


def _pieces(cell: Sequence[Piece] | str) -> Sequence[Piece]:
    return [Piece(cell)] if isinstance(cell, str) else cell
