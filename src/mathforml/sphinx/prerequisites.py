"""What comes before what, and who needs it: read from the chapters themselves.

A chapter says what it builds on by the links in its list *Before*, and who should read it in its
front matter: ``readers: {analyst: must, engineer: useful}``.  The build fails if it says neither,
or if it builds on a page that comes later in the table of contents.

``mathforml_parts``
    The folders whose pages, except the openers named ``index``, are chapters.
``mathforml_readers``
    The kinds of reader, as they say it: ``{"analyst": "Analyst: I read results and decide"}``.
``mathforml_roots``
    The chapters that build on no other.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from mathforml.sphinx.executed import reading_order
from mathforml.sphinx.meanings import page_of

__all__ = [
    "LEVELS",
    "ancestors",
    "chapters",
    "circle_through",
    "goals",
    "graph",
    "levels",
    "links",
    "reduced",
    "setup",
]

logger = logging.getLogger(__name__)
LEVELS = ("must", "useful", "skip")
Graph = dict[str, list[str]]  # each chapter with those that it builds on, in reading order


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Remember the links of the page's list *Before*."""
    known(app.env)[app.env.docname] = list(dict.fromkeys(links_before(doctree)))


def links_before(doctree: nodes.document) -> Iterator[tuple[str, str]]:
    """Yield what the links in the list *Before* lead to: a page or a label."""
    for item in doctree.findall(nodes.definition_list_item):
        if [term.astext() for term in item.findall(nodes.term)] == ["Before"]:
            yield from links(item)


def links(node: nodes.Element) -> Iterator[tuple[str, str]]:
    """Yield what the links within a node lead to: a page or a label."""
    for link in node.findall(addnodes.pending_xref):
        if link["refdomain"] == "doc" or link["reftype"] == "doc":
            yield "page", link["reftarget"].lstrip("/")
        elif link["reftype"] in ("myst", "ref", "any"):
            yield "label", link["reftarget"]


def goals(env: BuildEnvironment, found: Iterable[tuple[str, str]]) -> Iterator[str | None]:
    """Yield the pages that links lead to."""
    return (target if kind == "page" else page_of(env, target) for kind, target in found)


def chapters(env: BuildEnvironment) -> list[str]:
    """Return the chapters, as the table of contents has them."""
    parts = env.config.mathforml_parts
    pages = (page.rpartition("/") for page in reading_order(env, env.config.root_doc, set()))
    return [
        f"{part}/{name}"
        for part, _, name in pages
        if part in parts and name != "index" and f"{part}/{name}" in env.found_docs
    ]


def graph(env: BuildEnvironment) -> Graph:
    """Return what each chapter builds on."""
    order = chapters(env)
    found: Graph = {}
    for page in order:
        before = {*goals(env, known(env).get(page, ()))} - {page}
        found[page] = [goal for goal in order if goal in before]
    return found


def ancestors(found: Graph, page: str) -> set[str]:
    """Return all that a chapter builds on, at whatever distance."""
    seen: set[str] = set()
    waiting = list(found.get(page, ()))
    while waiting:
        last = waiting.pop()
        if last not in seen:
            seen.add(last)
            waiting += found.get(last, ())
    return seen


def circle_through(found: Graph, page: str) -> list[str]:
    """Return a way from a chapter, over what it builds on, back to itself; nothing if none is."""
    ways = [[page]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for goal in found.get(way[-1], ()):
            if goal == page:
                return [*way, page]
            if goal not in seen:
                seen.add(goal)
                ways.append([*way, goal])
    return []


def reduced(found: Graph) -> Graph:
    """Return the graph without links that follow from others."""
    return {
        page: [
            goal
            for goal in before
            if not any(goal in ancestors(found, other) for other in before if other != goal)
        ]
        for page, before in found.items()
    }


def levels(env: BuildEnvironment, page: str) -> dict[str, str]:
    """Return how much each kind of reader needs a chapter, as its front matter says."""
    text = env.metadata.get(page, {}).get("readers", "{}")
    try:
        data = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        data = {}
    return dict(data) if isinstance(data, Mapping) else {}


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Complain of chapters that do not say what comes before, or who reads them."""
    order, found = chapters(env), graph(env)
    for page in order:
        if circle := circle_through(found, page):
            said = " builds on ".join(circle)
            logger.error(
                "chapters build on each other in a circle: %s; expected an end",
                said,
                location=page,
                type="mathforml",
                subtype="prerequisites",
            )
            return
    for page in order:
        for problem in [*unread(env, page), *unplaced(env, page, found, order)]:
            logger.error("%s", problem, location=page, type="mathforml", subtype="prerequisites")


def unread(env: BuildEnvironment, page: str) -> Iterator[str]:
    """Yield what is wrong with the readers of a chapter."""
    kinds, said = env.config.mathforml_readers, levels(env, page)
    want = f"expected readers: {{{', '.join(f'{kind}: must' for kind in kinds)}}} at its top"
    if kinds and not said:
        yield f"the chapter says nothing of its readers; {want}, each must, useful or skip"
        return
    for kind in kinds:
        if kind not in said:
            yield f"the chapter says nothing to the reader {kind!r}; {want}"
        elif said[kind] not in LEVELS:
            yield f"the chapter is {said[kind]!r} for {kind!r}; expected must, useful or skip"
    for kind in said.keys() - set(kinds):
        yield f"the chapter names a reader {kind!r}; known are {', '.join(kinds)}"


def unplaced(env: BuildEnvironment, page: str, found: Graph, order: list[str]) -> Iterator[str]:
    """Yield what is wrong with the place of a chapter."""
    if not found[page] and page not in env.config.mathforml_roots:
        yield (
            "the chapter builds on nothing; expected a list Before with links to chapters, "
            "or its name in mathforml_roots"
        )
    for goal in found[page]:
        if order.index(goal) > order.index(page):
            yield f"the chapter builds on {goal}, which comes after it in the table of contents"


def known(env: BuildEnvironment) -> dict[str, list[tuple[str, str]]]:
    """Return the links of the lists *Before*, by page; Sphinx keeps them with its environment."""
    kept: dict[str, list[tuple[str, str]]] = vars(env).setdefault("mathforml_before", {})
    return kept


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is removed or about to be read again."""
    known(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    found = known(other)
    known(env).update({name: found[name] for name in docnames & found.keys()})


def setup(app: Sphinx) -> None:
    """Add the settings, and watch the chapters."""
    app.add_config_value("mathforml_parts", (), "html", types=frozenset({tuple, list}))
    app.add_config_value("mathforml_readers", {}, "html", types=frozenset({dict}))
    app.add_config_value("mathforml_roots", (), "html", types=frozenset({tuple, list}))
    app.connect("doctree-read", note)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", check)
