"""What the check at the door lets in, and what it says when it does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathforml.shapes import check_shapes

sizes = st.integers(0, 4)
batches = st.lists(sizes, max_size=2).map(tuple)


# Laws


@given(sizes, sizes)
def test_arrays_that_agree_on_their_shared_axes_pass(n, d):
    check_shapes("X: n d, y: n, w: d, b:", np.zeros((n, d)), np.zeros(n), np.zeros(d), 0.0)


@given(sizes, sizes, sizes)
def test_arrays_that_disagree_on_a_shared_axis_are_refused(n, d, other):
    if other == n:
        check_shapes("X: n d, y: n", np.zeros((n, d)), np.zeros(other))
    else:
        with pytest.raises(ValueError, match="y has shape"):
            check_shapes("X: n d, y: n", np.zeros((n, d)), np.zeros(other))


@given(batches, sizes)
def test_three_dots_stand_for_any_batch_axes(batch, k):
    check_shapes("z: ... k, p_bar: ... k", np.zeros((*batch, k)), np.zeros((*batch, k)))


@given(batches, batches)
def test_batch_axes_are_shared_like_any_other_axis(batch, other):
    if batch == other:
        check_shapes("x: ..., y_bar: ...", np.zeros(batch), np.zeros(other))
    else:
        with pytest.raises(ValueError, match="y_bar has shape"):
            check_shapes("x: ..., y_bar: ...", np.zeros(batch), np.zeros(other))


def test_lists_and_numbers_are_measured_too():
    check_shapes("X: n d, y: n", [[1, 2], [3, 4]], [5, 6])


# Refusals


@pytest.mark.parametrize(
    ("spec", "shapes", "message"),
    [
        ("X: n d, y: n", [(3, 2), (4,)], "y has shape (4,); expected (n,) with n = 3"),
        ("A: n n", [(2, 3)], "A has shape (2, 3); expected (n, n) with n = 2"),
        ("X: n d", [(3,)], "X has shape (3,); expected (n, d)"),
        ("b:", [(1,)], "b has shape (1,); expected ()"),
        ("z: ... k", [()], "z has shape (); expected (..., k)"),
        ("P: ... n k", [(3,)], "P has shape (3,); expected (..., n, k)"),
        (
            "z: ... k, p_bar: ... k",
            [(2, 3), (2, 1)],
            "p_bar has shape (2, 1); expected (..., k) with k = 3",
        ),
        (
            "x: ..., y_bar: ...",
            [(2, 3), (3,)],
            "y_bar has shape (3,); expected (...) with ... = (2, 3)",
        ),
    ],
)
def test_a_refusal_names_the_array_its_shape_and_the_rule(spec, shapes, message):
    with pytest.raises(ValueError, match="expected") as refusal:
        check_shapes(spec, *map(np.zeros, shapes))
    assert str(refusal.value) == message


def test_a_forgotten_array_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        check_shapes("X: n d, y: n", np.zeros((3, 2)))
