from typing import NamedTuple

from screens import drive, shown, until, whole
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from adopt.tui.pieces import Piece
from adopt.tui.rows import Column, Rows
from adopt.wording.text import width


class Row(NamedTuple):
    id: int
    name: str
    spend: int


class Listing(App[None]):
    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self.given, self.drawn, self.chosen = rows, [], []

    def compose(self) -> ComposeResult:
        columns = (
            Column[Row]("Name", 20, self.name_of, gives=1, order=lambda row: row.name),
            Column[Row]("Spend", 8, lambda row, _: f"{row.spend}", right=True, order=lambda row: -row.spend),
            Column[Row]("Extra", 30, lambda _row, _: "extra", spare=1),
        )
        yield Rows[Row](columns, lambda row: row.id, lambda row: row.name, empty="nothing here")

    def name_of(self, row: Row, _: int) -> list[Piece]:
        self.drawn.append(row.id)
        return [Piece(row.name)]

    def on_mount(self) -> None:
        self.list.show(self.given)
        self.list.focus()

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        self.chosen.append(event.row)

    @property
    def list(self) -> Rows[Row]:
        return self.query_one(Rows)


def rows(number: int) -> list[Row]:
    return [Row(n, f"ad set {n:05}", n * 7 % 1000) for n in range(number)]


def test_only_what_is_seen_is_drawn() -> None:
    app = Listing(rows(10_000))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert "ad set 00000" in shown(app)
        assert set(app.drawn) <= set(range(40))
        app.drawn.clear()
        app.list.show([row._replace(spend=row.spend + 1) if row.id in (3, 5_000) else row for row in app.given])
        await pilot.pause()
        assert set(app.drawn) == {3}

    drive(app, story, (80, 24))


def test_keys_move_the_cursor_and_bring_it_into_sight() -> None:
    app = Listing(rows(1_000))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("end")
        await until(pilot, lambda: "ad set 00999" in shown(app))
        await pilot.press("home", "down", "j", "k", "enter")
        await until(pilot, lambda: app.chosen == [app.given[1]])
        await pilot.press("pagedown")
        await until(pilot, lambda: app.list.current and app.list.current.id > 15)
        assert app.list.current
        assert app.list.current.name in shown(app)

    drive(app, story, (80, 24))


def test_a_click_moves_the_cursor_and_a_second_one_opens_the_row() -> None:
    app = Listing(rows(50))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await pilot.click(Rows, offset=(5, 6))
        await until(pilot, lambda: app.list.cursor > 0)
        assert not app.chosen
        await pilot.pause(0.6)
        await pilot.click(Rows, offset=(5, 6))
        await until(pilot, lambda: app.chosen == [app.list.current])

    drive(app, story, (80, 24))


def test_the_cursor_stays_on_its_row_when_others_come_and_the_order_turns() -> None:
    app = Listing(rows(100))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press(*["down"] * 7)
        assert app.list.current == app.given[7]
        app.list.sort("Spend")
        assert app.list.current == app.given[7]
        assert [row.spend for row in app.list.seen] == sorted((row.spend for row in app.given), reverse=True)
        app.list.show([Row(-1, "a new one", 5), *app.given])
        assert app.list.current == app.given[7]
        app.list.show(app.given[50:])
        assert app.list.cursor == 0

    drive(app, story, (80, 24))


def test_a_filter_shows_what_holds_the_text_in_any_case() -> None:
    app = Listing([Row(1, "LAL 1%", 1), Row(2, "Broad", 2), Row(3, "lal 5%", 3)])

    async def story(pilot: Pilot[None]) -> None:
        app.list.filter("lal")
        await pilot.pause()
        assert [row.id for row in app.list.seen] == [1, 3]
        assert app.list.says == "2 of 3 · filter: lal"
        app.list.filter("no such")
        await pilot.pause()
        assert "nothing here" in shown(app)
        app.list.filter("")
        assert len(app.list.seen) == 3

    drive(app, story, (80, 24))


def test_names_that_would_break_a_screen_do_not() -> None:
    wild = [
        Row(1, "x" * 5_000, 1),
        Row(2, "מכירה גדולה 🛍️ 日本語" * 50, 2),
        Row(3, "\x1b[31mred\n\ttab", 3),
        Row(4, "", 4),
    ]
    app = Listing(wild)

    async def story(pilot: Pilot[None]) -> None:
        await pilot.pause()
        screen = shown(app)
        assert "xxx…" in screen
        assert "\\x1b[31mred\\n\\ttab" in screen
        lines = [width(line) for line in whole(app)]
        assert set(lines) == {80}

    drive(app, story, (80, 24))


def test_spare_columns_give_way_where_it_is_narrow() -> None:
    app = Listing(rows(5))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert "extra" in shown(app)
        await pilot.resize_terminal(50, 20)
        await until(pilot, lambda: "extra" not in shown(app))
        assert "ad set 00001" in shown(app)

    drive(app, story, (100, 24))
