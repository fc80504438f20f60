"""Hold the names in ``verify`` to the book's notation.

A symbol that a cell binds agrees with the notation if the code name that stands there is its
keyword in the call, or a function of the package that it is or runs, or a name in what it is bound
to.  The build fails where a page contradicts what the notation says of that page.  A letter that
the notation leaves open there means what it means on the nearest page that this one builds on, if
it is bound as there; else it is one that the page introduces without a block.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from mathforml.sphinx.executed import pages, reading_order
from mathforml.sphinx.meanings import Meaning, listed, meanings, names_in, page_of, spelled, stems
from mathforml.sphinx.prerequisites import ancestors, graph
from mathforml.sphinx.reach import OPTIONS, cells, parsed

__all__ = ["meaning_of", "setup"]

logger = logging.getLogger(__name__)
CHECKS = ("verify", "refute")
Binding = tuple[str | None, str, str]  # label (None if it is computed), symbol, value


def meaning_of(app: Sphinx, page: str, key: str) -> Meaning | None:
    """Return what a symbol means on a page, None if the notation does not say it.

    A part, such as the rows of a matrix, or a value means what its letter means.
    """
    for stem in stems(key):
        if meaning := own(app, page, stem):
            return meaning
        meaning = inherited(app, page, stem)
        if meaning is not None and not any(contradictions(app, page, meaning, key)):
            return meaning
    return None


def own(app: Sphinx, page: str, stem: str) -> Meaning | None:
    """Return what the notation says of a symbol on this very page."""
    for meaning in meanings(app).found:
        labels = (meaning.page, *meaning.pages)
        if meaning.key == stem and page in {page_of(app.env, label) for label in labels}:
            return meaning
    return None


def inherited(app: Sphinx, page: str, stem: str) -> Meaning | None:
    """Return what a symbol means on the nearest page that this one builds on."""
    order = list(reading_order(app.env, app.config.root_doc, set()))
    above = ancestors(graph(app.env), page) & {*order}
    near = [
        (order.index(there), meaning)
        for meaning in meanings(app).found
        if meaning.key == stem
        for there in [page_of(app.env, meaning.page)]
        if there in above
    ]
    return max(near, key=lambda pair: pair[0])[1] if near else None


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Complain of the file, and of symbols that it contradicts."""
    file = meanings(app)
    for line, problem in [*file.problems, *strangers(app, env)]:
        complain(problem, f"{file.path}:{line}" if line else str(file.path))
    for page in pages(env):
        keys = {
            key: entry.line
            for entry in reversed(pages(env)[page])
            for proof in entry.certificates
            for key in proof.get("shapes", ())
        }
        for key, line in keys.items():
            said = spelled(key)
            meaning = own(app, page, said) or own(app, page, said.partition("(")[0])
            for problem in contradictions(app, page, meaning, key) if meaning else ():
                complain(problem, (page, line))


def strangers(app: Sphinx, env: BuildEnvironment) -> Iterator[tuple[int, str]]:
    """Yield the symbols that name pages which the book does not have."""
    if not listed(env):
        return
    for meaning in meanings(app).found:
        for label in (meaning.page, *meaning.pages):
            if page_of(env, label) is None:
                yield meaning.line, f"the symbol {meaning.latex!r} names {label!r}, no page's label"


def contradictions(app: Sphinx, page: str, meaning: Meaning, key: str) -> Iterator[str]:
    """Yield in what the cells of a page contradict what a symbol means, once for each name."""
    if {key, *stems(key)} & {spelled(meaning.code), *meaning.names}:
        return
    said: dict[str, str] = {}
    for entry in pages(app.env).get(page, ()):
        runs = {
            name.rpartition(".")[2]
            for proof in entry.certificates
            for name in proof.get("code", {}).get(key, ())
        }
        if not any(key in proof.get("shapes", ()) for proof in entry.certificates):
            continue
        for value in occurrences(app, page, entry.label, key):
            if not (runs | names_in(value)) & meaning.names:
                said.setdefault(value, entry.label)
    for value, label in said.items():
        advice = f"also = [{key!r}]" if page_of(app.env, meaning.page) == page else "a block"
        yield (
            f"{label!r} binds {key} to {value}, and the notation calls {meaning.latex} "
            f"({meaning.name}, {meaning.page}) {meaning.code!r} in code; expected that name, "
            f"or {advice} in {meanings(app).path.name}"
        )


def occurrences(app: Sphinx, page: str, label: str, key: str) -> list[str]:
    """Return what the cells of a page give to a symbol of an equation, as far as it has names."""
    return [
        value
        for where, name, value in kept(app.env).get(page, ())
        if where in (label, None) and spelled(name) == spelled(key)
    ]


def gather(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep what the cells of the pages bind that were just read."""
    for page in pages(env).keys() - kept(env).keys():
        path = Path(env.doc2path(page))
        kept(env)[page] = list(bindings(cells(path.read_text("utf-8"), path.suffix)))


def kept(env: BuildEnvironment) -> dict[str, list[Binding]]:
    """Return what the cells of pages bind; Sphinx keeps it with its environment."""
    found: dict[str, list[Binding]] = vars(env).setdefault("_mathforml_bindings", {})
    return found


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is removed or about to be read again."""
    kept(env).pop(docname, None)


def bindings(sources: Iterable[str]) -> Iterator[Binding]:
    """Yield what cells bind, by their text."""
    for source in sources:
        try:
            tree = parsed(OPTIONS.sub("", source))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in CHECKS:
                first = node.args[0] if node.args else None
                label = str(first.value) if isinstance(first, ast.Constant) else None
                for name, value in named(node):
                    if names_in(ast.unparse(value)):
                        yield label, name, ast.unparse(value)


def named(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield the symbols that a call binds: its keywords, and what dictionaries in it name."""
    for word in call.keywords:
        if word.arg:
            yield word.arg, word.value
    for node in ast.walk(call):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value


def complain(message: str, location: str | tuple[str, int]) -> None:
    """Report an error."""
    logger.error("%s", message, location=location, type="mathforml", subtype="notation")


def setup(app: Sphinx) -> None:
    """Check when all pages have been read."""
    app.connect("env-purge-doc", forget)
    app.connect("env-updated", gather)
    app.connect("env-check-consistency", check)
