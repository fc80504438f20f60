"""Write all pages again when something changed that pages show of each other.

A page that is not read again still shows numbers, titles and links of others, and the address of
each style sheet carries its digest.  Sphinx rewrites only the pages that it has read.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from myst_nb.sphinx_ext import add_global_html_resources
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from mathforml.sphinx.complaints import Complaints
from mathforml.sphinx.meanings import file_of
from mathforml.sphinx.reach import Sources

OWN_PAGES = {"index", "citation"}  # domains that no other page's HTML depends on
PLACES = {"line", "lineno"}  # where something stands in a source is not shown


class Rewriting:
    """Compare what pages show of each other with what the last good build showed."""

    def __init__(self, complained: Complaints) -> None:
        self.complained = complained
        self.shown = ""

    def all_pages(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Return all pages if they are to be written again."""
        self.shown = hashlib.sha256("\n".join([*surroundings(app, env)]).encode()).hexdigest()
        file = record(app)
        if file.is_file() and file.read_text("utf-8") == self.shown:
            return []
        file.unlink(missing_ok=True)
        app.emit("site-outdated")
        return sorted(env.found_docs)

    def keep(self, app: Sphinx, exception: Exception | None) -> None:
        """Remember what a good build showed."""
        if exception is None and not self.complained.any:
            record(app).write_text(self.shown, "utf-8")


def record(app: Sphinx) -> Path:
    """Return where the digest is kept."""
    return Path(app.doctreedir) / "shown.txt"


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
    app.connect("env-get-updated", rewriting.all_pages, priority=900)
    app.connect("build-finished", rewriting.keep, priority=900)
