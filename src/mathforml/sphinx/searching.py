"""Keep the search index whole when only some pages are written, and let it find symbols.

Sphinx then forgets the index entries of all other pages, and keeps words that no page has any more.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search import js_index

from mathforml.sphinx.symbol_list import titles


class SearchIndex:
    """The index as the last build left it, and the pages that this one writes."""

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}
        self.written: set[str] = set()

    def remember(self, app: Sphinx, builder: object) -> None:
        """Read the last index before Sphinx replaces it."""
        self.last = load(file(app))

    def note(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Note a page that is written."""
        self.written.add(docname)

    def complete(self, app: Sphinx, exception: Exception | None) -> None:
        """Put the entries of the other pages back; drop words without a page."""
        index = load(file(app))
        if exception is not None or not index:
            return
        for name, places in self.last.get("indexentries", {}).items():
            for number, *rest in places:
                page = self.last["docnames"][number]
                if page in index["docnames"] and page not in self.written:
                    place = [index["docnames"].index(page), *rest]
                    index["indexentries"].setdefault(name, []).append(place)
        for places in index["indexentries"].values():
            places.sort(key=lambda place: place[0])
        enter_symbols(app, index)
        for words in ("terms", "titleterms"):
            index[words] = {word: found for word, found in index[words].items() if found != []}
        file(app).write_text(js_index.dumps(index), "utf-8")


def enter_symbols(app: Sphinx, index: dict[str, Any]) -> None:
    """Enter the rows of the lists of symbols, as if each had a title."""
    for page, rows in titles(app).items():
        number = index["docnames"].index(page)
        known = index["alltitles"]
        for places in known.values():
            places[:] = [spot for spot in places if spot[0] != number or not is_row(spot[1])]
        for title, address in rows.items():
            known.setdefault(title, []).append([number, address])
        index["alltitles"] = {title: places for title, places in known.items() if places}


def is_row(address: str | None) -> bool:
    """Tell whether an id is that of a symbol's row."""
    return bool(address and address.startswith("symbol-"))


def file(app: Sphinx) -> Path:
    """Return where Sphinx writes the index."""
    return Path(app.outdir, "searchindex.js")


def load(path: Path) -> dict[str, Any]:
    """Return an index, or nothing if there is none."""
    if not path.is_file():
        return {}
    index: dict[str, Any] = js_index.loads(path.read_text("utf-8"))
    return index


def setup(app: Sphinx) -> None:
    """Watch what is written."""
    index = SearchIndex()
    app.connect("write-started", index.remember)
    app.connect("doctree-resolved", index.note)
    app.connect("build-finished", index.complete)
