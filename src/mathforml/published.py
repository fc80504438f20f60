"""Famous numbers, as printed, beside what the package computes.

A number that somebody published is an oracle nobody here wrote. A page computes it again and says
where it was printed; the page is red unless the two agree to the last printed digit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.equations.certificates import Published, publish

__all__ = ["MIME", "PublishedMismatch", "PublishedNumber", "published"]

MIME = "application/vnd.mathforml.published+json"
EXACT = 1e-12  # relative; how near is equal where what was printed is exact
HAIR = 1e-9  # part of the tolerance by which a digit 5 that was rounded may miss

PRINTED = re.compile(
    r"(?P<sign>[-+−–]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?:\.(?P<places>\d*))?"
    r"(?:[eE](?P<power>[-+−]?\d+)|\s?[×·]\s?10(?:\^)?(?P<raised>[-+−⁻]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
    r"(?P<percent>\s?%)?(?P<exact>\s?\(exact\))?"
)
FRACTION = re.compile(r"(?P<sign>[-+−–]?)(?P<over>\d+)\s?[/⁄]\s?(?P<under>\d+)")
PLAIN = str.maketrans("−–⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "---0123456789", ",")


class PublishedMismatch(AssertionError):
    """A published number and ours differ, or agree where the page says that they do not."""


class Printed(NamedTuple):
    """What a printed number says.

    Attributes
    ----------
    value : float
        The number.
    tolerance : float
        Half a unit of its last place; next to nothing if it is exact.
    last : int or None
        The decimal place of its last digit, -2 for hundredths; None if it is exact.
    """

    value: float
    tolerance: float
    last: int | None


@dataclass(frozen=True)
class PublishedNumber(Published):
    """The record of a published number that was computed again.

    Attributes
    ----------
    name : str
        What it is.
    theirs : tuple of str
        As printed.
    ours : tuple of str
        What the package computes, to two places more.
    source : str
        Key of the source in the bibliography.
    note : str
        What else a reader should know.
    fails : str
        Why the two differ, or nothing.
    """

    name: str
    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    source: str
    note: str = ""
    fails: str = ""

    def __str__(self) -> str:
        """Return the record as text."""
        verb = "differs" if self.fails else "agrees"
        numbers = f"{', '.join(self.theirs)} ({self.source}), ours {', '.join(self.ours)}"
        return f"{self.name}: {verb}, {numbers}"

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain data.

        Returns
        -------
        dict
            The fields of the record.
        """
        return asdict(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), MIME: self.to_json()}


def published(
    name: str,
    ours: ArrayLike,
    theirs: str | Sequence[str],
    *,
    source: str,
    note: str = "",
    fails: str = "",
    digits: int | None = None,
) -> PublishedNumber:
    """Compare what the package computes with a number as somebody printed it.

    Parameters
    ----------
    name : str
        What the number is, ``"Iris: variance of the first component"``; formulas in dollars.
    ours : float or (n,)
        What the package computes.
    theirs : str or sequence of n str
        The number or numbers, with all digits that were printed: ``"4.22824171"``,
        ``"2.8e-5"``, ``"62.5 %"``, ``"1/70"``. A fraction is exact, and so is a number that says
        so, ``"0.1 (exact)"``; of any other the last digit has been rounded.
    source : str
        Key of the source in the bibliography.
    note : str
        What else a reader should know.
    fails : str
        Why the numbers differ. Then they must.
    digits : int, optional
        How many significant digits to ask for, where a float64 cannot hold all that were printed;
        say in ``note`` why.

    Returns
    -------
    PublishedNumber
        The record, which the page shows and ``reference/published_numbers`` collects.

    Raises
    ------
    PublishedMismatch
        If a number is off by more than half a unit of the last printed place; if ``fails`` is
        given, when none is.
    ValueError
        If ``theirs`` is no printed number, or there are more or fewer of them than of ours.

    Examples
    --------
    >>> published("The bell at 1", 0.19661193, "0.1966", source="cs231n-backprop")
    The bell at 1: agrees, 0.1966 (cs231n-backprop), ours 0.196612
    """
    texts = (theirs,) if isinstance(theirs, str) else tuple(theirs)
    values = np.ravel(np.asarray(ours, dtype=float))
    if len(texts) != len(values) or not texts:
        raise ValueError(
            f"{name}: ours has {len(values)} numbers; expected {len(texts)}, as printed"
        )
    if not (name.strip() and source.strip()):
        raise ValueError(f"name is {name!r} and source {source!r}; expected both")
    printed = [_loosened(read(text), digits) for text in texts]
    shown = tuple(map(_shown, values, printed))
    off = [
        f"{text} was published, ours is {value:.15g}; expected within {p.tolerance:.3g}"
        for text, value, p in zip(texts, values, printed, strict=True)
        if not abs(value - p.value) <= p.tolerance * (1 + HAIR) + 4e-16 * abs(p.value)
    ]
    if off and not fails:
        raise PublishedMismatch(f"{name} ({source}): " + "; ".join(off))
    if fails and not off:
        raise PublishedMismatch(f"{name} ({source}): agrees, {', '.join(shown)}; drop the `fails`")
    record = PublishedNumber(name, texts, shown, source, note, fails)
    publish(record)
    return record


def read(text: str) -> Printed:
    """Read a number as it was printed.

    Parameters
    ----------
    text : str
        Digits, with a sign, a decimal point, a power of ten, a percent sign; or a fraction.

    Returns
    -------
    Printed
        The number, and how far another may be from it and still be printed so.

    Raises
    ------
    ValueError
        If it is no number.

    Examples
    --------
    >>> read("−2.50"), read("1/70").value
    (Printed(value=-2.5, tolerance=0.005, last=-2), 0.014285714285714285)
    """
    text = text.strip()
    if (parts := FRACTION.fullmatch(text)) and int(parts["under"]):
        value = float(Fraction(int(parts["over"]), int(parts["under"])))
        value = -value if parts["sign"].translate(PLAIN) == "-" else value
        return Printed(value, EXACT * abs(value), None)
    parts = PRINTED.fullmatch(text)
    if not parts or not (parts["whole"] or parts["places"]):
        raise ValueError(f"{text!r} was published; expected a number as printed, like '0.7311'")
    power = int((parts["power"] or parts["raised"] or "0").translate(PLAIN))
    power -= 2 if parts["percent"] else 0
    digits = f"{parts['sign']}{parts['whole'] or '0'}.{parts['places'] or '0'}"
    value = float(f"{digits}e{power}".translate(PLAIN))
    if parts["exact"]:
        return Printed(value, EXACT * max(abs(value), EXACT), None)
    last = power - len(parts["places"] or "")
    return Printed(value, float(f"5e{last - 1}"), last)


def _loosened(printed: Printed, digits: int | None) -> Printed:
    """Return the number with the digits that are asked for."""
    if digits is None or printed.value == 0:
        return printed
    last = int(np.floor(np.log10(abs(printed.value)))) + 1 - digits
    return printed._replace(tolerance=max(printed.tolerance, float(f"5e{last - 1}")))


def _shown(value: float, printed: Printed) -> str:
    """Return our number with two places more than were printed."""
    if printed.last is None:
        return f"{value:.12g}"
    places = 2 - printed.last
    if printed.value and abs(printed.value) < 1e-3:
        size = int(np.floor(np.log10(abs(printed.value))))
        return f"{value:.{max(places + size, 0)}e}"
    return f"{value:.{max(places, 0)}f}"
