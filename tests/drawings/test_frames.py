"""Frames as data: every one comes back as it was drawn."""

import io

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from mathforml.drawings.frames import apply, frames_of
from mathforml.drawings.tidying import tidy


def frame(value: float, bars: bool = False) -> str:
    """Draw one frame."""
    target = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "salt"}):
        ax = Figure(figsize=(4, 3)).subplots()
        ax.set(xlim=(0, 3), ylim=(0, 9))
        ax.plot([0, value], [0, value**2], "o-")
        ax.text(1, 8, f"slope {value:.1f}")
        ax.text(1, 7, f"$x_0 = {value:.1f}$")
        ax.text(2, 5, "turned at first", rotation=30 if value < 1 else 0, rotation_mode="anchor")
        if bars:
            ax.bar([1], [value])
        ax.figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


VALUES = [0.5, 1.0, 2.0, 3.5]  # the last one leaves the axes
DRAWINGS = [frame(value) for value in VALUES]
FRAMES = frames_of("secant", DRAWINGS)

# Laws


def test_some_frames_lack_what_others_have():
    assert any(None in values for _, name, values in FRAMES["changes"] if name)


@pytest.mark.parametrize("number", range(len(VALUES)))
def test_each_frame_comes_back_as_it_was_drawn(number):
    wanted = tidy(DRAWINGS[number], "secant", clip=True)
    found = apply(FRAMES, number)
    assert [(e.tag, e.attrib, e.text) for e in found.iter()] == [
        (e.tag, e.attrib, e.text) for e in wanted.iter()
    ]


def test_frames_may_be_put_in_place_one_after_the_other():
    """The script of the page does so: nothing of the frame before may stay."""
    for _, _, values in FRAMES["changes"]:
        assert len(values) == len(VALUES)


def test_what_rests_is_stored_once():
    assert frames_of("rest", DRAWINGS[:1] * 5)["changes"] == []


# Refusals


def test_a_frame_that_draws_other_things_is_named():
    with pytest.raises(ValueError, match=r"'secant': frame 1 has .* as element \d+; expected"):
        frames_of("secant", [frame(1.0), frame(1.0, bars=True)])


def test_no_frame_at_all_is_refused():
    with pytest.raises(ValueError, match="'secant' has no frames; expected one value or more"):
        frames_of("secant", [])
