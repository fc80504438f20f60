"""Published numbers: a line under the cell that computes one again, ``{published-numbers}`` of all.

`mathforml.published.published` leaves a record among the outputs of a cell.  It is shown there,
theirs beside ours, with its source, and collected with those of all other pages.
"""

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from mathforml.sphinx.certificates import ignore, tick
from mathforml.sphinx.executed import reading_order
from mathforml.sphinx.ledger import heading, table
from mathforml.sphinx.places import place
from mathforml.sphinx.symbols import words

__all__ = ["published_record", "setup"]

MINUS = re.compile(r"(?<![\w.])-(?=[\d.])|(?<=e)-(?=\d)")


class published_record(nodes.General, nodes.Element):
    """A number that was computed again: the data of its record, where the cell left it."""


class published_place(place):
    """The place of the ledger of published numbers."""


class PublishedNumbers(SphinxDirective):
    """``{published-numbers}``."""

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages have been read."""
        return [published_place()]


class ShowPublished(SphinxTransform):
    """Give each record its line and an address."""

    default_priority = 405

    def apply(self, **kwargs: object) -> None:
        """Write each, and keep it for the ledger."""
        found = records(self.env)[self.env.docname] = []
        for node in self.document.findall(published_record):
            data = node["data"]
            name = nodes.make_id(f"published-{data['name']}")
            taken = [record["id"] for record in found]
            again = 2
            data["id"] = name
            while data["id"] in taken:
                data["id"], again = f"{name}-{again}", again + 1
            found.append(data)
            node += line(data, self.env)
        if not found:
            del records(self.env)[self.env.docname]


class FillPublished(SphinxPostTransform):
    """Fill the ledger of published numbers, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Fill it."""
        for node in list(self.document.findall(published_place)):
            node.replace_self([totals(self.env), *self.by_page()])

    def by_page(self) -> Iterator[nodes.Node]:
        """Yield a heading and a table for each page with published numbers."""
        here = self.env.docname
        for page in pages(self.env):
            yield heading(self.env, page, here)
            there = self.app.builder.get_relative_uri(here, page)
            found = records(self.env)[page]
            rows = [row(data, f"{there}#{data['id']}", self.env) for data in found]
            yield table(["number, and its source", "published", "here"], rows, "published")


def line(data: dict[str, Any], env: BuildEnvironment) -> nodes.Element:
    """Return the line under a cell."""
    mark = "≠" if data["fails"] else "✓"
    name = nodes.inline("", "", *words(data["name"]), classes=["name"])
    said = nodes.paragraph("", "", tick(mark), nodes.Text(" "), name)
    said += nodes.Text(f". In print: {', '.join(numbers(data['theirs']))}, ")
    said += [citation(data["source"], env), nodes.Text(". ")]
    said += nodes.Text(f"Here: {', '.join(numbers(data['ours']))}.")
    whole = nodes.container("", said, ids=[data["id"]], classes=["certificate", "published"])
    whole += remarks(data)
    return whole


def row(data: dict[str, Any], there: str, env: BuildEnvironment) -> list[list[nodes.Node]]:
    """Return the cells of a number: its name leads to the page that computes it."""
    name = nodes.reference("", "", *words(data["name"]), refuri=there, internal=True)
    theirs, ours = (
        nodes.line_block("", *(nodes.line("", text) for text in numbers(data[key])))
        for key in ("theirs", "ours")
    )
    first = nodes.line_block("", nodes.line("", "", name))
    first += nodes.line("", "", citation(data["source"], env))
    first += [nodes.line("", "", *remark.children) for remark in remarks(data)]
    return [[first], [theirs], [ours]]


def remarks(data: dict[str, Any]) -> list[nodes.paragraph]:
    """Return why the two differ, and what else a reader should know."""
    fails = f"They differ: {data['fails']}" if data["fails"] else ""
    note = data["note"][:1].upper() + data["note"][1:]
    said = [f"{text.rstrip('.')}." for text in (fails, note) if text]
    return [nodes.paragraph("", "", *words(text)) for text in said]


def totals(env: BuildEnvironment) -> nodes.paragraph:
    """Return the sums, in a sentence."""
    found = [data for page in pages(env) for data in records(env)[page]]
    count = sum(len(data["theirs"]) for data in found)
    differ = sum(bool(data["fails"]) for data in found)
    sources = len({data["source"] for data in found})
    several = "pages" if len(pages(env)) != 1 else "page"
    text = f"{count} numbers from {sources} sources, computed again on {len(pages(env))} {several}"
    entries = "entry differs, and says" if differ == 1 else "entries differ, and say"
    text += f"; {differ} {entries} why." if differ else "; all agree."
    return nodes.paragraph("", text, classes=["totals"])


def numbers(texts: list[str]) -> list[str]:
    """Return numbers with a minus for each hyphen."""
    return [MINUS.sub("−", text) for text in texts]


def citation(key: str, env: BuildEnvironment) -> nodes.Node:
    """Return a citation, or the bare key in a book without a bibliography."""
    if "cite" not in env.domains:
        return nodes.Text(key)
    options = {"refdomain": "cite", "reftype": "t", "reftarget": key, "refdoc": env.docname}
    return addnodes.pending_xref("", nodes.inline("", key), refwarn=True, **options)


def pages(env: BuildEnvironment) -> list[str]:
    """Return the pages with published numbers, as the table of contents has them."""
    return [name for name in reading_order(env, env.config.root_doc, set()) if name in records(env)]


def records(env: BuildEnvironment) -> dict[str, list[dict[str, Any]]]:
    """Return the records of each page, as read."""
    kept: dict[str, list[dict[str, Any]]] = vars(env).setdefault("mathforml_published", {})
    return kept


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is removed or about to be read again."""
    records(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    found = records(other)
    records(env).update({name: found[name] for name in docnames & found.keys()})


def setup(app: Sphinx) -> None:
    """Add the record, its line, and the ledger."""
    every: Any = dict.fromkeys(("html", "latex", "man", "texinfo", "text"), (ignore, ignore))
    app.add_node(published_record, **every)
    app.add_directive("published-numbers", PublishedNumbers)
    app.add_transform(ShowPublished)
    app.add_post_transform(FillPublished)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
