"""Find the comparisons of a module, run them, and keep what they say."""

from __future__ import annotations

import importlib
import importlib.util
import json
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import Case, Comparison, Growth, MoreRight, distance
from benchmarks.timing import fitted_exponent, least_times, side_by_side

__all__ = ["Result", "check", "comparisons", "kept", "modules", "run", "without", "write"]

HERE = Path(__file__).parent
RESULTS = HERE / "results"
SEED = 0
TITLES = {"numpy": "NumPy", "scipy": "SciPy", "sklearn": "scikit-learn", "torch": "PyTorch"}
MACHINE = f"{platform.system()} on {platform.machine()}, one thread"

Row = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What one comparison says.

    Attributes
    ----------
    kind : str
        ``cases``, ``right`` or ``growth``: the list of the module's data that it belongs to.
    row : dict
        The data, ready to be kept.
    problems : tuple of str
        What is not as it should be: a missed goal, a difference too large.
    """

    kind: str
    row: Row
    problems: tuple[str, ...] = field(default=())


# Finding


def modules() -> list[str]:
    """Return the modules that have comparisons, ``part/module``, in order."""
    found = (path.relative_to(HERE).with_suffix("") for path in HERE.glob("*/[!_]*.py"))
    return sorted(path.as_posix() for path in found)


def comparisons(module: str) -> Iterator[Comparison]:
    """Yield the comparisons of a module, on data that are always the same."""
    found = importlib.import_module(f"benchmarks.{module.replace('/', '.')}")
    yield from found.cases(np.random.default_rng(SEED))


def without(module: str) -> dict[str, str]:
    """Return the functions of a module that no library has, and what to say of them."""
    found = importlib.import_module(f"benchmarks.{module.replace('/', '.')}")
    return {dotted(function): why for function, why in getattr(found, "WITHOUT", {}).items()}


# Running


def run(comparison: Comparison, seconds: float = 1.0) -> Result:
    """Run one comparison."""
    if isinstance(comparison, Case):
        return _compare(comparison, seconds)
    if isinstance(comparison, MoreRight):
        return _judge(comparison)
    return _grow(comparison)


def check(comparison: Comparison) -> tuple[str, ...]:
    """Return what is not right, without timing anything."""
    if isinstance(comparison, Case):
        apart = comparison.difference(comparison.ours(), comparison.theirs())
        return _too_far(comparison, apart)
    return _judge(comparison).problems if isinstance(comparison, MoreRight) else ()


def _too_far(case: Case, apart: float) -> tuple[str, ...]:
    """Return a complaint if results are further apart than they may be."""
    if apart <= case.within:
        return ()
    return (f"differs by {apart:.1e}; expected at most {case.within:.0e}",)


def _compare(case: Case, seconds: float) -> Result:
    """Compare results first, then time."""
    apart = case.difference(case.ours(), case.theirs())
    times = side_by_side(case.ours, case.theirs, seconds)
    ratio = _rounded(times.ratio, 2)
    row = {
        "function": dotted(case.function),
        "data": case.data,
        "call": case.call,
        "difference": _rounded(apart, 1) if np.isfinite(apart) else None,
        "ratio": ratio,
        "goal": case.goal,
        "milliseconds": _rounded(1e3 * times.ours, 2),
        "note": case.note,
    }
    problems = [*_too_far(case, apart)]
    if case.goal is not None and ratio > case.goal:
        problems.append(f"takes {ratio:g} times as long; the goal is {case.goal:g}")
    return Result("cases", row, tuple(problems))


def _judge(claim: MoreRight) -> Result:
    """See whether ours is right and theirs is not."""
    ours, ours_said = _outcome(claim.ours, claim.truth)
    theirs, theirs_said = _outcome(claim.theirs, claim.truth)
    row = {
        "function": dotted(claim.function),
        "claim": claim.claim,
        "call": claim.call,
        "ours": ours_said,
        "theirs": theirs_said,
    }
    problems = []
    if not ours <= claim.within:
        problems.append(f"ours {ours_said}; expected to be right within {claim.within:.0e}")
    if theirs <= 10 * max(ours, claim.within):
        problems.append(f"theirs {theirs_said}; expected to be wrong")
    return Result("right", row, tuple(problems))


def _outcome(call: Callable[[], Any], truth: Any) -> tuple[float, str]:
    """Return how far a call is from the truth, and that in words."""
    refuse = isinstance(truth, type)
    try:
        with np.errstate(all="ignore"):
            value = call()
    except Exception as error:
        right = refuse and isinstance(error, truth)
        return 0.0 if right else np.inf, f"raises {type(error).__name__}"
    apart = np.inf if refuse else distance(value, truth)
    if not np.isfinite(apart):
        return apart, f"answers {float(value):.4g}" if np.size(value) == 1 else "answers"
    return apart, f"is off by {apart:.0e}" if apart else "is right"


def _grow(growth: Growth) -> Result:
    """Time a function at each size."""
    times = least_times([growth.prepare(size) for size in growth.sizes])
    fitted = fitted_exponent(growth.sizes, times)
    row = {
        "function": dotted(growth.function),
        "sizes": list(growth.sizes),
        "milliseconds": [_rounded(1e3 * time, 2) for time in times],
        "derived": growth.derived,
        "fitted": _rounded(fitted, 2),
        "note": growth.note,
    }
    problems = []
    if fitted > growth.derived + growth.within:
        problems.append(f"grows with the power {fitted:.2f}; derived is {growth.derived:g}")
    return Result("growth", row, tuple(problems))


def dotted(function: Callable[..., Any]) -> str:
    """Return the dotted name of a function of the package."""
    return f"{function.__module__}.{function.__qualname__}"


def _rounded(value: float, digits: int) -> float:
    """Return a number with as many digits as mean something."""
    return float(f"{value:.{digits - 1}e}")


# Keeping


def write(module: str, results: list[Result]) -> Path:
    """Write the data of a module, without date or place, and return where."""
    path = RESULTS / f"{module}.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}
    data: dict[str, Any] = {"module": module, "machine": MACHINE, "versions": {}}
    for kind in ("cases", "right", "growth"):
        rows = [result.row for result in results if result.kind == kind]
        data[kind] = rows + kept(before.get(kind, []))
    data["without"] = without(module)
    used = {library(row["call"]) for row in data["cases"] + data["right"]}
    data["versions"] = versions(used, before.get("versions", {}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    return path


def kept(rows: list[Row]) -> list[Row]:
    """Return the rows of libraries that are not installed here: they stay as they are."""
    return [row for row in rows if "call" in row and not installed(library(row["call"]))]


def library(call: str) -> str:
    """Return the name of the library that a call names first."""
    name = re.search(r"[A-Za-z_]\w*(?=\.)", call)
    if not name:
        raise ValueError(f"{call!r} names no library; expected one like scipy.special.expit(x)")
    return name[0]


def installed(name: str) -> bool:
    """Return whether a library can be imported."""
    return importlib.util.find_spec(name) is not None


def versions(names: set[str], before: dict[str, str]) -> dict[str, str]:
    """Return the versions of libraries, as installed, or as they were if they are not."""
    found = {"Python": platform.python_version()}
    for name in sorted({"numpy", *names} - {*sys.stdlib_module_names}):
        title = TITLES.get(name, name)
        owners = packages_distributions().get(name)
        found[title] = version(owners[0]).partition("+")[0] if owners else before[title]
    return {title: ".".join(number.split(".")[:2]) for title, number in found.items()}
