"""Numbers given from outlines are those that Sphinx gives from whole pages."""

from pathlib import Path
from typing import Any

import pytest
from sphinx.testing.util import SphinxTestApp

FIGURE = "```{{figure}} data:{name}\n:name: fig-{name}\nA {name}\n```\n"
PAGES = {
    "part": "# Part\n\n```{toctree}\ndeep\n```\n\n" + FIGURE.format(name="drawn"),
    "deep": f"# Deep\n\n{FIGURE.format(name='first')}\n## Section\n\n$$\nx = 1\n$$ (eq-one)\n\n"
    f"- {FIGURE.format(name='second').replace(chr(10), chr(10) + '  ')}\n\n### Under\n\n"
    "$$\ny = 1\n$$ (eq-two)\n",
    "flat": "# Flat\n\n```{table} Numbers\n:name: tab\n| a |\n|---|\n| 1 |\n```\n\n"
    "| b |\n|---|\n| 2 |\n\n```{code-block} python\n:caption: Code\n:name: code\n1\n```\n\n"
    "```{code-block} python\n2\n```\n",
    "boxes": "# Boxes\n\n:::{theorem} Said\n:label: thm\n\n$$\nz = 1\n$$ (eq-in)\n:::\n\n"
    ":::{exercise} Do\n:label: ex\n\nIt.\n:::\n\n$$\nz = 2\n$$ (eq-after)\n",
}


def numbers(app: SphinxTestApp) -> Any:
    """Return the numbers of all pages."""
    return app.env.toc_fignumbers


@pytest.fixture(scope="module")
def outlined(book: Any) -> SphinxTestApp:
    """Return a book numbered from outlines."""
    app: SphinxTestApp = book("boxes folds outlines", PAGES)
    return app


def test_the_numbers_are_those_from_whole_pages(book: Any, outlined: SphinxTestApp) -> None:
    whole = numbers(book("boxes folds", PAGES))
    assert numbers(outlined) == whole
    kinds = {kind for page in whole.values() for kind in page}
    assert kinds >= {"figure", "table", "code-block", "displaymath", "theorem", "exercise"}
    assert len(whole["deep"]["figure"]) == 2


def test_only_pages_that_were_read_are_loaded_to_number_them(
    outlined: SphinxTestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, before = Path(outlined.srcdir), numbers(outlined)
    page = folder / "deep.md"
    page.write_text(
        page.read_text("utf-8").replace("# Deep\n", f"# Deep\n\n{FIGURE.format(name='new')}")
    )
    loaded: list[str] = []
    seen: list[str] = []
    app = SphinxTestApp("html", srcdir=folder)
    load = type(app.env).get_doctree

    def spy(env: Any, name: str) -> Any:
        loaded.append(name)
        return load(env, name)

    def begin(app: Any, env: Any) -> list[str]:
        loaded.clear()
        return []

    def end(app: Any, env: Any) -> list[str]:
        seen.extend(loaded)
        return []

    monkeypatch.setattr(type(app.env), "get_doctree", spy)
    app.connect("env-get-updated", begin, priority=1)
    app.connect("env-get-updated", end, priority=999)
    app.build()
    app.cleanup()
    assert seen == ["deep"]
    after = numbers(app)
    assert after["deep"]["figure"].keys() == before["deep"]["figure"].keys() | {"fig-new"}
    assert after["part"]["figure"]["fig-drawn"] > before["part"]["figure"]["fig-drawn"]
    assert after["flat"] == before["flat"]
