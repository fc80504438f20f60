"""What scrolls can have the focus, once; headers head something; entries stand in their list."""

from typing import Any

import pytest

from mathforml.sphinx.access import accessible


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<pre><span>x</span></pre>", '<pre tabindex="0"><span>x</span></pre>'),
        ('<pre class="a">x</pre>', '<pre tabindex="0" class="a">x</pre>'),
        ('<pre tabindex="0">x</pre>', '<pre tabindex="0">x</pre>'),
        ('<div class="table-wrapper c">', '<div tabindex="0" class="table-wrapper c">'),
        ('<div class="c">', '<div class="c">'),
        ("<prefix>", "<prefix>"),
        ('<th class="head"><p></p></th>', '<td class="head"></td>'),
        ('<th class="head"><p>a</p></th>', '<th class="head"><p>a</p></th>'),
        ('<div role="doc-biblioentry">', '<div role="listitem">'),
    ],
)
def test_what_is_mended_is_mended_once(before: str, after: str) -> None:
    assert accessible(before) == after
    assert accessible(after) == after


def test_every_block_of_a_page_can_have_the_focus(book: Any) -> None:
    page = "# A page\n\n```python\nx = 1\n```\n\n| a |\n|---|\n| b |\n"
    app = book("access", {"page": page}, config={"html_theme": "furo"})
    found = (app.outdir / "page.html").read_text("utf-8")
    assert found.count("<pre tabindex") == found.count("<pre") == 1
    assert found.count('<div tabindex="0" class="table-wrapper') == 1
