"""Build aside, publish only what is whole.

``build/html``  what readers see: always the last good site, replaced by renaming;
``build/good``  what the next build starts from: pages as read and as written, of the last good one;
``build/work``  the build under way, or what a failed one came to.

A failed build leaves its work, which names the pages to read again; an interrupted one leaves work
that nobody can trust, and the next build starts from the last good state.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import CONFIG_OK
from sphinx.errors import SphinxError
from sphinx.util.console import color_terminal, nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from mathforml.sphinx import notebooks
from mathforml.sphinx.reach import Sources

ENDED = "ended"  # marks the work of a failed build that came to its end
NAME = "name"  # tells one good state from another
WATCHED = "watched.txt"  # lists what the site is made from
WRITTEN = ("_images", "_downloads", "_modules", "_sources", "_static", notebooks.FOLDER)


class Book(NamedTuple):
    """Where a book lies, and where its site goes."""

    source: Path
    config: Path
    output: Path
    jobs: int = 1

    @property
    def lock(self) -> Path:
        """Held by the build under way."""
        return self.output.parent / ".lock"

    @property
    def good(self) -> Path:
        """The last good state."""
        return self.output.parent / "good"

    @property
    def work(self) -> Path:
        """The state of the build under way."""
        return self.output.parent / "work"


class Result(NamedTuple):
    """What came of a build."""

    good: bool
    executed: list[str]
    seconds: float


def build(book: Book) -> Result:
    """Build strictly; publish on success, else leave the last good site as it is."""
    started = time.monotonic()
    check(book)
    book.output.parent.mkdir(parents=True, exist_ok=True)
    with alone(book.lock):
        recover(book)
        prepare(book)
        good, executed = run(book)
        if good:
            (book.work / NAME).write_text(str(time.time_ns()), "utf-8")
            replace(book.work, book.good)
            publish(book)
        else:
            (book.work / ENDED).touch()
    return Result(good, executed, time.monotonic() - started)


def check(book: Book) -> None:
    """Refuse to replace folders that somebody made for something else."""
    if book.lock.exists():
        return
    for folder in (book.output, book.good, book.work):
        if folder.exists() and any(folder.iterdir()) and not (folder / "objects.inv").exists():
            raise SphinxError(f"{folder} is not a site; give another --output, as in build/html")


def prepare(book: Book) -> None:
    """Go on from the work of a build that failed; else start from the last good state."""
    ended = book.work / ENDED
    if ended.exists():
        ended.unlink()
        for old in (book.work / "html" / "reports").rglob("*.err.log"):
            old.unlink()
        return
    shutil.rmtree(book.work, ignore_errors=True)
    if book.good.exists():
        shutil.copytree(book.good, book.work)


def run(book: Book) -> tuple[bool, list[str]]:
    """Run Sphinx; return whether all is well, and the pages whose cells ran."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", last_commit(book.config))
    if not color_terminal():
        nocolor()
    read: list[str] = []
    with patch_docutils(book.config), docutils_namespace():
        app = Sphinx(
            book.source,
            book.config,
            book.work / "html",
            book.work / "doctrees",
            "html",
            status=None,
            warningiserror=True,
            parallel=book.jobs,
        )
        watch(book, app)
        if not app.fresh_env_used and app.env.config_status != CONFIG_OK:
            print("settings or installed versions changed: the whole book runs again", flush=True)
        app.connect("env-before-read-docs", lambda app, env, docnames: read.extend(docnames))
        app.connect("doctree-read", tell)
        app.connect("site-outdated", clear)
        app.build()
        ran = [page for page in read if NbMetadataCollector.get_exec_data(app.env, page)]
    return app.statuscode == 0, ran


def tell(app: Sphinx, doctree: nodes.document) -> None:
    """Show that the cells of a page have run: a book takes a while."""
    page = app.env.docname
    if ran := NbMetadataCollector.get_exec_data(app.env, page):
        print(f"ran {page}, {ran['runtime'] or 0:.1f} s", flush=True)


def watch(book: Book, app: Sphinx) -> None:
    """Leave a list of what the site is made from, for the one who serves it."""
    config = app.config
    packages = Sources(config.mathforml_packages).roots
    paths = [app.srcdir, Path(app.confdir, "conf.py")]
    paths += [root / package for package, root in packages.items()]
    around = [*config.html_static_path, *config.templates_path]
    paths += [
        Path(app.confdir, path) for path in [*around, *getattr(config, "bibtex_bibfiles", ())]
    ]
    lines = sorted({str(Path(path).resolve()) for path in paths})
    (book.output.parent / WATCHED).write_text("\n".join(lines), "utf-8")


def sources(book: Book) -> list[Path]:
    """Return what the site is made from, as the last build left it."""
    file = book.output.parent / WATCHED
    known = file.read_text("utf-8").splitlines() if file.exists() else []
    return [Path(line) for line in known] or [book.source, book.config / "conf.py"]


def clear(app: Sphinx) -> None:
    """Remove what the builder wrote earlier: all of it is about to be written again."""
    outdir = Path(app.outdir)
    for page in outdir.rglob("*.html"):
        page.unlink()
    for folder in WRITTEN:
        shutil.rmtree(outdir / folder, ignore_errors=True)
    (outdir / "searchindex.js").unlink(missing_ok=True)


def replace(new: Path, old: Path) -> None:
    """Put one folder in the place of another, whole at every moment."""
    aside = old.with_name(f"{old.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def publish(book: Book) -> None:
    """Show readers the last good site."""
    new = book.output.with_name(f"{book.output.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(book.good / "html", new, ignore=shutil.ignore_patterns(".buildinfo*"))
    for folder in sorted(new.rglob("*/"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    replace(new, book.output)
    shutil.copy(book.good / NAME, published(book))


def published(book: Book) -> Path:
    """Return where the name of the state that readers see is kept."""
    return book.output.parent / "published"


def recover(book: Book) -> None:
    """Mend what a build left that was stopped while it renamed."""
    for folder in (book.good, book.output):
        aside = folder.with_name(f"{folder.name}.old")
        if aside.exists() and not folder.exists():
            aside.rename(folder)
    names = [path for path in (book.good / NAME, published(book)) if path.exists()]
    shown = len(names) == 2 and names[0].read_bytes() == names[1].read_bytes()
    if book.good.exists() and not (shown and book.output.exists()):
        publish(book)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a lock; the system takes it back from a build that is killed."""
    with lock.open("a+") as file:
        if not locked(file, wait=False):
            print("another build is running; waiting for it", file=sys.stderr, flush=True)
            locked(file, wait=True)
        yield


def locked(file: IO[str], wait: bool) -> bool:
    """Lock a file; return False if another build holds it and one does not wait."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return locked(file, wait) if wait else False
    return True


def last_commit(folder: Path) -> str:
    """Return the time of the last commit, which dates a site, or a fixed one."""
    git = ["git", "-C", str(folder), "log", "-1", "--format=%ct"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "315532800"  # 1980, the first year that archives can store
