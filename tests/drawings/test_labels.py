"""Labels say what matplotlib's do, in other faces."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from mathforml.drawings.labels import Run, Unknown, merge, runs

LABELS = [
    r"step $h$",
    r"error $|f'(x) - D_h|$",
    r"$\mathdefault{10^{-12}}$",
    r"slope at $x_0$, and no other",
    r"$x_i^2 \approx -\epsilon$, $\theta \to \infty$",
    r"$\mathrm{relu}(x) \leq \max(x, 0)$",
    r"$\sum_i w_i x_i + b$",
    r"$e^{-x^2}$",
    r"$\log_{10} h$",
    r"$\nabla f(\mathbf{w}) \cdot \alpha$",
    r"$a \, b \; c \quad d$",
]


def plain(text: str) -> str:
    """Return letters without their style, and nothing that is not drawn."""
    text = "".join("h" if c == "ℎ" else unicodedata.normalize("NFKC", c) for c in text)
    return "".join(sorted(text.replace("′", "'").replace("·", "⋅").replace(" ", "")))


# Laws


@given(st.text(st.characters(exclude_characters="$\\")))
def test_text_without_mathematics_stays_as_it_is(text):
    assert "".join(run.text for run in runs(text)) == text


@given(st.lists(st.sampled_from(LABELS), min_size=1, max_size=3))
def test_joining_neighbors_loses_nothing(labels):
    found = runs(" ".join(labels))
    assert "".join(run.text for run in merge(found)) == "".join(run.text for run in found)


# References


@pytest.mark.parametrize("label", LABELS)
def test_a_label_has_the_characters_that_matplotlib_draws(label):
    font = FontProperties(family="STIXGeneral", math_fontfamily="stix")
    glyphs = MathTextParser("path").parse(label, prop=font).glyphs
    drawn = "".join(chr(glyph[2]) for glyph in glyphs).replace("\xa0", " ")
    assert plain("".join(run.text for run in runs(label))) == plain(drawn)


def test_letters_are_the_italics_of_formulas_and_words_are_not():
    assert runs(r"$h$ $x$ $\epsilon$ $\mathrm{d}$ $\mathbf{w}$")[::2] == [
        Run("ℎ", math=True),
        Run("𝑥", math=True),
        Run("𝜖", math=True),
        Run("d"),
        Run("𝐰", math=True),
    ]


def test_scripts_stand_above_and_below_the_line():
    base, upper, lower = runs(r"$x^2_i$")
    assert (base.rise, base.size) == (0, 1)
    assert upper.rise > 0 > lower.rise
    assert upper.size == lower.size < 1


def test_operators_stand_apart_between_two_things_only():
    assert [run.gap for run in merge(runs("$a - b$"))] == [0, 0.22, 0.22]
    assert [run.gap for run in merge(runs("$-b$"))] == [0]
    assert [run.text for run in merge(runs(r"$\log(x)$"))] == ["log", "(𝑥)"]
    assert [run.gap for run in merge(runs(r"$\log x$"))] == [0, 0.17]


# Refusals


@pytest.mark.parametrize("label", [r"$\frac{1}{2}$", r"$\sqrt{2}$", r"$\mathrm{e$"])
def test_what_running_text_cannot_show_is_left_to_matplotlib(label):
    with pytest.raises(Unknown):
        runs(label)
