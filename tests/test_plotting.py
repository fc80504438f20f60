"""The look of the figures, and moving pictures as data."""

import gzip
import io
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from mathforml import plotting
from mathforml.drawings.frames import apply
from mathforml.drawings.tidying import COLORS, TEXT, serialize, tidy
from mathforml.plotting import BLUE, RED, axes, label_line, moving, panels


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """Collect what is displayed, and close what is drawn."""
    displayed = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))
    yield displayed
    plt.close("all")
    plt.rcdefaults()


def svg(figure) -> str:
    """Return a figure as the notebook gets it."""
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def secant(frames: int = 30) -> None:
    """Draw a simple moving picture."""
    x = np.linspace(-1, 3, 200)
    steps = np.geomspace(2, 0.02, frames)
    for h, ax in moving("secant", steps, label="step $h$", xlim=(-1, 3), ylim=(-1, 6)):
        slope = ((1 + h) ** 2 / 2 - 0.5) / h
        ax.plot(x, x**2 / 2)
        ax.plot(x, 0.5 + slope * (x - 1))
        ax.plot([1, 1 + h], [0.5, (1 + h) ** 2 / 2], "o")
        ax.text(-0.5, 4, f"slope {slope:.2f}")


# The look


def test_a_function_is_blue_and_its_gradient_red_and_dashed():
    ax = axes("$x$", "$y$")
    function, gradient = ax.plot([0, 1], [[0, 0], [1, 2]])
    assert (to_hex(function.get_color()), function.get_linestyle()) == (BLUE, "-")
    assert (to_hex(gradient.get_color()), gradient.get_linestyle()) == (RED, "--")


def test_the_page_knows_every_color_of_the_palette():
    names = ("BLUE", "RED", "INK", "QUIET", "PAPER", "BAND")
    assert {getattr(plotting, name) for name in names} <= set(COLORS)


def test_text_has_the_size_that_the_page_expects():
    assert plotting.STYLE["font.size"] == TEXT


def test_axes_are_labeled_without_tilting_the_head():
    ax = axes("input", "output")
    assert ax.get_xlabel() == "input"
    assert ax.get_title(loc="left") == "output"
    assert not ax.spines["top"].get_visible()


def test_everything_is_drawn_within_the_figure():
    ax = axes("step $h$", r"error $|f'(x)|$")
    note = label_line(*ax.plot([0, 1]), "a rather long name")
    ax.figure.canvas.draw()
    for artist in (ax.xaxis.label, note, *ax.get_children()):
        drawn = artist.get_window_extent()
        assert drawn.y1 <= ax.figure.bbox.y1
        assert drawn.x1 <= ax.figure.bbox.x1


def test_a_label_keeps_the_edge_by_which_it_was_placed():
    ax = axes("$x$", "$y$")
    ax.text(0, 0, "left, $a$")
    ax.text(1, 1, "right, $b$", ha="right")
    html = serialize(tidy(svg(ax.figure), "fig"))
    labels = dict(re.findall(r'text-anchor:(\w+)"><tspan>(left|right), ', html))
    assert labels == {"end": "right"}
    assert re.search(r'<text x="0"[^>]*><tspan>left, ', html)
    assert re.search(r'text-anchor:middle"><tspan class="m">𝑥', html)


def test_equal_figures_are_equal_files():
    texts = []
    for _ in range(2):
        ax = axes("$x$")
        ax.plot([1, 2], [2, 1], "o-")
        texts.append(svg(ax.figure))
    assert texts[0] == texts[1]
    assert "dc:date" not in texts[0]


def test_a_line_bears_its_name_in_its_color_at_its_end():
    ax = axes()
    (line,) = ax.plot([0, 1, 2], [3, 4, 5], color=RED)
    note = label_line(line, "gradient")
    assert note.xy == (2, 5)
    assert to_hex(note.get_color()) == RED
    assert label_line(line, "here", x=0.9, offset=(-4, 2)).xy == (1, 4)


def test_panels_stand_side_by_side_under_their_titles():
    left, right = panels("before", "after", sharey=True)
    assert [left.get_title(), right.get_title()] == ["before", "after"]
    assert left.get_position().x1 < right.get_position().x0


# Moving pictures


def test_a_moving_picture_is_published_once_with_a_still_one(shown):
    secant(frames=5)
    (bundle,) = shown
    assert set(bundle) == {plotting.MIME, "image/svg+xml"}
    data = bundle[plotting.MIME]
    assert (data["name"], data["label"]) == ("secant", "step $h$")
    assert data["values"] == ["2.00", "0.63", "0.20", "0.06", "0.02"]
    assert [f"slope {s}" in serialize(apply(data, i)) for i, s in enumerate(["2.00", "1.32"])]


def test_thirty_simple_frames_weigh_less_than_four_kilobytes(shown):
    secant()
    changes = json.dumps(shown[0][plotting.MIME]["changes"], separators=(",", ":"))
    assert len(gzip.compress(changes.encode())) < 4000


def test_axes_rest_while_the_picture_moves(shown):
    for name, ax in moving("m", ["short", "rather long"], format="{}", xlim=(0, 1), ylim=(0, 1)):
        ax.set_yticks([0, 1], [name, name])
    elements = list(apply(shown[0][plotting.MIME], 0).iter())
    moved = {elements[index].tag for index, _, _ in shown[0][plotting.MIME]["changes"]}
    assert moved == {"text"}


def test_the_loop_sees_each_value_with_fresh_axes(shown):
    seen = [(value, len(ax.lines), ax.plot([0, 1])) for value, ax in moving("m", "ab", format="{}")]
    assert [(value, lines) for value, lines, _ in seen] == [("a", 0), ("b", 0)]


def test_a_loop_that_is_left_publishes_nothing(shown):
    for _ in moving("m", [1, 2]):
        break
    assert shown == []


def test_no_figure_is_left_for_the_notebook_to_show(shown):
    secant(frames=2)
    assert plt.get_fignums() == []


# Refusals


def test_frames_that_draw_different_things_are_refused(shown):
    picture = moving("m", [1, 2], xlim=(0, 1), ylim=(0, 1))
    _, ax = next(picture)
    ax.plot([0, 1])
    next(picture)
    with pytest.raises(ValueError, match=re.escape("moving picture 'm': frame 1 has")):
        next(picture)


def test_a_moving_picture_of_nothing_is_refused():
    with pytest.raises(ValueError, match="'m' has no frames"):
        next(moving("m", []))
