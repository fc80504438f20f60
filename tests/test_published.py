"""Published numbers: what counts as the same number, and what is refused."""

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mathforml.published
from mathforml.equations.certificates import Published
from mathforml.published import MIME, PublishedMismatch, published, read

# Laws


@given(st.integers(-(10**9), 10**9), st.integers(0, 9))
def test_a_number_agrees_with_its_own_print_at_any_precision(units, places):
    value = units / 7
    assert published("x", value, f"{value:.{places}f}", source="s")


@given(st.integers(1, 10**6), st.integers(0, 6), st.sampled_from([-1, 1]))
def test_a_number_one_unit_of_the_last_place_away_differs(units, places, way):
    text = f"{units / 10**places:.{places}f}"
    with pytest.raises(PublishedMismatch):
        published("x", (units + way) / 10**places, text, source="s")


@given(st.integers(-999, 999), st.integers(1, 999))
def test_a_fraction_is_exact(over, under):
    assert read(f"{over}/{under}").value == float(Fraction(over, under))
    with pytest.raises(PublishedMismatch):
        published("x", over / under + 1e-9, f"{over}/{under}", source="s")


# References


@pytest.mark.parametrize(
    ("text", "value", "tolerance"),
    [
        ("0.7311", 0.7311, 5e-5),
        (".5", 0.5, 0.05),
        ("-0.0511041056535807", -0.0511041056535807, 5e-17),
        ("−3482258.63459582", -3482258.63459582, 5e-9),  # a Unicode minus
        ("2.8e-5", 2.8e-5, 5e-7),
        ("4.04 × 10⁻⁵", 4.04e-5, 5e-8),
        ("3.1·10^2", 310.0, 5.0),
        ("62.5 %", 0.625, 5e-4),
        ("1,112,658", 1112658.0, 0.5),
        ("0.500", 0.5, 5e-4),
        ("663", 663.0, 0.5),
        ("5 (exact)", 5.0, 5e-12),
    ],
)
def test_a_number_is_read_as_it_was_printed(text, value, tolerance):
    printed = read(text)
    assert printed.value == value
    assert printed.tolerance == pytest.approx(tolerance, rel=1e-12)


@pytest.mark.parametrize("ours", [0.125, 0.135, 0.13])
def test_a_digit_five_may_have_been_rounded_either_way(ours):
    assert published("x", ours, "0.13", source="s")


def test_ours_is_shown_with_two_places_more():
    assert published("x", 2 / 3, "0.667", source="s").ours == ("0.66667",)
    assert published("x", 2.83e-5, "2.8e-5", source="s").ours == ("2.830e-05",)
    assert published("x", 1 / 70, "1/70", source="s").ours == ("0.0142857142857",)


def test_a_record_is_plain_data_that_shows_itself():
    record = published("x", [1.0, 2.0], ["1.0", "2.0"], source="s", note="n")
    assert isinstance(record, Published)
    assert str(record) == "x: agrees, 1.0, 2.0 (s), ours 1.000, 2.000"
    data = record._repr_mimebundle_()[MIME]
    assert data["theirs"] == ("1.0", "2.0")
    assert data["source"] == "s"
    assert data["fails"] == ""


def test_digits_asks_for_fewer_than_were_printed_and_for_no_fewer():
    longley, ours = "−3482258.63459582", -3482258.63459
    assert published("x", ours, longley, source="s", digits=10)
    with pytest.raises(PublishedMismatch):
        published("x", ours, longley, source="s")
    with pytest.raises(PublishedMismatch):
        published("x", -3482258.7, longley, source="s", digits=10)


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(mathforml.published).failed == 0


# Refusals


def test_a_mismatch_says_what_was_published_and_what_ours_is():
    with pytest.raises(AssertionError, match=r"Bell \(book\): 0.12 was published, ours is 0.126"):
        published("Bell", 0.126, "0.12", source="book")


def test_one_wrong_number_of_several_is_named_alone():
    with pytest.raises(PublishedMismatch, match=r"^x \(s\): 0.5 was published, ours is 0.7"):
        published("x", [0.7, 0.3], ["0.5", "0.3"], source="s")


def test_a_number_said_to_fail_must_differ():
    assert published("x", 0.126, "0.12", source="s", fails="a misprint").fails == "a misprint"
    with pytest.raises(PublishedMismatch, match="drop the `fails`"):
        published("x", 0.12, "0.12", source="s", fails="a misprint")


def test_nan_agrees_with_nothing():
    with pytest.raises(PublishedMismatch):
        published("x", float("nan"), "0.5", source="s")


@pytest.mark.parametrize("text", ["", "about 3", "1/0", "1.2.3", "-", "."])
def test_what_is_no_printed_number_is_refused(text):
    with pytest.raises(ValueError, match="expected a number as printed"):
        published("x", 1.0, text, source="s")


def test_as_many_numbers_are_expected_as_were_printed():
    with pytest.raises(ValueError, match="ours has 2 numbers; expected 1"):
        published("x", [1, 2], "1", source="s")


def test_a_number_has_a_name_and_a_source():
    with pytest.raises(ValueError, match="expected both"):
        published("x", 1, "1", source="")
