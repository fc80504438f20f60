"""``{agreement} ../../benchmarks/results``: the package beside other libraries, from kept data.

The data are those of ``python -m benchmarks``, one JSON file for a module.  Nothing is measured
when the book is built; a page with the directive is read again when the data change.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from mathforml.sphinx.certificates import code_link, small
from mathforml.sphinx.executed import reading_order
from mathforml.sphinx.ledger import heading, table
from mathforml.sphinx.places import place
from mathforml.sphinx.symbols import words

Row = dict[str, Any]


class agreement_place(place):
    """The place of the comparisons, with their data."""


class Agreement(SphinxDirective):
    """``{agreement}`` with the folder of the data, seen from the page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a place with the data."""
        _, folder = self.env.relfn2path(self.arguments[0])
        files = sorted(Path(folder).rglob("*.json"))
        if not files:
            raise self.error(f"no data in {self.arguments[0]}: run the benchmarks")
        for file in files:
            self.env.note_dependency(str(file))
        return [agreement_place(modules=[json.loads(file.read_text("utf-8")) for file in files])]


class FillAgreement(SphinxPostTransform):
    """Write the comparisons, in the order of the book, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Write them."""
        for node in list(self.document.findall(agreement_place)):
            order = [*reading_order(self.env, self.env.config.root_doc, set())]
            modules = [module for module in node["modules"] if module["module"] in order]
            modules.sort(key=lambda module: order.index(module["module"]))
            parts = [part for module in modules for part in section(module, self.env)]
            node.replace_self([totals(modules), *parts])


def totals(modules: list[Row]) -> nodes.paragraph:
    """Return the sums, in a sentence."""
    cases = [row for module in modules for row in module["cases"]]
    goals = [row for row in cases if row["goal"] is not None]
    met = sum(row["ratio"] <= row["goal"] for row in goals)
    right = sum(len(module["right"]) for module in modules)
    functions = len({row["function"] for row in cases})
    text = (
        f"{counted(functions, 'function')} in {counted(len(cases), 'comparison')}; "
        f"{met} of {counted(len(goals), 'goal')} met; "
        f"{counted(right, 'input')} on which a library is wrong and ours is not."
    )
    return nodes.paragraph("", text, classes=["totals"])


def counted(number: int, word: str) -> str:
    """Return a number with its noun."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def section(module: Row, env: BuildEnvironment) -> Iterator[nodes.Node]:
    """Yield what is known of a module."""
    here = env.docname
    yield heading(env, module["module"], here)
    if module["cases"]:
        rows = [compared(row, here) for row in module["cases"]]
        yield table(["function, and the library's call", "difference", "time"], rows, "agreement")
    if module["right"]:
        yield nodes.paragraph("", "More right:")
        yield listed(judged(row, here) for row in module["right"])
    if module["growth"]:
        yield nodes.paragraph("", "Growth:")
        yield listed(grown(row, here) for row in module["growth"])
    if module.get("without"):
        yield nodes.paragraph("", "Not compared:")
        alone = module["without"].items()
        yield listed([code_link(name, here), nodes.Text(f": {why}.")] for name, why in alone)
    used = ", ".join(f"{name} {number}" for name, number in module["versions"].items())
    yield nodes.paragraph("", f"{module['machine']}; {used}.", classes=["machine"])


def compared(row: Row, here: str) -> list[list[nodes.Node]]:
    """Return the cells of a comparison."""
    name = [code_link(row["function"], here), nodes.Text(f", {row['data']}")]
    first = nodes.line_block("", nodes.line("", "", *name), nodes.line("", "", call(row)))
    if row.get("note"):
        first += nodes.line("", "", *words(row["note"]))
    time = nodes.line_block("", nodes.line("", f"×{row['ratio']:g}"))
    if row["goal"] is not None:
        time += nodes.line("", f"goal {row['goal']:g}", classes=["goal"])
    apart: list[nodes.Node] = [nodes.Text("none" if row["difference"] == 0 else "total")]
    if row["difference"]:
        apart = small(row["difference"])
    return [[first], apart, [time]]


def judged(row: Row, here: str) -> list[nodes.Node]:
    """Return what ours gets right, and what the library's call does."""
    said = [code_link(row["function"], here), nodes.Text(": "), *words(row["claim"])]
    ours = nodes.Text(f". Ours {plain(row['ours'])}; ")
    return [*said, ours, call(row), nodes.Text(f" {plain(row['theirs'])}.")]


def grown(row: Row, here: str) -> list[nodes.Node]:
    """Return with which power of the size the time grows."""
    sizes = f"{row['sizes'][0]:,} to {row['sizes'][-1]:,}"
    text = f": from {sizes}, time grows with the power {row['fitted']:g}; derived: "
    text += f"{row['derived']:g}"
    note = words(f", {row['note']}" if row.get("note") else "")
    return [code_link(row["function"], here), nodes.Text(text), *note, nodes.Text(".")]


def call(row: Row) -> nodes.literal:
    """Return the library's call as code."""
    return nodes.literal("", row["call"])


def plain(said: str) -> str:
    """Return a power of ten as a reader writes it.

    Examples
    --------
    >>> plain("is off by 2e-09")
    'is off by 2e−9'
    """
    return said.replace("e-0", "e−").replace("e-", "e−").replace("e+00", "")


def listed(lines: Iterator[list[nodes.Node]]) -> nodes.bullet_list:
    """Return a list of these lines."""
    items = [nodes.list_item("", nodes.paragraph("", "", *line)) for line in lines]
    return nodes.bullet_list("", *items, bullet="-")


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_node(agreement_place)
    app.add_directive("agreement", Agreement)
    app.add_post_transform(FillAgreement)
