"""The accounts of the book: ``{ledger}`` of all equations, ``{symbols}`` of one page.

Also the rule that ties code to equations: a docstring that cites an equation is an error unless a
certificate of that equation ran that function.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from mathforml.equations import EquationError, parse
from mathforml.sphinx.certificates import code_link, equation_number, small
from mathforml.sphinx.contradictions import meaning_of
from mathforml.sphinx.executed import KIND, Equation, equations, pages
from mathforml.sphinx.meanings import listed, meanings, stems
from mathforml.sphinx.places import place
from mathforml.sphinx.reach import Sources
from mathforml.sphinx.symbols import is_inequality, latex_of, shape_of, words

logger = logging.getLogger(__name__)
CITED = re.compile(r":eq:`([\w-]+)`")


class ledger(place):
    """The place of the ledger of equations."""


class symbol_table(nodes.General, nodes.Element):
    """The place of the table of a page's symbols."""


class Place(SphinxDirective):
    """``{ledger}`` or ``{symbols}``."""

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages have been read."""
        return [ledger() if self.name == "ledger" else symbol_table()]


class FillPlaces(SphinxPostTransform):
    """Fill the ledger and the tables of symbols, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Fill them."""
        here = self.env.docname
        for node in list(self.document.findall(ledger)):
            node.replace_self([totals(self.env), *by_page(self.env, here)])
        for table in list(self.document.findall(symbol_table)):
            table.replace_self(table_of_symbols(self.app, pages(self.env).get(here, []), here))


def totals(env: BuildEnvironment) -> nodes.paragraph:
    """Return the sums, in a sentence."""
    entries = [entry for _, entry in equations(env)]
    standings = [entry.standing for entry in entries]
    ran = [proof for entry in entries for proof in entry.certificates]
    runs = sum(proof["draws"] for proof in ran if not proof.get("refused"))
    count = {kind: standings.count(kind) for kind in ("executed", "stated", "refuted")}
    text = (
        f"{len(entries)} equations on {len({page for page, _ in equations(env)})} pages: "
        f"{count['executed']} executed, on {runs} sets of values, {count['stated']} stated, "
        f"{count['refuted']} refuted, because they are shown to be wrong."
    )
    return nodes.paragraph("", text, classes=["totals"])


def by_page(env: BuildEnvironment, docname: str) -> Iterator[nodes.Node]:
    """Yield a heading and a table for each page with equations."""
    for page in dict.fromkeys(page for page, _ in equations(env)):
        yield heading(env, page, docname)
        rows = [row(entry, docname) for entry in pages(env)[page]]
        yield table(["equation", "standing", "largest difference", "code"], rows, "ledger")


def heading(env: BuildEnvironment, page: str, docname: str) -> nodes.rubric:
    """Return the title of a page, a link to it, as a heading of the page ``docname``."""
    title = nodes.inline("", env.titles[page].astext())
    to: dict[str, Any] = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{page}"}
    link = addnodes.pending_xref("", title, refdoc=docname, refexplicit=True, **to)
    return nodes.rubric("", "", link)


def row(entry: Equation, docname: str) -> list[list[nodes.Node]]:
    """Return the cells of an equation."""
    standing = entry.standing or "shown"
    ran = [proof for proof in entry.certificates if not proof.get("refused")]
    steps = max((len(proof["steps"]) for proof in ran), default=0)
    how = f", {steps} steps" if steps > 1 else ""
    why = f": {entry.why}" if entry.why else ""
    worst: list[nodes.Node] = [nodes.Text("–")]
    if is_inequality([step for proof in ran for step in proof["steps"]]):
        worst = [nodes.Text("an inequality")]
    elif ran:
        worst = small(max(proof["difference"] for proof in ran))
    names = dict.fromkeys(name for proof in ran for name in proof["functions"])
    return [
        [equation_number(entry.label, docname)],
        [nodes.Text(f"{standing}{how}{why}")],
        worst,
        codes(names, docname),
    ]


def codes(names: dict[str, None], docname: str) -> list[nodes.Node]:
    """Return links to functions, separated by commas."""
    pairs = [[code_link(name, docname), nodes.Text(", ")] for name in names]
    return [node for pair in pairs for node in pair][:-1]


def table_of_symbols(app: Sphinx, found: list[Equation], docname: str) -> list[nodes.Node]:
    """Return a table of the symbols that the page's certificates bound, and what they mean."""
    shapes: dict[str, dict[str, None]] = {}
    code: dict[str, dict[str, None]] = {}
    for proof in (proof for entry in found for proof in entry.certificates):
        for key, shape in proof.get("shapes", {}).items():
            shapes.setdefault(key, {})[shape_of(shape)] = None
        for key, names in proof.get("code", {}).items():
            code.setdefault(key, {}).update(dict.fromkeys(names))
    if not shapes:
        return []
    rows: list[list[list[nodes.Node]]] = []
    for key in sorted(shapes, key=lambda key: (key.lower().lstrip("\\"), key)):
        latex = latex_of(key)
        names = codes(code.get(key, {}), docname)
        said = " or ".join(shapes[key])
        symbol: list[nodes.Node] = [nodes.math(latex, latex)]
        name: list[nodes.Node] = [nodes.literal("", key), *aloud(app, docname, key)]
        rows.append([symbol, name, [nodes.Text(said)], names])
    head = ["symbol", "name", "shape", "function"]
    if not code:
        head, rows = head[:-1], [line[:-1] for line in rows]
    return [table(head, rows, "symbols")]


