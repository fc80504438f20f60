"""What was checked, on what, and how well it held."""

from __future__ import annotations

import hashlib
import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["MIME", "Certificate", "Step", "digest", "publish", "unpublished"]

MIME = "application/vnd.mathforml.certificate+json"


def digest(latex: str) -> str:
    """Return a digest of LaTeX with its white space collapsed."""
    return hashlib.sha256(" ".join(latex.split()).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Step:
    """One relation that was checked.

    Parameters
    ----------
    latex : str
        Both sides and the relation between them.
    relation : str
        The relation.
    ranges : dict of str to int
        How many values each index ran over.
    difference : float
        Largest difference relative to the larger side, less what rounding explains.
    tolerance : float
        The relative tolerance.
    note : str
        What a reader should know: weak evidence, an approximation, a loose tolerance.
    """

    latex: str
    relation: str
    ranges: dict[str, int]
    difference: float
    tolerance: float
    note: str = ""


class Published:
    """Something that shows itself once where IPython runs, however often its cell ends in it."""

    def _ipython_display_(self) -> None:
        """Show a value that ends a cell, unless this very cell has shown it."""
        if vars(self).get("_cell") != _cell():
            publish(self)


@dataclass(frozen=True)
class Certificate(Published):
    """The record of a verified equation.

    Parameters
    ----------
    label : str
        Label of the display, empty for LaTeX given directly.
    latex : str
        Its LaTeX.
    digest : str
        Of the LaTeX with its white space collapsed.
    steps : tuple of Step
        What was compared.
    shapes : dict of str to str
        Shapes of the symbols used, by the keys of the bindings.
    functions : tuple of str
        Functions of the package that were bound or called.
    readings : dict of str to str
        For every ``f(``, whether it was read as a call or as a product.
    draws : int
        How many random draws of the bindings were checked.
    tight : bool
        Whether the inequalities were also checked to hold with equality at a point.
    methods : tuple of str
        How derivatives, integrals, limits and expectations were taken.
    where : tuple of str
        Labels of the definitions used.
    code : dict of str to tuple of str
        Which functions of the package each symbol is, or calls.
    """

    label: str
    latex: str
    digest: str
    steps: tuple[Step, ...]
    shapes: dict[str, str] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    readings: dict[str, str] = field(default_factory=dict)
    draws: int = 1
    tight: bool = False
    methods: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    code: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def difference(self) -> float:
        """The largest relative difference of all steps."""
        return max((step.difference for step in self.steps), default=0.0)

    def __str__(self) -> str:
        """Return the certificate as text."""
        name = self.label or "equation"
        weak = all(step.note.startswith("weak") for step in self.steps)
        lines = [f"{name}: holds{' (weak evidence)' if weak else ''}"]
        for step in self.steps:
            over = ", ".join(f"{k} = 1…{n}" for k, n in step.ranges.items())
            line = f"  {' '.join(step.latex.split())}"
            line += f"  [{over}]" if over else ""
            line += f"  largest relative difference {step.difference:.1e}"
            lines.append(line + (f"; {step.note}" if step.note else ""))
        if self.shapes:
            lines.append("  " + ", ".join(f"{k}: {v}" for k, v in self.shapes.items()))
        if self.functions:
            lines.append("  code: " + ", ".join(self.functions))
        if self.readings:
            lines.append("  read: " + ", ".join(f"{k} as a {v}" for k, v in self.readings.items()))
        if self.draws > 1:
            lines.append(f"  on {self.draws} random draws")
        lines += [f"  {method}" for method in self.methods]
        return "\n".join(lines)

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """Return the certificate as plain data."""
        return {**asdict(self), "difference": self.difference}

    def _repr_html_(self) -> str:
        head, *rest = str(self).splitlines()
        body = html.escape("\n".join(line.strip() for line in rest))
        return (
            f'<details class="mathforml-certificate"><summary>{html.escape(head)}, '
            f"largest relative difference {self.difference:.1e}</summary>"
            f"<pre>{body}</pre></details>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self._repr_html_(), MIME: self.to_json()}


@contextmanager
def unpublished() -> Iterator[None]:
    """Let certificates be made without showing them."""
    global _silent
    before, _silent = _silent, True
    try:
        yield
    finally:
        _silent = before


_silent = False


def publish(record: Any) -> None:
    """Show a record where IPython already runs, whatever becomes of the value."""
    display = sys.modules.get("IPython.display")
    if display is not None and _cell() is not None and not _silent:
        object.__setattr__(record, "_cell", _cell())
        display.display(record._repr_mimebundle_(), raw=True)


def _cell() -> int | None:
    """Return the number of the cell that runs, None outside IPython."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return None if shell is None else int(shell.execution_count)
