r"""LaTeX that runs: displayed equations are parsed, executed with NumPy, and compared.

>>> import numpy as np
>>> from mathforml.equations import verify
>>> X, w, y = np.eye(3)[:, :2], np.array([1.0, 2.0]), np.array([0.0, 1.0, 2.0])
>>> _ = verify(r"\nabla_w \|Xw - y\|^2 = 2X^\top(Xw - y)", X=X, w=w, y=y)

The stages, each a module: :mod:`~mathforml.equations.lexing`,
:mod:`~mathforml.equations.grammar` (with :mod:`~mathforml.equations.commands` and
:mod:`~mathforml.equations.display`), :mod:`~mathforml.equations.syntax`,
:mod:`~mathforml.equations.names` and :mod:`~mathforml.equations.bindings`,
:mod:`~mathforml.equations.reading`, :mod:`~mathforml.equations.meaning`,
:mod:`~mathforml.equations.relations`, :mod:`~mathforml.equations.certificates`.
"""

from mathforml.equations.certificates import Certificate
from mathforml.equations.distributions import Finite, Samples
from mathforml.equations.errors import (
    EquationError,
    EquationMismatch,
    EquationShapeError,
    EquationSyntaxError,
    UnboundSymbolError,
)
from mathforml.equations.parsing import Equation, parse
from mathforml.equations.refuting import Refusal, refute
from mathforml.equations.verifying import verify

__all__ = [
    "Certificate",
    "Equation",
    "EquationError",
    "EquationMismatch",
    "EquationShapeError",
    "EquationSyntaxError",
    "Finite",
    "Refusal",
    "Samples",
    "UnboundSymbolError",
    "parse",
    "refute",
    "verify",
]
