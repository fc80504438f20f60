"""Put cells, hints and solutions where they belong, and see that no exercise lacks its answer."""

import re
from collections.abc import Iterator
from typing import cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from mathforml.sphinx.boxes import box, exercise_box, fold, number, number_of, sidenote, summary

logger = logging.getLogger(__name__)


def complain(message: str, node: nodes.Node) -> None:
    """Report an error at the line of ``node``."""
    logger.error(message, location=node, type="mathforml", subtype="exercise")


def following(node: nodes.Element) -> Iterator[nodes.Node]:
    """Yield the siblings after ``node``, which may leave their place meanwhile."""
    siblings = node.parent.children
    for sibling in siblings[siblings.index(node) + 1 :]:
        if not isinstance(sibling, nodes.comment):
            yield sibling


def move(node: nodes.Element, parent: nodes.Element) -> None:
    """Make ``node`` the last child of ``parent``."""
    node.parent.remove(node)
    parent += node


class GatherCells(SphinxTransform):
    """Move cells tagged ``solution`` or ``seeded-bug`` into the box that they follow."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        """Move them."""
        boxes: list[box | fold] = [*self.document.findall(box), *self.document.findall(fold)]
        for node in boxes:
            for cell in following(node) if "gathers" in node else ():
                if not (isinstance(cell, nodes.container) and node["gathers"] in cell["classes"]):
                    break
                move(cell, node)


class JoinAnswers(SphinxTransform):
    """Move the hints and the solution that follow an exercise into its frame."""

    default_priority = 401

    def apply(self, **kwargs: object) -> None:
        """Move them, name the solutions, and see that each exercise has one."""
        exercises = list(self.document.findall(exercise_box))
        for node in exercises:
            for answer in following(node):
                if not (isinstance(answer, fold) and belongs(answer, node)):
                    break
                move(answer, node)
            self.count_hints(node)
        for answer in list(self.document.findall(fold)):
            if "solves" in answer:
                self.name(answer, exercises)
        for node in exercises:
            if "solution" not in node:
                name = node["names"][0] if node["names"] else node["title"]
                complain(f"exercise {name!r} has no solution on this page", node)

    def count_hints(self, node: exercise_box) -> None:
        """Name the hints after the first, unless the author does."""
        hints = [part for part in node.children if isinstance(part, fold) and "solves" not in part]
        for hint in hints[1:]:
            head = cast(summary, hint[0])
            if head.astext() == "Hint":
                head.clear()
                head += nodes.Text("Another hint")

    def name(self, answer: fold, exercises: list[exercise_box]) -> None:
        """Name a solution; if it stands away from its exercise, link the two."""
        label = answer["solves"]
        found = [node for node in exercises if label in node["names"]]
        if not found:
            known = ", ".join(name for node in exercises for name in node["names"]) or "none"
            complain(f"no exercise {label!r} on this page; its exercises: {known}", answer)
        elif "solution" in found[0]:
            complain(f"exercise {label!r} has a solution already", answer)
        else:
            found[0]["solution"] = answer["ids"][0]
            cast(summary, answer[0]).append(nodes.Text("Solution"))
            if answer.parent is not found[0]:
                self.link(answer, found[0])

    def link(self, answer: fold, node: exercise_box) -> None:
        """Link a distant solution with its exercise, to and fro."""
        docname = self.env.current_document.docname
        name = [nodes.Text(" of "), number_of(node, "exercise", docname)]
        cast(summary, answer[0]).extend(name)
        back = nodes.reference("", "", number_of(node, "exercise", docname), refid=node["ids"][0])
        answer += nodes.paragraph("", "", nodes.Text("Back to "), back, classes=["back"])
        there = nodes.reference("", "Solution", refid=answer["ids"][0])
        node += nodes.paragraph("", "", there, classes=["back"])


def belongs(answer: fold, node: exercise_box) -> bool:
    """Return whether a fold answers the exercise that it follows."""
    return "hint" in answer["classes"] or answer.get("solves") in node["names"]


class NumberSidenotes(SphinxTransform):
    """Count the side notes of a page, and set each after the punctuation that follows it."""

    default_priority = 402

    def apply(self, **kwargs: object) -> None:
        """Count and set them."""
        for place, note in enumerate(list(self.document.findall(sidenote)), start=1):
            note["number"] = place
            text = next(following(note), None)
            if isinstance(text, nodes.Text) and (mark := re.match(r"[.,;:!?)]+", text)):
                text.parent.replace(text, nodes.Text(text[mark.end() :]))
                note.parent.insert(note.parent.index(note), nodes.Text(mark.group()))


class Chips(SphinxTransform):
    """Mark the list of what comes *Before* and *After* a page."""

    default_priority = 403

    def apply(self, **kwargs: object) -> None:
        """Mark it, and turn a row of links into a list."""
        for node in self.document.findall(nodes.definition_list):
            if {term.astext() for term in node.findall(nodes.term)} <= {"Before", "After"}:
                node["classes"].append("chips")
                for paragraph in list(node.findall(nodes.paragraph)):
                    if isinstance(paragraph.parent, nodes.definition):
                        self.list_links(paragraph)

    def list_links(self, paragraph: nodes.paragraph) -> None:
        """Replace a paragraph that holds only links and commas by a list of the links."""
        links = [part for part in paragraph if not isinstance(part, nodes.Text)]
        words = "".join(part for part in paragraph if isinstance(part, nodes.Text))
        if links and not words.replace("and", "").strip(" ,.\n"):
            items = [nodes.list_item("", nodes.paragraph("", "", link)) for link in links]
            paragraph.replace_self(nodes.bullet_list("", *items, bullet="-"))


class FoldCode(SphinxPostTransform):
    """Fold the code of cells tagged ``hide-input``, below what they show and named after it.

    MyST-NB's own fold is heard as "Toggle hidden content", whatever it hides.
    """

    default_priority = 190
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Fold it."""
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("hide_mode") == "input":
                del cell["hide_mode"]
                code = cell[0]
                cell.remove(code)
                cell += fold("", summary("", "Code", *self.figure(cell)), code, classes=["code"])

    def figure(self, cell: nodes.container) -> list[nodes.Node]:
        """Return the words that name the figure of a cell, if it has one."""
        for figure in cell.findall(nodes.figure):
            if figure["ids"]:
                docname = self.env.current_document.docname
                return [nodes.Text(" of "), number_of(figure, "figure", docname)]
        return []


