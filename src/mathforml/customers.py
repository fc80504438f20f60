"""Customers to look at: real ones where their file is at hand, else drawn ones of the same shape.

The real customers are those of the CoIL Challenge 2000.  Their file is no part of the package;
where it comes from, and under which terms, stands on the page :doc:`/reference/data`.
"""

import csv
import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathforml.shapes import Array

__all__ = ["AREA", "POLICIES", "Customers", "draw_customers", "read_customers"]

OF_AREAS = """
    MOSTYPE MAANTHUI MGEMOMV MGEMLEEF MOSHOOFD MGODRK MGODPR MGODOV MGODGE MRELGE MRELSA MRELOV
    MFALLEEN MFGEKIND MFWEKIND MOPLHOOG MOPLMIDD MOPLLAAG MBERHOOG MBERZELF MBERBOER MBERMIDD
    MBERARBG MBERARBO MSKA MSKB1 MSKB2 MSKC MSKD MHHUUR MHKOOP MAUT1 MAUT2 MAUT0 MZFONDS MZPART
    MINKM30 MINK3045 MINK4575 MINK7512 MINK123M MINKGEM MKOOPKLA"""
INSURED = """
    WAPART WABEDR WALAND PERSAUT BESAUT MOTSCO VRAAUT AANHANG TRACTOR WERKT BROM LEVEN PERSONG
    GEZONG WAOREG BRAND ZEILPL PLEZIER FIETS INBOED BYSTAND"""

AREA = tuple(OF_AREAS.split())  # what is known of a postal area
POLICIES = tuple(f"{what}{name}" for what in "PA" for name in INSURED.split())  # premiums, counts


class Customers(NamedTuple):
    """Customers of an insurer, a row each.

    Attributes
    ----------
    names : tuple of 85 str
        The columns: those of `AREA`, then those of `POLICIES`.
    X : (n, 85)
        Classes and counts; most are shares of an area in tenths, from 0 to 9.
    bought : (n,) of bool
        Who bought a policy for a caravan.
    real : bool
        Whether they were read from the file, or drawn.
    """

    names: tuple[str, ...]
    X: Array
    bought: NDArray[np.bool_]
    real: bool


def read_customers(path: str | Path, rng: np.random.Generator) -> Customers:
    """Read the real customers, or draw as many if there is no such file.

    Parameters
    ----------
    path : str or path
        The gzipped table, with the names of its columns in the first line.
    rng : numpy.random.Generator
        Draws them where the file is missing.

    Returns
    -------
    Customers
        Real ones, or drawn ones: ``real`` says which.

    Raises
    ------
    ValueError
        If the file holds another table.
    """
    if not Path(path).is_file():
        return draw_customers(5822, rng)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    if tuple(header) != (*AREA, *POLICIES, "Purchase"):
        raise ValueError(
            f"{path} begins with {header[:3]}; expected the 86 columns of the customers"
        )
    X = np.array([row[:-1] for row in rows], dtype=float)
    return Customers(AREA + POLICIES, X, np.array([row[-1] == "Yes" for row in rows]), True)


def draw_customers(n: int, rng: np.random.Generator) -> Customers:
    """Draw customers who live in areas, some in the same; two traits of an area move its columns.

    Parameters
    ----------
    n : int
        How many, at least 1.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    Customers
        With columns of the same names and ranges as the real ones.

    Raises
    ------
    ValueError
        If n is less than 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}; expected at least 1")
    traits = rng.normal(size=(-(-n // 3), 2))  # wealth, and age of the families
    pull = rng.uniform(-0.8, 0.8, size=(2, len(AREA)))
    pull[0, AREA.index("MINKGEM")] = 0.9
    shares = 4.5 + 2 * (traits @ pull) + rng.normal(size=(len(traits), len(AREA)))
    shares = np.clip(np.round(shares), 0, 9)
    shares[:, AREA.index("MHKOOP")] = 9 - shares[:, AREA.index("MHHUUR")]  # who does not rent owns
    shares[:, AREA.index("MZPART")] = 9 - shares[:, AREA.index("MZFONDS")]
    centers = rng.normal(size=(10, 2))
    gaps = np.sum((traits[:, None] - centers) ** 2, axis=2)
    shares[:, AREA.index("MOSHOOFD")] = 1 + np.argmin(gaps, axis=1)
    home = rng.integers(len(traits), size=n)
    wealth = traits[home, 0]
    held = rng.random((n, len(POLICIES) // 2)) < 0.06
    car = POLICIES.index("PPERSAUT")
    held[:, car] = rng.random(n) < 1 / (1 + np.exp(-wealth))
    odds = np.exp(-3.9 + 0.6 * wealth + 1.3 * held[:, car])
    policies = np.hstack([held * rng.integers(4, 7, size=held.shape), held])
    bought = rng.random(n) < odds / (1 + odds)
    return Customers(AREA + POLICIES, np.hstack([shares[home], policies]), bought, False)
