"""Cells of a page, run without a kernel."""

import os
import sys
import textwrap

import pytest

from mathforml.equations.pages import CellError, cells, run

PAGE = """\
# Page

`````md
```{code-cell}
only_shown
```
`````

````{exercise}
```{code-cell}
:tags: [solution]

x = 1
```
````

```python
also_shown
```

:::{code-cell}
x + 1
:::
"""


@pytest.fixture
def page(tmp_path):
    """Return a function that writes a page of cells."""

    def write(*sources: str):
        path = tmp_path / "page.md"
        blocks = (f"```{{code-cell}}\n{textwrap.dedent(source)}\n```\n" for source in sources)
        path.write_text("\n".join(blocks), "utf-8")
        return path

    return write


def test_cells_are_read_with_their_lines_and_shown_ones_are_passed_over(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf-8")
    assert [cell[:2] for cell in cells(path)] == [("\nx = 1\n", 12), ("x + 1\n", 22)]


def test_a_cell_that_raises_is_named_by_file_line_and_cause(page):
    with pytest.raises(CellError, match=r"page\.md:7: ZeroDivisionError: division by zero"):
        run(page("x = 0", "y = 1\n1 / x"))


def test_what_a_page_did_to_the_interpreter_is_undone(page):
    main, ipython = sys.modules["__main__"], pytest.importorskip("IPython")
    environment = dict(os.environ)
    looked = "from IPython.core.formatters import format_display_data\nformat_display_data(1)"
    run(page(looked, "import matplotlib.pyplot as plt\nplt.figure()"))
    assert pytest.importorskip("matplotlib.pyplot").get_fignums() == []
    assert sys.modules["__main__"] is main
    assert dict(os.environ) == environment
    assert ipython.get_ipython() is None
