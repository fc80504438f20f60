"""Kernels forked from a warm process: the outputs of plain ones, and nothing left behind."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mathforml.sphinx import warmth
from mathforml.sphinx.publish import Book, warmed
from mathforml.sphinx.warmth import has_cells

FRONT = "---\nfile_format: mystnb\nkernelspec: {{name: {kernel}}}\n---\n"
CELL = "```{{code-cell}}\n{}\n```\n"
ALT = "---\nmystnb: {image: {alt: a drawing}}\n---\n"
PAGES = {
    "drawn": f"{ALT}import matplotlib.pyplot as plt\nimport numpy as np\n"
    'plt.plot(np.arange(3.0), "o-")\nplt.title("squares");',
    "styled": f"{ALT}import matplotlib\nfrom matplotlib import pyplot\nax = pyplot.figure().gca()\n"
    'print(matplotlib.get_backend(), matplotlib.rcParams["font.size"])\nax.bar([1], [2])',
    "spoken": 'import sys, warnings\nprint("out")\nprint("err", file=sys.stderr)\n1 + 1',
    "random": "import numpy as np\nimport tiny\nprint(np.random.default_rng(0).normal(), tiny.x)",
    "known": 'import os, sys\nprint(__name__, sys.argv[0].endswith("ipykernel_launcher.py"))\n'
    'print(os.path.basename(os.getcwd()), os.environ["OMP_NUM_THREADS"])\n'
    "print([os.path.basename(path) for path in sys.path])\n"
    'print("mathforml" in sys.modules, hash("a"))\n%who_ls',
    "shell": "%%bash\necho hello",
    "later": "import threading, asyncio\nt = threading.Thread(target=print, args=[7])\n"
    "t.start()\nt.join()\nawait asyncio.sleep(0.01)",
}
FAILING = {
    "asks": 'input("your name? ")',
    "dies": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "exits": "import os\nos._exit(3)",
    "slow": "import time\ntime.sleep(60)",
}

forks = pytest.mark.skipif(not warmth.possible(), reason="kernels are not forked here")


def write(book: Any, pages: dict[str, str]) -> Any:
    book.write("src/tiny/__init__.py", "x = 1\n")
    book.write("docs/index.md", "# Book\n\n```{toctree}\n:glob:\n*\n```\n")
    for name, text in pages.items():
        book.page(name, CELL.format(text))
    return book


def relatives(folder: Path) -> list[str]:
    """Return the command lines of live processes that belong to a book: they have its settings."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            settings = (process / "environ").read_bytes()
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"RUNS={folder}-runs.txt".encode() in settings and words:
            found.append(words.replace(b"\0", b" ").decode())
    return found


def settled(folder: Path) -> list[str]:
    """Return what is still alive of a book a moment after its end."""
    for _ in range(100):
        if not (left := relatives(folder)):
            break
        time.sleep(0.05)
    return left


@forks
def test_forked_and_plain_kernels_give_the_same_site(foreign: Callable[[str], Any]) -> None:
    sites = []
    for warm in ({}, {warmth.VARIABLE: ""}):
        book = write(foreign(""), PAGES)
        code, errors, ran = book.build(**warm)
        assert errors == ""
        assert (code, ran) == (0, sorted(PAGES))
        pages = {name: text for name, text in book.site().items() if name.startswith("_images")}
        for name in PAGES:
            html = book.site()[f"{name}.html"].decode()
            pages[name] = html[html.index("<h1>") :].encode()
        sites.append(pages)
    assert sites[0] == sites[1]
    assert (
        sum(name.startswith("_images") for name in sites[0])
        + b"".join(sites[0].values()).count(b"<svg")
        >= 2
    )


@forks
def test_both_fail_alike(foreign: Callable[[str], Any]) -> None:
    told = []
    for warm in ({}, {warmth.VARIABLE: ""}):
        book = write(foreign("nb_execution_timeout = 4"), FAILING)
        code, errors, _ = book.build(**warm)
        assert code == 1
        lines = [line.partition(" (more in")[0] for line in errors.splitlines()]
        told.append(sorted(line for line in lines if line.partition("docs/")[1]))
        assert settled(book.root) == []
    assert told[0] == told[1]
    assert len(told[0]) == len(FAILING)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_good_build_and_an_interrupted_one_leave_no_process(
    foreign: Callable[[str], Any],
) -> None:
    book = write(foreign(""), {"quick": "1 + 1"})
    assert book.build()[0] == 0
    assert settled(book.root) == []
    for name in ("long", "longer"):
        heading = "## Long enough to fill a pipe" + " and on" * 20_000
        book.page(name, f"{CELL.format('import time; time.sleep(4)')}\n{heading}")
    for number, jobs in ((signal.SIGINT, 1), (signal.SIGKILL, 1), (signal.SIGKILL, 2)):
        process = book.start("-m", "mathforml.sphinx", "build", "-j", jobs)
        while not any("ipykernel" in words or "warm.py" in words for words in relatives(book.root)):
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(2)
        process.send_signal(number)
        process.wait(timeout=60)
        assert settled(book.root) == []
        process.communicate()  # which would wait for what is left behind


def test_a_page_without_cells_starts_no_kernel(foreign: Callable[[str], Any]) -> None:
    book = foreign("")
    words = FRONT.format(kernel="martian") + "# Book\n\nOnly words.\n"
    book.write("docs/index.md", words)
    code, errors, _ = book.build()
    assert (code, errors) == (0, "")
    assert "Only words." in book.site()["index.html"].decode()


def test_ten_cold_builds_at_once_all_succeed(foreign: Callable[[str], Any]) -> None:
    books = [write(foreign(""), {"page": f"{n} + 1", "other": "2"}) for n in range(10)]
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda book: book.build("-j", "1")[:2], books))
    assert results == [(0, "")] * 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Words\n\nof code-cell kind", False),
        ("```{code-cell} ipython3\n1\n```", True),
        ('{"cells": [{"cell_type": "code"}]}', True),
        ('{"cells": [{"cell_type": "markdown"}]}', False),
    ],
)
def test_a_page_is_known_to_have_cells(text: str, expected: bool) -> None:
    assert has_cells(text) is expected


@forks
def test_the_warm_process_begins_before_sphinx_if_a_page_with_cells_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[list[str]] = []

    @contextmanager
    def warm_process(modules: list[str]) -> Iterator[None]:
        begun.append(modules)
        yield

    monkeypatch.setattr(warmth, "warm_process", warm_process)
    book = Book(tmp_path, tmp_path, tmp_path / "build/html")
    (tmp_path / "words.md").write_text("# Words")
    with warmed(book):
        assert begun == []
    (tmp_path / "page.md").write_text("```{code-cell}\nimport sklearn\n```")
    with warmed(book):
        assert begun == [["sklearn"]]
