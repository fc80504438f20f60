"""Indices, sums, extrema, sets, dots and families."""

import numpy as np
import pytest

from mathforml.equations import EquationError, EquationShapeError, UnboundSymbolError

rng = np.random.default_rng(1)
x = rng.normal(size=5)
A = rng.normal(size=(5, 3))
Q = rng.normal(size=(2, 3))
BOUND = {"x": x, "A": A, "n": 5, "Q": Q}


@pytest.mark.parametrize(
    "latex",
    [
        r"\sum_{i=1}^n x_i = \sum_i x_i",
        r"\sum_{i=1}^n x_i^2 = x^\top x",
        r"\sum_{i} \sum_{j \neq i} x_i x_j = \Big(\sum_i x_i\Big)^2 - \sum_i x_i^2",
        r"\sum_{j \neq i} x_j = \sum_j x_j - x_i",
        r"\sum_{i < j} x_i x_j = \sum_{1 \le i < j \le n} x_i x_j",
        r"\sum_{i=1}^n \sum_{j=1}^i x_j = \sum_{j=1}^n (n - j + 1) x_j",
        r"\sum_{i \in \{1, 3\}} x_i = x_1 + x_3",
        r"\prod_{i=1}^3 x_i = x_1 x_2 x_3",
        r"\sum_{i, j} A_{ij} = \sum_i \sum_j A_{i,j}",
        r"\sum_{ij} A_{ij}^2 = \|A\|_F^2",
        r"\max_i x_i \ge x_j",
        r"x_{\ell} = \min_i x_i",
        r"x_1 + x_2 + \cdots + x_n = \sum_i x_i",
        r"x_1 x_2 \cdots x_n = \prod_i x_i",
        r"x_1^2 + \cdots + x_n^2 = \|x\|^2",
        r"\max(x_1, \ldots, x_n) = \max_i x_i",
        r"1 + 2 + \cdots + n = \frac{n (n + 1)}{2}",
        r"\frac{x_i}{x_j} = x_i x_j^{-1}",
        r"A^{(i)} = A_{i,:}",
        r"A_{:,j} = A e_j",
        r"(x_1, \ldots, x_n) = x",
        r"x_{i+1} - x_i = d_i",
        r"\sum_{i=1}^{0} x_i = 0",
        r"i \, x_i = y_i",
        r"\sum_{i=1}^n i \, x_i = \sum_i y_i",
        r"\sum_{i: x_i > 0} x_i = \sum_i \max(x_i, 0)",
        r"\sum_{x_i > 0} x_i = \sum_i \max(x_i, 0)",
    ],
)
def test_it_holds(holds, latex):
    more = {"e": np.eye(3), "d": np.diff(x), "y": x * np.arange(1, 6), "ell": int(x.argmin()) + 1}
    holds(latex, BOUND | more)


def test_the_argument_of_an_extremum_counts_from_one(holds):
    holds(r"k = \arg\max_i x_i", x=x, k=int(x.argmax()) + 1)
    holds(r"k = \operatorname*{argmin}_i x_i", x=x, k=int(x.argmin()) + 1)
    holds(r"k = \underset{i}{\operatorname{arg\,min}} \ x_i", x=x, k=int(x.argmin()) + 1)


def test_a_set_is_the_domain_of_its_dummy(holds):
    holds(r"V(s) = \max_{a'} Q(s, a')", {"a'": range(3)}, s=range(2),
          V=lambda s: Q[s].max(), Q=lambda s, a: Q[s, a])  # fmt: skip
    holds(r"\sum_{k \in S} x_k = x_2 + x_5", x=x, S={2, 5})
    holds(r"|S| = 2", S={2, 5})


def test_an_array_followed_by_integers_is_indexed(holds):
    holds(r"V_s = \max_a Q(s, a)", Q=Q, V=Q.max(axis=1))
    holds(r"Q[2, 1] = q", Q=Q, q=Q[1, 0])


def test_labels_that_serve_as_indices_count_from_one(holds):
    holds(
        r"\sum_i A_{i, y_i} = s",
        A=A,
        y=np.array([1, 3, 2, 1, 1]),
        s=A[np.arange(5), [0, 2, 1, 0, 0]].sum(),
    )


def test_a_list_is_a_family(holds):
    W = [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))]
    z = rng.normal(size=3)
    holds(r"h = W_L \cdots W_1 z", W=W, L=2, z=z, h=W[1] @ W[0] @ z)
    holds(r"r = \sum_{l=1}^L \|W_l\|_F^2", W=W, L=2, r=sum(np.sum(w**2) for w in W))
    holds(r"h_{l+1} = W_l h_l", W=W, h=[z, W[0] @ z, W[1] @ W[0] @ z])


def test_a_condition_gives_the_range(holds):
    holds(r"f(i) = i^2, \quad i = 1, \ldots, n", f=lambda i: i * i, n=5)
    holds(r"f(k) = k^2 \quad \text{for } k \in S", f=lambda k: k * k, S=[2, 3])


@pytest.mark.parametrize(
    ("latex", "kind", "fact"),
    [
        ("x_i = A_{ji}", EquationShapeError,
         "the index i runs over 5 values in x and over 3 in A"),
        (r"\sum_k a = 1", UnboundSymbolError,
         "k has no value and stands on no axis; bind it, or a range for it"),
        ("x_i = w_i", UnboundSymbolError, "w_i has no value; bound: A, Q, a, n, x"),
        (r"\max_{i \in \{\}} x_i = 1", EquationError, "empty brackets have no value"),
        (r"\sum_{i=1}^{n+1} x_i = 1", EquationShapeError, "the index i = 6 of x is outside 1 to 5"),
        (r"\sum_{i=1}^{10^9} a = 1", EquationError, "more than 1,000,000 terms; expected fewer"),
        (r"x_{1.5} = 1", EquationShapeError, "the index 1.5 is not whole; expected an integer"),
        (r"\sum_{i \neq j} x_i = x_i x_j", EquationError,
         r"it is not clear what \sum runs over; expected an index that occurs nowhere outside"),
        (r"x_1 + \cdots + A_{12} = 1", EquationError,
         r"x_1 and A_{12} around the dots must differ in one integer"),
    ],
)  # fmt: skip
def test_it_is_refused_with_the_reason(refused, latex, kind, fact):
    assert refused(latex, kind, BOUND, a=1.0).splitlines()[0] == fact


def test_a_layer_has_entries(holds, refused):
    rng = np.random.default_rng(7)
    W = [rng.normal(size=(4, 3)), rng.normal(size=(3, 3))]
    h = [np.ones(3), rng.normal(size=3), np.ones(3)]
    holds("h_j^{(l)} = z", h=h, l=2, j=3, z=h[1][2])
    holds("W^{(l)}_{jk} = z", W=W, l=1, j=4, k=3, z=W[0][3, 2])
    holds(r"\sum_k W^{(l)}_{jk} h_k^{(l)} = z_j", W=W, h=h, l=1, z=W[0] @ h[0])
    refused(r"\sum_k W^{(l)}_{kj} h_k^{(l)} = z_j", EquationError, W=W, h=h, l=1, z=W[0] @ h[0])


def test_a_row_of_a_matrix_may_be_written_transposed(holds):
    rng = np.random.default_rng(7)
    a, x = rng.normal(size=(4, 3)), rng.normal(size=3)
    holds(r"a_i^\top x = z_i", a=a, x=x, z=a @ x)
    holds(r"a^\top_i x = z_i", a=a, x=x, z=a @ x)
    holds(r"a^\top_{ij} = a_{ji}", a=a)
