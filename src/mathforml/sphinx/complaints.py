"""Remember which pages a build complained of, so that they are read again by the next one.

Without this a failed build turns green when it is repeated: Sphinx has stored the broken pages,
finds nothing changed, and stays silent.
"""

import json
import logging
import re
from collections.abc import Iterable
from pathlib import Path

from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import (
    NAMESPACE,
    WarningStreamHandler,
    get_node_location,
    is_suppressed_warning,
)

DOCSTRING = re.compile(r"(.+\.py):docstring of ")
LINE = re.compile(r":(\d+|<unknown>)?$")


class Complaints(logging.Handler):
    """Listen to Sphinx's warnings and errors, and note the pages they name."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__(logging.WARNING)
        self.app = app
        self.read: set[str] = set()
        self.named: set[str] = set()
        self.modules: set[str] = set()
        self.unplaced = False
        self.failed = False
        self.broken: set[str] = set()

    @property
    def unsettled(self) -> set[str]:
        """The pages to read again: those named, or all just read if a complaint names none."""
        shown = {module: self.pages_of(module) for module in self.modules}
        unplaced = self.unplaced or not all(shown.values())
        return self.named.union(*shown.values(), self.read if unplaced else ())

    @property
    def any(self) -> bool:
        """Whether there was a complaint."""
        return self.unplaced or bool(self.named or self.modules)

    @property
    def file(self) -> Path:
        """Where the unsettled pages are kept between builds."""
        return Path(self.app.doctreedir) / "unsettled.json"

    def emit(self, record: logging.LogRecord) -> None:
        """Note a record that is not suppressed."""
        kind, part = getattr(record, "type", ""), getattr(record, "subtype", "")
        failed = hasattr(record, "page") and record.levelno >= logging.ERROR
        if failed or (kind, part) == ("mystnb", "exec"):
            self.broken.add(self.page_of(record) or "")
        if is_suppressed_warning(kind, part, self.app.config.suppress_warnings):
            return
        if self.follows(record):
            return
        self.failed |= failed
        page = self.page_of(record)
        if page is not None:
            self.named.add(page)
        elif found := DOCSTRING.match(str(getattr(record, "location", ""))):
            self.modules.add(found.group(1))
        else:
            self.unplaced = True

    def pages_of(self, module: str) -> set[str]:
        """Return the pages that show the docstrings of a module."""
        known = self.app.env.dependencies.items()
        path = Path(module).resolve()
        return {page for page, files in known if path in {Path(file).resolve() for file in files}}

    def follows(self, record: logging.LogRecord) -> bool:
        """Return whether a complaint follows from a failed cell.

        Later cells of its page did not run; what they make and verify is missed everywhere.
        """
        if hasattr(record, "page"):
            return False
        page = self.page_of(record)
        kind = getattr(record, "type", ""), getattr(record, "subtype", "")
        accounts = page is None and kind == ("mathforml", "executed")
        return bool(self.broken) if accounts else page in self.broken

    def page_of(self, record: logging.LogRecord) -> str | None:
        """Return the page that a record complains of, None if it lies elsewhere."""
        if page := getattr(record, "page", None):
            return str(page)
        location = getattr(record, "location", None)
        if isinstance(location, Node):
            location = get_node_location(location)
        if isinstance(location, tuple):
            location = location[0]
        env = getattr(self.app, "env", None)
        if not location or env is None:
            return None
        place = LINE.sub("", str(location))
        found: str | None = place if place in env.found_docs else env.path2doc(place)
        return found if found in env.found_docs else None

    def load(self) -> set[str]:
        """Return the pages that the last build left unsettled."""
        try:
            return set(json.loads(self.file.read_text("utf-8")))
        except (OSError, ValueError):
            return set()

    def save(self, pages: Iterable[str]) -> None:
        """Keep the unsettled pages for the next build."""
        self.file.write_text(json.dumps(sorted(pages)), "utf-8")

    def begin(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Count the pages that are about to be read as unsettled: the build may be interrupted."""
        self.read = set(docnames)
        self.save(self.load() | self.read)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Keep what is unsettled; a failing cell fails the build even where warnings do not."""
        if exception is None:
            self.save(self.unsettled)
            app.statuscode = app.statuscode or int(self.failed)


def setup(app: Sphinx) -> Complaints:
    """Start listening."""
    complaints = Complaints(app)
    logger = logging.getLogger(NAMESPACE)
    for handler in logger.handlers:
        if isinstance(handler, WarningStreamHandler):
            handler.addFilter(lambda record: not complaints.follows(record))
    logger.addHandler(complaints)
    app.connect("env-before-read-docs", complaints.begin, priority=900)
    app.connect("build-finished", complaints.finish, priority=900)
    return complaints
