"""Series: partial sums of doubling length, extrapolated where they settle slowly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.environments import Environment
from mathforml.equations.errors import (
    EquationError,
)  # fmt: skip
from mathforml.equations.indices import whole
from mathforml.equations.meaning import Machine
from mathforml.equations.values import Array, Value

__all__ = ["DOUBLINGS", "infinite"]

DOUBLINGS = 12  # of the number of terms of an infinite sum


def _terms_vanish(machine: Machine, node: s.Reduce, env: Environment, partial: Value) -> bool:
    """Tell whether one more term hardly changes a partial sum: 1 - 1 + 1 - … does not settle."""
    dummy = node.dummies[0]
    assert dummy.high is not None
    further = replace(dummy, high=s.Sum(("+", "+"), (dummy.high, s.Number("1"))))
    following = machine.evaluate(replace(node, dummies=(further,)), env)
    assert isinstance(following, Value)
    scale = float(np.abs(partial.data).max(initial=0)) or 1.0
    return float(np.abs(following.data - partial.data).max(initial=0)) < 1e-3 * scale


def infinite(machine: Machine, node: s.Reduce, env: Environment) -> Value:
    """Sum a series: partial sums of doubling length, extrapolated if they settle slowly.

    Raises
    ------
    EquationError
        If it does not converge.
    """
    if node.kind not in ("sum", "prod"):
        raise EquationError(
            f"{node.kind} over infinitely many values cannot be executed", node.place
        )
    dummy = node.dummies[0]
    table: list[list[Array]] = []
    best: tuple[float, Array, tuple[str, ...]] | None = None
    for doubling in range(DOUBLINGS):
        assert dummy.low is not None
        low = int(whole(machine.value(dummy.low, env), "the lower bound").data)
        last = s.Number(str(low - 1 + 16 * 2**doubling)) if low >= 1 else None
        upper: s.Node = last or s.Sum(("+", "+"), (dummy.low, s.Number(str(16 * 2**doubling - 1))))
        finite = replace(node, dummies=(replace(dummy, high=upper),))
        partial = machine.evaluate(finite, env)
        assert isinstance(partial, Value)
        row = [partial.data.astype(float)]
        if table:
            for j, previous in enumerate(table[-1]):
                if j < 6:
                    row.append(row[j] + (row[j] - previous) / (2.0 ** (j + 1) - 1))
        table.append(row)
        scale = float(np.abs(row[0]).max(initial=0)) or 1.0
        if not np.all(np.isfinite(row[0])):
            break
        if len(table) > 1:
            plain = float(np.abs(row[0] - table[-2][0]).max(initial=0)) / scale
            if plain < 1e-15 and _terms_vanish(machine, finite, env, partial):
                if not np.any(row[0]) and node.kind == "sum":
                    raise EquationError("all terms looked at are zero", node.place)
                return replace(partial, data=row[0])
            for j in range(1, len(row) - 1):
                change = float(np.abs(row[j] - table[-2][j]).max(initial=0)) / scale
                if doubling > 4 and (best is None or change < best[0]):
                    best = (change, row[j], partial.axes)
    assert isinstance(partial, Value)
    if best is not None and not _terms_vanish(machine, finite, env, partial):
        best = None
    if best is None or best[0] > 1e-9:
        raise EquationError("this series does not settle; expected one that converges", node.place)
    return Value(best[1], best[2], None, np.full_like(best[1], 4 * best[0]) * np.abs(best[1]))
