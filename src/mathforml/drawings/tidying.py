"""Make an SVG of matplotlib fit to stand inside a page.

A drawing in a page takes the page's faces and colors, needs names of its own, and is read by
everybody who opens the page: so whatever does not show goes.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from mathforml.drawings.labels import TEXT, set_label
from mathforml.drawings.paths import NUMBER, short, short_path

__all__ = ["is_matplotlib", "pixels", "present", "serialize", "tidy"]

COLORS = {
    "#1d5c9c": "var(--fn,#1d5c9c)",
    "#b12d1f": "var(--gr,#b12d1f)",
    "#22211e": "var(--ink,#22211e)",
    "#67635a": "var(--quiet,#67635a)",
    "#fdfcf9": "var(--paper,#fdfcf9)",
    "#f5f3ed": "var(--band,#f5f3ed)",
    "#000000": "var(--ink,currentColor)",
    "#ffffff": "var(--paper,transparent)",
}
ANCHORS = {"legend_": "start", "ytick_": "end"}  # which edge of a label keeps its place
ANCHORS |= {f"{edge}_": edge for edge in ("start", "middle", "end")}  # as our own figures say
PIXELS = 100 / 72  # of a page for a point: 6 inches are as wide as the text


def is_matplotlib(text: str) -> bool:
    """Say whether matplotlib drew this SVG.

    Parameters
    ----------
    text : str
        The file.

    Returns
    -------
    drawn : bool
        True if it did.
    """
    return '<g id="figure_1">' in text


def tidy(text: str, prefix: str, *, clip: bool = False) -> ET.Element:
    """Return the drawing without what does not show, in the page's colors.

    Parameters
    ----------
    text : str
        An SVG file of matplotlib with ``svg.fonttype: none``.
    prefix : str
        For ids, which must be unique in the page.
    clip : bool
        Whether to keep clipping that cuts nothing off, which frames need to be alike.

    Returns
    -------
    svg : Element
        The root, without namespaces.
    """
    root = _parse(text)
    for child in list(root):
        if child.tag == "metadata" or child.find("style") is not None:
            root.remove(child)
    _set_labels(root)
    if not clip:
        _drop_clips(root)
    _name_again(root, prefix)
    for element in root.iter():
        _tidy_attributes(element)
    _prune(root)
    size = [float(x) for x in root.get("viewBox", "0 0 0 0").split()]
    root.attrib.clear()
    root.set("viewBox", " ".join(short(x) for x in size))
    return root


def _parse(text: str) -> ET.Element:
    """Parse, keeping comments (matplotlib says there what a label is) but no namespaces."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    root = ET.fromstring(text, parser)
    for element in _elements(root):
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {key.rpartition("}")[2]: value for key, value in element.items()}
        if element.tag not in ("text", "tspan") or not (element.text or "").strip("\n "):
            element.text = None
        element.tail = None
    return root


def _elements(root: ET.Element) -> Iterator[ET.Element]:
    """Yield the elements; comments are none."""
    return (element for element in root.iter() if isinstance(element.tag, str))


def _set_labels(parent: ET.Element, anchor: str = "middle") -> None:
    """Write mathematical labels as running text; matplotlib places each letter by its own face."""
    anchor = ANCHORS.get(parent.get("id", "").rstrip("0123456789"), anchor)
    source = None
    for child in list(parent):
        if not isinstance(child.tag, str):
            source = child.text
            parent.remove(child)
        elif source is not None and child.tag == "g" and child.find("text") is not None:
            set_label(child, source.strip(), anchor)
            source = None
        else:
            _set_labels(child, anchor)


def _drop_clips(root: ET.Element) -> None:
    """Take clipping away where nothing would be cut off."""
    boxes = {}
    for clip in root.iter("clipPath"):
        rect = clip.find("rect")
        if rect is not None:
            x, y, w, h = (float(rect.get(key, 0)) for key in ("x", "y", "width", "height"))
            boxes[f"url(#{clip.get('id')})"] = (x - 0.5, y - 0.5, x + w + 0.5, y + h + 0.5)
    for element in root.iter("path"):
        box = boxes.get(element.get("clip-path", ""))
        points = [float(n) for n in NUMBER.findall(element.get("d", ""))]
        if box and "transform" not in element.attrib and _inside(points, box):
            del element.attrib["clip-path"]
    for group in root.iter("g"):
        box = boxes.get(group.get("clip-path", ""))
        points = [float(child.get(key, 0)) for child in group for key in ("x", "y")]
        if box and all(child.tag == "use" for child in group) and _inside(points, box):
            del group.attrib["clip-path"]


def _inside(points: list[float], box: tuple[float, float, float, float]) -> bool:
    """Say whether all points, given as x, y, x, y, …, lie in the box."""
    left, top, right, bottom = box
    xs, ys = points[::2], points[1::2]
    return all(left <= x <= right for x in xs) and all(top <= y <= bottom for y in ys)


