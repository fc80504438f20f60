"""``{symbol-list}``: all symbols of the book, in letters, words, shapes and code.

The search finds each of them by its LaTeX, its name and its code.
"""

import re
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from mathforml.sphinx.executed import reading_order
from mathforml.sphinx.ledger import table
from mathforml.sphinx.meanings import Meaning, file_of, listed, meanings, page_of
from mathforml.sphinx.places import place
from mathforml.sphinx.symbols import words

__all__ = ["setup", "titles"]

GREEK = re.compile(r"\\(var)?([a-zA-Z]+)$")
LETTERS = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi"),
    *("chi", "psi", "omega"),
)
KINDS = ("Latin letters", "Greek letters", "Words", "Signs")


class symbol_list(place):
    """The place of the list."""


class SymbolList(SphinxDirective):
    """``{symbol-list}``."""

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages have been read."""
        path = file_of(self.env.app)
        if path is not None:
            self.env.note_dependency(str(path))
        return [symbol_list()]


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Remember which pages list all symbols."""
    kept: set[str] = vars(app.env).setdefault("mathforml_symbol_lists", set())
    kept.discard(app.env.docname)
    if next(doctree.findall(symbol_list), None) is not None:
        kept.add(app.env.docname)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    kept: set[str] = vars(env).setdefault("mathforml_symbol_lists", set())
    kept |= vars(other).get("mathforml_symbol_lists", set()) & docnames


class FillSymbolLists(SphinxPostTransform):
    """Fill the lists, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Fill them."""
        for node in list(self.document.findall(symbol_list)):
            node.replace_self(list(self.parts()))

    def parts(self) -> list[nodes.Node]:
        """Return a heading and a table for each kind of symbol."""
        order = list(reading_order(self.env, self.config.root_doc, set()))
        by_page = {
            meaning: order.index(page) if page in order else len(order)
            for meaning in meanings(self.app).found
            for page in [page_of(self.env, meaning.page)]
        }
        found = sorted(by_page, key=lambda meaning: (*sorting(meaning), by_page[meaning]))
        parts: list[nodes.Node] = []
        for kind, some in groupby(found, key=lambda meaning: sorting(meaning)[0]):
            parts.append(nodes.rubric("", KINDS[kind]))
            rows = list(some)
            whole = table(
                ["symbol", "read aloud", "shape", "in code"], [self.row(m) for m in rows], "lookup"
            )
            for line, meaning in zip([*whole.findall(nodes.row)][1:], rows, strict=True):
                line["ids"].append(meaning.address)
            parts.append(whole)
        return parts

    def row(self, meaning: Meaning) -> list[list[nodes.Node]]:
        """Return the cells of a symbol."""
        return [
            [nodes.math(meaning.latex, meaning.latex)],
            [*words(meaning.name), nodes.Text(" "), self.introduced(meaning)],
            words(meaning.shape),
            [nodes.literal("", meaning.code)],
        ]

    def introduced(self, meaning: Meaning) -> nodes.Node:
        """Return a link to the page that introduces a symbol."""
        page = page_of(self.env, meaning.page)
        if page is None:
            return nodes.inline("", meaning.page, classes=["where"])
        address = self.app.builder.get_relative_uri(self.env.docname, page)
        title = self.env.titles[page].astext()
        return nodes.reference("", title, internal=True, refuri=address, classes=["where"])


def sorting(meaning: Meaning) -> tuple[int, int, str, int, str]:
    """Return the kind of a symbol, then its place among others of its kind."""
    latex = bare(meaning.latex)
    greek = GREEK.match(latex)
    if greek and greek[2].lower() in LETTERS:
        return 1, LETTERS.index(greek[2].lower()), "", greek[2][0].isupper(), meaning.key
    if re.fullmatch("[A-Za-z]", latex[:1]) and not re.match("[A-Za-z]{2}", latex):
        return 0, 0, latex[0].lower(), latex[0].isupper(), meaning.key
    if re.match(r"\\operatorname|[A-Za-z]{2}", latex):
        return 2, 0, meaning.key.lower(), 0, meaning.key
    return 3, 0, "", 0, ""


def bare(latex: str) -> str:
    r"""Return the letter that a symbol is made of, without accents, fonts and scripts.

    Examples
    --------
    >>> bare(r"\bar y_i"), bare(r"\mathcal{L}"), bare(r"\hat\theta_0"), bare(r"\odot")
    ('y', 'L', '\\theta', '\\odot')
    """
    accents = r"\\(bar|hat|tilde|dot|vec|mathbf|mathcal|mathrm|boldsymbol)(?![a-zA-Z])\s*"
    text = re.sub(accents, "", latex).lstrip("{ ")
    found = re.match(r"\\[a-zA-Z]+|.", text)
    return found[0] if found else text


def titles(app: Sphinx) -> dict[str, dict[str, str]]:
    """Return what symbols are called, each with the id of its row, by the page that lists them."""
    found = {
        title: meaning.address
        for meaning in reversed(meanings(app).found)
        for title in searched(meaning)
    }
    return dict.fromkeys(listed(app.env), found)


def searched(meaning: Meaning) -> list[str]:
    r"""Return how people type a symbol: with and without braces, in code, and its name, in short.

    Examples
    --------
    >>> searched(Meaning(r"\bar{y}", "slope of $y$: how fast", "", "y_bar", "", 1))
    ['\\bar{y}', '\\bar y', 'y_bar', 'slope of y: how fast', 'slope of y']
    """
    plain = re.sub(r"(?<=[a-z])\{(\w)\}", r" \1", meaning.latex)
    braced = re.sub(r"(\\[a-z]+) (\w)(?!\w)", r"\1{\2}", meaning.latex)
    name = meaning.name.replace("$", "")
    short = re.split(r"[:;,(]", name)[0].strip()
    return list(dict.fromkeys([meaning.latex, braced, plain, meaning.code, name, short]))


def setup(app: Sphinx) -> None:
    """Add the directive and what fills it."""
    app.add_node(symbol_list)
    app.add_directive("symbol-list", SymbolList)
    app.add_post_transform(FillSymbolLists)
    app.connect("doctree-read", note)
    app.connect("env-merge-info", merge)
