"""``{levels}`` and ``{ways}``: what makes a page of exercises a self-test.

A section of the page is a subject.  An exercise that asks for an answer is a question, and the
first chapter that it links to, mostly in its solution, is the one that teaches it.  A script names
a level for each subject, by what was known at the first try, and leaves out of the paths what the
answers show to be known.  Without it there is a table that says how to count, and whole paths.
"""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from mathforml.sphinx.answers import answer_field
from mathforml.sphinx.boxes import exercise_box
from mathforml.sphinx.ledger import table
from mathforml.sphinx.paths import link, lists, needed
from mathforml.sphinx.places import place
from mathforml.sphinx.prerequisites import chapters, goals, graph, links

__all__ = ["setup", "thresholds"]

logger = logging.getLogger(__name__)
HEAD = ["subject", "begin here", "warm", "ready", "its first page"]
RULE = (
    "Count what you knew at the first try, before you unfolded anything. ",
    ("Begin here", ": read the subject from its first page on. "),
    ("Warm", ": it comes back by use; read the pages of the questions that you did not know. "),
    ("Ready", ": go on, and look up what is missing when you need it."),
)


class levels_place(place):
    """The place of the levels."""


class ways_place(place):
    """The place of what is left of the paths."""


class informed(nodes.container):
    """A part of the page that tells a script what the build knows."""


class Question(NamedTuple):
    """An exercise, the labels of its fields, and the chapter that teaches it."""

    exercise: exercise_box
    fields: list[str]
    chapter: str


class Subject(NamedTuple):
    """A section and its questions."""

    section: nodes.section
    questions: list[Question]


