"""A widget that is lines of pieces, made anew when what it shows or its size changes."""

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from adopt.tui.pieces import Palette, Piece, palette, strip


class Lines(Widget):
    """Draws what `lines` gives for its size."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id)
        self._drawn: Sequence[Sequence[Piece]] | None = None
        self._tones: Palette = {}

    def lines(self, width: int, height: int) -> Sequence[Sequence[Piece]]:
        """The lines for a size."""
        raise NotImplementedError

    def again(self) -> None:
        """Draw it anew."""
        self._drawn = None
        self.refresh()

    def on_mount(self) -> None:
        """Draw in the theme's colours, also after it was changed."""
        self.watch(self.app, "theme", self._tint)

    def on_resize(self) -> None:
        """Draw it anew for the new size."""
        self.again()

    def render_line(self, y: int) -> Strip:
        """One line."""
        if self._drawn is None:
            self._drawn = self.lines(self.size.width, self.size.height)
        pieces = self._drawn[y] if y < len(self._drawn) else ()
        return strip(pieces, self.size.width, self._tones, self.rich_style)

    def _tint(self) -> None:
        self._tones = palette(self.app.theme_variables)
        self.again()
