r"""Eigenvectors: the directions that a matrix only stretches, :math:`A v = \lambda v`.

Three ways to them.  :func:`power_iteration` applies the matrix again and again until one direction
is left.  :func:`symmetric_eigen` turns a symmetric matrix, two axes at a time, until it is
diagonal.  :func:`pagerank` asks for one eigenvector of a matrix of links.

They are written out to be read, and tested against LAPACK; where speed counts, ask ``np.linalg``.

Read it with the page :doc:`/linear_algebra/eigen`.
"""

import math
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.linear_algebra._scaling import power_of_two
from mathforml.shapes import Array, check_shapes

__all__ = [
    "Eigen",
    "jacobi",
    "link_matrix",
    "pagerank",
    "power_iteration",
    "rayleigh",
    "rotation",
    "symmetric_eigen",
]

EPS = np.finfo(float).eps
SYMMETRIC = 1e-10  # how far from it rounding may have led
SWEEPS = 60  # some eight are enough
STEPS = 100_000


class Eigen(NamedTuple):
    r"""Eigenvalues and eigenvectors of a symmetric matrix.

    Attributes
    ----------
    values : (n,)
        The eigenvalues :math:`\lambda_1 \ge \dots \ge \lambda_n`.
    vectors : (n, n)
        Column ``i`` is :math:`v_i`, a unit vector with :math:`A v_i = \lambda_i v_i`; the columns
        are at right angles.
    """

    values: Array
    vectors: Array


def rayleigh(A: ArrayLike, x: ArrayLike) -> float:
    """Say by what number the matrix stretches along a direction, :eq:`eq-rayleigh`.

    Parameters
    ----------
    A : (n, n)
        Matrix.
    x : (n,)
        Direction, of any length but zero.

    Returns
    -------
    rho : float
        The eigenvalue, if ``x`` is an eigenvector.

    Raises
    ------
    ValueError
        If the shapes do not fit, or ``x`` is zero or not finite.
    """
    A = _square("A", A)
    x = _direction("x", x)
    check_shapes("A: n n, x: n", A, x)
    unit = power_of_two(A)
    return float(x @ (A / unit) @ x) * unit


def power_iteration(A: ArrayLike, x: ArrayLike) -> Iterator[Array]:
    """Apply the matrix again and again, and keep the direction, :eq:`eq-power-step`.

    Parameters
    ----------
    A : (n, n)
        Matrix, symmetric or not.
    x : (n,)
        The start, of any length but zero.

    Yields
    ------
    x : (n,)
        Unit vectors: the direction of the start, then that after each step.  The iterates do not
        end; take as many as you need.

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is not finite, or a step arrives at zero.
    """
    A = _square("A", A)
    x = _direction("x", x)
    check_shapes("A: n n, x: n", A, x)
    A = A / power_of_two(A)
    while True:
        yield x.copy()
        x = _direction("A x", A @ x)


def rotation(a: float, b: float, d: float) -> tuple[float, float]:
    """Find the turn after which a symmetric matrix of two rows is diagonal, :eq:`eq-turn`.

    Parameters
    ----------
    a, b, d : float
        Its entries: ``a`` and ``d`` on the diagonal, ``b`` beside it.

    Returns
    -------
    c, s : float
        Cosine and sine of the angle, at most 45 degrees.

    Notes
    -----
    Of the two tangents that solve the equation the smaller is taken, in a form that adds two
    positive numbers.
    """
    if b == 0:
        return 1.0, 0.0
    ratio = (float(d) - float(a)) / (2.0 * float(b))
    tau = math.copysign(1.0, ratio) / (abs(ratio) + math.hypot(1.0, ratio))
    c = 1.0 / math.hypot(1.0, tau)
    return c, c * tau


def jacobi(A: ArrayLike) -> Iterator[tuple[Array, Array]]:
    """Turn a symmetric matrix, two axes at a time, until it is diagonal, :eq:`eq-jacobi-keeps`.

    Parameters
    ----------
    A : (n, n)
        Symmetric matrix.

    Yields
    ------
    D : (n, n)
        The matrix as it stands: first ``A`` itself, then after each sweep over all pairs of axes.
        It ends when nothing beside the diagonal counts.
    V : (n, n)
        The turns so far: ``V @ D @ V.T`` is ``A``.

    Raises
    ------
    ValueError
        If ``A`` is not symmetric or not finite.

    Notes
    -----
    An entry counts if it is larger than rounding *relative to its own row and column*, not to the
    whole matrix: so tiny eigenvalues of a graded positive matrix keep their digits.
    """
    D = _square("A", A)
    largest = np.abs(D).max()
    if (np.abs(D / 2 - D.T / 2) > SYMMETRIC * largest).any():
        raise ValueError("A is not A.T; expected a symmetric matrix")
    D, V = D / 2 + D.T / 2, np.eye(len(D))
    for _ in range(SWEEPS):
        yield D.copy(), V.copy()
        rest = False
        for p, q in zip(*np.triu_indices(len(D), 1), strict=True):
            if abs(D[p, q]) > EPS * math.sqrt(abs(D[p, p])) * math.sqrt(abs(D[q, q])):
                _turn(D, V, int(p), int(q))
                rest = True
        if not rest:
            return
    raise ValueError(f"A is not diagonal after {SWEEPS} sweeps; expected it after ten")


