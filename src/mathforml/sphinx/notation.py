"""``{notation}``: the supported notation as a table of examples, each executed as it is written.

Every row is run when the page is read: the example must hold, the wrong one beside it must be
refused, or the build fails at the row.
"""

from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from mathforml.equations import Certificate, EquationError, verify
from mathforml.equations.certificates import unpublished
from mathforml.equations.notation import NOTATION, Notation
from mathforml.sphinx.certificates import small, tick
from mathforml.sphinx.executed import KIND
from mathforml.sphinx.symbols import latex_of, shape_of

logger = logging.getLogger(__name__)


class NotationTable(SphinxDirective):
    """``{notation}``: all rows, by section."""

    def run(self) -> list[nodes.Node]:
        """Execute the rows, and show them."""
        found: list[nodes.Node] = []
        for name, rows in groupby(NOTATION, key=lambda row: row.section):
            section = nodes.section("", nodes.title("", name), ids=[nodes.make_id(name)])
            self.state.document.note_implicit_target(section, section)
            section += [self.row(row) for row in rows]
            found.append(section)
        return found

    def row(self, row: Notation) -> nodes.Node:
        """Return one example: rendered, as written, what it means, what it refuses."""
        box = nodes.container(classes=["notation"])
        box += formula(row.latex)
        box += nodes.literal_block(row.latex, row.latex, language="latex", classes=["written"])
        box += nodes.paragraph("", "", *self.parse_inline(row.meaning)[0])
        with unpublished():
            box += self.held(row)
            box += self.refused(row)
        return box

    def held(self, row: Notation) -> nodes.paragraph:
        """Return how well the example held, on what."""
        try:
            certificate: Certificate = verify(row.latex, row.symbols(), **row.options)
        except EquationError as error:
            logger.error(
                "%s does not hold: %s", row.latex, error, location=self.get_location(), **KIND
            )
            return nodes.paragraph()
        line = nodes.paragraph("", "", tick("✓"), nodes.Text(" "), classes=["held"])
        line += small(certificate.difference)
        for key, shape in certificate.shapes.items():
            latex = latex_of(key)
            line += [nodes.Text(" · "), nodes.math(latex, latex), nodes.Text(f" {shape_of(shape)}")]
        return line

    def refused(self, row: Notation) -> nodes.paragraph:
        """Return the wrong equation, and what the engine said."""
        try:
            verify(row.refused, row.symbols(), **row.options)
        except EquationError as error:
            said = str(error).partition("\n")[0]
            math = nodes.math(row.refused, row.refused, example=True)
            parts = [tick("×"), nodes.Text(" "), math, nodes.Text(" — "), nodes.literal("", said)]
            return nodes.paragraph("", "", *parts, classes=["refused"])
        logger.error("%s is not refused", row.refused, location=self.get_location(), **KIND)
        return nodes.paragraph()


def formula(latex: str) -> nodes.math_block:
    """Return a display without a number."""
    node = nodes.math_block(latex, latex, nowrap=False, label=None, number=None)
    node["example"] = True
    return node


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("notation", NotationTable)
