"""Read again the pages whose text, code, data or environment changed, and no others.

An output is shown only if all that it came from is as it was when the cell ran: the page's text,
the modules that its cells import, its data, the installed versions, this extension.  Contents are
compared, never times: an older file is a change, a touched one is none.
"""

import hashlib
import platform
import sys
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from mathforml.sphinx import complaints, reach, records, rewriting
from mathforml.sphinx.reach import Sources
from mathforml.sphinx.records import Record

LOG = logging.getLogger(__name__)
HERE = Path(__file__).parent
READ = "read.json"  # remembers what code imports and names


class Freshness:
    """The files of one build, each digested once, and the pages that they leave stale."""

    def __init__(self, app: Sphinx, complained: complaints.Complaints) -> None:
        self.app = app
        self.complained = complained
        self.began = time.time_ns()
        self.digests = records.Digests()
        self.known: dict[str, Record] = {}
        self.pending: dict[str, Record] = {}

    def stale(
        self, app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], gone: set[str]
    ) -> list[str]:
        """Return the pages to read again; spare those that were touched and did not change."""
        unsettled = self.complained.load()
        self.known = records.load(Path(app.doctreedir))
        fresh = {
            page
            for page in env.found_docs & self.known.keys() - unsettled - env.reread_always
            if self.digests.now(self.known[page]) == self.known[page]
            and (Path(app.doctreedir) / f"{page}.doctree").is_file()
        }
        changed -= fresh
        return sorted(env.found_docs - fresh)

    def before(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Digest what the pages can reach before their cells run, lest it change meanwhile."""
        sources = Sources(app.config.mathforml_packages)
        for page in docnames:
            path = Path(env.doc2path(page))
            reached = sources.page(path.read_text("utf-8"), path, Path(app.srcdir))
            keys = {str(path), *map(str, reached), *self.declared(page)}
            self.pending[page] = self.digests.now(keys)

    def after(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Record what the pages came from, with what Sphinx found on the way."""
        for page, record in self.pending.items():
            if page not in self.complained.unsettled:
                paths = (Path(app.srcdir, path) for path in env.dependencies.get(page, ()))
                late = {str(path.resolve()) for path in paths}
                self.known[page] = record | self.late(late - record.keys())
        records.save(Path(app.doctreedir), self.known)

    def forget(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page that is removed or about to be read again."""
        self.known.pop(docname, None)

    def late(self, keys: set[str]) -> Record:
        """Return digests of files that only reading revealed; those written meanwhile count as new.

        What the cells drew is a file too: if it is lost, they run again.
        """
        return {
            key: value if self.made(key) or newest(key) < self.began else "new"
            for key, value in self.digests.now(keys).items()
        }

    def made(self, key: str) -> bool:
        """Return whether a file is a product of the build."""
        return Path(self.app.outdir).parent.resolve() in Path(key).parents

    def declared(self, page: str) -> Iterator[str]:
        """Yield the data that the configuration says a page reads."""
        for pages, files in self.app.config.mathforml_data.items():
            if fnmatch(page, pages):
                yield from (str(Path(self.app.srcdir, file)) for file in files)


def newest(key: str) -> int:
    """Return when a file was last written, in nanoseconds."""
    path = Path(key)
    return path.stat().st_mtime_ns if path.exists() else 0


def environment() -> str:
    """Return one digest of Python, all installed versions, and the sources of this extension."""
    files = {*HERE.glob("*.py"), *Sources(["mathforml"]).closure(extension_modules())}
    code = [records.digest(str(path)) for path in sorted(files)]
    parts = [sys.version, platform.machine(), *installed(), *code]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def installed() -> list[str]:
    """Return the names of the folders that say what is installed: each has a version in it."""
    return sorted(info.name for path in sys.path for info in Path(path).glob("*-info"))


def extension_modules() -> list[str]:
    """Return the names of this extension's modules."""
    return [f"{__package__}.{path.stem}" for path in HERE.glob("*.py")]


def refuse_caches(app: Sphinx, config: Config) -> None:
    """Warn of outputs that outlive the code that they came from."""
    if config.nb_execution_mode == "cache":
        LOG.warning('MyST-NB\'s cache ignores imported code; set nb_execution_mode = "force"')


def setup(app: Sphinx) -> None:
    """Watch the pages; any change of the environment reads the whole book again."""
    app.add_config_value("mathforml_packages", ("mathforml",), "env", (tuple, list))
    app.add_config_value("mathforml_data", {}, "env", (dict,))
    memory = Path(app.doctreedir, READ)
    reach.recall(memory)
    app.add_config_value("mathforml_environment", environment(), "env", (str,))
    complained = complaints.setup(app)
    app.connect("config-inited", refuse_caches)
    rewriting.setup(app, complained)
    freshness = Freshness(app, complained)
    app.connect("env-get-outdated", freshness.stale)
    app.connect("env-before-read-docs", freshness.before)
    app.connect("env-purge-doc", freshness.forget)
    app.connect("env-updated", freshness.after, priority=900)
    app.connect("env-updated", lambda app, env: reach.remember(memory), priority=900)