class Place(SphinxDirective):
    """``{levels}`` or ``{ways}``."""

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages have been read."""
        return [levels_place() if self.name == "levels" else ways_place()]


class FillSelfTest(SphinxPostTransform):
    """Write what the answers on a page are for, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Fill the places, and complain of what leads nowhere."""
        there = list(self.document.findall(levels_place)), list(self.document.findall(ways_place))
        if not any(there):
            return
        for problem, node in problems(self.env, self.document):
            logger.error(problem, location=node, type="mathforml", subtype="self-test")
        found = subjects(self.env, self.document)
        for node in there[0]:
            node.replace_self(levels(self.app, found))
        for node in there[1]:
            node.replace_self(ways(self.app, found))


def subjects(env: BuildEnvironment, document: nodes.document) -> list[Subject]:
    """Return the sections of a page that hold questions."""
    order = chapters(env)
    asked = (
        Question(exercise, fields, next(goal for goal in pages if goal in order))
        for exercise, fields, pages in exercises(env, document)
        if {*pages} & {*order}
    )
    return [
        Subject(key, list(those))
        for key, those in groupby(asked, lambda one: section_of(one.exercise))
    ]


def problems(env: BuildEnvironment, document: nodes.document) -> Iterator[tuple[str, nodes.Node]]:
    """Yield what a self-test lacks, and where."""
    order, count = {*chapters(env)}, 0
    for exercise, _, pages in exercises(env, document):
        count += 1
        if not {*pages} & order:
            name = exercise["title"]
            yield (
                f"the question {name!r} names no chapter that teaches it; "
                "expected a link to one, in the exercise or its solution",
                exercise,
            )
    if not count:
        yield "a self-test without questions; expected exercises with an answer field", document


def exercises(
    env: BuildEnvironment, document: nodes.document
) -> Iterator[tuple[exercise_box, list[str], list[str | None]]]:
    """Yield the exercises that ask for answers, their fields, and the pages that they link to."""
    for exercise in document.findall(exercise_box):
        if fields := [field["label"] for field in exercise.findall(answer_field)]:
            yield exercise, fields, list(goals(env, links(exercise)))


def section_of(node: nodes.Node) -> nodes.section:
    """Return the section that holds a node."""
    parent = node.parent
    while not isinstance(parent, nodes.section):
        parent = parent.parent
    return parent


def thresholds(count: int) -> tuple[int, int]:
    """Return how many known answers make a subject warm, and how many make it ready.

    Of four questions or more one may slip.

    Examples
    --------
    >>> thresholds(6), thresholds(5), thresholds(2), thresholds(1)
    ((3, 5), (3, 4), (1, 2), (1, 1))
    """
    return (count + 1) // 2, count - (count > 3)


def levels(app: Sphinx, found: list[Subject]) -> nodes.Node:
    """Return how levels are counted, and for the script what there is to count."""
    env, here = app.env, app.env.docname
    asked = {question.chapter for subject in found for question in subject.questions}
    order = [page for page in chapters(env) if page in asked]
    told = {
        "chapters": [
            [app.builder.get_relative_uri(here, page), env.titles[page].astext()] for page in order
        ],
        "subjects": [
            {
                "id": section["ids"][0],
                "name": section[0].astext(),
                "from": thresholds(len(questions)),
                "asks": [
                    {
                        "id": exercise["ids"][0],
                        "name": exercise["title"],
                        "fields": fields,
                        "chapter": order.index(chapter),
                    }
                    for exercise, fields, chapter in questions
                ],
            }
            for section, questions in found
        ],
    }
    rows = [row(env, here, order, subject) for subject in found]
    words = [
        nodes.Text(part) if isinstance(part, str) else nodes.emphasis("", part[0])
        for said in RULE
        for part in ([said] if isinstance(said, str) else [said[:1], said[1]])
    ]
    rule = nodes.paragraph("", "", *words)
    return informed("", rule, table(HEAD, rows, "scores"), told=told, classes=["levels"])


def row(
    env: BuildEnvironment, here: str, order: list[str], subject: Subject
) -> list[list[nodes.Node]]:
    """Return a line of the table: a subject, the scores of each level, the first page."""
    count = len(subject.questions)
    warm, ready = thresholds(count)
    scores = [(0, warm - 1), (warm, ready - 1), (ready, count)]
    first = min((question.chapter for question in subject.questions), key=order.index)
    said = [f"{low}–{high}" if low < high else f"{low}" * (low == high) for low, high in scores]
    words: list[str] = [subject.section[0].astext(), *said]
    cells: list[list[nodes.Node]] = [[nodes.Text(word)] for word in words]
    return [*cells, [link(env, first, here)]]


def ways(app: Sphinx, found: list[Subject]) -> nodes.Node:
    """Return the musts of each kind of reader, and for the script what builds on what."""
    env, here = app.env, app.env.docname
    address = {page: app.builder.get_relative_uri(here, page) for page in chapters(env)}
    asked: dict[str, list[str]] = {}
    for question in (question for subject in found for question in subject.questions):
        asked.setdefault(question.chapter, []).extend(question.fields)
    told = {
        address[page]: {"before": [address[goal] for goal in before], "fields": asked.get(page, [])}
        for page, before in graph(env).items()
    }
    return informed("", *lists(env, here, needed), told=told, classes=["paths", "ways"])


def visit_informed(self: HTML5Translator, node: informed) -> None:
    """Open a part, with what it tells."""
    told: Any = {"data-told": json.dumps(node["told"], separators=(",", ":"))}
    self.body.append(self.starttag(node, "div", **told))


def depart_informed(self: HTML5Translator, node: informed) -> None:
    """Close it."""
    self.body.append("</div>\n")


def ignore(self: object, node: nodes.Element) -> None:
    """Let the children speak."""


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script where there is something to count."""
    if doctree and next(doctree.findall(informed), None) is not None:
        app.add_js_file("self_test.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the directives, what fills them, and the script."""
    others: Any = dict.fromkeys(("latex", "man", "texinfo", "text"), (ignore, ignore))
    app.add_node(informed, html=(visit_informed, depart_informed), **others)
    for kind in (levels_place, ways_place):
        app.add_node(kind)
    app.add_directive("levels", Place)
    app.add_directive("ways", Place)
    app.add_post_transform(FillSelfTest)
    app.connect("html-page-context", add_script)
