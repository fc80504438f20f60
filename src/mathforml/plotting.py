"""The look of every figure.  Only pages import this module."""

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes

__all__ = ["BLUE", "INK", "QUIET", "RED", "axes"]

BLUE = "#1d5c9c"  # a function
RED = "#b12d1f"  # its gradient
INK = "#22211e"
QUIET = "#67635a"

STYLE = {
    "figure.figsize": (6.0, 3.2),
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": cycler(color=[BLUE, RED, INK, QUIET]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "mathforml",  # equal input, equal file
}


def axes(xlabel: str, ylabel: str) -> Axes:
    """Open one labeled set of axes in the style of the book."""
    plt.style.use(STYLE)
    _, ax = plt.subplots()
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax
