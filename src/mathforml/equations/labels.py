r"""Labelled displays in MyST sources: where they are, and what they say."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mathforml.equations.errors import EquationError

__all__ = ["PAGE", "SOURCES", "LabelledDisplay", "displays", "find_display", "read_displays"]

SOURCES = "MATHFORML_SOURCES"  # environment variable: the folder of the project's sources
PAGE = "MATHFORML_PAGE"  # environment variable: the page whose cells run, as a docname
SUFFIXES = (".md", ".ipynb")

FENCE = re.compile(r"^[ ]{0,3}(?P<mark>`{3,}|~{3,}|:{3,})(?P<info>.*)$")
DOLLARS = re.compile(
    r"(?<![\\$])\$\$(?!\$)(?P<latex>.+?)(?<!\\)\$\$[ \t]*(?:\((?P<label>[^()\s]+)\))?", re.DOTALL
)


@dataclass(frozen=True)
class LabelledDisplay:
    """A display with a label.

    Parameters
    ----------
    label, latex
        As written.
    line
        Line of the source where it begins, counted from 1.
    """

    label: str
    latex: str
    line: int


def displays(text: str) -> Iterator[LabelledDisplay]:
    r"""Yield the labelled displays of a MyST source, in order.

    They are ``$$…$$ (label)`` and the directive ``{math}`` with ``:label:``.  Code is passed over.
    """
    lines = text.split("\n")
    prose: list[str] = []
    found: list[LabelledDisplay] = []
    at = 0
    while at < len(lines):
        match = FENCE.match(lines[at])
        if match is None or (
            match["mark"][0] == ":" and not match["info"].strip().startswith("{math}")
        ):
            prose.append(lines[at])
            at += 1
            continue
        body, end = _fenced(lines, at, match["mark"])
        if match["info"].strip().startswith("{math}"):
            found += _directive(match["info"].strip().removeprefix("{math}"), body, at + 1)
        elif match["info"].strip().startswith("{") and not _is_code(match["info"]):
            found += [
                LabelledDisplay(d.label, d.latex, d.line + at + 1)
                for d in displays("\n".join(body))
            ]
        prose += [""] * (end - at)
        at = end
    source = _without_code("\n".join(prose))
    for match in DOLLARS.finditer(source):
        if match["label"]:
            line = source.count("\n", 0, match.start()) + 1
            found.append(LabelledDisplay(match["label"], match["latex"].strip(), line))
    yield from sorted(found, key=lambda d: d.line)


def _is_code(info: str) -> bool:
    name = info.strip()[1:].split("}")[0]
    return name in (
        "code-cell",
        "code",
        "code-block",
        "raw",
        "literalinclude",
        "listing",
        "snippet",
    )


def _fenced(lines: list[str], at: int, mark: str) -> tuple[list[str], int]:
    """Return the lines inside a fence, and where what follows begins."""
    close = re.compile(rf"^[ ]{{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    for end in range(at + 1, len(lines)):
        if close.match(lines[end]):
            return lines[at + 1 : end], end + 1
    return lines[at + 1 :], len(lines)


def _directive(argument: str, body: list[str], line: int) -> Iterator[LabelledDisplay]:
    """Read the options of a math directive."""
    label, kept = "", []
    options = True
    for text in body:
        option = re.match(r"^\s*:(\w+):\s*(.*?)\s*$", text) if options else None
        if option is not None:
            label = option[2] if option[1] in ("label", "name") else label
        else:
            options = options and not text.strip()
            kept.append(text)
    if label:
        latex = "\n".join([argument.strip(), *kept]).strip()
        yield LabelledDisplay(label, latex, line)


def _without_code(text: str) -> str:
    """Blank inline code and comments, keeping the lines."""
    text = re.sub(
        r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)",
        lambda m: "\n" * m[0].count("\n"),
        text,
        flags=re.DOTALL,
    )
    return re.sub(r"(?m)^%.*$", "", text)


def find_display(label: str) -> LabelledDisplay:
    """Find a labelled display: on the page whose cells run, else in the project's sources.

    Raises
    ------
    EquationError
        If there is none, or another page has it.
    """
    folder, page = os.environ.get(SOURCES), os.environ.get(PAGE)
    if folder and page:
        for suffix in SUFFIXES:
            path = Path(folder) / (page + suffix)
            if path.exists():
                return _on_page(label, path, Path(folder))
    roots = [Path(folder)] if folder else _roots(Path.cwd())
    for root in roots:
        found = [d for path in _sources(root) for d in read_displays(path) if d.label == label]
        if found:
            return _only(found)
    packaged = _packaged().get(label)
    if packaged is not None:
        return LabelledDisplay(label, packaged, 0)
    raise _missing(label, [path for root in roots for path in _sources(root)])


def _only(found: list[LabelledDisplay]) -> LabelledDisplay:
    """Return the one display of a label, or refuse several that differ."""
    if len({" ".join(d.latex.split()) for d in found}) > 1:
        lines = " and ".join(str(d.line) for d in found)
        raise EquationError(f"{found[0].label} labels several displays, on the lines {lines}")
    return found[0]


def _packaged() -> dict[str, str]:
    """Return the displays that are packaged with the book, by label."""
    path = Path(__file__).with_name("displays.json")
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _missing(label: str, paths: list[Path]) -> EquationError:
    """Say that a label is missing; a bare LaTeX environment is no labelled display."""
    for path in paths:
        if f"\\label{{{label}}}" in path.read_text(encoding="utf-8"):
            return EquationError(
                f"{label} stands in a bare LaTeX environment in {path.name}; expected "
                f"$$\\begin{{aligned}} … \\end{{aligned}}$$ ({label})"
            )
    return EquationError(
        f"no display is labelled {label}; expected $$…$$ ({label}), a math directive with "
        f":label: {label}, or LaTeX with a relation"
    )


def _on_page(label: str, path: Path, folder: Path) -> LabelledDisplay:
    if found := [d for d in read_displays(path) if d.label == label]:
        return _only(found)
    for other in _sources(folder):
        if any(d.label == label for d in read_displays(other)):
            raise EquationError(
                f"{label} is displayed on {other.relative_to(folder)}; "
                "a page verifies its own labels only"
            )
    raise EquationError(f"no display of {path.name} is labelled {label}; expected $$…$$ ({label})")


def _roots(start: Path) -> list[Path]:
    """Return the folders to search upwards from the working folder, nearest first."""
    found = []
    for folder in (start, *start.parents):
        if (folder / "docs").is_dir():
            found.append(folder / "docs")
        if (
            (folder / "pyproject.toml").exists()
            or (folder / "conf.py").exists()
            or (folder / ".git").exists()
        ):
            found.append(folder)
            return found
    return [start]


def _sources(root: Path) -> Iterator[Path]:
    skipped = {"build", "_build", "node_modules", ".venv", ".git", "jupyter_execute"}
    for suffix in SUFFIXES:
        for path in sorted(root.rglob(f"*{suffix}")):
            if not skipped & set(path.relative_to(root).parts):
                yield path


_CACHE: dict[Path, tuple[float, int, tuple[LabelledDisplay, ...]]] = {}


def read_displays(path: Path) -> tuple[LabelledDisplay, ...]:
    """Read the displays of a file, once for each state of it."""
    stat = path.stat()
    known = _CACHE.get(path)
    if known is not None and known[:2] == (stat.st_mtime, stat.st_size):
        return known[2]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text).get("cells", [])
        text = "\n\n".join("".join(c["source"]) for c in cells if c.get("cell_type") == "markdown")
    found = tuple(displays(text))
    _CACHE[path] = (stat.st_mtime, stat.st_size, found)
    return found
