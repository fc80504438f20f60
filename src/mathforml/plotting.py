"""The look of every figure, still or moving.  Only pages import this module."""

import io
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text

from mathforml.drawings.frames import frames_of

__all__ = [
    "BAND",
    "BLUE",
    "INK",
    "PAPER",
    "QUIET",
    "RED",
    "axes",
    "label_line",
    "moving",
    "panels",
]

BLUE = "#1d5c9c"  # a function
RED = "#b12d1f"  # its gradient
INK = "#22211e"
QUIET = "#67635a"
PAPER = "#fdfcf9"  # the inside of a ring
BAND = "#f5f3ed"  # a shaded region

SIZE = (6.0, 3.2)  # inches; 6 inches fill the width of the text
EDGES = {"left": "start", "center": "middle", "right": "end"}
MIME = "application/vnd.mathforml.moving+json"
T = TypeVar("T")

STYLE: dict[str, Any] = {
    "figure.figsize": SIZE,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.prop_cycle": cycler(color=[BLUE, RED, INK, QUIET], linestyle=["-", "--", "-", ":"]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": "medium",
    "xtick.labelsize": "medium",
    "ytick.labelsize": "medium",
    "axes.labelsize": "medium",
    "font.family": ["STIXGeneral", "serif"],  # with matplotlib; a page sets its own faces
    "mathtext.fontset": "stix",
    "font.size": 14,  # the page writes a little smaller, or as wide on a phone: room enough
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "svg.fonttype": "none",
    "svg.hashsalt": "mathforml",  # equal input, equal file
}


class _Figure(Figure):
    """Says in its SVG which edge of a text keeps its place when a page sets it in another face."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw, the texts named after their edge."""
        for number, text in enumerate(self.findobj(Text)):
            assert isinstance(text, Text)
            if text.get_rotation() == 0:
                text.set_gid(f"{EDGES[text.get_horizontalalignment()]}_{number}")
        super().draw(renderer)


@cache
def _draw_svg() -> None:
    """Ask the notebook, if there is one, for figures as SVG without a date."""
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    publish: Any = set_matplotlib_formats
    publish("svg", metadata={"Date": None}, bbox_inches=None)


def _label_axes(ax: Axes, xlabel: str, ylabel: str) -> Axes:
    """Label the axes so that no reader has to tilt the head: the upper end of y bears its name."""
    ax.set_xlabel(xlabel)
    ax.set_title(ylabel, loc="left")
    return ax


def axes(xlabel: str = "", ylabel: str = "", *, size: tuple[float, float] = SIZE) -> Axes:
    """Open one labeled set of axes in the style of the book.

    Parameters
    ----------
    xlabel, ylabel : str
        What the axes show; ``$...$`` is mathematics.
    size : (width, height)
        In inches; 6 inches fill the width of the text.

    Returns
    -------
    ax : Axes
        Empty axes.
    """
    _draw_svg()
    plt.style.use(STYLE)
    _, ax = plt.subplots(figsize=size, FigureClass=_Figure)
    return _label_axes(ax, xlabel, ylabel)


def panels(*titles: str, size: tuple[float, float] = SIZE, **options: Any) -> list[Axes]:
    """Open axes side by side, each under its title.

    Parameters
    ----------
    *titles : str
        One for each panel.
    size : (width, height)
        Of the whole figure, in inches.
    **options
        For ``matplotlib.pyplot.subplots``, for example ``sharey=True``.

    Returns
    -------
    axes : list of Axes
        Empty axes, from left to right.
    """
    _draw_svg()
    plt.style.use(STYLE)
    form: Any = {"figsize": size, "squeeze": False, "FigureClass": _Figure}
    _, grid = plt.subplots(1, len(titles), **form, **options)
    for ax, title in zip(grid[0], titles, strict=True):
        ax.set_title(title)
    return list(grid[0])


def label_line(
    line: Line2D, text: str, *, x: float | None = None, offset: tuple[float, float] = (6.0, 0.0)
) -> Annotation:
    """Write a curve's name beside it, in its color, where a legend would make the eye travel.

    Parameters
    ----------
    line : Line2D
        The curve, as ``ax.plot`` returns it.
    text : str
        Its name.
    x : float, optional
        Where along the curve; at its right end if not given.
    offset : (right, up)
        From the curve, in points.  Text to the left of the curve ends there.

    Returns
    -------
    annotation : Annotation
        The text, to be moved or restyled.
    """
    xs, ys = (np.asarray(data, dtype=float) for data in line.get_data())
    at = len(xs) - 1 if x is None else int(np.nanargmin(np.abs(xs - x)))
    right, up = offset
    assert isinstance(line.axes, Axes)
    return line.axes.annotate(
        text,
        (xs[at], ys[at]),
        xytext=offset,
        textcoords="offset points",
        color=line.get_color(),
        ha="left" if right > 0 else "right" if right < 0 else "center",
        va="bottom" if up > 0 else "top" if up < 0 else "center",
        annotation_clip=False,
    )


def moving(
    name: str,
    values: Iterable[T],
    *,
    label: str = "",
    format: str = "{:.2f}",
    xlabel: str = "",
    ylabel: str = "",
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    size: tuple[float, float] = SIZE,
) -> Iterator[tuple[T, Axes]]:
    """Draw one frame for each value; after the last one, publish them as a moving picture.

    Every frame draws the same things in the same order at other places.  Fix the limits, or the
    axes move as well.

    Parameters
    ----------
    name : str
        The picture's key; the directive ``moving`` of the page shows it.
    values : iterable
        The values of the slider, in order.
    label : str
        What the slider changes; ``$...$`` is mathematics.
    format : str
        How a value is written beside the slider.
    xlabel, ylabel, xlim, ylim
        Of the axes.
    size : (width, height)
        In inches; 6 inches fill the width of the text.

    Yields
    ------
    value, ax
        The value and fresh axes to draw it into.
    """
    shown: list[str] = []
    drawings: list[str] = []
    place = None
    for value in values:
        with plt.style.context(STYLE):
            ax = _Figure(figsize=size).subplots()
        _label_axes(ax, xlabel, ylabel).set(xlim=xlim, ylim=ylim)
        yield value, ax
        drawings.append(_draw(ax, place))
        place = place or ax.get_position().bounds
        shown.append(format.format(value))
    _publish(name, label, shown, drawings)


def _draw(ax: Axes, place: tuple[float, float, float, float] | None) -> str:
    """Draw the figure as SVG; axes after the first frame stand where they stood there."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    if place is not None:
        figure.set_layout_engine("none")
        ax.set_position(place)
    target = io.StringIO()
    with plt.style.context(STYLE):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def _publish(name: str, label: str, shown: list[str], drawings: list[str]) -> None:
    """Display the frames as data, and the middle one for notebooks that know no moving pictures."""
    from IPython import display

    data = {"name": name, "label": label, "values": shown, **frames_of(name, drawings)}
    still = drawings[len(drawings) // 2]
    show: Any = display.display
    show({MIME: data, "image/svg+xml": still}, raw=True)
