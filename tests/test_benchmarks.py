"""The comparisons with other libraries: complete, in agreement, and kept; never timed here."""

import importlib
import inspect
import json
import warnings
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks import running
from benchmarks.__main__ import line, main
from benchmarks.cases import Case, Growth, MoreRight, distance, optional
from benchmarks.running import check, comparisons, library, modules, run, without, write
from benchmarks.timing import Times, fitted_exponent, least_times, side_by_side

ROOT = Path(__file__).parents[1]
PAGES = {
    f"{path.parent.name}/{path.stem}"
    for path in ROOT.glob("docs/*/*.md")
    if (ROOT / "src/mathforml" / path.parent.name / f"{path.stem}.py").exists()
}
numbers = arrays(float, 4, elements=st.floats(-1e6, 1e6))


def halve(x):
    """Return half of ``x``."""
    return x / 2


def case(**changes):
    """Return a comparison of a function with itself."""
    given = {"ours": lambda: halve(3.0), "theirs": lambda: 1.5, "call": "numpy.divide(x, 2)"}
    return Case(halve, "one number", **{**given, **changes})


def claim(**changes):
    """Return a claim that holds."""
    given = {"ours": lambda: 1.0, "theirs": lambda: 1.1, "call": "numpy.one()", "truth": 1.0}
    return MoreRight(halve, "one is one", **{**given, **changes})


@pytest.fixture
def clock(monkeypatch):
    """Take the time from a table: ours takes twice as long, and time is linear in the size."""
    monkeypatch.setattr(running, "side_by_side", lambda *_: Times(2e-3, 1e-3, 2.0))
    monkeypatch.setattr(running, "least_times", lambda calls: [float(call()) for call in calls])


@pytest.fixture
def results(monkeypatch, tmp_path):
    """Return a folder for data."""
    monkeypatch.setattr(running, "RESULTS", tmp_path)
    return tmp_path


# Completeness


def data(module):
    """Return the data that are kept of a module."""
    return json.loads((ROOT / f"benchmarks/results/{module}.json").read_text("utf-8"))


def test_every_chapter_has_comparisons():
    assert set(modules()) == PAGES


@pytest.mark.parametrize("module", modules())
def test_every_public_function_is_compared_or_says_why_not(module):
    found = importlib.import_module(f"mathforml.{module.replace('/', '.')}")
    public = {getattr(found, name) for name in found.__all__}
    public = {running.dotted(each) for each in public if inspect.isfunction(each)}
    kept = data(module)
    compared, alone = {row["function"] for row in kept["cases"]}, kept["without"]
    assert public <= compared | set(alone)
    assert not compared & set(alone)
    assert all(alone.values())


@pytest.mark.parametrize("module", modules())
def test_the_data_that_are_kept_are_those_of_the_comparisons(module):
    kept = data(module)
    lists = {Case: "cases", MoreRight: "right", Growth: "growth"}
    for each in comparisons(module):
        row = {key: getattr(each, key, None) for key in ("data", "claim", "call", "goal")}
        row = {key: value for key, value in row.items() if value is not None}
        row["function"] = running.dotted(each.function)
        assert any(row.items() <= old.items() for old in kept[lists[type(each)]]), row
    assert kept["without"] == without(module)


@pytest.mark.parametrize("module", modules())
def test_ours_and_theirs_agree_and_ours_is_more_right_where_it_says_so(module):
    problems = {}
    for each in comparisons(module):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a peer may warn
            if found := check(each):
                problems[running.dotted(each.function), getattr(each, "call", "")] = found
    assert not problems


@pytest.mark.parametrize("module", modules())
def test_the_data_tell_no_place_and_no_date(module):
    text = (ROOT / f"benchmarks/results/{module}.json").read_text("utf-8")
    assert "/home" not in text
    assert "/work" not in text
    known = ["module", "machine", "versions", "cases", "right", "growth", "without"]
    assert list(data(module)) == known


# Laws


@given(numbers)
def test_the_distance_of_a_result_from_itself_is_zero(x):
    assert distance(x, x) == 0


@given(numbers, st.floats(1e-3, 1e3))
def test_a_distance_does_not_depend_on_the_unit(x, unit):
    other = x + 1.0
    assert distance(unit * x, unit * other) == pytest.approx(distance(x, other), rel=1e-9)


@given(st.floats(0.5, 3), st.floats(1e-9, 1.0))
def test_a_power_is_fitted_by_its_exponent(power, seconds):
    sizes = [2**k for k in range(10, 15)]
    times = [seconds * size**power for size in sizes]
    assert fitted_exponent(sizes, times) == pytest.approx(power)


# References


def test_the_distance_is_that_of_the_worst_part_relative_to_the_largest_entry():
    assert distance([1.0, 2.0, 4.0], [1.0, 2.5, 4.0]) == 0.125
    assert distance((np.ones(2), 3.0), (np.ones(2), 2.0)) == 0.5
    assert distance(0.25, 0.0) == 0.25


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_must_stand_in_the_same_places(odd):
    assert distance([1.0, odd], [1.0, odd]) == 0
    assert distance([odd, 1.0], [1.0, odd]) == np.inf
    assert distance([1.0, 1.0], [1.0, odd]) == np.inf
    assert distance([1.0, odd], [1.0, 1.0]) == np.inf


