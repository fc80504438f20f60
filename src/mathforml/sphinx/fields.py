"""Write the fields of exercises as forms.

What a form says without the script is the options or the steps; its controls are hidden until the
script is there.  What the script needs is encoded, so that a glance at the page's source gives
nothing away.
"""

import base64
import json
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from mathforml.sphinx.answers import answer_field, options

LEGENDS = {"choice": "Your choice", "order": "Put the steps in order"}
ARROWS = ((-1, "up", "M1 7l4-4 4 4"), (1, "down", "M1 3l4 4 4-4"))
GRIP = '<span class="grip" aria-hidden="true"></span>'
MOVE = (
    '<button type="button" data-by="{by}" aria-label="Move {way}" aria-describedby="{step}">'
    '<svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d="{path}"/></svg>'
    "</button>"
)


def visit_answer_field(self: HTML5Translator, node: answer_field) -> None:
    """Write a form, its controls hidden until the script is there."""
    kind, name = node["kind"], node["ids"][0]
    check = base64.b64encode(json.dumps(node["check"], separators=(",", ":")).encode()).decode()
    data = {"data-kind": kind, "data-label": node["label"], "data-check": check}
    if kind == "number":
        data["hidden"] = "hidden"
    self.body.append(self.starttag(node, "form", CLASS="answer", autocomplete="off", **data))
    words = next((part for part in node.children if isinstance(part, nodes.paragraph)), None)
    if kind == "number":
        said = spoken(words, f"{name}-name", "answer")
        self.body.append(f'<p class="line"><label for="{name}-field" id="{name}-name">')
        write(self, words)
        self.body.append(
            f'</label> <span class="enter"><input type="text" id="{name}-field"{said}'
            ' spellcheck="false" autocapitalize="off"> <button>Check</button></span></p>'
        )
    else:
        self.body.append("<fieldset><legend>")
        write(self, words) if words else self.body.append(LEGENDS[kind])
        self.body.append("</legend>")
        write_list(self, node)
        self.body.append('<p class="line" hidden><button>Check</button></p></fieldset>')
    self.body.append('<p role="status"></p></form>\n')
    raise nodes.SkipNode


def write_list(self: HTML5Translator, node: answer_field) -> None:
    """Write options as radio buttons, steps as lines that move."""
    kind, name = node["kind"], node["ids"][0]
    self.body.append("<ul>" if kind == "choice" else "<ol>")
    for place, item in enumerate(options(node), start=1):
        if kind == "choice":
            words = f"{name}-option-{place}"
            said = spoken(item[0], words, f"option {place}")
            radio = f'<input type="radio" name="{name}" value="{place}"{said} hidden>'
            self.body.append(f'<li><label>{radio}<span id="{words}">')
            write(self, item[0])
            self.body.append("</span></label></li>")
            continue
        step = f"{name}-step-{place}"
        self.body.append(f'<li data-place="{place}">{GRIP}<span class="step" id="{step}">')
        write(self, item[0])
        buttons = "".join(
            MOVE.format(by=by, way=way, path=path, step=step) for by, way, path in ARROWS
        )
        self.body.append(f'</span><span class="moves" hidden>{buttons}</span></li>')
    self.body.append("</ul>" if kind == "choice" else "</ol>")


def spoken(label: nodes.Node | None, place: str, name: str) -> str:
    """Return what names a control whose label is a formula, which not every reader calls a name."""
    if label and any(text.strip() for text in label.children if isinstance(text, nodes.Text)):
        return ""
    return f' aria-label="{name}" aria-describedby="{place}"'


def write(self: HTML5Translator, paragraph: nodes.Node | None) -> None:
    """Write what a paragraph holds."""
    for part in paragraph.children if paragraph else ():
        part.walkabout(self)


def ignore(self: object, node: nodes.Element) -> None:
    """Let the children speak."""


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script on pages that have something to check."""
    if doctree and next(doctree.findall(answer_field), None) is not None:
        app.add_js_file("answers.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the node and the script."""
    others: Any = dict.fromkeys(("latex", "man", "texinfo", "text"), (ignore, ignore))
    app.add_node(answer_field, html=(visit_answer_field, None), **others)
    app.connect("html-page-context", add_script)
