"""Figures stand inside the page, in its faces and colors, and say in words what they show.

An SVG that matplotlib drew becomes part of the HTML if it is small; a larger or raster image stays
a file of known size, loaded when it comes into view, and is inverted in the dark unless it has the
class ``heatmap``.  An image without alternative text is a warning.  ``{description} fig-x``
holds what alternative text cannot carry, unfolds below the figure and is linked to it.  A project
may set ``mathforml_inline_limit``, in bytes, in ``conf.py``.
"""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.images import get_image_size
from sphinx.writers.html5 import HTML5Translator

from mathforml.drawings.tidying import is_matplotlib, pixels, present, serialize, tidy
from mathforml.sphinx.boxes import fold, number_of, summary
from mathforml.sphinx.moving import moving_picture

logger = logging.getLogger(__name__)
KIND: dict[str, Any] = {"type": "mathforml", "subtype": "figure"}


class sized_image(nodes.image):
    """An image that stays a file."""


class Description(SphinxDirective):
    """A longer description of a figure."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a fold; it moves to its figure when the page has been read."""
        self.assert_has_content()
        name = nodes.fully_normalize_name(self.arguments[0])
        ids = [f"{nodes.make_id(name)}-description"]
        node = fold("", summary(), describes=name, ids=ids, classes=["description"])
        self.set_source_info(node)
        node += self.parse_content_to_nodes()
        return [node]


class PlaceDescriptions(SphinxTransform):
    """Put each description below its figure."""

    default_priority = 415

    def apply(self, **kwargs: object) -> None:
        """Move them."""
        figures = {name: f for f in self.document.findall(nodes.figure) for name in f["names"]}
        for node in list(self.document.findall(fold)):
            if "describes" not in node:
                continue
            figure = figures.get(node["describes"])
            if figure is None:
                known = ", ".join(sorted(figures)) or "none"
                message = "no figure %r on this page to describe; its figures: %s"
                logger.warning(message, node["describes"], known, location=node, **KIND)
                continue
            docname = self.env.current_document.docname
            number = number_of(figure, "figure", docname)
            node.replace(node[0], summary("", "Description of ", number))
            node.parent.remove(node)
            figure.parent.insert(figure.parent.index(figure) + 1, node)
            figure["described_by"] = node["ids"][0]


class CheckWords(SphinxTransform):
    """Warn of images that say nothing to who cannot see them."""

    default_priority = 420

    def apply(self, **kwargs: object) -> None:
        """Warn once for each place."""
        places = set()
        for image in self.document.findall(nodes.image):
            if str(image.get("alt", "")).strip():
                continue
            place = placed(image)
            if (place.source, place.line) in places:
                continue
            places.add((place.source, place.line))
            message = (
                "an image without alternative text; say what it shows, for a figure of a cell "
                "under `mystnb: image: alt:` at the top of the cell"
            )
            logger.warning(message, location=place, **KIND)


def keep_outputs(app: Sphinx, doctree: nodes.document) -> None:
    """Keep drawings with the page; what a cell has just drawn is nothing that the page came from.

    Sphinx takes every image for a source, and would run the cells again because of it.
    """
    drawn = set()
    for image in filter(is_output, doctree.findall(nodes.image)):
        path = Path(app.srcdir / image["uri"]).resolve()
        image["drawing"] = drawing_in(path)
        drawn.add(path)
    sources = app.env.dependencies.get(app.env.current_document.docname, set())
    sources -= {path for path in sources if Path(app.srcdir, path).resolve() in drawn}


def is_output(image: nodes.Element) -> bool:
    """Say whether a cell drew an image."""
    parent = image.parent
    while parent is not None:
        if isinstance(parent, moving_picture) or "cell_output" in parent.get("classes", ()):
            return True
        parent = parent.parent
    return False


def drawing_in(path: Path) -> str:
    """Return the text of a file if matplotlib drew it as SVG, else nothing."""
    text = path.read_text("utf-8") if path.suffix == ".svg" and path.is_file() else ""
    return text if is_matplotlib(text) else ""


class Inline(SphinxPostTransform):
    """Put drawings into the page, and give files their size."""

    default_priority = 20
    builders = ("html", "dirhtml", "singlehtml")

    def run(self, **kwargs: object) -> None:
        """Replace each image."""
        for number, image in enumerate(list(self.document.findall(nodes.image))):
            html = self.drawing(image, number)
            if html:
                image.replace_self(nodes.raw("", html, format="html"))
            else:
                image.replace_self(self.sized(image, first=number == 0))

    def drawing(self, image: nodes.image, number: int) -> str:
        """Return the markup of a small drawing of matplotlib, else nothing."""
        text = image.get("drawing") or drawing_in(self.env.srcdir / image["uri"])
        if not text:
            return ""
        figure = enclosing_figure(image)
        docname = nodes.make_id(self.env.current_document.docname)
        prefix = figure["ids"][0] if figure and figure["ids"] else f"{docname}-{number}"
        root = tidy(text, prefix)
        if len(serialize(root)) > self.config.mathforml_inline_limit:
            return ""
        details = figure.get("described_by", "") if figure else ""
        return present(root, image.get("alt", ""), details)

    def sized(self, image: nodes.image, first: bool) -> sized_image:
        """Return the image with its size, to be loaded late unless it is the page's first."""
        node = sized_image(image.rawsource, **image.attributes)
        node["late"] = not first
        node.attributes.pop("drawing", None)
        size = size_in_page(self.env.srcdir / image["uri"])
        if size and not {"width", "height", "scale"} & set(node.attributes):
            node["width"], node["height"] = (str(n) for n in size)
        figure = enclosing_figure(image)
        if figure and "described_by" in figure:
            node["details"] = figure["described_by"]
        return node


def size_in_page(path: Path) -> tuple[int, int] | None:
    """Return how many pixels of the page an image takes, if that can be known."""
    text = drawing_in(path)
    return pixels(ET.fromstring(text)) if text else get_image_size(path)


def placed(node: nodes.Element) -> nodes.Element:
    """Return the node, or the one around it that knows its line."""
    while not node.line and node.parent is not None:
        node = node.parent
    return node


def enclosing_figure(image: nodes.image) -> nodes.figure | None:
    """Return the figure that an image stands in."""
    parent = image.parent
    while parent is not None and not isinstance(parent, nodes.figure):
        parent = parent.parent
    return parent


def visit_sized_image(self: HTML5Translator, node: sized_image) -> None:
    """Write the image as Sphinx does, and say when to load it."""
    self.visit_image(node)
    extra = ' decoding="async"' + (' loading="lazy"' if node["late"] else "")
    if "details" in node:
        extra += f' aria-details="{node["details"]}"'
    self.body[-1] = self.body[-1].replace("<img", f"<img{extra}", 1)


def depart_sized_image(self: HTML5Translator, node: sized_image) -> None:
    """Close the image."""
    self.depart_image(node)


def setup(app: Sphinx) -> None:
    """Add the directive, the transforms and the setting."""
    app.add_config_value("mathforml_inline_limit", 60_000, "env", int)
    app.add_node(sized_image, html=(visit_sized_image, depart_sized_image))
    app.add_directive("description", Description)
    app.add_transform(PlaceDescriptions)
    app.add_transform(CheckWords)
    app.connect("doctree-read", keep_outputs, priority=600)  # after Sphinx has looked for images
    app.add_post_transform(Inline)
