"""The customers that pages look at: read where their file is, else drawn."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from mathforml.customers import AREA, POLICIES, draw_customers, read_customers

FILE = Path(__file__).parents[1] / "docs/data/caravan.csv.gz"
there = pytest.mark.skipif(not FILE.exists(), reason="the pages run without it")


@pytest.fixture(params=[pytest.param("real", marks=there), "drawn"])
def customers(request, rng):
    return read_customers(FILE if request.param == "real" else "nowhere.csv.gz", rng)


# Laws


def test_columns_have_their_names_and_ranges(customers):
    assert customers.names == AREA + POLICIES
    assert customers.X.shape == (5822, 85)
    assert customers.X.dtype == float
    assert customers.bought.shape == (5822,)
    shares = customers.X[:, [j for j, name in enumerate(AREA) if name != "MOSTYPE"]]
    assert shares.min() >= 0
    assert shares.max() <= 10
    kinds = customers.X[:, AREA.index("MOSHOOFD")]
    assert set(kinds) <= set(range(1, 11))


def test_who_does_not_rent_owns_and_many_share_an_area(customers):
    rent, own = (customers.X[:, AREA.index(name)] for name in ("MHHUUR", "MHKOOP"))
    assert np.corrcoef(rent, own)[0, 1] < -0.99
    areas = np.unique(customers.X[:, : len(AREA)], axis=0)
    assert len(areas) < len(customers.X) / 2


def test_a_policy_for_a_car_makes_one_for_a_caravan_likelier(customers):
    car = customers.X[:, customers.names.index("PPERSAUT")] > 0
    assert customers.bought[car].mean() > 1.5 * customers.bought[~car].mean()
    assert 0.03 < customers.bought.mean() < 0.12


def test_the_same_chance_draws_the_same_customers():
    a, b = (draw_customers(50, np.random.default_rng(3)) for _ in range(2))
    assert_array_equal(a.X, b.X)
    assert_array_equal(a.bought, b.bought)
    assert not a.real


# References


@there
def test_the_real_ones_are_those_of_the_challenge(rng):
    customers = read_customers(FILE, rng)
    assert customers.real
    assert customers.bought.sum() == 348
    kinds = customers.X[:, AREA.index("MOSHOOFD")].astype(int)
    assert_array_equal(np.bincount(kinds)[1:], [552, 502, 886, 52, 569, 205, 550, 1563, 667, 276])


# Refusals


def test_another_table_is_refused(tmp_path, rng):
    path = tmp_path / "other.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(ValueError, match=r"begins with \['a', 'b'\]; expected the 86 columns"):
        read_customers(path, rng)


def test_nobody_is_refused(rng):
    with pytest.raises(ValueError, match="n is 0; expected at least 1"):
        draw_customers(0, rng)
