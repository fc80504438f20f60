"""Write numbers and paths with no character too many."""

import re
from collections.abc import Sequence

__all__ = ["NUMBER", "short", "short_path"]

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def short(value: float, unit: int = 10) -> str:
    """Write a number to tenths, or other parts of one, with no character too many.

    Parameters
    ----------
    value : float
        The number.
    unit : int
        How many parts one has.

    Returns
    -------
    text : str
        For example ``-.5``.
    """
    text = f"{round(value * unit) / unit:g}" if abs(value) < 1e5 else f"{value:.0f}"
    return re.sub(r"^(-?)0\.", r"\1.", "0" if text == "-0" else text)


def short_path(d: str) -> str:
    """Write a path by steps from point to point, to tenths, without rounding errors adding up.

    Parameters
    ----------
    d : str
        A path of matplotlib, in absolute places.

    Returns
    -------
    d : str
        The same path.
    """
    words = re.findall(r"[A-Za-z]|" + NUMBER.pattern, d)
    out: list[str] = []
    start = here = (0, 0)
    last, i = "", 0
    pairs: dict[str, int] = {"M": 1, "L": 1, "Q": 2, "C": 3}
    while i < len(words):
        letter = words[i]
        count = 2 * pairs.get(letter, 0)
        numbers = [round(float(n) * 10) for n in words[i + 1 : i + 1 + count]]
        i += 1 + count
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if letter == "L" and points == [here]:
            continue
        origin = (0, 0) if letter == "M" else here
        steps = [step for x, y in points for step in (x - origin[0], y - origin[1])]
        name = "M" if letter == "M" else letter.lower()
        out.append(("" if name == last else name) + _join(steps))
        last, here = name, points[-1] if points else start  # a closed path is back at its start
        start = here if letter == "M" else start
    return re.sub(r"(?<=\d) (?=-)", "", " ".join(out)).replace(" z", "z")


def _join(tenths: Sequence[int]) -> str:
    """Write whole tenths as numbers."""
    return " ".join(short(n / 10) for n in tenths)