def aloud(app: Sphinx, docname: str, key: str) -> Iterator[nodes.Node]:
    """Yield what the notation calls a symbol, linked to where it lists it."""
    meaning = meaning_of(app, docname, key)
    if meaning is None and meanings(app).found and not written(app.env, docname, key):
        yield nodes.Text(" ")
        yield nodes.inline("", "in code only", classes=["aloud"])
    if meaning is not None:
        to = sorted(listed(app.env))
        said = words(meaning.name)
        if to:
            address = f"{app.builder.get_relative_uri(docname, to[0])}#{meaning.address}"
            said = [nodes.reference("", "", *said, internal=True, refuri=address)]
        yield nodes.Text(" ")
        yield nodes.inline("", "", *said, classes=["aloud"])


def written(env: BuildEnvironment, docname: str, key: str) -> bool:
    """Tell whether a symbol that a page binds stands in one of its equations."""
    found: set[str] = set()
    for entry in pages(env).get(docname, ()):
        with suppress(EquationError):
            found.update(stem for name in parse(entry.latex).symbols for stem in stems(name))
    return not found.isdisjoint(stems(key))


def table(head: list[str], rows: list[list[list[nodes.Node]]], kind: str) -> nodes.table:
    """Return a table."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    heads: list[list[nodes.Node]] = [[nodes.Text(word)] for word in head]
    top, *body = [
        nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in line))
        for line in (heads, *rows)
    ]
    group += [nodes.thead("", top), nodes.tbody("", *body)]
    return nodes.table("", group, classes=[kind])


def tie(app: Sphinx, env: BuildEnvironment) -> None:
    """Complain of docstrings whose equations never ran the function."""
    if not app.config.mathforml_account:
        return
    ran: dict[str, set[str]] = {}
    known = set()
    for _, entry in equations(env):
        known.add(entry.label)
        names = {name for proof in entry.certificates for name in proof.get("functions", ())}
        ran.setdefault(entry.label, set()).update(names)
    for name, label, where in citations(app.config.mathforml_packages):
        if label in known and name not in ran[label]:
            message = "the docstring of %s cites %s, and no certificate of it ran that function"
            logger.error(message, name, label, location=where, **KIND)


def citations(packages: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield function, label and place of every equation cited by a public function."""
    for package, root in Sources(packages).roots.items():
        for path in sorted((Path(root) / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(part for part in parts if part != "__init__")
            text = path.read_text("utf-8")
            for node in ast.parse(text).body if CITED.search(text) else ():
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    for label in CITED.findall(ast.get_docstring(node) or ""):
                        yield f"{module}.{node.name}", label, f"{path}:{node.lineno}"


def setup(app: Sphinx) -> None:
    """Add the directives."""
    app.add_node(ledger)
    app.add_node(symbol_table)
    app.add_directive("ledger", Place)
    app.add_directive("symbols", Place)
    app.add_post_transform(FillPlaces)
    app.connect("env-check-consistency", tie)
