"""Send a page that a phone lays out at once: scripts that wait, code without idle elements.

``mathforml_code_classes``
    The classes of code that a project's style sheet sets apart, such as ``("c1", "nf")``; the
    elements of all others are left out.  Without it, all stay.
"""

import re
from typing import Any

from docutils import nodes
from pygments.token import STANDARD_TYPES
from sphinx.application import Sphinx

BLOCK = re.compile(r'(?<=<div class="highlight">)<pre\b.*?</pre>', re.S)
TOKEN = re.compile(r'<span class="(\w+)">([^<]*)</span>')
TOKENS = {name for name in STANDARD_TYPES.values() if name}


def plainer(body: str, kept: set[str]) -> str:
    """Return HTML whose code has elements only for some classes."""

    def token(found: re.Match[str]) -> str:
        name, text = found.groups()
        return found[0] if name in kept or name not in TOKENS else text

    return BLOCK.sub(lambda block: TOKEN.sub(token, block[0]), body)


def change_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Change a page that is about to be written: its code, and when its scripts run."""
    kept = set(app.config.mathforml_code_classes)
    if kept and "body" in context:
        context["body"] = plainer(context["body"], kept)
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
    app.connect("html-page-context", change_page, priority=950)
