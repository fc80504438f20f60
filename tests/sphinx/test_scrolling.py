"""What scrolls sideways can have the focus, once."""

from typing import Any

import pytest

from mathforml.sphinx.scrolling import focusable


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<pre><span>x</span></pre>", '<pre tabindex="0"><span>x</span></pre>'),
        ('<pre class="a">x</pre>', '<pre tabindex="0" class="a">x</pre>'),
        ('<pre tabindex="0">x</pre>', '<pre tabindex="0">x</pre>'),
        ('<div class="table-wrapper c">', '<div tabindex="0" class="table-wrapper c">'),
        ('<div class="c">', '<div class="c">'),
        ("<prefix>", "<prefix>"),
    ],
)
def test_code_and_tables_can_have_the_focus(before: str, after: str) -> None:
    assert focusable(before) == after
    assert focusable(after) == after


def test_every_block_of_a_page_can_have_the_focus(book: Any) -> None:
    page = "# A page\n\n```python\nx = 1\n```\n\n| a |\n|---|\n| b |\n"
    app = book("scrolling", {"page": page}, config={"html_theme": "furo"})
    found = (app.outdir / "page.html").read_text("utf-8")
    assert found.count("<pre tabindex") == found.count("<pre") == 1
    assert found.count('<div tabindex="0" class="table-wrapper') == 1
