"""Pages whose content is that of other pages: written again when that changes (`rewriting`)."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

__all__ = ["place", "setup"]


class place(nodes.General, nodes.Element):
    """Where the collected content will stand."""


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Remember which pages collect."""
    kept(app.env).discard(app.env.docname)
    if next(doctree.findall(place), None) is not None:
        kept(app.env).add(app.env.docname)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    kept(env).update(kept(other) & docnames)


def kept(env: BuildEnvironment) -> set[str]:
    """Return the names of the pages that collect; Sphinx keeps them with its environment."""
    found: set[str] = vars(env).setdefault("mathforml_places", set())
    return found


def setup(app: Sphinx) -> None:
    """Watch for places."""
    app.connect("doctree-read", note)
    app.connect("env-merge-info", merge)
