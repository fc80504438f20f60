"""What each page owes to search engines, and the page for addresses that lead nowhere.

``mathforml_describe_pages``
    Whether a page without a description of 70 to 160 characters is a warning.

A page named ``404`` is served at any address: its links get the path of ``html_baseurl``, or else
start at the root of the server.
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["from_root", "setup"]

SHORT, LONG = 70, 160  # what search engines show of a description
RELATIVE = re.compile(r'(\b(?:href|src|action|data-content_root)=")(?!#|/|[a-z]+:)(?:\./)?')

logger = logging.getLogger(__name__)


def check(app: "Sphinx", doctree: nodes.document) -> None:
    """Warn of a page without a proper description."""
    if not app.config.mathforml_describe_pages:
        return
    found = [
        node["content"] for node in doctree.findall(nodes.meta) if node.get("name") == "description"
    ]
    if len(found) != 1 or not SHORT <= len(found[0]) <= LONG:
        logger.warning(
            "A page wants one description of %d to %d characters; this one has %s. "
            "Write it at the top: myst: html_meta: description.",
            SHORT,
            LONG,
            " and ".join(f"one of {len(text)}" for text in found) or "none",
            location=app.env.current_document.docname,
            type="mathforml",
            subtype="description",
        )
        app.env.note_reread()


def from_root(page: str, root: str) -> str:
    """Return a page whose relative links start at the root of the site."""
    return RELATIVE.sub(rf"\g<1>{root}", page)


def finish(app: "Sphinx", exception: Exception | None) -> None:
    """Give the page for lost readers links that work at every depth."""
    lost = app.outdir / "404.html"
    if exception or not lost.exists():
        return
    root = urlsplit(app.config.html_baseurl).path.rstrip("/") + "/"
    lost.write_text(from_root(lost.read_text("utf-8"), root), "utf-8")


def setup(app: "Sphinx") -> None:
    """Watch over the pages."""
    app.add_config_value("mathforml_describe_pages", False, "env", types=frozenset({bool}))
    app.connect("doctree-read", check)
    app.connect("build-finished", finish)
