"""Hold every displayed equation to account: executed, stated, refuted, and nothing else.

A page's certificates (what ``verify`` left among the outputs of its cells) are matched with its
displays by label and by a digest of the LaTeX.  With ``mathforml_account = True`` the build fails
on a display without a label and on a label without a standing; whatever the setting, it fails on a
certificate of another text than the one displayed, and on a refutation that did not take place.

``{stated} eq-x`` with a reason, ``{refuted} eq-x``, and ``{fade} eq-x`` (an executed derivation
with lines left to the reader) are the other standings.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from mathforml.equations.certificates import digest
from mathforml.equations.labels import PAGE, SOURCES
from mathforml.equations.provenance import PACKAGES
from mathforml.sphinx.certificates import certificate

logger = logging.getLogger(__name__)
KIND: dict[str, Any] = {"type": "mathforml", "subtype": "executed"}

REASONS = {
    "typing": "it says what kind of thing a symbol is",
    "quantifier": "it speaks of all functions of a kind",
    "asymptotics": "it speaks of a limit that no run reaches",
    "notation": "it introduces a way of writing",
}
RELATION = re.compile(r"=|\\le\b|\\ge\b|\\approx\b")
WORK = re.compile(r"\\(partial|sum|int|prod)(?![a-z])")


@dataclass
class Equation:
    """A displayed equation, and what is known of it.

    Attributes
    ----------
    label, latex : str
        As in the page.
    line : int
        Where it stands.
    standing : str
        ``executed``, ``stated``, ``refuted``, or nothing yet.
    why : str
        The reason of a stated one.
    certificates : list of dict
        What ran.
    """

    label: str
    latex: str
    line: int
    standing: str = ""
    why: str = ""
    certificates: list[dict[str, Any]] = field(default_factory=list)


class standing(nodes.General, nodes.Element):
    """What an author says of an equation: kind, label, reason."""


class Standing(SphinxDirective):
    """``{stated} eq-x`` and ``{refuted} eq-x``."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "reason": lambda word: directives.choice(word, tuple(REASONS))
    }

    def run(self) -> list[nodes.Node]:
        """Leave the word for the account."""
        node = standing(kind=self.name, label=self.arguments[0], reason=self.options.get("reason"))
        self.set_source_info(node)
        if self.name == "stated" and not node["reason"]:
            raise self.error(f"stated needs a :reason:, one of {', '.join(REASONS)}")
        return [node]


class Fade(SphinxDirective):
    """``{fade} eq-x``: the steps of an executed display, some of them left to the reader."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"hide": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Leave a display that is filled when the page has been read."""
        hidden = [int(word) for word in self.options.get("hide", "2").replace(",", " ").split()]
        node = nodes.math_block("", "", nowrap=False, label=None, number=None)
        node.update_basic_atts({"classes": ["fade"]})
        node["fade"], node["hide"] = self.arguments[0], hidden
        self.set_source_info(node)
        return [node]


def account(app: Sphinx, doctree: nodes.document) -> None:
    """Take the account of one page."""
    env = app.env
    displays = [
        node
        for node in doctree.findall(nodes.math_block)
        if "fade" not in node and "example" not in node
    ]
    found = {node["label"]: of(node) for node in displays if node.get("label")}
    for proof in doctree.findall(certificate):
        enter(found, proof)
    for word in list(doctree.findall(standing)):
        declare(found, word)
        word.parent.remove(word)
    for blank in [node for node in doctree.findall(nodes.math_block) if "fade" in node]:
        fill(found, blank)
    if app.config.mathforml_account:
        for node in displays:
            demand(found, node)
        for inline in doctree.findall(nodes.math):
            text = "" if "example" in inline else inline.astext()
            if WORK.search(text) and RELATION.search(text):
                complain("display this relation, so that it can be executed", inline)
    pages(env)[env.docname] = list(found.values())


def of(node: nodes.math_block) -> Equation:
    """Return the entry of a display."""
    return Equation(node["label"], node.astext(), node.line or 0)


def enter(found: dict[str, Equation], proof: certificate) -> None:
    """Enter a certificate, or a refutation, beside its equation."""
    data = proof["data"]
    label = data.get("label")
    if not label:
        return
    if label not in found:
        complain(f"a cell verifies {label!r}, which this page does not display", proof)
    elif data["digest"] != digest(found[label].latex):
        complain(f"the certificate of {label!r} is of another text than the one displayed", proof)
    else:
        found[label].certificates.append(data)
        found[label].standing = "refuted" if data.get("refused") else "executed"


