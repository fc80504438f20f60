"""Bend the equations of pages, and see which bent ones the pages' own checks let through.

The cells of a page run once.  Each call of ``verify`` on a label is repeated at once, with the same
bindings, on every mutant of the displayed LaTeX.  A mutant is caught if any call refuses it.
"""

import time
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mathforml.equations.certificates import Certificate, unpublished
from mathforml.equations.errors import EquationError
from mathforml.equations.grammar import OPERATORS
from mathforml.equations.labels import find_display
from mathforml.equations.mutation import Mutant, mutants
from mathforml.equations.pages import CellError, replaying
from mathforml.equations.verifying import LABEL, verify

__all__ = ["Survivor", "bend", "report"]


class Survivor(NamedTuple):
    """A mutant that every check of its page lets through."""

    label: str
    mutant: Mutant


class Tally:
    """The mutants of one page: how many there are of each operator, and which still hold."""

    def __init__(self) -> None:
        self.made: dict[str, list[Mutant]] = {}
        self.alive: dict[str, list[Mutant]] = {}

    def verify(self, equation: str, /, *rest: Any, **options: Any) -> Certificate:
        """Verify an equation, then everything that it might have been misprinted as."""
        certificate = verify(equation, *rest, **options)
        label = equation.strip()
        if LABEL.match(label):
            if label not in self.made:
                self.made[label] = self.alive[label] = mutants(find_display(label).latex)
            with unpublished():
                self.alive[label] = [
                    mutant for mutant in self.alive[label] if holds(mutant.latex, rest, options)
                ]
        return certificate

    def survivors(self) -> list[Survivor]:
        """Return what every check lets through."""
        return [Survivor(label, mutant) for label, alive in self.alive.items() for mutant in alive]

    def refute(self, equation: str, /, *rest: Any, **options: Any) -> None:
        """Leave out what is wrong already."""


def holds(latex: str, rest: tuple[Any, ...], options: Mapping[str, Any]) -> bool:
    """Tell whether an equation holds under the bindings of a call."""
    try:
        verify(latex, *rest, **options)
    except EquationError:
        return False
    except Exception:  # a binding that cannot take what the mutant gives it
        return False
    return True


def bend(page: Path) -> Tally:
    """Execute a page, bending each of its equations.

    Parameters
    ----------
    page : Path
        A MyST page or a notebook.

    Returns
    -------
    Tally
        By label: ``made``, all mutants, and ``alive``, those that hold.

    Raises
    ------
    CellError
        If the page itself fails.
    """
    tally = Tally()
    with unpublished():
        replaying(page, verify=tally.verify, refute=tally.refute)
    return tally


def report(pages: list[Path], equivalents: Path | None) -> int:
    """Bend all pages, print a report; return 1 if a mutant survives that nobody has explained."""
    explained = read_equivalents(equivalents)
    made: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    alike = 0
    for page in pages:
        began = time.perf_counter()
        try:
            tally = bend(page)
        except CellError as error:
            print(error)
            return 1
        count = sum(map(len, tally.made.values()))
        survivors = tally.survivors()
        same = [s for s in survivors if known(s, explained)]
        left = [s for s in survivors if s not in same]
        alike += len(same)
        made.update(m.operator for ms in tally.made.values() for m in ms)
        made.subtract(s.mutant.operator for s in same)
        alive.update(s.mutant.operator for s in left)
        seconds = time.perf_counter() - began
        told = f"{len(tally.made)} equations, {count} mutants, {len(left)} survive"
        print(f"{page}: {told}, {seconds:.0f} s")
        for survivor in left:
            print(f"  {survivor.label} ({survivor.mutant.operator}): {survivor.mutant.change}")
    for operator in OPERATORS:
        if made[operator]:
            print(
                f"{operator:10} {made[operator] - alive[operator]:5} of {made[operator]:5} caught"
            )
    total, lost = made.total(), alive.total()
    rate = 100 * (total - lost) / total if total else 100.0
    print(f"{total - lost} of {total} caught, {rate:.1f} %; {alike} more say the same")
    return int(lost > 0)


def read_equivalents(path: Path | None) -> dict[str, dict[str, str]]:
    """Read which mutants of which label say the same, and why."""
    return {} if path is None else tomllib.loads(path.read_text("utf-8"))


def known(survivor: Survivor, explained: Mapping[str, Mapping[str, str]]) -> bool:
    """Tell whether a survivor is recorded as saying the same."""
    written = explained.get(survivor.label, {})
    return " ".join(survivor.mutant.change.split()) in {" ".join(text.split()) for text in written}
