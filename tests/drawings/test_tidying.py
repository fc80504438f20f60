"""A drawing in the page shows what the file shows, and says no more than that."""

import io
import re

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from mathforml.drawings.paths import short, short_path
from mathforml.drawings.tidying import is_matplotlib, present, serialize, tidy

COORDINATES = st.floats(-900, 900).map(lambda x: round(x, 6))


def drawing(draw, **style) -> str:
    """Return what matplotlib writes for a drawing."""
    target = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "salt", **style}):
        ax = Figure(figsize=(4, 3)).subplots()
        draw(ax)
        ax.figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def ends(path: str) -> np.ndarray:
    """Return where the pen is after each stroke of a path."""
    here, points = np.zeros(2), []
    for letter, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]
        count = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}[letter.upper()]
        for i in range(0, len(numbers), count or 1):
            there = np.array(numbers[i : i + count][-2:])
            here = there + here if letter.islower() else there
            points.append(here)
    return np.array(points)


EVERYTHING = drawing(
    lambda ax: (
        ax.plot([1, 2, 3], [3, 1, 2], "o-", color="#1d5c9c", label="curve"),
        ax.plot([1, 2], [1, 4.1], color="#b12d1f"),
        ax.scatter([1, 2], [2, 2], color="#22211e"),
        ax.set(xlabel="step $h$", ylabel=r"$\frac{1}{2}$", xlim=(0, 4), ylim=(0, 4)),
        ax.text(1, 3, "here & there", color="#67635a", size=21),
        ax.legend(),
    )
)
TIDY = serialize(tidy(EVERYTHING, "fig-x"))

# Laws


@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=40))
def test_steps_lead_where_the_path_led_however_many_there_are(points):
    path = " ".join(f"{'L' if i else 'M'} {x} {y}" for i, (x, y) in enumerate(points))
    found = ends(short_path(path))
    assert np.abs(found[-1] - points[-1]).max() <= 0.0501
    assert len(found) <= len(points)


@given(st.lists(COORDINATES, min_size=12, max_size=12))
def test_curves_keep_their_ends(n):
    path = f"M {n[0]} {n[1]} C {' '.join(map(str, n[2:8]))} Q {' '.join(map(str, n[8:12]))} z"
    wanted = [(n[0], n[1]), (n[6], n[7]), (n[10], n[11])]
    assert np.abs(ends(short_path(path))[:3] - wanted).max() <= 0.0501


def test_a_point_that_is_drawn_twice_is_written_once():
    assert short_path("M 0 0 L 0.01 0.02 L 5 0") == "M0 0 l5 0"


def test_a_closed_path_goes_on_from_its_start():
    assert short_path("M 1 1 L 5 1 L 5 5 z L 0 0") == "M1 1 l4 0 0 4z l-1-1"


@given(COORDINATES)
def test_a_number_is_kept_to_tenths(x):
    assert abs(float(short(x)) - x) <= 0.0501


def test_tidying_is_deterministic():
    assert serialize(tidy(EVERYTHING, "fig-x")) == TIDY


# What is left


def test_the_drawing_is_less_than_half_of_the_file():
    assert len(TIDY) < 0.5 * len(EVERYTHING)


def test_nothing_but_the_drawing_is_left():
    for useless in ("metadata", "<style", "xmlns", "xlink", "font-family", "<!--", "figure_1"):
        assert useless not in TIDY


def test_names_belong_to_the_figure_and_lead_somewhere():
    names = set(re.findall(r'id="([^"]+)"', TIDY))
    links = set(re.findall(r'(?:href="|url\()#([^")]+)', TIDY))
    assert names == links
    assert names
    assert all(name.startswith("fig-x-") for name in names)


def test_the_palette_is_the_pages():
    for name in ("fn", "gr", "ink", "quiet"):
        assert f"var(--{name}," in TIDY
    assert "stroke:#1d5c9c" not in TIDY
    assert "fill:var(--quiet,#67635a)" in TIDY


def test_text_keeps_its_words_and_its_size_relative_to_the_pages():
    assert ">here &amp; there</text>" in TIDY
    assert "font-size:1.5em" in TIDY
    assert '<tspan>step </tspan><tspan class="m">ℎ</tspan>' in TIDY


def test_a_label_with_a_fraction_stays_as_matplotlib_placed_it():
    assert re.search(r'<tspan x="[^"]+" y="[^"]+"[^>]*>1</tspan>', TIDY)


def test_a_line_that_leaves_the_axes_is_cut_off_and_others_are_not():
    cut = re.findall(r"<(?:path|g)[^>]*clip-path[^>]*>", TIDY)
    assert len(cut) == 1
    assert "var(--gr" in cut[0]


def test_a_page_reads_what_the_drawing_shows():
    html = present(tidy(EVERYTHING, "fig-x"), 'A "curve" & more', "fig-x-description")
    assert 'role="img"' in html
    assert 'aria-label="A &quot;curve&quot; &amp; more"' in html
    assert 'aria-details="fig-x-description"' in html
    assert 'width="400" height="300"' in html


def test_only_drawings_of_matplotlib_are_taken_into_the_page():
    assert is_matplotlib(EVERYTHING)
    assert not is_matplotlib("<svg><script>alert(1)</script></svg>")


# Hard input


def test_a_drawing_in_foreign_colors_keeps_them():
    text = serialize(tidy(drawing(lambda ax: ax.plot([1, 2], color="#00ff00")), "x"))
    assert "stroke:#00ff00" in text


def test_a_white_background_does_not_cover_a_dark_page():
    text = drawing(lambda ax: ax.plot([1, 2]), **{"figure.facecolor": "white"})
    assert "#ffffff" not in serialize(tidy(text, "x"))


def test_letters_drawn_as_paths_keep_their_size():
    text = drawing(lambda ax: ax.set(title="title"), **{"svg.fonttype": "path"})
    wanted = re.findall(r"scale\(0?([^ )]+)", text)
    assert wanted
    assert re.findall(r"scale\(([^ )]+)", serialize(tidy(text, "x"))) == wanted


@pytest.mark.parametrize("kind", ["imshow", "contourf", "hist", "bar"])
def test_other_kinds_of_plots_pass(kind):
    data = {"imshow": [[[0, 1], [1, 0]]], "contourf": [np.eye(3)], "hist": [[1, 2, 2]]}
    text = drawing(lambda ax: getattr(ax, kind)(*data.get(kind, [[1, 2], [3, 4]])))
    assert serialize(tidy(text, "x")).startswith("<svg")
