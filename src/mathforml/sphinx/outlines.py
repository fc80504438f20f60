"""Number figures from outlines of the pages: their sections, and what has a number.

Sphinx gives numbers to figures, tables and equations after each change of any page, for which it
loads all pages of the book.  Here it is shown an outline of each, made once when the page is read:
the numbers are the same, and no page is loaded that did not change.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

__all__ = ["outline", "setup"]

NUMBERING = 500  # when Sphinx numbers, among all that happens when pages were read


def outline(env: BuildEnvironment, tree: nodes.Element) -> list[nodes.Element]:
    """Return what of a tree is numbered, or decides how: sections, tables of contents, figures."""
    found: list[nodes.Element] = []
    for node in tree.children:
        if isinstance(node, nodes.section):
            section = node.copy()
            section += outline(env, node)
            found.append(section)
        elif isinstance(node, nodes.Element):
            whole = isinstance(node, addnodes.toctree) or numbered(env, node)
            found += [node.deepcopy()] if whole else outline(env, node)
    for node in (part for top in found for part in top.findall()):
        node.document = None  # type: ignore[assignment]  # a copy holds on to all of its page
    return found


def numbered(env: BuildEnvironment, node: nodes.Element) -> bool:
    """Return whether some domain may give a node a number."""
    kinds = (domain.get_enumerable_node_type(node) for domain in env.domains.sorted())
    return bool(node["ids"]) and any(kinds)


def kept(env: BuildEnvironment) -> dict[str, list[nodes.Element]]:
    """Return the outlines of all pages; Sphinx keeps them with its environment."""
    found: dict[str, list[nodes.Element]] = vars(env).setdefault("_mathforml_outlines", {})
    return found


def show(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Show Sphinx outlines while it numbers; make those that are missing."""
    load = env.get_doctree

    def get_doctree(docname: str) -> nodes.document:
        if docname not in kept(env):
            kept(env)[docname] = outline(env, load(docname))
        page = nodes.document(None, None)  # type: ignore[arg-type]
        page.children = [*kept(env)[docname]]
        return page

    env.get_doctree = get_doctree  # type: ignore[method-assign]
    return []


def hide(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Let Sphinx have whole pages again."""
    vars(env).pop("get_doctree", None)
    return []


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is removed or about to be read again."""
    kept(env).pop(docname, None)


def setup(app: Sphinx) -> None:
    """Stand around Sphinx's own numbering."""
    app.connect("env-purge-doc", forget)
    app.connect("env-get-updated", show, priority=NUMBERING - 1)
    app.connect("env-get-updated", hide, priority=NUMBERING + 1)
