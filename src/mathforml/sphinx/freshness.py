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
from importlib.metadata import distributions
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from mathforml.sphinx import complaints, rewriting
from mathforml.sphinx.reach import Sources

LOG = logging.getLogger(__name__)
Record = dict[str, str]  # what a page came from: paths or patterns, and digests of their content


class Freshness:
    """The files of one build, each digested once, and the pages that they leave stale."""

    def __init__(self, app: Sphinx, complained: complaints.Complaints) -> None:
        self.app = app
        self.complained = complained
        self.began = time.time_ns()
        self.digests: Record = {}
        self.pending: dict[str, Record] = {}

    def stale(
        self, app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], gone: set[str]
    ) -> list[str]:
        """Return the pages to read again; spare those that were touched and did not change."""
        unsettled = self.complained.load()
        known = records(env)
        fresh = {
            page
            for page in env.found_docs & known.keys() - unsettled - env.reread_always
            if self.now(known[page]) == known[page]
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
            self.pending[page] = self.now(keys)

    def after(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Record what the pages came from, with what Sphinx found on the way."""
        for page, record in self.pending.items():
            if page in self.complained.unsettled:
                records(env).pop(page, None)
            else:
                paths = (Path(app.srcdir, path) for path in env.dependencies.get(page, ()))
                late = {str(path.resolve()) for path in paths}
                records(env)[page] = record | self.late(late - record.keys())

    def now(self, keys: Record | set[str]) -> Record:
        """Return the present digests of some paths and patterns."""
        for key in keys:
            if key not in self.digests:
                self.digests[key] = digest(key, tuple(self.app.config.source_suffix))
        return {key: self.digests[key] for key in keys}

    def late(self, keys: set[str]) -> Record:
        """Return digests of files that only reading revealed; those written meanwhile count as new.

        What the cells drew is a file too: if it is lost, they run again.
        """
        return {
            key: value if self.made(key) or newest(key) < self.began else "new"
            for key, value in self.now(keys).items()
        }

    def made(self, key: str) -> bool:
        """Return whether a file is a product of the build."""
        return Path(self.app.outdir).parent.resolve() in Path(key).parents

    def declared(self, page: str) -> Iterator[str]:
        """Yield the data that the configuration says a page reads."""
        for pages, files in self.app.config.mathforml_data.items():
            if fnmatch(page, pages):
                yield from (str(Path(self.app.srcdir, file)) for file in files)


def digest(key: str, pages: tuple[str, ...]) -> str:
    """Return the SHA-256 of a file, of the data in a folder, or of all files of a pattern."""
    path = Path(key)
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    found = path.rglob("*") if path.is_dir() else matching(path)
    files = (file for file in found if file.is_file() and not file.name.endswith(pages))
    lines = sorted(f"{file}: {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else "absent"


def matching(pattern: Path) -> Iterator[Path]:
    """Yield the files that an absolute pattern matches."""
    return Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))


def newest(key: str) -> int:
    """Return when a file was last written, in nanoseconds."""
    path = Path(key)
    return path.stat().st_mtime_ns if path.exists() else 0


def records(env: BuildEnvironment) -> dict[str, Record]:
    """Return what each page came from; Sphinx keeps it with its environment."""
    kept: dict[str, Record] = vars(env).setdefault("mathforml_records", {})
    return kept


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is removed or about to be read again."""
    records(env).pop(docname, None)


def environment() -> str:
    """Return one digest of Python, all installed versions, and the sources of this extension."""
    names = sorted(f"{found.name}=={found.version}" for found in distributions())
    here = Path(__file__).parent
    files = {*here.glob("*.py"), *Sources(["mathforml"]).closure(extension_modules(here))}
    code = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)]
    parts = [sys.version, platform.machine(), *names, *code]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def extension_modules(folder: Path) -> list[str]:
    """Return the names of this extension's modules."""
    return [f"{__package__}.{path.stem}" for path in folder.glob("*.py")]


def refuse_caches(app: Sphinx, config: Config) -> None:
    """Warn of outputs that outlive the code that they came from."""
    if config.nb_execution_mode == "cache":
        LOG.warning('MyST-NB\'s cache ignores imported code; set nb_execution_mode = "force"')


def setup(app: Sphinx) -> None:
    """Watch the pages; any change of the environment reads the whole book again."""
    app.add_config_value("mathforml_packages", ("mathforml",), "env", (tuple, list))
    app.add_config_value("mathforml_data", {}, "env", (dict,))
    app.add_config_value("mathforml_environment", environment(), "env", (str,))
    complained = complaints.setup(app)
    app.connect("config-inited", refuse_caches)
    rewriting.setup(app, complained)
    freshness = Freshness(app, complained)
    app.connect("env-get-outdated", freshness.stale)
    app.connect("env-before-read-docs", freshness.before)
    app.connect("env-purge-doc", forget)
    app.connect("env-updated", freshness.after, priority=900)
