"""What can be seen without a browser: links, names, sizes."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import pytest

REFERENCES = {"a": "href", "link": "href", "script": "src", "img": "src", "source": "src"}
BY_ID = ("for", "aria-labelledby", "aria-describedby", "aria-details", "aria-controls", "aria-owns")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
DRAWINGS = re.compile(r"<figure\b.*?</figure>", re.DOTALL)


class Page(HTMLParser):
    """A page, read once."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__()
        self.path, self.name = path, name
        self.ids: list[str] = []
        self.links: list[str] = []
        self.by_id: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.inside: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, pairs):
        found = dict(pairs)
        self.elements.append((tag, found))
        if tag not in VOID:
            self.inside.append(tag)
        if found.get("id"):
            self.ids.append(found["id"])
        if found.get(REFERENCES.get(tag, "")) is not None:
            self.links.append(found[REFERENCES[tag]])
        for name in BY_ID:
            self.by_id += (found.get(name) or "").split()

    def handle_endtag(self, tag):
        while tag in self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, text):
        self.words.append((" ".join(self.inside), text))

    def count(self, tag):
        return sum(name == tag for name, _ in self.elements)

    def text(self, within, *without):
        """Return the text inside an element, except that inside some others."""
        return "".join(
            text
            for inside, text in self.words
            if within in inside.split() and not set(without) & set(inside.split())
        )

    def meta(self, name):
        return next(
            (
                found.get("content")
                for tag, found in self.elements
                if tag == "meta" and found.get("name") == name
            ),
            None,
        )


@pytest.fixture(scope="module")
def pages(site):
    paths = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    return {
        name: Page(path, name) for path in paths for name in [path.relative_to(site).as_posix()]
    }


def chapters(pages):
    """Return the pages that come from our sources."""
    return {n: p for n, p in pages.items() if not n.startswith("_modules/") and n not in GENERATED}


GENERATED = {"genindex.html", "py-modindex.html", "search.html", "404.html"}


# Links


def target(page, link, site):
    """Return the file and the fragment that a link leads to."""
    path, fragment = urldefrag(link)
    path = unquote(urlsplit(path).path)
    start = site if path.startswith("/") else page.path.parent
    found = (start / path.lstrip("/")).resolve() if path else page.path
    return (found / "index.html" if found.is_dir() else found), unquote(fragment)


def is_inner(link):
    return not urlsplit(link).scheme and not link.startswith("//")


def test_every_internal_link_and_anchor_leads_somewhere(pages, site):
    by_path = {page.path.resolve(): page for page in pages.values()}
    dead = []
    for page in pages.values():
        for link in filter(is_inner, page.links):
            path, fragment = target(page, link, site)
            ids = by_path[path].ids if path in by_path else []
            if not path.is_file() or (fragment and fragment not in ids):
                dead.append(f"{page.name}: {link}")
    assert dead == []


def test_every_file_that_a_style_sheet_names_is_there(site):
    missing = []
    for sheet in site.rglob("*.css"):
        for name in re.findall(r"url\([\"']?([^\"')]+)", sheet.read_text("utf-8")):
            if (
                not name.startswith(("data:", "#"))
                and not (sheet.parent / urlsplit(name).path).is_file()
            ):
                missing.append(f"{sheet.name}: {name}")
    assert missing == []


def test_an_id_is_there_once_and_every_reference_to_one_is_answered(pages):
    for page in pages.values():
        twice = {name for name in page.ids if page.ids.count(name) > 1}
        assert not twice, page.name
        assert set(page.by_id) <= set(page.ids), page.name


def test_every_download_is_there_and_every_page_with_cells_offers_its_notebook(pages, site):
    for page in pages.values():
        offered = [link for link in page.links if link.endswith(".ipynb")]
        has_cells = any("cell_input" in (found.get("class") or "") for _, found in page.elements)
        assert len(offered) == (has_cells and page.name != "index.html"), page.name
        for link in offered:
            notebook = nbformat.read(target(page, link, site)[0], as_version=4)
            nbformat.validate(notebook)
            assert notebook.cells[0].source.count("pip install mathforml==") == 1


# Names


def test_every_page_has_a_title_of_its_own_and_one_first_heading(pages):
    titles = [page.text("title").strip() for page in pages.values()]
    assert all(titles)
    assert sorted(titles) == sorted(set(titles))
    assert {name: page.count("h1") for name, page in pages.items() if page.count("h1") != 1} == {}


def test_every_page_says_in_a_sentence_what_it_is(pages):
    sentences = {name: page.meta("description") or "" for name, page in chapters(pages).items()}
    assert {name: text for name, text in sentences.items() if not 50 <= len(text) <= 170} == {}
    assert len(set(sentences.values())) == len(sentences)


def test_every_page_says_its_language(pages):
    for page in pages.values():
        assert ("html", "en") in [(tag, found.get("lang")) for tag, found in page.elements], (
            page.name
        )


def test_every_image_is_described_or_said_to_be_decoration(pages):
    silent = []
    for page in pages.values():
        for tag, found in page.elements:
            named = found.get("aria-label") or found.get("aria-labelledby")
            hidden = found.get("aria-hidden") == "true" or "display: none" in (
                found.get("style") or ""
            )
            if tag == "img" and not (found.get("alt") or found.get("role") == "presentation"):
                silent.append(f"{page.name}: {found.get('src')}")
            if tag == "svg" and found.get("role") == "img" and not (named or hidden):
                silent.append(f"{page.name}: {found}")
    assert silent == []


# Formulas


def test_no_formula_is_left_as_latex(pages):
    latex = re.compile(r"\$(?!\d[\d,]* )|\\[(\[a-zA-Z]")  # and money is no formula
    left = {
        name: found
        for name, page in pages.items()
        if (found := latex.findall(page.text("body", "pre", "code", "math", "script", "style")))
    }
    assert left == {}


def test_the_chapters_have_their_formulas_as_mathml(pages, site):
    displays = {
        name: len(re.findall(r'<div class="(?:[^"]* )?math\b', page.path.read_text("utf-8")))
        for name, page in pages.items()
    }
    for name, page in pages.items():
        assert page.count("math") >= displays[name], name
    assert displays["neural/activations.html"] >= 15


# Sizes, gzipped


def weight(path: Path, without_figures: bool = False) -> int:
    content = path.read_bytes()
    if without_figures and path.suffix == ".html":
        content = DRAWINGS.sub("", content.decode()).encode()
    return len(content if path.suffix == ".woff2" else gzip.compress(content, 6))


@pytest.mark.parametrize(("limit", "without_figures"), [(150_000, True), (400_000, False)])
def test_no_page_is_heavy(pages, site, limit, without_figures):
    heavy = {}
    for page in pages.values():
        files = {target(page, link, site)[0] for link in loaded(page)} | {page.path}
        if without_figures:
            files.discard(site / "searchindex.js")  # of the whole book, and for searching alone
        faces = set(site.glob("_static/fonts/*.woff2"))
        total = sum(weight(path, without_figures) for path in files | faces)
        if total > limit:
            heavy[page.name] = total
    assert heavy == {}


def test_no_page_has_more_elements_than_a_phone_lays_out_at_once(pages):
    counts = {name: len(page.elements) for name, page in chapters(pages).items()}
    assert {name: count for name, count in counts.items() if count > 8000} == {}


def loaded(page: Page) -> list[str]:
    """Return what a browser loads with the page: style sheets, scripts, images."""
    return [
        found[REFERENCES[tag]]
        for tag, found in page.elements
        if (tag == "link" and found.get("rel") in ("stylesheet", "icon"))
        or (tag in ("script", "img") and found.get("src"))
    ]
