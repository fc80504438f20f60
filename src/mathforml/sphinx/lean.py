"""Send a page that a phone lays out at once: scripts that wait, no idle elements, lists in parts.

``mathforml_code_classes``
    The classes of code that a project's style sheet sets apart, such as ``("c1", "nf")``; the
    elements of all others are left out, in inline code those around words (``"pre"``), too.
    Without it, all stay.

On a page with very many rows each table says how many it has, as ``--rows``, and is laid out when
a reader comes near. All are at once where a place has to be found again: for an address within the
page, on the way back to it, without scripts, and on paper.
"""

import re
from typing import Any

from docutils import nodes
from pygments.token import STANDARD_TYPES
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

__all__ = ["measured", "plainer", "setup"]

BLOCK = re.compile(r'(?<=<div class="highlight">)<pre\b.*?</pre>', re.S)
TOKEN = re.compile(r'<span class="(\w+)">([^<]*)</span>')
TOKENS = {name for name in STANDARD_TYPES.values() if name}
INLINE = re.compile(r"<code\b.*?</code>", re.S)
WORD = re.compile(r'<span class="pre">([^<]*)</span>')
TABLE = re.compile(r"<div(?=[^>]*\btable-wrapper\b[^>]*>\s*(<table\b.*?</table>))", re.S)
ROW = re.compile(r"<tr\b")
MANY = 200  # rows of a page; a chapter has some 40
LATER = """<script>
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate" && !location.hash) {
    const { dataset } = document.documentElement;
    dataset.tables = "later";
    addEventListener("hashchange", () => { delete dataset.tables; }, { once: true });
  }
</script>"""


def plainer(body: str, kept: set[str]) -> str:
    """Return HTML whose code has elements only for some classes."""

    def token(found: re.Match[str]) -> str:
        name, text = found.groups()
        return found[0] if name in kept or name not in TOKENS else text

    body = BLOCK.sub(lambda block: TOKEN.sub(token, block[0]), body)
    return body if "pre" in kept else INLINE.sub(lambda code: WORD.sub(r"\1", code[0]), body)


def measured(body: str) -> str:
    """Return HTML whose tables say how many rows they have, if together they have very many."""
    if len(ROW.findall(body)) < MANY:
        return body
    return TABLE.sub(lambda one: f'{one[0]} style="--rows: {len(ROW.findall(one[1]))}"', body)


class words(nodes.TextElement):
    """What stands in a cell, without an element of its own."""


class PlainCells(SphinxPostTransform):
    """Write each cell that is no more than a paragraph without it."""

    default_priority = 950
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace the paragraphs."""
        for cell in self.document.findall(nodes.entry):
            only = cell[0] if len(cell) == 1 else None
            if isinstance(only, nodes.paragraph) and not only["ids"] + only["classes"]:
                only.replace_self(words("", "", *only.children))


def ignore(self: object, node: nodes.Element) -> None:
    """Let the children speak."""


def change_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Change a page that is about to be written: its code, its tables, when its scripts run."""
    kept = set(app.config.mathforml_code_classes)
    if "body" in context:
        body = plainer(context["body"], kept) if kept else context["body"]
        context["body"] = measured(body)
        if context["body"] != body:
            context["metatags"] = context.get("metatags", "") + LATER
    if page != "search":  # its template's own scripts run at once, and lean on the others
        context["script_files"] = [waiting(one) for one in context.get("script_files", ())]


def waiting(script: Any) -> Any:
    """Return the script as one that runs when the page is read, if it has a file of its own."""
    if not getattr(script, "filename", None):
        return script
    attributes = {"defer": "defer", **script.attributes}
    return type(script)(script.filename, priority=script.priority, **attributes)


def setup(app: Sphinx) -> None:
    """Change every page, after all others."""
    app.add_config_value("mathforml_code_classes", (), "html", (tuple, list))
    app.add_node(words, html=(ignore, ignore))
    app.add_post_transform(PlainCells)
    app.connect("html-page-context", change_page, priority=950)
