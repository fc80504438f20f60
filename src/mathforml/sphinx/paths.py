"""``{chapter-map}``: the chapters, and what builds on what. ``{paths}``: those for each reader.

The map is a drawing made at build time, one line for each chapter in reading order, with an arc
from each chapter to those that build on it directly. Its chapters are links, in the order in which
they are read. The paths are lists; a script lets a reader choose one, and shows it on the map.
"""

import textwrap
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from mathforml.sphinx.places import place
from mathforml.sphinx.prerequisites import ancestors, chapters, graph, levels, reduced

__all__ = ["link", "lists", "needed", "path", "setup"]

STEM, REACH = 84, 92  # where the stations stand; how far the longest arc swings
LINE, PART, WRAP = 21, 34, 30  # heights of a line and of a part's name; letters in a line
SAID = {"must": "", "useful": "useful", "way": "on the way"}


class chapter_map(place):
    """The place of the map."""


class paths(place):
    """The place of the paths."""


class Place(SphinxDirective):
    """``{chapter-map}`` or ``{paths}``."""

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages have been read."""
        return [chapter_map() if self.name == "chapter-map" else paths()]


class FillPaths(SphinxPostTransform):
    """Draw the maps and list the paths, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Fill them."""
        for node in list(self.document.findall(chapter_map)):
            node.replace_self(nodes.raw("", drawing(self.app, self.env.docname), format="html"))
        for there in list(self.document.findall(paths)):
            whole = nodes.container("", *lists(self.env, self.env.docname), classes=["paths"])
            there.replace_self(whole)


def path(env: BuildEnvironment, reader: str) -> list[tuple[str, str]]:
    """Return the chapters for a reader, each a must, useful, or on the way to a must."""
    way = dict(needed(env, reader))
    said = {page: levels(env, page).get(reader, "skip") for page in graph(env)}
    found = {
        page: way.get(page, level) if level == "skip" else level for page, level in said.items()
    }
    return [(page, level) for page, level in found.items() if level in SAID]


def needed(env: BuildEnvironment, reader: str) -> list[tuple[str, str]]:
    """Return the musts of a reader, and all that they build on."""
    found = graph(env)
    musts = {page for page in found if levels(env, page).get(reader) == "must"}
    before = {page for must in musts for page in ancestors(found, must)}
    return [(page, "must" if page in musts else "way") for page in found if page in musts | before]


def lists(
    env: BuildEnvironment,
    here: str,
    chosen: Callable[[BuildEnvironment, str], list[tuple[str, str]]] = path,
) -> Iterator[nodes.Node]:
    """Yield a named list of the chosen pages for each kind of reader."""
    for reader, does in env.config.mathforml_readers.items():
        name = nodes.rubric("", does, ids=[f"path-{reader}-name"], classes=["path-name"])
        items = nodes.enumerated_list("", enumtype="arabic", prefix="", suffix=".")
        for page, level in chosen(env, reader):
            line = nodes.paragraph("", "", link(env, page, here))
            if SAID[level]:
                line += [nodes.Text(" "), nodes.inline("", SAID[level], classes=["level"])]
            items += nodes.list_item("", line, classes=[level])
        yield nodes.container("", name, items, ids=[f"path-{reader}"], classes=["path"])


def link(env: BuildEnvironment, page: str, here: str) -> addnodes.pending_xref:
    """Return a link to a page, its title the words."""
    title = nodes.inline("", env.titles[page].astext())
    to: dict[str, Any] = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{page}"}
    return addnodes.pending_xref("", title, refdoc=here, refexplicit=True, **to)


def drawing(app: Sphinx, here: str) -> str:
    """Return the map."""
    env = app.env
    order, before = chapters(env), reduced(graph(env))
    height, places, marks = 0.0, dict[str, float](), list[str]()
    for part, pages in groupby(order, key=lambda page: page.rpartition("/")[0]):
        opener = f"{part}/index"
        name = env.titles[opener].astext() if opener in env.titles else part
        height += PART
        marks.append(f'<text class="part" x="{STEM + 16}" y="{height - 8:g}">{escape(name)}</text>')
        for page in pages:
            rows = textwrap.wrap(env.titles[page].astext(), WRAP)
            places[page] = height + LINE / 2
            marks.append(station(app, here, page, rows, height, before[page]))
            height += LINE * len(rows) + 5
    numbers = {page: number for number, page in enumerate(order)}
    arcs = [
        arc(numbers[first], numbers[last], places[first], places[last], height)
        for last in order
        for first in before[last]
    ]
    return (
        f'<svg class="chapter-map-drawing" role="group" aria-label="Map of the chapters" '
        f'width="100%" height="{height + 6:g}">{"".join(arcs)}{"".join(marks)}</svg>\n'
    )


def station(
    app: Sphinx, here: str, page: str, rows: list[str], top: float, before: list[str]
) -> str:
    """Return a chapter: a link with a mark, a title, and in words what it builds on."""
    env, x, middle = app.env, STEM, top + LINE / 2
    readers = " ".join(
        f"{reader}:{level}"
        for reader in env.config.mathforml_readers
        for level in [dict(path(env, reader)).get(page, "skip")]
    )
    order = chapters(env)
    title = env.titles[page].astext()
    names = ", ".join(env.titles[first].astext() for first in before)
    label = escape(f"{title}; builds on {names}" if names else title, quote=True)
    spans = "".join(
        f'<tspan x="{x + 16}" y="{middle + 5 + LINE * k:g}">{escape(row)}</tspan>'
        for k, row in enumerate(rows)
    )
    return (
        f'<a href="{escape(app.builder.get_relative_uri(here, page))}" aria-label="{label}" '
        f'data-number="{order.index(page)}" data-readers="{readers}">'
        f'<rect x="{x - 11}" y="{top:g}" width="290" height="{LINE * len(rows)}" rx="3"/>'
        f'<circle cx="{x}" cy="{middle:g}" r="4.5"/><text>{spans}</text></a>'
    )


def arc(first: int, last: int, top: float, bottom: float, height: float) -> str:
    """Return the arc from a chapter to one that builds on it, the wider the longer."""
    swing = 14 + (REACH - 14) * ((bottom - top) / max(height, 1)) ** 0.7
    x, far = STEM - 5, STEM - 5 - swing
    return (
        f'<path data-from="{first}" data-to="{last}" '
        f'd="M{x} {top:g}C{far:.1f} {top:g} {far:.1f} {bottom:g} {x} {bottom:g}"/>'
    )


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script where a path can be chosen."""
    containers = doctree.findall(nodes.container) if doctree else ()
    if any("paths" in node["classes"] for node in containers):
        app.add_js_file("paths.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the directives, what fills them, and the script."""
    app.add_node(chapter_map)
    app.add_node(paths)
    app.add_directive("chapter-map", Place)
    app.add_directive("paths", Place)
    app.add_post_transform(FillPaths)
    app.connect("html-page-context", add_script)
