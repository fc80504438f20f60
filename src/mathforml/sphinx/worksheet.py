"""``{worksheet} Title``: questions to fill in, on paper or in the browser.

Its content is Markdown: a paragraph asks, and the definition list below it has a field for each
term, with a hint.  In HTML it is a form.  What is written there stays on the reader's device, and a
button exports it as Markdown.  On paper, and without scripts, it is a form with lines.
"""

from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

CONTROLS = {"export": "Export as a file", "print": "Print this sheet", "erase": "Erase"}
EXPECTED = "expected a paragraph that asks, then a definition list of fields, as often as needed"


class worksheet(nodes.General, nodes.Element):
    """A sheet: questions, each a paragraph, and below each the list of its fields."""


class Worksheet(SphinxDirective):
    """``{worksheet} Title``, with the label under which answers are kept."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "label": directives.unchanged_required,
        "lines": directives.positive_int,
    }

    def run(self) -> list[nodes.Node]:
        """Return the sheet."""
        if "label" not in self.options:
            raise self.error("worksheet needs a :label:, under which answers are kept")
        name = nodes.fully_normalize_name(self.options["label"])
        node = worksheet(title=self.arguments[0], lines=self.options.get("lines", 2), names=[name])
        self.set_source_info(node)
        self.state.document.note_explicit_target(node)
        node += self.parse_content_to_nodes()
        problem = unfit(node)
        if problem:
            raise self.error(f"the worksheet {name!r} {problem}")
        return [node]


def unfit(node: worksheet) -> str:
    """Say what is wrong with the content of a sheet."""
    kinds = [type(part) for part in node.children if not isinstance(part, nodes.comment)]
    if not kinds or kinds != [nodes.paragraph, nodes.definition_list] * (len(kinds) // 2):
        return f"holds other parts; {EXPECTED}"
    for item in node.findall(nodes.definition_list_item):
        hints = item.children[1:]
        if len(hints) != 1 or len(hints[0].children) != 1:
            return f"has a field {item[0].astext()!r} whose hint is more than one paragraph"
    names = [name_of(item) for item in node.findall(nodes.definition_list_item)]
    again = [name for name in names if not name or names.count(name) > 1]
    return f"has two fields {again[0]!r}" if again else ""


def name_of(item: nodes.definition_list_item) -> str:
    """Return the name under which the answer of a field is kept: its words."""
    return nodes.make_id(item[0].astext())


def visit_worksheet(self: HTML5Translator, node: worksheet) -> None:
    """Write a form; what needs the script is hidden until it is there."""
    sheet = node["ids"][0]
    more: Any = {"aria-labelledby": f"{sheet}-head", "style": f"--lines: {node['lines']}"}
    self.body.append(self.starttag(node, "form", CLASS="worksheet", autocomplete="off", **more))
    self.body.append(f'<p class="head" id="{sheet}-head">{escape(node["title"])}</p>')
    parts = [part for part in node.children if not isinstance(part, nodes.comment)]
    for question, fields in zip(parts[::2], parts[1::2], strict=True):
        self.body.append("<fieldset><legend>")
        write(self, question)
        self.body.append("</legend>\n")
        for item in fields.findall(nodes.definition_list_item):
            write_field(self, item, f"{sheet}-{name_of(item)}", node["lines"])
        self.body.append("</fieldset>\n")
    buttons = (
        f'<button type="button" data-do="{do}">{say}</button>' for do, say in CONTROLS.items()
    )
    self.body.append(f'<p class="line" hidden>{" ".join(buttons)}</p>')
    self.body.append('<p role="status"></p></form>\n')
    raise nodes.SkipNode


def write_field(
    self: HTML5Translator, item: nodes.definition_list_item, name: str, lines: int
) -> None:
    """Write a field: its label, its hint, and room to write."""
    term, definition = item.children
    self.body.append(f'<div class="field"><label for="{name}">')
    write(self, term)
    self.body.append(f'</label> <span class="help" id="{name}-hint">')
    write(self, definition.children[0])
    self.body.append(
        f'</span><textarea id="{name}" name="{name_of(item)}" rows="{lines}"'
        f' aria-describedby="{name}-hint"></textarea></div>\n'
    )


def write(self: HTML5Translator, node: nodes.Node) -> None:
    """Write what a paragraph or a term holds."""
    for part in node.children:
        part.walkabout(self)


def ignore(self: object, node: nodes.Element) -> None:
    """Let the children speak."""


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script on pages with a sheet."""
    if doctree and next(doctree.findall(worksheet), None) is not None:
        app.add_js_file("worksheet.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the directive and the script."""
    others: Any = dict.fromkeys(("latex", "man", "texinfo", "text"), (ignore, ignore))
    app.add_node(worksheet, html=(visit_worksheet, None), **others)
    app.add_directive("worksheet", Worksheet)
    app.connect("html-page-context", add_script)