def test_both_sides_take_turns_and_the_ratio_is_that_of_pairs():
    now, calls = [0.0], []

    def takes(seconds, name):
        def call():
            now[0] += seconds
            calls.append(name)

        return call

    times = side_by_side(takes(3.0, "a"), takes(2.0, "b"), 0.0, clock=lambda: now[0])
    assert times == Times(3.0, 2.0, 1.5)
    assert calls[-4:] in (["a", "b", "b", "a"], ["b", "a", "a", "b"])


def test_the_times_of_growth_are_the_least_of_rounds_in_which_all_take_turns():
    now, calls = [0.0], []

    def takes(seconds):
        tick = count()

        def call():
            now[0] += seconds + next(tick) % 2
            calls.append(seconds)

        return call

    assert least_times([takes(4.0), takes(8.0)], 3, clock=lambda: now[0]) == [4.0, 8.0]
    assert calls[-6:] == [4.0, 8.0] * 3


def test_a_module_that_is_missing_is_none():
    assert optional("json") is json
    assert optional("no_such_module") is None


# What a run says


@pytest.mark.usefixtures("clock")
def test_a_case_keeps_its_difference_its_ratio_and_its_goal():
    result = run(case(goal=2.5))
    assert result.problems == ()
    assert result.row["ratio"] == 2.0
    assert result.row["difference"] == 0
    assert result.row["function"].endswith(".halve")
    assert line(result).split()[:5] == ["met", "×2", "goal", "2.5", "0e+00"]


@pytest.mark.usefixtures("clock")
def test_a_goal_that_is_missed_and_results_that_differ_are_told():
    slow, wrong = run(case(goal=1.5)), run(case(theirs=lambda: 1.6))
    assert slow.problems == ("takes 2 times as long; the goal is 1.5",)
    assert "missed" in line(slow)
    assert wrong.problems == ("differs by 6.3e-02; expected at most 1e-12",)
    assert check(case(theirs=lambda: np.nan))


def test_a_claim_holds_only_if_ours_is_right_and_theirs_is_not():
    assert run(claim()).row["theirs"] == "is off by 1e-01"
    assert not check(claim())
    assert "expected to be right" in check(claim(ours=lambda: 0.9))[0]
    assert "expected to be wrong" in check(claim(theirs=lambda: 1.0))[0]
    assert not check(claim(theirs=lambda: np.nan))


def test_a_claim_may_be_that_nothing_is_right():
    refusal = claim(ours=lambda: np.linalg.inv(np.zeros((1, 1))), truth=np.linalg.LinAlgError)
    assert not check(refusal)
    assert run(refusal).row["theirs"] == "answers 1.1"
    assert run(refusal).row["ours"] == "raises LinAlgError"
    assert check(claim(truth=ValueError))
    assert check(claim(ours=lambda: int("x"), theirs=lambda: int("x"), truth=ValueError))


@pytest.mark.usefixtures("clock")
def test_growth_keeps_the_fitted_exponent_beside_the_derived():
    sizes = [100, 200, 400]
    linear = Growth(halve, sizes, lambda n: lambda: n, derived=1.0)
    square = Growth(halve, sizes, lambda n: lambda: n**2, derived=1.0)
    assert run(linear).row["fitted"] == 1.0
    assert run(linear).problems == ()
    assert run(square).problems == ("grows with the power 2.00; derived is 1",)


# Keeping


@pytest.mark.usefixtures("clock")
def test_the_same_run_writes_the_same_data(results):
    found = [run(case()), run(claim())]
    first = write("neural/activations", found).read_bytes()
    assert write("neural/activations", found).read_bytes() == first
    assert [path.name for path in results.rglob("*.json")] == ["activations.json"]


@pytest.mark.usefixtures("clock", "results")
def test_what_was_measured_of_a_library_that_is_missing_here_is_kept():
    path = write("neural/activations", [run(case())])
    before = json.loads(path.read_text("utf-8"))
    absent = {**before["cases"][0], "call": "absent.half(x)"}
    before["cases"].append(absent)
    before["versions"]["absent"] = "1.2"
    path.write_text(json.dumps(before))
    after = json.loads(write("neural/activations", [run(case())]).read_text("utf-8"))
    assert after["cases"] == before["cases"]
    assert after["versions"]["absent"] == "1.2"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("scipy.special.expit(x)", "scipy"),
        ("-scipy.special.log_softmax(z)[rows, y].mean()", "scipy"),
        ("1 - numpy.tanh(x)**2", "numpy"),
        ("math.fsum(x)", "math"),
    ],
)
def test_a_call_names_its_library(call, name):
    assert library(call) == name


def test_a_call_without_a_library_is_refused():
    with pytest.raises(ValueError, match="names no library"):
        library("half(x)")


def test_an_unknown_module_is_refused_with_those_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["neural/nothing"])
    assert "no comparisons of neural/nothing; there are" in capsys.readouterr().err


def test_results_of_unequal_shapes_are_refused():
    with pytest.raises(ValueError, match=r"ours has shape \(2,\); expected \(3,\)"):
        distance(np.ones(2), np.ones(3))
