"""The delay curve: which share of the conversions of a click has been reported at a given age."""

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Floats = npt.NDArray[np.float64]

TAU_H = np.array([0.3, 2.0, 8.0, 24.0, 72.0, 200.0])  # scales of the exponential mixture, hours
HORIZON_H = 720.0

# Weights at the 30-day horizon that give 37 % within 1 h, 52 % within 24 h, 65 % within 72 h and a mean of 90 h:
# the slow published case (Chapelle 2014), used until an account's own curve is known.
SLOW = (0.35, 0.06, 0.01, 0.05, 0.07, 0.46)
_WINDOW_H = {"1d_click": 24.0, "1d_view": 24.0, "1d_ev": 24.0, "7d_click": 168.0, "28d_click": 672.0, "default": 168.0}


class DelayCurve(Struct, frozen=True):
    """A mixture of exponentials cut off at the attribution window."""

    weights: tuple[float, ...]
    window_h: float

    def reported(self, age_h: Floats) -> Floats:
        """The share, in the shape of age_h (hours), that is reported by then: 0 at age 0, 1 from the window on."""
        return np.minimum(_mixture(self.weights, age_h) / _mixture(self.weights, np.array(self.window_h)), 1.0)


def slow(attribution: str) -> DelayCurve:
    """The slow default, cut off at an attribution window of Meta."""
    return DelayCurve(SLOW, _WINDOW_H[attribution])


def _mixture(weights: tuple[float, ...], age_h: Floats) -> Floats:
    ages = np.maximum(np.asarray(age_h, dtype=np.float64), 0.0)[..., None]
    shares: Floats = (np.array(weights) * -np.expm1(-ages / TAU_H) / -np.expm1(-HORIZON_H / TAU_H)).sum(axis=-1)
    return shares
