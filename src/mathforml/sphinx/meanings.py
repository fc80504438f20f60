r"""What each symbol is called, in words, in shape and in code: the book's ``notation.toml``.

``mathforml_notation``
    The file, seen from the folder of the sources. One block for each symbol::

        [[symbol]]
        latex = '\bar y'
        name = "cotangent of y"
        shape = "shape of y"
        code = "y_bar"
        page = "page-activations"  # label of the page that introduces it

    ``also = ["dy"]`` allows further names in code, ``pages = ["page-network"]`` names further pages
    where the symbol means the same. A letter that means something else on another page has a block
    there.

A block that is incomplete, comes twice, is no LaTeX or names an unknown page fails the build.
"""

import ast
import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from mathforml.equations import EquationError
from mathforml.equations.bindings import Scope
from mathforml.sphinx.formulas import FormulaError, mathml
from mathforml.sphinx.symbols import ACCENTS

__all__ = ["Meaning", "listed", "meanings", "spelled", "stems"]

NEEDED = ("latex", "name", "shape", "code", "page")
LISTS = ("also", "pages")
BLOCK = re.compile(r"^[ \t]*\[\[[ \t]*symbol[ \t]*\]\]", re.MULTILINE)


@dataclass(frozen=True)
class Meaning:
    """What a symbol means from some page on.

    Attributes
    ----------
    latex, name, shape, code, page, also, pages
        As in the file.
    line : int
        Where its block begins.
    """

    latex: str
    name: str
    shape: str
    code: str
    page: str
    line: int
    also: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """How the engine spells the symbol."""
        return spelled(self.latex)

    @property
    def address(self) -> str:
        """The id of its row: of symbol and page, so that it lasts."""
        key = self.key.replace("\\", "").replace("+", "plus").replace("*", "star")
        sign = re.sub(r"\W+", "-", key).strip("-") or "sign"
        return f"symbol-{sign}-{self.page.removeprefix('page-')}"

    @property
    def names(self) -> frozenset[str]:
        """The names in code that the symbol may have."""
        return frozenset(name for text in (self.code, *self.also) for name in names_in(text))


@dataclass
class File:
    """The file, read.

    Attributes
    ----------
    path : Path
        Where it lies.
    found : list of Meaning
        Its blocks that are whole.
    problems : list of tuple
        Line and fault of the others.
    """

    path: Path
    found: list[Meaning] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


@cache
def spelled(latex: str) -> str:
    r"""Return how the engine spells a symbol, or the LaTeX itself if it is no symbol.

    Examples
    --------
    >>> spelled(r"\bar{y}"), spelled("y_bar"), spelled(r"\langle u, v \rangle")
    ('y_bar', 'y_bar', '\\langle u,v \\rangle')
    >>> spelled(r"\tanh"), spelled(r"\operatorname{sign}"), spelled(r"\hat f(p)")
    ('tanh', 'sign', 'f_hat(p)')
    """
    word = re.fullmatch(r"\\operatorname\{(\w+)\}|\\([a-z]{2,})", latex)
    try:
        return next(iter(Scope({latex: 0.0}).values))
    except (EquationError, ValueError):
        if word:
            return word[1] or word[2]
        return re.sub(r"\s*([^\w\s\\])\s*", r"\1", " ".join(latex.split()))


def stems(key: str) -> list[str]:
    r"""Return a symbol, then the letter that it is a part or a value of, nearest first.

    Examples
    --------
    >>> stems("Sigma_oo"), stems(r"\mu_{o}"), stems("y_bar"), stems("p(a)"), stems("lambda_")
    (['Sigma_oo', 'Sigma'], ['mu_o', 'mu'], ['y_bar'], ['p(a)', 'p'], ['lambda_'])
    """
    found = [spelled(key)]
    while True:
        last = found[-1]
        head, _, tail = last.rpartition("_")
        if "(" in last:
            found.append(last.partition("(")[0])
        elif head and tail and tail not in ACCENTS | {"prime", "star"}:
            found.append("lambda_" if head == "lambda" else head)
        else:
            return found


