"""The pedagogic boxes of a page: question, definition, theorem, exercise, wrong turn, side note.

In HTML a box is a group named by its head, ``div.theorem > p.head > .number + .name``; an answer
is a ``details`` of the class ``recall``, ``hint`` or ``solution``; a question and the sentence to
remember are paragraphs of these classes. `mathforml.sphinx.folds` puts everything in its place.
"""

from typing import Any, ClassVar, cast

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.writers.html5 import HTML5Translator


class box(nodes.General, nodes.Element):
    """Some paragraphs with a head."""


class definition_box(box):
    """A numbered definition."""


class theorem_box(box):
    """A numbered theorem."""


class exercise_box(box):
    """A numbered exercise."""


class fold(nodes.General, nodes.Element):
    """Something to unfold: a summary, then what it hides."""


class summary(nodes.Part, nodes.TextElement):
    """The line that is seen while the rest is folded."""


class sidenote(nodes.Inline, nodes.TextElement):
    """An aside within a paragraph, beside it where there is room."""


class number(nodes.Inline, nodes.TextElement):
    """The place of "Exercise 2.1", which is known once all pages are read."""


NUMBERED: dict[str, type[box]] = {
    "definition": definition_box,
    "theorem": theorem_box,
    "exercise": exercise_box,
}


def number_of(node: nodes.Element, kind: str, docname: str) -> number:
    """Return the place where the number of a figure or box will stand."""
    return number("", "", kind=kind, docname=docname, target=node["ids"][0], classes=["number"])


class Boxed(SphinxDirective):
    """A directive whose content is Markdown."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {"label": directives.unchanged_required}

    def body(self, node: nodes.Element) -> nodes.Element:
        """Give ``node`` its source line, its id and the parsed content."""
        self.set_source_info(node)
        document = self.state.document
        if "label" in self.options:
            node["names"].append(nodes.fully_normalize_name(self.options["label"]))
            document.note_explicit_target(node)
        else:
            node["ids"] = node["ids"] or [f"{self.name}-{self.env.new_serialno(self.name) + 1}"]
            document.set_id(node)
        node["classes"].append(self.name)
        node += self.parse_content_to_nodes()
        return node

    def title(self) -> list[nodes.Node]:
        """Return the parsed argument."""
        return self.parse_inline(self.arguments[0])[0] if self.arguments else []


class NumberedBox(Boxed):
    """A definition, theorem or exercise, numbered as figures are."""

    def run(self) -> list[nodes.Node]:
        """Return the box, its number left open."""
        node = self.body(NUMBERED[self.name]())
        place = number_of(node, self.name, self.env.docname)
        head = nodes.paragraph("", "", place, classes=["head"], ids=[f"{node['ids'][0]}-head"])
        title = self.title()
        if title:
            head += [nodes.Text(" "), nodes.inline("", "", *title, classes=["name"])]
        node["title"] = "".join(part.astext() for part in title) or self.name.capitalize()
        node.insert(0, head)
        return [node]


class Proof(Boxed):
    """A proof: its name opens the first paragraph, a quiet mark closes the last."""

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        node = self.body(box())
        words = [nodes.Text("Proof ("), *self.title(), nodes.Text(").")]
        head = nodes.inline("", "", *(words if self.arguments else [nodes.Text("Proof.")]))
        head.update_basic_atts({"classes": ["head"], "ids": [f"{node['ids'][0]}-head"]})
        first = node.children[0] if node.children else None
        if not isinstance(first, nodes.paragraph):
            first = nodes.paragraph()
            node.insert(0, first)
        first.insert(0, [head, nodes.Text(" ")])
        return [node]


class Wrong(Boxed):
    """A wrong turn; cells tagged ``seeded-bug`` that follow belong to it."""

    required_arguments, optional_arguments = 1, 0

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        node = self.body(box(gathers="tag_seeded-bug"))
        name = nodes.inline("", "", *self.title(), classes=["name"])
        ids = [f"{node['ids'][0]}-head"]
        node.insert(0, nodes.paragraph("", "", name, classes=["head"], ids=ids))
        return [node]


class Fold(Boxed):
    """A question with its answer folded, or a hint."""

    def run(self) -> list[nodes.Node]:
        """Return the fold."""
        node = self.body(fold())
        node.insert(0, summary("", "", *(self.title() or [nodes.Text(self.name.capitalize())])))
        return [node]


class Recall(Fold):
    """A question on something read before, its answer folded."""

    required_arguments, optional_arguments = 1, 0


class Solution(Boxed):
    """The folded solution of an exercise; cells tagged ``solution`` that follow belong to it."""

    required_arguments, optional_arguments = 1, 0
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the fold; its summary waits for the exercise."""
        label = nodes.fully_normalize_name(self.arguments[0])
        node = fold(ids=[nodes.make_id(f"{label}-solution")], solves=label, gathers="tag_solution")
        self.body(node)
        node.insert(0, summary())
        return [node]