def _turn(D: Array, V: Array, p: int, q: int) -> None:
    """Turn the axes ``p`` and ``q`` so that the entry between them vanishes, in place."""
    a, b, d = D[p, p], D[p, q], D[q, q]
    c, s = rotation(a, b, d)
    turn, both = np.array([[c, s], [-s, c]]), [p, q]
    D[:, both] = D[:, both] @ turn
    D[both] = turn.T @ D[both]
    V[:, both] = V[:, both] @ turn
    D[p, p], D[q, q] = a - s / c * b, d + s / c * b  # the same numbers, with less rounding
    D[p, q] = D[q, p] = 0.0


def symmetric_eigen(A: ArrayLike) -> Eigen:
    """Find all eigenvalues and eigenvectors of a symmetric matrix, :eq:`eq-spectral`.

    Parameters
    ----------
    A : (n, n)
        Symmetric matrix.

    Returns
    -------
    Eigen
        Values from the largest to the smallest, and unit vectors as columns in the same order.

    Raises
    ------
    ValueError
        If ``A`` is not symmetric or not finite.
    """
    A = _square("A", A)
    unit = power_of_two(A)
    D, V = list(jacobi(A / unit))[-1]
    order = np.argsort(-np.diag(D), kind="stable")
    with np.errstate(over="ignore"):
        values = np.diag(D)[order] * unit
    if not np.isfinite(values).all():
        raise ValueError("an eigenvalue overflows; expected smaller A")
    return Eigen(values, V[:, order])


def link_matrix(links: ArrayLike, damping: float) -> Array:
    """Turn links into the chances of a surfer, :eq:`eq-google`.

    Parameters
    ----------
    links : (n, n)
        ``links[i, j]`` is 1 if page ``i`` links to page ``j``, else 0; other weights are allowed.
    damping : float
        The chance, from 0 to 1, that the surfer follows a link and does not jump to any page.

    Returns
    -------
    G : (n, n)
        ``G[i, j]`` is the chance that whoever is on page ``j`` is on page ``i`` next.  A page
        without links is left by a jump.  Every column sums to one.

    Raises
    ------
    ValueError
        If ``links`` is not square, or a weight is negative or not finite, or ``damping`` is no
        chance.
    """
    links = _square("links", links)
    if (links < 0).any():
        raise ValueError(f"links has an entry {links.min()}; expected no negative weight")
    if not 0 <= damping <= 1:
        raise ValueError(f"damping is {damping}; expected a chance from 0 to 1")
    n = len(links)
    top = links.max(axis=1, keepdims=True)
    weights = np.divide(links, top, out=np.ones_like(links), where=top > 0)
    follow = weights.T / weights.sum(axis=1)
    G: Array = damping * follow + (1 - damping) / n
    return G


def pagerank(links: ArrayLike, damping: float) -> Array:
    """Share one unit of importance among pages that link to each other, :eq:`eq-pagerank`.

    Parameters
    ----------
    links : (n, n)
        ``links[i, j]`` is 1 if page ``i`` links to page ``j``, else 0; other weights are allowed.
    damping : float
        The chance, from 0 to 1, that the surfer follows a link and does not jump to any page.

    Returns
    -------
    scores : (n,)
        Positive for a damping below one, summing to one: how often the surfer is on each page.

    Raises
    ------
    ValueError
        If :func:`link_matrix` refuses, or the walk does not come to rest: it may run in circles if
        ``damping`` is one, and may need too long just below.
    """
    G = link_matrix(links, damping)
    scores: Array = np.full(len(G), 1 / len(G))
    for x in islice(power_iteration(G, scores), 1, STEPS):
        before, scores = scores, x / x.sum()
        if np.abs(scores - before).sum() <= 4 * EPS:
            return scores
    raise ValueError(f"the scores still move after {STEPS} steps; expected a smaller damping")


# At the door


def _square(name: str, A: ArrayLike) -> Array:
    """Return a square, finite, nonempty matrix of our own."""
    check_shapes(f"{name}: n n", A)
    A = np.array(A, dtype=float)
    if not A.size or not np.isfinite(A).all():
        raise ValueError(f"{name} is empty or not finite; expected numbers")
    return A


def _direction(name: str, x: ArrayLike) -> Array:
    """Return the unit vector in the direction of x, however long x is."""
    way = np.array(x, dtype=float)
    if not way.any() or not np.isfinite(way).all():
        raise ValueError(f"{name} is zero or not finite; expected a direction")
    way /= np.abs(way).max()
    way /= np.linalg.norm(way)
    return way
