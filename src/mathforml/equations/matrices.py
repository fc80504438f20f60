"""Matrices written out, of numbers or of blocks."""

from __future__ import annotations

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.environments import Environment, Many, Result, spread
from mathforml.equations.errors import EquationShapeError
from mathforml.equations.flexible import Flexible, materialize
from mathforml.equations.meaning import Machine
from mathforml.equations.values import Value, aligned, describe

__all__ = ["block"]


def block(machine: Machine, node: s.Matrix, env: Environment) -> Value:
    """Evaluate a matrix; its entries may be blocks, and ``0`` and ``I`` take the size they must.

    Raises
    ------
    EquationShapeError
        If blocks do not fit.
    """
    if node.environment == "dots":
        cells = _spread_rows(machine, node, env)
    else:
        cells = [[_cell(machine, c, env) for c in row] for row in node.rows]
    width = len(cells[0])
    if any(len(row) != width for row in cells):
        raise EquationShapeError("the rows of this matrix have different lengths", node.place)
    heights = [_common(row, 0, node) for row in cells]
    widths = [_common([row[k] for row in cells], 1, node) for k in range(width)]
    fixed = [
        _sized(c, (heights[i], widths[k]), node.rows[min(i, len(node.rows) - 1)][0])
        for i, row in enumerate(cells)
        for k, c in enumerate(row)
    ]
    axes, found = aligned(fixed)
    lead = np.broadcast_shapes(*[v.data.shape[: len(axes)] for v in found])
    arrays = [np.broadcast_to(v.data, lead + v.core) for v in found]
    rows = [np.concatenate(arrays[k : k + width], axis=-1) for k in range(0, len(arrays), width)]
    data = np.concatenate(rows, axis=-2)
    return Value(data[..., 0] if data.shape[-1] == 1 else data, axes)


def _spread_rows(
    machine: Machine, node: s.Matrix, env: Environment
) -> list[list[Value | Flexible]]:
    """Evaluate rows that dots stand for."""
    rows: list[Result] = []
    for (row,) in node.rows:
        result = machine.evaluate(row, env)
        rows += spread((result,))
    found = []
    for result in rows:
        assert isinstance(result, Many)
        found.append([c for c in spread(result.items) if isinstance(c, Value | Flexible)])
    return found


def _cell(machine: Machine, node: s.Node, env: Environment) -> Value | Flexible:
    result = machine.evaluate(node, env)
    return result if isinstance(result, Value | Flexible) else machine.value(node, env)


def _shape(cell: Value) -> tuple[int, int]:
    if cell.ndim == 0:
        return (1, 1)
    return (cell.core[0], 1) if cell.ndim == 1 else (cell.core[0], cell.core[1])


def _common(cells: list[Value | Flexible], axis: int, node: s.Matrix) -> int:
    """Return the height of a row or the width of a column of blocks."""
    sizes = {_shape(c)[axis] for c in cells if isinstance(c, Value)}
    if len(sizes) > 1:
        kinds = " beside ".join(describe(c) for c in cells if isinstance(c, Value))
        raise EquationShapeError(f"the blocks do not fit: {kinds}", node.place)
    return sizes.pop() if sizes else 1


def _sized(cell: Value | Flexible, shape: tuple[int, int], node: s.Node) -> Value:
    if isinstance(cell, Flexible):
        try:
            return materialize(cell, shape if shape != (1, 1) else ()).map(
                lambda a: a.reshape(a.shape[: a.ndim - len(shape) * (shape != (1, 1))] + shape)
            )
        except EquationShapeError as error:
            raise error.at(node.place) from None
    return cell.map(lambda a: a.reshape(a.shape[: len(cell.axes)] + _shape(cell)))
