"""``{snippet} package.module.function``: the function as a block that stands alone, to copy.

The block is folded, holds all that the function needs from its package, and needs only NumPy; see
`mathforml.snippets`.  What cannot be copied fails the build.  A project sets in ``conf.py``:

``mathforml_snippet_site``
    Where the book is published, for the address of the derivation; ``html_baseurl`` by default.
``mathforml_snippet_license``
    Whose code it is, and under which license.
"""

from html import escape
from itertools import groupby
from typing import Any

from docutils import nodes
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES, Comment, Name, String, _TokenType
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from mathforml.snippets import LICENSE, SnippetError, snippet

logger = logging.getLogger(__name__)
KIND: dict[str, Any] = {"type": "mathforml", "subtype": "snippet"}
SEEN = (Comment, Name.Function, String)  # what listings set apart


class snippet_block(nodes.General, nodes.Element):
    """A copy, folded; its text is an attribute, so that the search does not find it twice."""


class SnippetDirective(SphinxDirective):
    """Fold a copy of one or more functions into the page."""

    required_arguments = 1
    optional_arguments = 20

    def run(self) -> list[nodes.Node]:
        """Return the block."""
        site, license = self.config.mathforml_snippet_site, self.config.mathforml_snippet_license
        try:
            copy = snippet(*self.arguments, site=site, license=license)
        except SnippetError as error:
            logger.warning("snippet: %s", error, location=self.get_location(), **KIND)
            return []
        for path in copy.paths:
            self.env.note_dependency(path)
        node = snippet_block(code=copy.code, copied=list(copy.names))
        node["ids"] = [f"snippet-{'-'.join(copy.names)}"]
        self.set_source_info(node)
        self.state.document.note_explicit_target(node)
        return [node]


def highlighted(code: str) -> str:
    """Return code as HTML: comments, strings and names of functions set apart, no other spans."""
    parts = []
    for kind, tokens in groupby(PythonLexer().get_tokens(code), lambda token: seen(token[0])):
        text = escape("".join(text for _, text in tokens), quote=False)
        parts.append(f'<span class="{kind}">{text}</span>' if kind else text)
    return "".join(parts).rstrip("\n") + "\n"


def seen(kind: _TokenType) -> str:
    """Return the class of a kind of token; nothing for most."""
    return STANDARD_TYPES.get(kind, "") if any(kind in group for group in SEEN) else ""


def visit_snippet(self: HTML5Translator, node: snippet_block) -> None:
    """Write a fold that needs no script."""
    names = ", ".join(f"<code>{escape(name)}</code>" for name in node["copied"])
    lines = node["code"].count("\n")
    self.body.append(self.starttag(node, "details", "", CLASS="snippet"))
    self.body.append(f"<summary>Copy {names}: {lines} lines that need only NumPy</summary>")
    self.body.append('<div class="highlight-python notranslate"><div class="highlight">')
    self.body.append(f"<pre>{highlighted(node['code'])}</pre></div></div></details>\n")
    raise nodes.SkipNode


def skip(self: object, node: nodes.Element) -> None:
    """Leave out what can only be copied from a screen."""
    raise nodes.SkipNode


def settle(app: Sphinx, config: Config) -> None:
    """Let the address of the site be the published one unless the project says otherwise."""
    config.mathforml_snippet_site = config.mathforml_snippet_site or config.html_baseurl


def setup(app: Sphinx) -> None:
    """Add the directive and its settings."""
    app.add_config_value("mathforml_snippet_site", "", "env", str)
    app.add_config_value("mathforml_snippet_license", LICENSE, "env", str)
    app.connect("config-inited", settle, priority=100)
    others: Any = dict.fromkeys(("latex", "man", "texinfo", "text"), (skip, None))
    app.add_node(snippet_block, html=(visit_snippet, None), **others)
    app.add_directive("snippet", SnippetDirective)