class WriteNumbers(SphinxPostTransform):
    """Write "Exercise 2.1" where a number was left open."""

    default_priority = 195

    def run(self, **kwargs: object) -> None:
        """Write them."""
        for place in list(self.document.findall(number)):
            kind = place["kind"]
            found = self.env.toc_fignumbers.get(place["docname"], {}).get(kind, {})
            text = kind.capitalize()
            if place["target"] in found:
                digits = ".".join(map(str, found[place["target"]]))
                text = self.config.numfig_format[kind] % digits
            place.replace_self(nodes.inline("", text, classes=place["classes"]))


class PlainBoxes(SphinxPostTransform):
    """Give builders other than HTML ordinary paragraphs."""

    default_priority = 900
    formats = ("latex", "man", "texinfo", "text", "xml", "pseudoxml")

    def run(self, **kwargs: object) -> None:
        """Replace what only HTML can show."""
        for note in list(self.document.findall(sidenote)):
            note.replace_self([nodes.Text(" ("), *note.children, nodes.Text(")")])
        for line in list(self.document.findall(summary)):
            line.replace_self(nodes.paragraph("", "", nodes.strong("", "", *line.children)))
        boxes: list[box | fold] = [*self.document.findall(box), *self.document.findall(fold)]
        for node in boxes:
            node.replace_self([nodes.target(ids=node["ids"]), *node.children])


def setup(app: Sphinx) -> None:
    """Add the transforms."""
    for early in (GatherCells, JoinAnswers, NumberSidenotes, Chips):
        app.add_transform(early)
    for late in (FoldCode, WriteNumbers, PlainBoxes):
        app.add_post_transform(late)
