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
    for node in (child for child in tree.children if isinstance(child, nodes.Element)):
        if isinstance(node, addnodes.toctree):
            found.append(node.deepcopy())
        elif isinstance(node, nodes.section) or numbered(env, node):
            found.append(slim(env, node))
        else:
            found += outline(env, node)
    for part in (part for top in found for part in top.findall()):
        part.document = None  # type: ignore[assignment]  # a copy holds on to all of its page
    return found


def slim(env: BuildEnvironment, node: nodes.Element) -> nodes.Element:
    """Return a node with its caption, and the outline of what is in it."""
    small: nodes.Element = node.copy()
    captions = [part for part in node if isinstance(part, (nodes.caption, nodes.title))]
    small += [part.deepcopy() for part in captions if not isinstance(node, nodes.section)]
    small += outline(env, node)
    title = env.domains.standard_domain.get_numfig_title
    return small if title(small) == title(node) else node.deepcopy()


def numbered(env: BuildEnvironment, node: nodes.Element) -> bool:
    """Return whether Sphinx gives a node a number: some domain counts it, and it can be cited."""
    standard = env.domains.standard_domain
    kinds = (
        domain.get_enumerable_node_type(node)
        for domain in env.domains.sorted()
        if domain is not standard or standard.get_numfig_title(node)
    )
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
