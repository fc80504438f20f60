r"""The singular value decomposition: what any matrix does, along directions at right angles.

:math:`A v_i = \sigma_i u_i`: unit vectors :math:`v_i` at right angles go to multiples of
unit vectors :math:`u_i` at right angles.  :func:`svd` finds them by turning the columns of the
matrix, two at a time.  :func:`low_rank` keeps the few that count, and :func:`pseudo_inverse` goes
back along those that can be undone.

:func:`svd` is written out to be read, and tested against LAPACK; the others call LAPACK.

Read it with the page :doc:`/linear_algebra/svd`.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.linear_algebra._scaling import power_of_two
from mathforml.linear_algebra.eigen import rotation
from mathforml.shapes import Array, check_shapes

__all__ = ["SVD", "low_rank", "pseudo_inverse", "svd", "turn_columns"]

EPS = np.finfo(float).eps
SWEEPS = 60  # some eight are enough
GONE = 1e-150  # beside one; its square is still a number


class SVD(NamedTuple):
    r"""A matrix as a sum of :math:`\sigma_i u_i v_i^\top`, with r the smaller of m and n.

    Attributes
    ----------
    U : (m, r)
        Column ``i`` is :math:`u_i`, the direction of :math:`A v_i`; units at right angles.
    s : (r,)
        The singular values :math:`\sigma_1 \ge \dots \ge \sigma_r \ge 0`, in the unit of A.
    Vt : (r, n)
        Row ``i`` is :math:`v_i`; unit vectors at right angles.
    """

    U: Array
    s: Array
    Vt: Array


def turn_columns(A: ArrayLike) -> tuple[Array, Array]:
    """Turn columns, two at a time, until all are at right angles, :eq:`eq-turned-columns`.

    Parameters
    ----------
    A : (m, n)
        Matrix.

    Returns
    -------
    W : (m, n)
        ``A @ V``: columns at right angles, in no particular order.
    V : (n, n)
        The turns: columns of length one at right angles.

    Raises
    ------
    ValueError
        If ``A`` is empty or not finite.

    Notes
    -----
    The matrix of all inner products is never diagonalized, so no digit is lost to squaring: two
    columns count as at right angles relative to *their own* lengths.
    """
    W = _matrix(A)
    unit = power_of_two(W)
    W, V = W / unit, np.eye(W.shape[1])
    for _ in range(SWEEPS):
        rest = False
        for p, q in zip(*np.triu_indices(W.shape[1], 1), strict=True):
            both = [p, q]
            (a, b), (_, d) = (W[:, both].T @ W[:, both]).tolist()
            lengths = math.sqrt(a) * math.sqrt(d)
            if min(a, d) > GONE**2 and abs(b) > EPS * math.sqrt(len(W)) * lengths:
                c, s = rotation(a, b, d)
                turn = np.array([[c, s], [-s, c]])
                W[:, both], V[:, both] = W[:, both] @ turn, V[:, both] @ turn
                rest = True
        if not rest:
            return W * unit, V
    raise ValueError(f"the columns still turn after {SWEEPS} sweeps; expected some eight")


def svd(A: ArrayLike) -> SVD:
    """Find the singular values and vectors of any matrix, :eq:`eq-svd`.

    Parameters
    ----------
    A : (m, n)
        Matrix, of any shape and rank.

    Returns
    -------
    SVD
        ``U``, ``s``, ``Vt``, with ``U @ np.diag(s) @ Vt`` equal to ``A``; from the largest singular
        value to the smallest.

    Raises
    ------
    ValueError
        If ``A`` is empty or not finite, or a singular value overflows.

    Notes
    -----
    Where a singular value is zero, nothing determines ``u``; any unit vector at right angles to the
    others is right.
    """
    A = _matrix(A)
    if A.shape[0] < A.shape[1]:
        U, s, Vt = svd(A.T)
        return SVD(Vt.T, s, U.T)
    unit = power_of_two(A)
    W, V = turn_columns(A / unit)
    s = np.linalg.norm(W, axis=0)
    order = np.argsort(-s, kind="stable")
    W, V, s = W[:, order], V[:, order], s[order]
    rank = int(np.sum(s > GONE))
    U = np.linalg.qr(W[:, :rank] / s[:rank], mode="complete").Q[:, : len(s)]
    U[:, :rank], s[rank:] = W[:, :rank] / s[:rank], 0.0
    with np.errstate(over="ignore"):
        s = s * unit
    if not np.isfinite(s).all():
        raise ValueError("a singular value overflows; expected smaller A")
    return SVD(U, s, V.T)


def low_rank(A: ArrayLike, k: int) -> Array:
    """Find the nearest matrix of rank k, :eq:`eq-low-rank`.

    Parameters
    ----------
    A : (m, n)
        Matrix.
    k : int
        How many singular values to keep, from 0 to the smaller of m and n.

    Returns
    -------
    A_k : (m, n)
        No matrix of rank ``k`` is nearer to ``A``, :eq:`eq-eckart-young`.

    Raises
    ------
    ValueError
        If ``A`` is empty or not finite, or has no ``k`` singular values.
    """
    A = _matrix(A)
    if not 0 <= k <= min(A.shape):
        raise ValueError(f"k is {k}; expected 0 to {min(A.shape)}, the smaller side of A")
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    A_k: Array = (U[:, :k] * s[:k]) @ Vt[:k]
    return A_k


def pseudo_inverse(A: ArrayLike) -> Array:
    """Go back along every direction that the matrix does not forget, :eq:`eq-pseudo-inverse`.

    Parameters
    ----------
    A : (m, n)
        Matrix, of any shape and rank.

    Returns
    -------
    A_plus : (n, m)
        ``A_plus @ b`` is the shortest of all ``x`` for which ``A @ x`` is nearest to ``b``.

    Raises
    ------
    ValueError
        If ``A`` is empty or not finite, or so tiny that the inverse overflows.

    Notes
    -----
    A singular value below rounding, that is below the largest times ``eps * max(m, n)``, counts as
    zero: its inverse would be noise.
    """
    A = _matrix(A)
    unit = power_of_two(A)
    U, s, Vt = np.linalg.svd(A / unit, full_matrices=False)
    kept = s > s[0] * EPS * max(A.shape)
    with np.errstate(over="ignore"):
        A_plus: Array = (Vt[kept].T / s[kept]) @ U[:, kept].T / unit
    if not np.isfinite(A_plus).all():
        raise ValueError("the pseudo-inverse overflows; expected larger A")
    return A_plus


def _matrix(A: ArrayLike) -> Array:
    """Return a finite, nonempty matrix of our own."""
    check_shapes("A: m n", A)
    A = np.array(A, dtype=float)
    if not A.size or not np.isfinite(A).all():
        raise ValueError("A is empty or not finite; expected numbers")
    return A
