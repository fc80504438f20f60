"""Python functions, called once for every combination of indices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mathforml.equations.bindings import Domain, Family
from mathforml.equations.environments import Environment, Many, Result, opaque, single
from mathforml.equations.errors import EquationError, EquationShapeError
from mathforml.equations.flexible import settle
from mathforml.equations.meaning import Machine
from mathforml.equations.provenance import package_functions
from mathforml.equations.values import Array, Value, aligned, number

__all__ = ["MANY", "gathered", "invoke", "with_member", "wrap"]

MANY = 64  # calls from which on one vectorized call is tried


def invoke(
    machine: Machine,
    function: Callable[..., Any],
    arguments: list[Result],
    env: Environment,
    name: str,
) -> Result:
    """Call a Python function once for every combination of indices."""
    machine.trace.functions |= package_functions(function)
    plain = [_plain(a) for a in arguments]
    values = [p for p in plain if isinstance(p, Value)]
    if not any(v.axes for v in values):
        return wrap(_called(function, [_object(p) for p in plain], name, False))
    masks = [env.mask] if env.mask is not None and env.mask.axes else []
    axes, found = aligned([*values, *masks])
    shape = np.broadcast_shapes(*[v.data.shape[: len(axes)] for v in found])
    if masks:
        asked = {a for v in values for a in v.axes}
        keep = tuple(k for k, a in enumerate(axes) if a not in asked)
        mask = np.broadcast_to(found.pop().data, shape).any(axis=keep, keepdims=True)
    else:
        mask = np.ones((1,) * len(axes), dtype=bool)
    kept = tuple(
        1 if a not in {b for v in values for b in v.axes} else n
        for a, n in zip(axes, shape, strict=True)
    )
    mask = np.broadcast_to(mask, kept)
    stream = iter(found)
    columns = [next(stream) if isinstance(p, Value) else p for p in plain]
    arrays = [
        np.broadcast_to(c.data, kept + c.data.shape[len(axes) :]) if isinstance(c, Value) else c
        for c in columns
    ]
    quick = _at_once(function, arrays, kept, mask)
    if quick is not None:
        return Value(quick, axes)
    tolerant = any("∂" in a or "∫" in a for a in axes)
    results: dict[tuple[int, ...], Any] = {}
    for at in np.ndindex(kept):
        if mask[at]:
            given = [_entry(a, at) if isinstance(a, np.ndarray) else a for a in arrays]
            results[at] = _called(function, given, name, tolerant)
    return gathered(results, kept, axes, name)


def _plain(result: Result) -> Any:
    """Prepare an argument: a value, or the object that is passed on."""
    if isinstance(result, Many):
        from mathforml.equations.environments import stacked

        parts = [_plain(i) for i in result.items]
        if any(isinstance(p, Value) and p.axes for p in parts):
            return stacked(result)
        return tuple(_object(p) for p in parts)
    value = (
        result
        if isinstance(result, Value)
        else number(0.0)
        if "0" in result.terms
        else settle(result)
    )
    if value.data.dtype == object and not value.axes:
        thing = value.data[()]
        return list(thing.items) if isinstance(thing, Domain) else thing
    return value


def _object(plain: Any) -> Any:
    """Return what Python code gets: its own copy of an array, or a scalar."""
    if not isinstance(plain, Value):
        return getattr(plain, "items", plain) if type(plain).__name__ == "Family" else plain
    return _entry(plain.data, ())


def _entry(array: Array, at: tuple[int, ...]) -> Any:
    entry = array[at]
    if isinstance(entry, Family):
        return entry.items
    if isinstance(entry, np.ndarray) and entry.ndim == 0:
        entry = entry[()]
    if isinstance(entry, np.bool_ | np.integer):
        return int(entry)
    return entry.copy() if isinstance(entry, np.ndarray) else entry


def _called(function: Callable[..., Any], given: list[Any], name: str, tolerant: bool) -> Any:
    """Call Python code; what it raises becomes an error of the equation."""
    try:
        return function(*given)
    except EquationError:
        raise
    except (ValueError, ArithmeticError) as error:
        if tolerant:
            return np.nan
        raise _raised(name, error) from error
    except Exception as error:
        raise _raised(name, error) from error


def _raised(name: str, error: Exception) -> EquationError:
    text = str(error).splitlines()[0] if str(error) else ""
    return EquationError(f"the function bound to {name} raised {type(error).__name__}: {text}")


def _at_once(
    function: Callable[..., Any], arrays: list[Any], shape: tuple[int, ...], mask: Array
) -> Array | None:
    """Try one call for all numbers at once, and trust it only where three single calls agree."""
    total = int(np.prod(shape))
    numbers = all(
        isinstance(a, np.ndarray) and a.shape == shape and a.dtype.kind == "f" for a in arrays
    )
    if total < MANY or not numbers or not mask.all():
        return None
    flat = [np.ascontiguousarray(a).reshape(-1) for a in arrays]
    try:
        data = np.asarray(function(*[a.copy() for a in flat]))
        if data.shape != (total,) or data.dtype.kind not in "fc":
            return None
        for k in (0, total // 3, total - 1):
            single = np.asarray(function(*[a[k] for a in flat]))
            if single.shape != () or not np.isclose(
                single, data[k], rtol=1e-13, atol=0, equal_nan=True
            ):
                return None
    except Exception:
        return None
    return data.reshape(shape)


def wrap(result: Any) -> Result:
    """Bring what a function returned to a value."""
    if isinstance(result, tuple) and not hasattr(result, "_fields"):
        return Many(tuple(wrap(r) for r in result))
    if isinstance(result, bool | int | float | complex | np.number | np.bool_ | np.ndarray | list):
        array = np.asarray(result)
        if array.dtype.kind in "biufc":
            return Value(array)
    return opaque(result)


def gathered(
    results: dict[tuple[int, ...], Any], shape: tuple[int, ...], axes: tuple[str, ...], name: str
) -> Value:
    """Stack the results of many calls."""
    wrapped = {at: wrap(r) for at, r in results.items()}
    values = {at: single(w) for at, w in wrapped.items()}
    kinds = {v.data.dtype == object for v in values.values()}
    if kinds == {True}:
        box = np.empty(shape, dtype=object)
        for at, value in values.items():
            box[at] = value.data[()]
        return Value(box, axes)
    cores = {v.core for v in values.values()}
    if (
        () in cores
        and len(cores) == 2
        and all(np.isnan(v.data) for v in values.values() if v.core == ())
    ):
        cores.remove(())
    if len(cores) > 1:
        raise EquationShapeError(f"{name} returned arrays of different shapes {sorted(cores)}")
    core = cores.pop() if cores else ()
    kind = np.result_type(*[v.data.dtype for v in values.values()]) if values else np.dtype(float)
    data = np.zeros(shape + core, dtype=kind)
    for at, value in values.items():
        data[at] = value.data
    return Value(data, axes)


def with_member(items: tuple[Any, ...], at: int, moved: Value) -> Value:
    """Return lists in which one member is another, one list for each value of the axes."""
    lead = moved.data.shape[: len(moved.axes)]
    box = np.empty(lead, dtype=object)
    for k in np.ndindex(lead):
        box[k] = Family((*items[: at - 1], moved.data[k], *items[at:]))
    return Value(box, moved.axes)
