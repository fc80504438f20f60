"""Figures stand in the page, in its colors, with words; the build says where words are missing."""

import re

import pytest

HEAD = "---\nfile_format: mystnb\nkernelspec: {name: python3}\n---\n"
PNG = (
    "89504e470d0a1a0a0000000d4948445200000002000000030802000000368849d6000000104944415478"
    "9c63f8cfc000440c28140044d005fba4cfde800000000049454e44ae426082"
)
PAGE = (
    HEAD
    + """
# One

See {numref}`fig-line`.

```{code-cell}
---
mystnb:
  figure: {name: fig-line, caption: "A [function]{.fn} of $x$."}
  image: {alt: "A line rises."}
---
from mathforml.plotting import axes
ax = axes("step $h$")
ax.plot([1, 2], "o-");
```

:::{description} fig-line
From *one* to two.
:::

```{code-cell}
---
mystnb:
  image: {alt: "Another line rises."}
---
ax = axes("step $h$")
ax.plot([1, 3], "o-");
```

```{code-cell}
---
mystnb:
  image: {alt: "Many points.", classes: heatmap}
---
import numpy as np
ax = axes()
ax.scatter(*np.random.default_rng(0).normal(size=(2, 3000)));
```

```{code-cell}
---
mystnb:
  image: {alt: "Two by three pixels."}
---
from IPython.display import Image
Image(bytes.fromhex("PNG"))
```
""".replace("PNG", PNG)
)
BARE = (
    HEAD
    + """
# Bare

```{code-cell}
from mathforml.plotting import axes
axes().plot([1, 2]);
```

![](https://example.org/dot.png)

:::{description} fig-dto
Nothing.
:::
"""
)
CONFIG = {
    "nb_execution_mode": "force",
    "myst_enable_extensions": ["colon_fence", "dollarmath", "attrs_inline"],
}


@pytest.fixture(scope="module")
def app(book):
    """Build the book, its page executed."""
    return book("boxes folds figures", {"one": PAGE}, config=CONFIG)


@pytest.fixture(scope="module")
def html(app):
    """Return the page."""
    return (app.outdir / "one.html").read_text("utf-8")


def test_the_build_is_quiet(app):
    assert app.warning.getvalue() == ""


def test_a_drawing_is_part_of_the_page_with_its_words_and_its_size(html):
    (figure,) = re.findall(r'<figure[^>]*id="fig-line".*?</figure>', html, re.DOTALL)
    assert 'role="img" aria-label="A line rises."' in figure
    assert 'viewBox="0 0 432 230.4" ' in figure
    assert 'width="600" height="320"' in figure
    assert "stroke:var(--fn,#1d5c9c)" in figure
    assert '<span class="fn">function</span>' in figure


def test_a_figure_of_a_cell_is_numbered_like_any_other(html):
    assert 'href="#fig-line"><span class="std std-numref">Fig. 1.1</span>' in html


def test_ids_are_unique_in_the_page(html):
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert any(name.startswith("fig-line-") for name in ids)


def test_what_a_cell_drew_is_nothing_that_its_page_came_from(app):
    assert not app.env.dependencies.get("one")


def test_a_drawing_in_the_page_is_not_shipped_as_a_file_too(app):
    shipped = [path.name for path in (app.outdir / "_images").iterdir()]
    assert sorted(name.rpartition(".")[2] for name in shipped) == ["png", "svg"]


def test_what_is_large_or_made_of_pixels_is_loaded_when_it_is_seen(html):
    large, pixels = re.findall(r"<img[^>]*>", html)
    for image in (large, pixels):
        assert 'loading="lazy"' in image
        assert 'decoding="async"' in image
    assert re.search(r'height="3" .* width="2"', pixels)
    assert 'alt="Two by three pixels."' in pixels
    assert re.search(r'height="320" .* width="600"', large)
    assert 'class="heatmap"' in large


def test_a_long_description_unfolds_below_its_figure_and_is_linked_to_it(html):
    assert 'aria-details="fig-line-description"' in html
    below = html.partition("</figure>")[2].lstrip()
    assert re.match(r'<details class="description" id="fig-line-description">\s*<summary>', below)
    assert ">Fig. 1.1</span></summary>" in below
    assert "From <em>one</em> to two." in below


def test_other_builders_show_figures_as_files(book):
    app = book("boxes folds figures", {"one": PAGE}, builder="epub", config=CONFIG)
    page = (app.outdir / "one.xhtml").read_text("utf-8")
    assert re.findall(r'<img alt="([^"]+)"', page)[:2] == ["A line rises.", "Another line rises."]
    assert "<svg" not in page


# Refusals


def test_what_lacks_words_is_named_with_its_line(book):
    said = book("boxes folds figures", {"bare": BARE}, config=CONFIG).warning.getvalue()
    assert re.search(r"bare\.md:(8|9|10): WARNING: an image without alternative text", said)
    assert re.search(r"bare\.md:1[34]: WARNING: an image without alternative text", said)
    assert re.search(r"no figure 'fig-dto' on this page to describe; its figures: none", said)
