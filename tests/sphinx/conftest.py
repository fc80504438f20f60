"""Small books, built in this process, to look at what the extension makes of them."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from sphinx.testing.util import SphinxTestApp

CONFIG = {
    "myst_enable_extensions": ["colon_fence", "deflist", "dollarmath"],
    "nb_execution_mode": "off",
    "suppress_warnings": ["myst-nb.lexer"],  # only an executed page knows its language
    "numfig": True,
    "numfig_secnum_depth": 1,
    "nitpicky": True,
    "html_theme": "basic",
}


def build(
    folder: Path,
    capabilities: str,
    pages: dict[str, str],
    builder: str = "html",
    config: dict[str, Any] | None = None,
) -> SphinxTestApp:
    """Build a book of these pages with some capabilities of the extension."""
    extensions = ["myst_nb", *(f"mathforml.sphinx.{name}" for name in capabilities.split())]
    settings = {**CONFIG, **(config or {}), "extensions": extensions}
    (folder / "conf.py").write_text("\n".join(f"{k} = {v!r}" for k, v in settings.items()))
    toctree = "\n".join(["# Book\n", "```{toctree}", ":numbered:", "", *pages, "```"])
    for name, text in {"index": toctree, **pages}.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with warnings.catch_warnings():  # of libraries, about their own future
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        app = SphinxTestApp(builder, srcdir=folder, freshenv=True)
        try:
            app.build()
        finally:
            app.cleanup()
    return app


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a builder of books."""
    return lambda *args, **kwargs: build(tmp_path_factory.mktemp("book"), *args, **kwargs)