class Sentence(Boxed):
    """The question of the page, or its sentence to remember: paragraphs with a class."""

    optional_arguments = 0
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the paragraphs."""
        self.assert_has_content()
        content = self.parse_content_to_nodes()
        for node in content:
            if isinstance(node, nodes.Element):
                node["classes"].append(self.name)
        return content


class Sidenote(SphinxRole):
    """An aside: Markdown within a paragraph."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the note."""
        text, parent = self.text.strip(), self.inliner.parent
        memo: Any = self.inliner  # has a memo's document, reporter and language
        content, messages = self.inliner.parse(text, self.lineno, memo, parent)
        return [sidenote(self.rawtext, "", *content)], messages


# HTML


def visit_box(self: HTML5Translator, node: box) -> None:
    """Open a group that its head names."""
    named: Any = {"role": "group", "aria-labelledby": f"{node['ids'][0]}-head"}
    self.body.append(self.starttag(node, "div", "", **named))


def visit_fold(self: HTML5Translator, node: fold) -> None:
    """Open a ``details``."""
    self.body.append(self.starttag(node, "details", ""))


def visit_summary(self: HTML5Translator, node: summary) -> None:
    """Open a ``summary``."""
    self.body.append(self.starttag(node, "summary", ""))


def visit_sidenote(self: HTML5Translator, node: sidenote) -> None:
    """Write the marker, unheard since the note follows at once, and open the note."""
    mark = node["number"]
    self.body.append(f'<span class="noteref" aria-hidden="true">{mark}</span>')
    self.body.append(self.starttag(node, "span", "", CLASS="sidenote", role="note"))
    self.body.append(f'<span class="n" aria-hidden="true">{mark}</span> ')


def close(tag: str) -> Any:
    """Return a departure function."""

    def depart(self: HTML5Translator, node: nodes.Element) -> None:
        self.body.append(f"</{tag}>")

    return depart


def title_of(node: nodes.Node) -> str:
    """Return what a reference to a box reads."""
    return str(cast(box, node)["title"])


def numbers_of_boxes(app: Sphinx, config: Config) -> None:
    """Name the numbered boxes unless the project does."""
    for kind in NUMBERED:
        config.numfig_format.setdefault(kind, f"{kind.capitalize()} %s")


def setup(app: Sphinx) -> None:
    """Add the nodes, the directives and the role."""
    app.connect("config-inited", numbers_of_boxes)
    group = (visit_box, close("div"))
    app.add_node(box, html=group)
    for kind, node in NUMBERED.items():
        app.add_enumerable_node(node, kind, title_of, html=group)
        app.add_directive(kind, NumberedBox)
    app.add_node(fold, html=(visit_fold, close("details")))
    app.add_node(summary, html=(visit_summary, close("summary")))
    app.add_node(sidenote, html=(visit_sidenote, close("span")))
    app.add_node(number)
    app.add_role("sidenote", Sidenote())
    app.add_directive("proof", Proof)
    app.add_directive("wrong", Wrong)
    app.add_directive("recall", Recall)
    app.add_directive("hint", Fold, override=True)
    app.add_directive("solution", Solution)
    app.add_directive("question", Sentence)
    app.add_directive("remember", Sentence)
