"""An autonomous media buyer for Meta ads that lives in the terminal."""

__version__ = "0.1.0"
