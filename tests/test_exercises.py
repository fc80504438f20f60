"""What counts as the right answer, what as a known wrong one, and what is refused."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathforml.exercises import answer

NUMBERS = st.floats(1e-9, 1e9) | st.floats(-1e9, -1e-9)


@given(NUMBERS)
def test_three_digits_of_a_number_are_enough(value):
    record = answer("ex-a", value)
    assert abs(float(f"{value:.3g}") - value) <= record.atol or value == round(value)


@given(NUMBERS)
def test_the_fourth_digit_of_a_fraction_is_not_asked_for_and_the_second_is(value):
    if abs(value - round(value)) > 1e-9 * max(1, abs(value)):
        assert 4e-4 * abs(value) < answer("ex-a", value).atol < 6e-3 * abs(value)


def test_a_whole_number_must_be_met():
    assert answer("ex-a", 1024).atol < 1
    assert answer("ex-a", 2.0).atol < 0.001


def test_zero_has_room_of_its_own():
    assert 0 < answer("ex-a", 0.0).atol < 1e-3


def test_half_a_unit_of_the_last_place_is_near_enough_though_it_is_rounded():
    assert abs(0.0983 - 0.09835) <= answer("ex-a", 0.09835).atol


def test_a_known_wrong_value_is_known_by_its_own_digits():
    record = answer("ex-a", 0.25, {98.2612: "degrees"}, atol=1e-6)
    [(slip, near, said)] = record.wrong
    assert (slip, said) == (98.2612, "degrees")
    assert abs(98.3 - slip) <= near


def test_places_come_as_a_list_an_array_or_a_tuple():
    for places in ([2, 1, 3], np.array([2, 1, 3]), (2, 1, 3)):
        assert answer("ex-a", places, {(1, 2, 3): "so it was shown"}).value == (2, 1, 3)


def test_a_record_is_alike_on_all_machines():
    last = np.nextafter(0.1, 1)
    assert answer("ex-a", last).to_json() == answer("ex-a", 0.1).to_json()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.nan,), {}, "ex-a: the value is nan; expected a number, or a list of places"),
        ((np.inf,), {}, "the value is inf"),
        (("0.5",), {}, "the value is '0.5'"),
        ((True,), {}, "the value is True"),
        ((np.ones((2, 2)),), {}, "expected a number, or a list of places"),
        (([1.0, 2.0],), {}, "expected whole numbers"),
        ((0.5, {0.501: "no"}), {"atol": 0.01}, "the wrong value 0.501 counts as right"),
        ((0.5, {0.5 + 1e-12: "no"}), {}, "counts as right; expected another"),
        (([2, 1], {(2, 1): "no"}), {}, "counts as right"),
        ((0.5, {1.0: "one", 1 + 1e-9: "two"}), {}, "comes twice; expected it once"),
        ((0.5, {1.0: " "}), {}, "feedback is ' '; expected words, without formulas"),
        ((0.5, {1.0: "it is $x$"}), {}, "expected words, without formulas"),
        ((0.5,), {"atol": -1.0}, "atol is -1.0; expected a number from 0 on"),
    ],
)
def test_what_cannot_be_checked_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        answer("ex-a", *arguments, **options)
