"""Find what changes between the frames of a moving picture."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import TypedDict

from mathforml.drawings.tidying import serialize, tidy

__all__ = ["Change", "Frames", "apply", "frames_of"]

Change = tuple[int, str, list[str | None]]  # element, attribute or "" for text, its values


class Frames(TypedDict):
    """A moving picture: its first frame, and what differs in the others."""

    svg: str
    changes: list[Change]


def frames_of(name: str, drawings: Sequence[str]) -> Frames:
    """Return the first drawing and what changes in the others.

    Parameters
    ----------
    name : str
        Of the moving picture; ids begin with it.
    drawings : sequence of str
        SVG files of matplotlib, drawn alike.

    Returns
    -------
    frames : Frames
        ``svg`` of the first frame and ``changes``, one for each attribute that changes.

    Raises
    ------
    ValueError
        If there is no frame, or one holds other elements than the first.
    """
    if not drawings:
        raise ValueError(f"moving picture {name!r} has no frames; expected one value or more")
    roots = [tidy(drawing, name, clip=True) for drawing in drawings]
    rows = [list(root.iter()) for root in roots]
    for number, row in enumerate(rows):
        _require_alike(name, number, rows[0], row)
    changes = [
        (index, key, values)
        for index, column in enumerate(zip(*rows, strict=True))
        for key, values in _states(column)
        if len(set(values)) > 1
    ]
    return {"svg": serialize(roots[0]), "changes": changes}


def _states(column: Sequence[ET.Element]) -> Iterator[tuple[str, list[str | None]]]:
    """Yield what may change in an element, and its values in all frames."""
    for key in sorted({key for element in column for key in element.attrib}):
        yield key, [element.get(key) for element in column]
    yield "", [element.text for element in column]


def _require_alike(
    name: str, number: int, first: list[ET.Element], other: list[ET.Element]
) -> None:
    """Refuse a frame that draws other things than the first one."""
    for index in range(max(len(first), len(other))):
        tags = [row[index].tag if index < len(row) else "nothing" for row in (first, other)]
        if tags[0] != tags[1]:
            raise ValueError(
                f"moving picture {name!r}: frame {number} has {tags[1]} as element {index}; "
                f"expected {tags[0]}, as in frame 0 (draw the same things in the same order in "
                "each frame, and fix the limits of the axes)"
            )


def apply(frames: Frames, number: int) -> ET.Element:
    """Return the drawing of one frame.

    Parameters
    ----------
    frames : Frames
        As `frames_of` returns them.
    number : int
        Of the frame, from 0.

    Returns
    -------
    svg : Element
        The root.
    """
    root = ET.fromstring(frames["svg"])
    row = list(root.iter())
    for index, key, values in frames["changes"]:
        value = values[number]
        if key == "":
            row[index].text = value
        elif value is None:
            row[index].attrib.pop(key, None)
        else:
            row[index].set(key, value)
    return root
