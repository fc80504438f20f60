"""``{listing} package.module.function``: the tested source of a function, in the page.

The docstring is left out, since the page around it says more.  The header links to the entry of
the API and to the whole source; "tested" stands there if a test uses the function, and the build
warns if none does.  A project sets in ``conf.py``:

``mathforml_listing_tests``
    Where tests are, seen from a folder above the module; ``""`` if listings need none.
``mathforml_source_url``
    Where a file can be read online, for example ``https://host/owner/name/blob/main/{path}``;
    used where the site has no source pages of its own (``sphinx.ext.viewcode``).
"""

import posixpath
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from mathforml.sphinx.sources import Source, SourceError, source_of, tests_of

logger = logging.getLogger(__name__)


class source_link(nodes.Inline, nodes.TextElement):
    """A link to the file; where to is known when pages are written."""


class Listing(SphinxDirective):
    """Print the source of a function, a class or a constant."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the header and the code."""
        try:
            source = source_of(self.arguments[0])
        except SourceError as error:
            logger.warning("listing: %s", error, location=self.get_location(), **KIND)
            return []
        self.env.note_dependency(source.path)
        code = nodes.literal_block(source.text, source.text, language="python")
        box = nodes.container("", self.header(source), code, classes=["listing"])
        box["ids"] = [f"listing-{source.inside.replace('.', '-')}"]
        for node in (box, code):
            self.set_source_info(node)
        return [box]

    def header(self, source: Source) -> nodes.Element:
        """Return the line above the code."""
        name = nodes.literal("", "", *breakable(source.name), classes=["xref", "py"])
        entry = addnodes.pending_xref(
            "",
            name,
            refdomain="py",
            reftype=source.kind,
            reftarget=source.name,
            refexplicit=True,
            refdoc=self.env.docname,
        )
        self.set_source_info(entry)
        line = nodes.paragraph("", "", entry, classes=["where"])
        self.set_source_info(line)
        notes = nodes.inline("", "", classes=["notes"])
        notes += [*self.tested(source), self.link(source)]
        line += [nodes.Text(" "), notes]
        return line

    def tested(self, source: Source) -> list[nodes.Node]:
        """Return the word "tested", or warn."""
        pattern = self.config.mathforml_listing_tests
        if not pattern:
            return []
        path = tests_of(source, pattern)
        if path is None:
            message = "listing: no test uses %s (looked for %s)"
            logger.warning(message, source.name, pattern, location=self.get_location(), **KIND)
            return []
        self.env.note_dependency(path)
        return [nodes.inline("", "tested", classes=["tested"]), nodes.Text(" ")]

    def link(self, source: Source) -> source_link:
        """Return the link to the file."""
        depth = len(source.module.split(".")) + (source.path.name == "__init__.py")
        package = source.path.parents[depth - 1]
        path = source.path.relative_to(package.parent if package.name == "src" else package)
        anchor = source.inside if source.kind in ("func", "meth", "class") else ""
        return source_link("", "source", module=source.module, anchor=anchor, path=path.as_posix())


def breakable(name: str) -> list[nodes.Node]:
    """Return a dotted name that may be broken after its dots, where a line is too short."""
    *parents, last = name.split(".")
    parts: list[nodes.Node] = []
    for parent in parents:
        parts += [nodes.Text(f"{parent}."), nodes.raw("", "<wbr>", format="html")]
    return [*parts, nodes.Text(last)]


KIND: dict[str, Any] = {"type": "mathforml", "subtype": "listing"}


def visit_source_link(self: HTML5Translator, node: source_link) -> None:
    """Link to the module's source page, or to the file online."""
    uri = self.config.mathforml_source_url.format(path=node["path"])
    if "sphinx.ext.viewcode" in self.config.extensions:
        page = posixpath.join("_modules", *node["module"].split("."))
        uri = self.builder.get_relative_uri(self.builder.current_docname, page)
        uri += f"#{node['anchor']}" if node["anchor"] else ""
    if not uri:
        raise nodes.SkipNode
    self.body.append(self.starttag(node, "a", "", href=uri))


def depart_source_link(self: HTML5Translator, node: source_link) -> None:
    """Close the link."""
    self.body.append("</a>")


def skip(self: object, node: nodes.Element) -> None:
    """Leave out what only a site can link to."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Add the directive and its settings."""
    app.add_config_value("mathforml_listing_tests", "tests/{part}/test_{module}.py", "env", str)
    app.add_config_value("mathforml_source_url", "", "env", str)
    links: Any = dict.fromkeys(("latex", "man", "texinfo", "text"), (skip, None))
    app.add_node(source_link, html=(visit_source_link, depart_source_link), **links)
    app.add_directive("listing", Listing)
