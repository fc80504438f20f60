"""Write pages again when something changed that they show of each other.

A page that is not read again still shows numbers, titles and links of others, and the address of
each style sheet carries its digest; lists of the whole book show what all pages contain.  Sphinx
rewrites only the pages that it has read.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from myst_nb.sphinx_ext import add_global_html_resources
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from mathforml.sphinx import places
from mathforml.sphinx.complaints import Complaints
from mathforml.sphinx.meanings import file_of
from mathforml.sphinx.reach import Sources

OWN_PAGES = {"index", "citation"}  # domains that no other page's HTML depends on
PLACES = {"line", "lineno", "source_map", "wordcount"}  # of a source; they are not shown


class Rewriting:
    """Compare what pages show of each other with what the last good build showed."""

    def __init__(self, complained: Complaints) -> None:
        self.complained = complained
        self.shown: dict[Path, str] = {}

    def pages(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Return the pages to write again: all of them, the lists of the whole book, or none."""
        lists = places.kept(env) & env.found_docs
        collected = self.changed(app, "collected.txt", contents(env) if lists else ())
        if self.changed(app, "shown.txt", surroundings(app, env)):
            app.emit("site-outdated")
            return sorted(env.found_docs)
        return sorted(lists) if collected else []

    def changed(self, app: Sphinx, name: str, facts: Iterable[str]) -> bool:
        """Return whether some facts differ from those of the last good build, kept in a file."""
        file, shown = Path(app.doctreedir, name), hashlib.sha256("\n".join(facts).encode())
        self.shown[file] = shown.hexdigest()
        if file.is_file() and file.read_text("utf-8") == self.shown[file]:
            return False
        file.unlink(missing_ok=True)
        return True

    def keep(self, app: Sphinx, exception: Exception | None) -> None:
        """Remember what a good build showed."""
        if exception is None and not self.complained.any:
            for file, digest in self.shown.items():
                file.write_text(digest, "utf-8")


def contents(env: BuildEnvironment) -> Iterable[str]:
    """Yield a text for all that this extension keeps of the pages."""
    yield plain(env.metadata)
    for name in sorted(vars(env)):
        if name.startswith("mathforml_"):
            yield f"{name} {plain(vars(env)[name])}"


def surroundings(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Yield a text for everything that a page shows and that is not its own."""
    yield from sorted(f"{page} {title.astext()}" for page, title in env.titles.items())
    for facts in (env.toctree_includes, env.toc_secnumbers, env.toc_fignumbers):
        yield plain(facts)
    for domain in sorted(env.domaindata.keys() - OWN_PAGES):
        yield f"{domain} {plain(env.domaindata[domain])}"
    notation = file_of(app)
    if notation is not None and notation.is_file():
        yield f"notation {hashlib.sha256(notation.read_bytes()).hexdigest()}"
    folders = [*app.config.html_static_path, *app.config.templates_path]
    code = Sources(app.config.mathforml_packages).roots
    folders += [str(root / package) for package, root in code.items()]
    for folder in folders:
        for path in sorted(Path(app.confdir, folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def plain(facts: object) -> str:
    """Return a text that is equal for equal facts, in whatever order they were collected."""
    if isinstance(facts, dict):
        items = (f"{key}: {plain(value)}" for key, value in facts.items() if key not in PLACES)
        return f"{{{', '.join(sorted(items))}}}"
    if callable(facts):
        return getattr(facts, "__qualname__", type(facts).__qualname__)
    if hasattr(facts, "_asdict"):
        return plain(facts._asdict())
    if isinstance(facts, (set, frozenset)):
        return f"{{{', '.join(sorted(map(plain, facts)))}}}"
    if isinstance(facts, (list, tuple)):  # citations come in the order in which pages were read
        ordered = sorted(facts, key=lambda fact: str(getattr(fact, "docname", "")))
        return f"[{', '.join(map(plain, ordered))}]"
    if hasattr(facts, "__dict__"):
        return plain(vars(facts))
    return re.sub(r" at 0x[0-9a-f]+", "", repr(facts))


def ship(app: Sphinx, builder: object) -> None:
    """Copy MyST-NB's style sheet before pages name its digest; itself it comes too late."""
    if app.builder.format == "html":
        Path(app.outdir, "_static").mkdir(exist_ok=True)
        add_global_html_resources(app, None)


def setup(app: Sphinx, complained: Complaints) -> None:
    """Compare once the numbers are given; Sphinx's own collectors come first."""
    rewriting = Rewriting(complained)
    app.add_event("site-outdated")
    app.connect("write-started", ship)
    app.connect("env-get-updated", rewriting.pages, priority=900)
    app.connect("build-finished", rewriting.keep, priority=900)