def declare(found: dict[str, Equation], word: standing) -> None:
    """Take an author's word, unless what ran contradicts it."""
    label, kind = word["label"], word["kind"]
    entry = found.get(label)
    if entry is None:
        complain(f"{kind} names {label!r}, which this page does not display", word)
    elif kind == "refuted" and entry.standing != "refuted":
        complain(f"{label!r} is said to be refuted, and no cell refutes it", word)
    elif kind == "stated" and entry.certificates:
        complain(f"{label!r} is executed, so it need not be stated", word)
    elif kind == "stated":
        entry.standing, entry.why = "stated", REASONS[word["reason"]]
    else:
        entry.why = "shown because it is wrong"


def demand(found: dict[str, Equation], node: nodes.math_block) -> None:
    """Complain of a display that has no label, or no standing."""
    label = node.get("label")
    if not label:
        advice = "write $$ … $$ (eq-name)"
        complain(f"a displayed equation needs a label: {advice}", node)
    elif not found[label].standing:
        complain(f"{label!r} is displayed and never executed: verify it, or state why not", node)
    elif found[label].standing == "refuted" and not found[label].why:
        complain(f"{label!r} is refuted by a cell: say so with the directive refuted", node)


def fill(found: dict[str, Equation], node: nodes.math_block) -> None:
    """Copy an executed display, without the steps that are hidden."""
    entry = found.get(node["fade"])
    if entry is None or entry.standing != "executed":
        complain(f"fade names {node['fade']!r}, which is not executed on this page", node)
        return
    inside = re.search(r"\\begin\{aligned\}(.*)\\end\{aligned\}", entry.latex, re.DOTALL)
    steps = re.split(r"\\\\", inside[1]) if inside else [entry.latex]
    if not all(1 <= step <= len(steps) for step in node["hide"]):
        complain(f"{node['fade']!r} has {len(steps)} steps, not {max(node['hide'])}", node)
    shown = [hidden(step) if k in node["hide"] else step for k, step in enumerate(steps, 1)]
    text = r"\begin{aligned}" + r"\\".join(shown) + r"\end{aligned}"
    node.children = [nodes.Text(text)]
    node.rawsource = text


def hidden(step: str) -> str:
    """Return a step with its right side left to the reader."""
    head, sign, _ = step.partition("&=")
    return rf"{head}{sign or '&'} \;\square\;"


def complain(message: str, node: nodes.Node) -> None:
    """Report an error at the line of ``node``."""
    logger.error(message, location=node, **KIND)


def pages(env: BuildEnvironment) -> dict[str, list[Equation]]:
    """Return the equations of each page, as read."""
    kept: dict[str, list[Equation]] = vars(env).setdefault("mathforml_equations", {})
    return kept


def equations(env: BuildEnvironment) -> Iterator[tuple[str, Equation]]:
    """Yield the page and the entry of every equation, in the order of the book."""
    for name in reading_order(env, env.config.root_doc, set()):
        for entry in pages(env).get(name, ()):
            yield name, entry


def reading_order(env: BuildEnvironment, name: str, seen: set[str]) -> Iterator[str]:
    """Yield the pages below a page, as the table of contents has them."""
    if name not in seen:
        seen.add(name)
        yield name
        for child in env.toctree_includes.get(name, ()):
            yield from reading_order(env, child, seen)


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is removed or about to be read again."""
    pages(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    pages(env).update({name: pages(other)[name] for name in docnames & pages(other).keys()})


def locate(app: Sphinx, docname: str, source: list[str]) -> None:
    """Tell the kernel that is about to start which page it runs, and where the sources lie."""
    os.environ[SOURCES], os.environ[PAGE] = str(app.srcdir), docname
    os.environ[PACKAGES] = ",".join(app.config.mathforml_packages)


def setup(app: Sphinx) -> None:
    """Take accounts."""
    app.add_config_value("mathforml_account", False, "env", (bool,))
    app.add_node(standing)
    for name in ("stated", "refuted"):
        app.add_directive(name, Standing)
    app.add_directive("fade", Fade)
    app.connect("source-read", locate)
    app.connect("doctree-read", account)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
