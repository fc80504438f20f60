"""Build aside, publish only what is whole.

``build/html``  what readers see: always the last good site, replaced by renaming;
``build/good``  what the next build starts from: pages as read and as written, of the last good one;
``build/work``  the build under way, or what a failed one came to.

A failed build leaves its work, which names the pages to read again; an interrupted one leaves work
that nobody can trust, and the next build starts from the last good state.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from mathforml.sphinx import records
from mathforml.sphinx.warmth import Warmth

ENDED = "ended"  # marks the work of a failed build that came to its end
NAME = "name"  # tells one good state from another
WATCHED = "watched.txt"  # lists what the site is made from


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


class NotASiteError(Exception):
    """The folders of a site hold something else."""

    category = "Output"


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
    with alone(book.lock), warmed(book):
        recover(book)
        prepare(book)
        from mathforml.sphinx.running import run  # which takes a while: all of Sphinx

        good, executed = run(book)
        if good:
            (book.work / NAME).write_text(str(time.time_ns()), "utf-8")
            replace(book.work, book.good)
            publish(book)
        else:
            (book.work / ENDED).touch()
    return Result(good, executed, time.monotonic() - started)


@contextmanager
def warmed(book: Book) -> Iterator[None]:
    """Begin the process for kernels at once, if pages seem to have changed: Sphinx decides."""
    state = book.work if (book.work / ENDED).exists() else book.good
    warmth = Warmth()
    warmth.begin(records.outdated(state / "doctrees", book.source))
    try:
        yield
    finally:
        warmth.end()


def check(book: Book) -> None:
    """Refuse to replace folders that somebody made for something else."""
    if book.lock.exists():
        return
    for folder in (book.output, book.good, book.work):
        if folder.exists() and any(folder.iterdir()) and not (folder / "objects.inv").exists():
            raise NotASiteError(f"{folder} is not a site; give another --output, as in build/html")


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


def sources(book: Book) -> list[Path]:
    """Return what the site is made from, as the last build left it."""
    file = book.output.parent / WATCHED
    known = file.read_text("utf-8").splitlines() if file.exists() else []
    return [Path(line) for line in known] or [book.source, book.config / "conf.py"]


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
