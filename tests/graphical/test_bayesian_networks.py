"""The laws of factors, of elimination and of d-separation, references, and what they refuse."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from mathforml.graphical.bayesian_networks import (
    Factor,
    d_separated,
    eliminate,
    elimination_order,
    joint,
    multiply,
)

ALARM = [
    Factor(("B",), [0.999, 0.001]),
    Factor(("E",), [0.998, 0.002]),
    Factor(("B", "E", "A"), [[[0.999, 0.001], [0.71, 0.29]], [[0.06, 0.94], [0.05, 0.95]]]),
    Factor(("A", "J"), [[0.95, 0.05], [0.1, 0.9]]),
    Factor(("A", "M"), [[0.99, 0.01], [0.3, 0.7]]),
]
SPRINKLER = [
    Factor(("C",), [0.5, 0.5]),
    Factor(("C", "S"), [[0.5, 0.5], [0.9, 0.1]]),
    Factor(("C", "R"), [[0.8, 0.2], [0.2, 0.8]]),
    Factor(("S", "R", "W"), [[[1.0, 0.0], [0.1, 0.9]], [[0.1, 0.9], [0.01, 0.99]]]),
]
STUDENT = [
    Factor(("D",), [0.6, 0.4]),
    Factor(("I",), [0.7, 0.3]),
    Factor(
        ("I", "D", "G"),
        [[[0.3, 0.4, 0.3], [0.05, 0.25, 0.7]], [[0.9, 0.08, 0.02], [0.5, 0.3, 0.2]]],
    ),
    Factor(("I", "S"), [[0.95, 0.05], [0.2, 0.8]]),
    Factor(("G", "L"), [[0.1, 0.9], [0.4, 0.6], [0.99, 0.01]]),
]
seeds = st.integers(0, 2**32 - 1)


def network(seed, most=6):
    """Return random tables of a random network, and its parents."""
    rng = np.random.default_rng(seed)
    names = [f"v{k}" for k in range(rng.integers(2, most + 1))]
    sizes = {name: int(rng.integers(2, 4)) for name in names}
    parents = {name: [p for p in names[:k] if rng.random() < 0.45] for k, name in enumerate(names)}
    factors = []
    for name in rng.permutation(names):
        above = parents[str(name)]
        table = rng.dirichlet(np.ones(sizes[name]), size=[sizes[p] for p in above])
        factors.append(Factor((*above, str(name)), table))
    return factors, parents, rng


def brute(factors, query, evidence):
    """Return the answer by adding entries of the joint distribution, one at a time."""
    whole = joint(factors)
    sizes = dict(zip(whole.variables, whole.table.shape, strict=True))
    answer = np.zeros([sizes[name] for name in query])
    for states in itertools.product(*map(range, whole.table.shape)):
        state = dict(zip(whole.variables, states, strict=True))
        if all(state[name] == seen for name, seen in evidence.items()):
            product = 1.0
            for factor in factors:
                product *= factor.table[tuple(state[name] for name in factor.variables)]
            answer[tuple(state[name] for name in query)] += product
    return answer / answer.sum()


def question(factors, rng):
    """Return a random query and random evidence."""
    sizes = {n: s for f in factors for n, s in zip(f.variables, f.table.shape, strict=True)}
    names = [str(name) for name in rng.permutation(sorted(sizes))]
    asked = rng.integers(1, 3)
    query = names[:asked]
    seen = names[asked : asked + rng.integers(0, 3)]
    return query, {name: int(rng.integers(sizes[name])) for name in seen}


def chain(n, rng):
    """Return the tables of a chain of n variables with two states."""
    first = Factor(("x0",), rng.dirichlet([1, 1]))
    rest = [(f"x{k - 1}", f"x{k}") for k in range(1, n)]
    return [first, *(Factor(names, rng.dirichlet([1, 1], size=2)) for names in rest)]


def independent(whole, x, y, given):
    """Say whether two variables of a joint distribution are independent given others."""
    pxyz = multiply([whole], [x, y, *given]).table
    pxz, pyz, pz = pxyz.sum(axis=1), pxyz.sum(axis=0), pxyz.sum(axis=(0, 1))
    return np.allclose(pxyz * pz, pxz[:, None] * pyz[None, :], rtol=0, atol=1e-13)


# Laws


@given(seeds)
def test_eliminating_gives_what_adding_up_the_joint_distribution_gives(seed):
    factors, _, rng = network(seed)
    query, evidence = question(factors, rng)
    answer = eliminate(factors, query, evidence)
    assert answer.variables == tuple(query)
    assert_allclose(answer.table, brute(factors, query, evidence), rtol=1e-10)


@given(seeds)
def test_a_network_of_conditional_distributions_is_a_distribution(seed):
    assert_allclose(joint(network(seed)[0]).table.sum(), 1, rtol=1e-12)


@given(seeds)
def test_the_order_of_tables_and_of_their_axes_does_not_matter(seed):
    factors, _, rng = network(seed)
    query, evidence = question(factors, rng)
    turned = []
    for f in rng.permutation(np.array(factors, dtype=object)):
        axes = rng.permutation(f.table.ndim)
        turned.append(Factor(tuple(f.variables[k] for k in axes), f.table.transpose(axes)))
    here, there = (eliminate(each, query, evidence).table for each in (factors, turned))
    assert_allclose(here, there, rtol=1e-10)


@given(seeds)
def test_what_is_asked_for_together_sums_to_what_is_asked_for_alone(seed):
    factors, _, rng = network(seed)
    query, evidence = question(factors, rng)
    alone = eliminate(factors, query[0], evidence).table
    together = eliminate(factors, query, evidence).table
    assert_allclose(together.reshape(len(alone), -1).sum(axis=1), alone, rtol=1e-10)


@given(seeds)
def test_an_answer_is_a_mean_over_what_might_have_been_observed(seed):
    factors, _, rng = network(seed)
    (x, *_), _ = question(factors, rng)
    y = next(name for f in factors for name in f.variables if name != x)
    given = [eliminate(factors, x, {y: k}).table for k in range(len(eliminate(factors, y).table))]
    assert_allclose(eliminate(factors, y).table @ given, eliminate(factors, x).table, rtol=1e-9)


@given(seeds)
def test_the_order_holds_every_other_variable_once(seed):
    factors, parents, rng = network(seed)
    query, _ = question(factors, rng)
    assert sorted([*elimination_order(factors, query), *query]) == sorted(parents)


@given(seeds)
def test_separated_variables_are_independent_and_others_depend_on_each_other(seed):
    factors, parents, rng = network(seed, most=5)
    whole = joint(factors)
    for x, y in itertools.combinations(parents, 2):
        rest = [name for name in parents if name not in (x, y)]
        given = [name for name in rest if rng.random() < 0.5]
        assert d_separated(parents, x, y, given) == independent(whole, x, y, given)


@given(seeds)
def test_separation_does_not_care_which_of_the_two_comes_first(seed):
    _, parents, rng = network(seed)
    x, y, *given = rng.permutation(list(parents))
    assert d_separated(parents, x, y, given) == d_separated(parents, y, x, given)


def test_arguments_are_not_changed():
    table, evidence, parents = np.array([[0.5, 0.5], [1.0, 0.0]]), {"J": 1}, {"A": ["B"]}
    Factor(("A", "B"), table)
    assert table.flags.writeable
    eliminate(ALARM, ["B"], evidence)
    d_separated(parents, "A", "B")
    assert evidence == {"J": 1}
    assert parents == {"A": ["B"]}


def test_a_factor_keeps_its_own_table():
    table = np.array([0.5, 0.5])
    factor = Factor(("A",), table)
    table[0] = 7.0
    assert_array_equal(factor.table, [0.5, 0.5])
    with pytest.raises(ValueError, match="read-only"):
        factor.table[0] = 7.0


# References


def test_a_product_of_two_tables_is_a_product_of_matrices():
    A, B = np.random.default_rng(0).random((2, 3, 3))
    product = multiply([Factor(("i", "j"), A), Factor(("j", "k"), B)], ("i", "k"))
    assert_allclose(product.table, A @ B, rtol=1e-14)


def test_the_alarm_is_exact_in_fractions():
    on = {f.variables: f.table for f in ALARM}
    weights = []
    for b in (0, 1):
        total = Fraction(0)
        for e, a in itertools.product((0, 1), repeat=2):
            entries = (on["B",][b], on["E",][e], on["B", "E", "A"][b, e, a],
                       on["A", "J"][a, 1], on["A", "M"][a, 1])  # fmt: skip
            product = Fraction(1)
            for entry in entries:
                product *= Fraction(str(entry))
            total += product
        weights.append(total)
    exact = float(weights[1] / sum(weights))
    assert_allclose(eliminate(ALARM, "B", {"J": 1, "M": 1}).table[1], exact, rtol=1e-14)


@pytest.mark.parametrize(
    ("given", "separated"),
    [((), False), (("A",), True), (("B",), False), (("A", "B"), True)],
)
def test_the_alarm_screens_its_causes_off_from_the_calls(given, separated):
    parents = {"A": ("B", "E"), "J": "A", "M": "A"}
    assert d_separated(parents, "E", "J", given) is separated


def test_causes_meet_where_their_effect_or_what_follows_from_it_is_known():
    parents = {"A": ("B", "E"), "J": "A"}
    assert d_separated(parents, "B", "E")
    assert not d_separated(parents, "B", "E", "A")
    assert not d_separated(parents, "B", "E", "J")


def test_sets_are_separated_if_all_their_pairs_are():
    parents = {"A": ("B", "E"), "J": "A", "M": "A"}
    assert d_separated(parents, {"B", "E"}, ["J", "M"], "A")
    assert not d_separated(parents, {"B", "E"}, ["J", "M"])


def test_leaves_of_a_tree_go_first():
    star = [Factor(("c",), [0.5, 0.5])]
    star += [Factor(("c", f"f{k}"), [[0.5, 0.5], [0.1, 0.9]]) for k in range(30)]
    assert elimination_order(star, "f0")[-1] == "c"


# Published numbers


def test_alarm_of_russell_and_norvig():
    answer = eliminate(ALARM, "B", {"J": 1, "M": 1}).table[1]
    assert_allclose(answer, 0.2841718353643929, rtol=1e-14)


def test_sprinkler_of_murphy():
    assert_allclose(eliminate(SPRINKLER, "S", {"W": 1}).table[1], 0.4298, atol=5e-5)
    assert_allclose(eliminate(SPRINKLER, "R", {"W": 1}).table[1], 0.7079, atol=5e-5)
    assert_allclose(eliminate(SPRINKLER, "S", {"W": 1, "R": 1}).table[1], 0.1945, atol=5e-5)


def test_student_of_koller_and_friedman():
    asked = [("L", {}, 0.502), ("L", {"I": 0}, 0.389), ("L", {"I": 0, "D": 0}, 0.513),
             ("I", {"G": 2}, 0.079), ("I", {"G": 2, "S": 1}, 0.578),
             ("I", {"G": 2, "D": 1}, 0.11)]  # fmt: skip
    for query, evidence, printed in asked:
        assert_allclose(eliminate(STUDENT, query, evidence).table[1], printed, atol=1e-3)


# Hard input


def test_evidence_on_thousands_of_variables_does_not_underflow():
    factors = chain(3000, np.random.default_rng(0))
    seen = {f"x{k}": 0 for k in range(1, 3000)}
    answer = eliminate(factors, "x0", seen).table
    weight = factors[0].table * factors[1].table[:, 0]
    assert_allclose(answer, weight / weight.sum(), rtol=1e-9)


def test_a_long_run_for_one_side_and_then_for_the_other_leaves_a_draw():
    factors = [Factor(("c",), [0.5, 0.5])]
    factors += [Factor(("c", f"f{k}"), [[0.9, 0.1], [0.1, 0.9]]) for k in range(2000)]
    answer = eliminate(factors, "c", {f"f{k}": int(k < 1000) for k in range(2000)})
    assert_allclose(answer.table, 0.5, rtol=1e-9)


def test_a_chain_of_thousands_is_a_power_of_a_matrix():
    step = np.array([[0.9, 0.1], [0.3, 0.7]])
    factors = [Factor(("x0",), [1.0, 0.0])]
    factors += [Factor((f"x{k}", f"x{k + 1}"), step) for k in range(2000)]
    assert_allclose(eliminate(factors, "x2000").table, [0.75, 0.25], rtol=1e-9)


def test_impossible_states_are_endured_if_the_evidence_is_possible():
    factors = [Factor(("A",), [0.0, 1.0]), Factor(("A", "B"), [[1.0, 0.0], [0.0, 1.0]])]
    assert_array_equal(eliminate(factors, "A", {"B": 1}).table, [0, 1])
    assert_array_equal(eliminate(factors, ["A", "B"]).table, [[0, 0], [0, 1]])


def test_a_tiny_probability_is_no_impossible_one():
    factors = [Factor(("A",), [1.0, 5e-324]), Factor(("A", "B"), [[1.0, 0.0], [0.5, 0.5]])]
    assert_array_equal(eliminate(factors, "A", {"B": 1}).table, [0, 1])


def test_a_variable_with_one_state_and_a_whole_table_of_integers_are_fine():
    factors = [Factor(("A",), [1]), Factor(("A", "B"), [[0, 1]])]
    assert eliminate(factors, "B").table.dtype == float
    assert_array_equal(eliminate(factors, "B").table, [0, 1])


def test_states_may_be_booleans_or_numbers_of_numpy():
    for seen in (True, np.int64(1), np.True_):
        assert_allclose(eliminate(ALARM, "B", {"J": seen}).table[1], 0.01628, atol=5e-6)


def test_a_chain_of_ten_thousand_can_be_asked_for_separation():
    parents = {f"x{k + 1}": [f"x{k}"] for k in range(10_000)}
    assert not d_separated(parents, "x0", "x10000")
    assert d_separated(parents, "x0", "x10000", "x5000")


# Refusals


def test_evidence_of_probability_zero_is_refused():
    with pytest.raises(ValueError, match="the evidence has probability zero"):
        eliminate(SPRINKLER, "C", {"S": 0, "R": 0, "W": 1})
    with pytest.raises(ValueError, match="the evidence has probability zero"):
        eliminate([Factor(("A",), [1, 0]), Factor(("B",), [0.5, 0.5])], "B", {"A": 1})


@pytest.mark.parametrize("sums", [0.99, 1.001, 2.0, 0.0])
def test_a_table_that_does_not_sum_to_one_is_refused(sums):
    wrong = [ALARM[0], Factor(("B", "J"), [[0.5, 0.5], [sums - 0.5 if sums else 0.0, 0.5]])]
    with pytest.raises(ValueError, match="sums to 1 over none of its variables"):
        eliminate(wrong, "B", {"J": 1})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Factor(("A",), [[0.5, 0.5]]), r"table has shape \(1, 2\); expected an axis for"),
        (lambda: Factor(("A", "A"), np.ones((2, 2))), "expected different names"),
        (lambda: Factor("AB", np.ones((2, 2))), "expected different names"),
        (lambda: Factor(("A",), [-0.5, 1.5]), "is negative or not finite somewhere"),
        (lambda: Factor(("A",), [np.nan, 1.0]), "is negative or not finite somewhere"),
        (lambda: eliminate(ALARM, "Z"), "Z is unknown; expected one of B, E, A, J, M"),
        (lambda: eliminate(ALARM, "B", {"Z": 0}), "Z is unknown"),
        (lambda: eliminate(ALARM, "B", {"J": 2}), "J is 2; expected a state from 0 to 1"),
        (lambda: eliminate(ALARM, "B", {"J": -1}), "J is -1; expected a state from 0 to 1"),
        (lambda: eliminate(ALARM, "B", {"J": 0.5}), "J is 0.5; expected a state from 0 to 1"),
        (lambda: eliminate(ALARM, "B", {"B": 0}), "B is both asked for and observed"),
        (lambda: eliminate(ALARM, ()), "expected different variables, at least one"),
        (lambda: eliminate(ALARM, ("B", "B")), "expected different variables, at least one"),
        (
            lambda: eliminate([ALARM[0], Factor(("B", "C"), np.full((3, 2), 0.5))], "B"),
            "B has 2 states in one table, 3 in another",
        ),
        (
            lambda: eliminate([*ALARM[:3], Factor(("A", "J"), ALARM[3].table.T), ALARM[4]], "B"),
            r"there are 5 tables for 5 variables, none about \['J'\]; expected one for each",
        ),
        (lambda: eliminate([*ALARM, ALARM[0]], "B"), "there are 6 tables for 5 variables"),
        (lambda: eliminate(ALARM[1:], "B"), r"4 tables for 5 variables, none about \['B'\]"),
        (lambda: multiply(ALARM, ("Z",)), "Z is unknown"),
        (lambda: d_separated({"A": "B", "B": "A"}, "A", "B"), "there is a circle, A → B → A"),
        (lambda: d_separated({"A": "A"}, "A", "A"), "there is a circle"),
        (lambda: d_separated({"A": "B"}, "A", "Z"), "Z is unknown; expected one of A, B"),
        (lambda: d_separated({"A": "B"}, "A", "B", "A"), "expected disjoint sets"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