def _name_again(root: ET.Element, prefix: str) -> None:
    """Keep the ids that something refers to, and make them the page's own."""
    text = " ".join(value for element in root.iter() for value in element.attrib.values())
    names: dict[str, str] = {}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old and re.search(rf"#{re.escape(old)}\b", text):
            names[old] = f"{prefix}-{len(names) + 1}"
            element.set("id", names[old])
    for element in root.iter():
        for key, value in element.items():
            if key == "href" and value[1:] in names:
                element.set(key, f"#{names[value[1:]]}")
            elif value.startswith("url(#") and value[5:-1] in names:
                element.set(key, f"url(#{names[value[5:-1]]})")


def _tidy_attributes(element: ET.Element) -> None:
    """Shorten numbers, and give style what the page gives it."""
    for key, value in element.items():
        if key == "d":
            element.set(key, short_path(value))
        elif key in ("x", "y", "width", "height", "points"):
            element.set(key, NUMBER.sub(lambda n: short(float(n[0])), value))
        elif key == "transform":
            _tidy_transform(element, value)
        elif key == "style":
            _tidy_style(element, value)


def _tidy_transform(element: ET.Element, value: str) -> None:
    """Drop turns by nothing."""
    value = re.sub(r"rotate\(-?0(?:[ ,][^)]*)?\)", "", value)
    value = re.sub(r"\w+\([^)]*\)", lambda found: _short_numbers(found[0]), value)
    if value.strip():
        element.set("transform", value.strip())
    else:
        del element.attrib["transform"]


def _short_numbers(text: str) -> str:
    """Write places to tenths, but factors as they are needed: glyphs are scaled by 1/64."""
    unit = 10 if text.startswith(("translate", "rotate")) else 10**6
    return NUMBER.sub(lambda n: short(float(n[0]), unit), text)


def _tidy_style(element: ET.Element, value: str) -> None:
    """Take the page's faces, sizes relative to its text, and its colors."""
    style = dict(part.strip().split(":", 1) for part in value.split(";") if part.strip())
    style = {key.strip(): value.strip() for key, value in style.items()}
    style.pop("font-family", None)
    size = float(style.pop("font-size", f"{TEXT}px").removesuffix("px")) / TEXT
    if abs(size - 1) > 0.01:
        style["font-size"] = f"{size:.3g}em"
    if style.get("text-anchor") == "start":
        del style["text-anchor"]
    text = ";".join(f"{key}:{COLORS.get(value, value)}" for key, value in style.items())
    if text:
        element.set("style", text)
    else:
        element.attrib.pop("style", None)


def _prune(root: ET.Element) -> None:
    """Remove what is not drawn, and groups that say nothing."""
    unseen = ("fill:none", "fill:none;stroke-linejoin:miter", "fill:var(--paper,transparent)")
    for parent in list(root.iter()):
        kept: list[ET.Element] = []
        for child in list(parent):
            flat = list(child) if child.tag == "g" and not child.attrib else [child]
            kept.extend(flat)
        parent[:] = kept
    if any(child.tag == "g" and not child.attrib for child in root.iter()):
        _prune(root)
    for parent in list(root.iter()):
        for child in list(parent):
            background = child.tag == "path" and child.get("style") in unseen
            if (background and parent.tag != "defs") or (child.tag == "defs" and not len(child)):
                parent.remove(child)


def serialize(root: ET.Element) -> str:
    """Write the drawing as it stands in HTML.

    Parameters
    ----------
    root : Element
        A tidy drawing.

    Returns
    -------
    html : str
        An ``svg`` element.
    """
    return ET.tostring(root, encoding="unicode")


def pixels(root: ET.Element) -> tuple[int, int]:
    """Return how wide and high a drawing is in a page that has room for it.

    Parameters
    ----------
    root : Element
        The drawing.

    Returns
    -------
    width, height : int
        In pixels.
    """
    _, _, width, height = (float(x) * PIXELS for x in root.get("viewBox", "0 0 0 0").split())
    return round(width), round(height)


def present(root: ET.Element, alt: str, details: str = "") -> str:
    """Write the drawing for HTML, with its size and what it shows in words.

    Parameters
    ----------
    root : Element
        A tidy drawing.
    alt : str
        What it shows.
    details : str
        The id of a longer description, if there is one.

    Returns
    -------
    html : str
        An ``svg`` element.
    """
    width, height = pixels(root)
    root.set("class", "drawing")
    root.set("role", "img")
    root.set("aria-label", alt)
    if details:
        root.set("aria-details", details)
    root.set("width", str(width))
    root.set("height", str(height))
    return serialize(root)
