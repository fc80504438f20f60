"""Run Sphinx strictly, in the work of a build, and say which pages ran."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import CONFIG_OK, BuildEnvironment
from sphinx.util.console import color_terminal, nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from mathforml.sphinx import notebooks
from mathforml.sphinx.publish import WATCHED, Book
from mathforml.sphinx.reach import Sources

WRITTEN = ("_images", "_downloads", "_modules", "_sources", "_static", notebooks.FOLDER)


def run(book: Book) -> tuple[bool, list[str]]:
    """Run Sphinx; return whether all is well, and the pages whose cells ran."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", last_commit(book.config))
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=follow)
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
        app.connect("env-before-read-docs", spare)
        app.connect("site-outdated", lambda app: setattr(app, "parallel", book.jobs))
        app.connect("doctree-read", tell)
        app.connect("site-outdated", clear)
        app.build()
        ran = [page for page in read if NbMetadataCollector.get_exec_data(app.env, page)]
    return app.statuscode == 0, ran


def follow() -> None:
    """End a forked process when the build that forked it has been killed.

    Else it would wait for ever for somebody to take its pages, and hold the lock of the build.
    """
    build = os.getppid()

    def watch() -> None:
        while os.getppid() == build:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def spare(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Read and write a single page without a second process, which would only cost."""
    app.parallel = min(app.parallel, len(docnames))


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


def clear(app: Sphinx) -> None:
    """Remove what the builder wrote earlier: all of it is about to be written again."""
    outdir = Path(app.outdir)
    for page in outdir.rglob("*.html"):
        page.unlink()
    for folder in WRITTEN:
        shutil.rmtree(outdir / folder, ignore_errors=True)
    (outdir / "searchindex.js").unlink(missing_ok=True)


def last_commit(folder: Path) -> str:
    """Return the time of the last commit, which dates a site, or a fixed one."""
    git = ["git", "-C", str(folder), "log", "-1", "--format=%ct"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "315532800"  # 1980, the first year that archives can store
