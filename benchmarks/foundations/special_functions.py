"""Gamma, error and beta functions beside SciPy, whose versions are compiled."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy import special

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.foundations.special_functions import (
    beta_quantile,
    erf,
    erfc,
    incomplete_beta,
    log_gamma,
)

MANY = "100,000 numbers"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons; speed is no aim where the other side is compiled."""
    x = rng.uniform(3, 100, size=100_000)
    z = rng.uniform(-6, 6, size=100_000)
    yield Case(
        log_gamma,
        f"{MANY} from 3 to 100",
        ours=lambda: log_gamma(x),
        theirs=lambda: special.gammaln(x),
        call="scipy.special.gammaln(x)",
    )
    yield Case(
        erf,
        f"{MANY} from -6 to 6",
        ours=lambda: erf(z),
        theirs=lambda: special.erf(z),
        call="scipy.special.erf(x)",
    )
    yield Case(
        erfc,
        f"{MANY} from -6 to 6",
        ours=lambda: erfc(z),
        theirs=lambda: special.erfc(z),
        call="scipy.special.erfc(x)",
    )
    a, b = 10 ** rng.uniform(0, 3, size=(2, 1000))
    share, p = rng.beta(a, b), rng.uniform(size=1000)
    yield Case(
        incomplete_beta,
        "1,000 with parameters from 1 to 1,000",
        ours=lambda: incomplete_beta(a, b, share),
        theirs=lambda: special.betainc(a, b, share),
        call="scipy.special.betainc(a, b, x)",
    )
    yield Case(
        beta_quantile,
        "1,000 with parameters from 1 to 1,000",
        ours=lambda: beta_quantile(a, b, p),
        theirs=lambda: special.betaincinv(a, b, p),
        call="scipy.special.betaincinv(a, b, p)",
    )
    yield Growth(
        incomplete_beta,
        [2**k for k in range(20, 24)],
        lambda n: partial(incomplete_beta, np.full(20, float(n)), float(n), 0.5),
        derived=0.5,
        note="at the mean, with a = b = n",
    )
    near = 2 - 2.0**-50
    yield MoreRight(
        log_gamma,
        "digits survive next to 2, where the logarithm is nearly zero",
        ours=lambda: log_gamma(near),
        theirs=lambda: special.gammaln(near),
        call="scipy.special.gammaln(x)",
        truth=(np.euler_gamma - 1) * 2.0**-50,
    )