def names_in(code: str) -> set[str]:
    """Return the names in an expression, attributes too."""
    try:
        tree = ast.parse(code, mode="eval")
    except SyntaxError:
        return set()
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def read(path: Path) -> File:
    """Read the file; note what is wrong with it."""
    file = File(path)
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        file.problems.append((0, "there is no such file"))
        return file
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"line (\d+)", str(error))
        file.problems.append((int(place[1]) if place else 0, f"no TOML: {error}"))
        return file
    lines = [text.count("\n", 0, found.start()) + 1 for found in BLOCK.finditer(text)]
    blocks = data.get("symbol", [])
    for key in data.keys() - {"symbol"}:
        file.problems.append((0, f"unknown {key!r}; expected blocks [[symbol]]"))
    for line, block in zip(lines, blocks, strict=False):
        faults = list(faults_of(block))
        file.problems += [(line, f"the symbol {named(block)} {fault}") for fault in faults]
        if not faults:
            lists = {key: tuple(block.get(key, ())) for key in LISTS}
            file.found.append(Meaning(**{**block, **lists, "line": line}))
    file.problems += twice(file.found)
    return file


def named(block: dict[str, Any]) -> str:
    """Return how a message names a block."""
    return repr(block.get("latex", block.get("name", "without LaTeX"))).replace("\\\\", "\\")


def faults_of(block: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a block by itself."""
    for key in NEEDED:
        if not isinstance(block.get(key), str) or not block[key].strip():
            yield f"has no {key!r}; expected text"
    for key in LISTS:
        value = block.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield f"has {key!r} = {value!r}; expected a list of texts"
    for key in sorted(block.keys() - {*NEEDED, *LISTS}):
        close = difflib.get_close_matches(key, [*NEEDED, *LISTS], n=1)
        yield f"has an unknown {key!r}" + (f"; perhaps {close[0]!r}" if close else "")
    latex, code = block.get("latex"), block.get("code")
    if isinstance(latex, str):
        try:
            mathml(latex, display=False)
        except FormulaError as error:
            yield f"is no LaTeX: {str(error).partition(chr(10))[0]}"
    if isinstance(code, str) and code.strip() and not names_in(code):
        yield f"has code {code!r}; expected a name, or an expression, in Python"


def twice(found: list[Meaning]) -> Iterator[tuple[int, str]]:
    """Yield the symbols that two blocks explain for one page."""
    seen: dict[tuple[str, str], Meaning] = {}
    for meaning in found:
        for page in dict.fromkeys((meaning.page, *meaning.pages)):
            first = seen.setdefault((meaning.key, page), meaning)
            if first is not meaning:
                fault = f"comes twice for {page!r}; first in line {first.line}"
                yield meaning.line, f"the symbol {named({'latex': meaning.latex})} {fault}"


def file_of(app: Sphinx) -> Path | None:
    """Return the file of a project, if it has one, and knows of such files."""
    name = getattr(app.config, "mathforml_notation", "")
    return Path(app.srcdir, name) if name else None


def meanings(app: Sphinx) -> File:
    """Return the file of a project, read once in a build."""
    path = file_of(app)
    if path is None:
        return File(Path())
    known: File | None = getattr(app, "_mathforml_meanings", None)
    if known is None or known.path != path:
        known = read(path)
        vars(app)["_mathforml_meanings"] = known
    return known


def page_of(env: BuildEnvironment, label: str) -> str | None:
    """Return the page that has a label, None if there is none."""
    std = env.domaindata["std"]
    for kind in ("labels", "anonlabels"):
        if label in std[kind]:
            return str(std[kind][label][0])
    return None


def listed(env: BuildEnvironment) -> set[str]:
    """Return the pages that list all symbols."""
    kept: set[str] = vars(env).setdefault("mathforml_symbol_lists", set())
    return kept & env.found_docs


def changed(
    app: Sphinx, env: BuildEnvironment, added: set[str], altered: set[str], removed: set[str]
) -> list[str]:
    """Read a page again when the file changed: checks run only if something was read."""
    path = file_of(app)
    bytes_now = path.read_bytes() if path is not None and path.is_file() else b""
    digest = hashlib.sha256(bytes_now).hexdigest()
    before = vars(env).get("mathforml_meanings", digest)
    vars(env)["mathforml_meanings"] = digest
    return sorted(listed(env) or {env.config.root_doc}) if before != digest else []


def setup(app: Sphinx) -> None:
    """Add the setting, and watch the file."""
    app.connect("env-get-outdated", changed)
    app.add_config_value("mathforml_notation", "", "html", types=frozenset({str}))
