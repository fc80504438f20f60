"""``{moving} name``: a slider over frames that a cell drew with `mathforml.plotting.moving`.

The page holds the picture at its start and, as data, what changes from frame to frame; a small
script of our own moves it.  Without scripts, on paper and in other builders the picture rests.
"""

import json
import re
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from mathforml.drawings.frames import apply
from mathforml.drawings.tidying import present
from mathforml.sphinx.outputs import moving_frames

logger = logging.getLogger(__name__)
KIND: dict[str, Any] = {"type": "mathforml", "subtype": "moving"}

PLAY = (
    '<button type="button" aria-label="Play" aria-pressed="false">'
    '<svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">'
    '<path class="go" d="M1 0v10l9-5z"/><path class="rest" d="M1 0h3v10h-3zM6 0h3v10h-3z"/>'
    "</svg></button>"
)


class moving_picture(nodes.General, nodes.Element):
    """A picture with a slider: the still image for other builders, then the slider's label."""


class Moving(SphinxDirective):
    """Show the frames of a cell as a numbered figure with a slider."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "name": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "start": directives.nonnegative_int,
        "label": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the figure; its frames join it when the page has been read."""
        picture = moving_picture(key=self.arguments[0], **self.options)
        figure = nodes.figure("", picture, classes=["moving"])
        for node in (picture, figure):
            self.set_source_info(node)
        self.add_name(figure)
        if not figure["ids"]:
            figure["ids"].append(f"moving-{nodes.make_id(self.arguments[0])}")
        first, *rest = self.parse_content_to_nodes() or [nodes.paragraph()]
        if isinstance(first, nodes.paragraph) and len(first):
            figure += nodes.caption(first.rawsource, "", *first.children)
            self.set_source_info(figure[-1])
        if rest:
            figure += nodes.legend("", *rest)
        return [figure]


class JoinFrames(SphinxTransform):
    """Bring the frames that cells left to the pictures that show them."""

    default_priority = 410

    def apply(self, **kwargs: object) -> None:
        """Match them by key, and report what is left over."""
        found: dict[str, moving_frames] = {}
        for frames in self.document.findall(moving_frames):
            if frames["key"] in found:
                complain(f"a second cell draws the moving picture {frames['key']!r}", frames)
            found.setdefault(frames["key"], frames)
        used = set()
        for picture in list(self.document.findall(moving_picture)):
            key = picture["key"]
            if key in used or key not in found:
                known = ", ".join(found) or "none"
                problem = "is shown twice" if key in used else "has no frames"
                complain(f"moving picture {key!r} {problem}; cells draw: {known}", picture)
                picture.parent.parent.remove(picture.parent)
                continue
            used.add(key)
            join(picture, found[key])
        for key in found.keys() - used:
            complain(f"moving picture {key!r} is drawn and never shown", found[key])


def complain(message: str, node: nodes.Node) -> None:
    """Report an error at the line of ``node``."""
    logger.error(message, location=node, **KIND)


def join(picture: moving_picture, frames: moving_frames) -> None:
    """Give the picture its frames; directly after its cell, it takes the output's place."""
    output: nodes.Element = frames
    while output.parent and "cell_output" not in output.parent["classes"]:
        output = output.parent
    data = frames["frames"]
    picture["frames"] = data
    last = len(data["values"]) - 1
    if picture.setdefault("start", 0) > last:
        complain(f"moving picture {data['name']!r} has no frame {picture['start']}", picture)
        picture["start"] = last
    picture["label"] = picture.get("label", data["label"])
    for still in list(output.findall(nodes.image))[:1]:
        still["alt"] = picture.get("alt", "")
        still.source, still.line = picture.source, picture.line
        picture += still.deepcopy()
    picture += nodes.inline("", "", *label(picture["label"]))
    place(picture.parent, output)


def place(figure: nodes.Element, output: nodes.Element) -> None:
    """Put the figure where the cell's output was if it follows, else leave both places clean."""
    cell = output.parent.parent
    siblings = cell.parent.children
    if siblings[siblings.index(cell) + 1 :][:1] == [figure]:
        figure.parent.remove(figure)
        output.replace_self(figure)
    else:
        holder = output.parent
        holder.remove(output)
        if not len(holder):
            holder.parent.remove(holder)


def label(text: str) -> list[nodes.Node]:
    """Return nodes for text with ``$mathematics$``."""
    parts = enumerate(text.split("$"))
    return [nodes.math(part, part) if i % 2 else nodes.Text(part) for i, part in parts if part]


def spoken(text: str, value: str) -> str:
    """Return what a screen reader says for a frame."""
    words = re.sub(r"[$\\{}]", "", text).strip()
    return f"{words} = {value}" if words else value


class DropStills(SphinxPostTransform):
    """Take the still image out of sites, which have the drawing itself."""

    default_priority = 15
    builders = ("html", "dirhtml", "singlehtml")

    def run(self, **kwargs: object) -> None:
        """Take them out."""
        for picture in self.document.findall(moving_picture):
            for still in list(picture.findall(nodes.image)):
                picture.remove(still)


class KeepStills(SphinxPostTransform):
    """Leave only the still image where it has not been taken out."""

    default_priority = 16

    def run(self, **kwargs: object) -> None:
        """Replace pictures by their images."""
        for picture in list(self.document.findall(moving_picture)):
            stills = list(picture.findall(nodes.image))
            if stills:
                picture.replace_self(stills)


def visit_moving_picture(self: HTML5Translator, node: moving_picture) -> None:
    """Write the drawing at its start, and open the slider's label."""
    if "frames" not in node:
        raise nodes.SkipNode
    start, name = node["start"], f"{node.parent['ids'][0]}-slider"
    details = node.parent.get("described_by", "")
    self.body.append(present(apply(node["frames"], start), node.get("alt", ""), details))
    self.body.append(f'<div class="control" hidden>{PLAY}<label for="{name}">')


def depart_moving_picture(self: HTML5Translator, node: moving_picture) -> None:
    """Write the slider, and the data for the script."""
    values, start = node["frames"]["values"], node["start"]
    name = f"{node.parent['ids'][0]}-slider"
    said = [spoken(node["label"], value) for value in values]
    self.body.append(
        f'</label><input type="range" id="{name}" min="0" max="{len(values) - 1}" value="{start}"'
        f' autocomplete="off" aria-valuetext="{escape(said[start])}">'
        f'<output for="{name}" aria-hidden="true">{escape(values[start])}</output></div>'
    )
    data = {"values": values, "said": said, "changes": node["frames"]["changes"]}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    self.body.append(f'<script type="application/json">{text}</script>')


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script on pages that have something to move."""
    if doctree and next(doctree.findall(moving_picture), None) is not None:
        app.add_js_file("moving.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the directive, the transforms and the script."""
    html = (visit_moving_picture, depart_moving_picture)
    app.add_node(moving_picture, html=html)
    app.add_directive("moving", Moving)
    app.add_transform(JoinFrames)
    app.add_post_transform(DropStills)
    app.add_post_transform(KeepStills)
    app.connect("html-page-context", add_script)
