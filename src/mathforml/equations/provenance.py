"""Which functions of the package a binding is, or calls."""

from __future__ import annotations

import inspect
import os
from types import CodeType
from typing import Any

__all__ = ["PACKAGES", "package_functions"]

PACKAGES = "MATHFORML_PACKAGES"  # environment variable: whose functions a certificate names


def package_functions(function: Any) -> set[str]:
    """Return the qualified names of the package's functions that a function is or calls.

    A page's own functions are looked into, and those that they call.
    """
    waiting, seen, found = [function], set(), set()
    while waiting:
        thing = waiting.pop()
        thing = getattr(thing, "func", thing)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        names = _qualified(thing)
        found |= names
        code = getattr(thing, "__code__", None)
        home = getattr(function, "__module__", None)
        if not names and code is not None and thing.__module__ == home:
            waiting += _reached(thing, code)
    return found


def _reached(function: Any, code: CodeType) -> list[Any]:
    """Return what a function can call: by its closure, by name, by a module's attribute."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    words = {name for part in (code, *inner) for name in part.co_names}
    cells = [c.cell_contents for c in function.__closure__ or () if _filled(c)]
    named = [function.__globals__.get(n) for n in words]
    modules = [getattr(m, n, None) for m in named if inspect.ismodule(m) for n in words]
    return [thing for thing in (*cells, *named, *modules) if callable(thing)]


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _qualified(thing: Any) -> set[str]:
    module = getattr(thing, "__module__", None)
    name = getattr(thing, "__qualname__", "")
    if not isinstance(module, str) or not name or not callable(thing):
        return set()
    watched = os.environ.get(PACKAGES, "mathforml").split(",")
    inside = module.partition(".")[0] in watched and not module.startswith("mathforml.equations")
    return {f"{module}.{name}"} if inside and "<" not in name else set()
