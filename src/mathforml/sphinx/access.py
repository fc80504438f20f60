"""Mend what Sphinx's HTML denies to keyboards and screen readers."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["accessible", "setup"]

# What is wider than the page scrolls, so it must be able to have the focus.
WIDE = re.compile(r"<pre\b(?![^>]*tabindex)|<div\b(?=[^>]*\btable-wrapper\b)(?![^>]*tabindex)")
# A header that is empty heads nothing.
EMPTY_HEADER = re.compile(r"<th\b([^>]*)>\s*(?:<p></p>)?\s*</th>")
# Sphinx sets the list of a package's modules beside the items of the outer list.
LIST = re.compile(r"</?ul>")
HEADING = re.compile(r"</h1>")


def accessible(body: str) -> str:
    """Return HTML that everybody can use."""
    body = WIDE.sub(lambda block: f'{block[0]} tabindex="0"', body)
    body = EMPTY_HEADER.sub(r"<td\1></td>", body)
    return body.replace('role="doc-biblioentry"', 'role="listitem"')  # it stands in a list


def change_page(
    app: "Sphinx", pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Change the body of a page that is about to be written."""
    if "body" in context:
        context["body"] = accessible(context["body"])
        if pagename == "_modules/index":
            items = LIST.sub("", context["body"])
            context["body"] = HEADING.sub(r"\g<0><ul>", items) + "</ul>"


def setup(app: "Sphinx") -> None:
    """Change every page."""
    app.connect("html-page-context", change_page)
