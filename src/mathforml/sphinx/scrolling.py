"""Let the keyboard scroll what is wider than the page: code and tables."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["focusable", "setup"]

BLOCK = re.compile(r"<pre\b(?![^>]*tabindex)|<div\b(?=[^>]*\btable-wrapper\b)(?![^>]*tabindex)")


def focusable(body: str) -> str:
    """Return HTML whose code blocks and wrapped tables can have the focus."""
    return BLOCK.sub(lambda block: f'{block[0]} tabindex="0"', body)


def change_page(
    app: "Sphinx", pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Change the body of a page that is about to be written."""
    if "body" in context:
        context["body"] = focusable(context["body"])


def setup(app: "Sphinx") -> None:
    """Change every page."""
    app.connect("html-page-context", change_page)
