"""``{progress}``: which exercises the reader has solved on this device, to keep, move or erase."""

from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from mathforml.sphinx.answers import fields
from mathforml.sphinx.executed import reading_order
from mathforml.sphinx.places import place


class progress(place):
    """The place of what the reader has solved."""


class Progress(SphinxDirective):
    """``{progress}``."""

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages have been read."""
        return [progress()]


class FillProgress(SphinxPostTransform):
    """List the pages with exercises to check, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """List them."""
        for node in list(self.document.findall(progress)):
            items = list(self.items())
            if items:
                node += nodes.bullet_list("", *items, bullet="-")

    def items(self) -> Iterator[nodes.list_item]:
        """Yield an item for each page; its last part is for the script."""
        found = fields(self.env)
        for page in reading_order(self.env, self.config.root_doc, set()):
            if groups := found.get(page):
                title = nodes.inline("", self.env.titles[page].astext())
                to: dict[str, Any] = {"refdomain": "std", "reftype": "doc"}
                to |= {"reftarget": f"/{page}", "refdoc": self.env.docname, "refexplicit": True}
                link = addnodes.pending_xref("", title, **to)
                labels = escape(" ".join(map(",".join, groups)))
                mark = f'<span class="solved" data-fields="{labels}">{len(groups)}</span>'
                count = nodes.raw("", mark, format="html")
                line = nodes.paragraph("", "", link, nodes.Text(" "), count)
                yield nodes.list_item("", line)


def visit_progress(self: HTML5Translator, node: progress) -> None:
    """Open the progress; its controls wait for the script."""
    self.body.append(self.starttag(node, "div", CLASS="progress"))
    self.body.append(
        "<p>What you have solved is kept in this browser, on this device, and nowhere else."
        '<span hidden> So far: <output class="sum"></output>.</span></p>'
    )


def depart_progress(self: HTML5Translator, node: progress) -> None:
    """Write the controls, and close."""
    self.body.append(
        '<p class="line" hidden><button type="button" data-do="save">Save a copy</button> '
        '<label>Bring a copy back <input type="file" accept=".json,application/json"></label> '
        '<button type="button" data-do="erase">Erase all</button></p>'
        '<p role="status"></p></div>\n'
    )


def ignore(self: object, node: nodes.Element) -> None:
    """Let the children speak."""


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script on pages that show the progress."""
    if doctree and next(doctree.findall(progress), None) is not None:
        app.add_js_file("answers.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the directive, what fills it, and the script."""
    others: Any = dict.fromkeys(("latex", "man", "texinfo", "text"), (ignore, ignore))
    app.add_node(progress, html=(visit_progress, depart_progress), **others)
    app.add_directive("progress", Progress)
    app.add_post_transform(FillProgress)
    app.connect("html-page-context", add_script)
