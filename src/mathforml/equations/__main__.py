"""Check or mutate the equations of pages: ``python -m mathforml.equations check page.md``."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mathforml.equations import refuting, survivors, verifying
from mathforml.equations.labels import read_displays
from mathforml.equations.pages import CellError, replaying

__all__ = ["main"]


def main(words: list[str] | None = None) -> int:
    """Run the command line; return 0 if all is well."""
    parser = argparse.ArgumentParser(prog="python -m mathforml.equations", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    check_verb = verbs.add_parser("check", help="execute a page, and list what was not verified")
    mutate_verb = verbs.add_parser("mutate", help="bend every equation, and list what still holds")
    for verb in (check_verb, mutate_verb):
        verb.add_argument("pages", nargs="+", type=Path, help="MyST pages or notebooks, or folders")
    equivalents = "a TOML file of mutants that say the same, with reasons"
    mutate_verb.add_argument("--equivalents", type=Path, help=equivalents)
    given = parser.parse_args(words)
    pages = [page for path in given.pages for page in files(path)]
    if given.verb == "check":
        return sum([check(page) for page in pages]) > 0
    return survivors.report(pages, given.equivalents)


def files(path: Path) -> Iterator[Path]:
    """Yield the pages that a path names: itself, or all below a folder that verify something."""
    if path.is_file():
        yield path
    else:
        found = (file for end in ("md", "ipynb") for file in path.rglob(f"*.{end}"))
        yield from sorted(file for file in found if "verify(" in file.read_text("utf-8"))


def check(page: Path) -> int:
    """Execute a page; return how many of its displays were not verified."""
    held: Counter[str] = Counter()
    refuted: Counter[str] = Counter()

    def verify(equation: str, /, *rest: Any, **options: Any) -> Any:
        certificate = verifying.verify(equation, *rest, **options)
        held[certificate.label] += 1
        return certificate

    def refute(equation: str, /, *rest: Any, **options: Any) -> Any:
        refusal = refuting.refute(equation, *rest, **options)
        refuted[refusal.label] += 1
        return refusal

    try:
        replaying(page, verify=verify, refute=refute)
    except CellError as error:
        print(error)
        return 1
    displays = read_displays(page)
    for display in displays:
        told = (
            "executed"
            if held[display.label]
            else "refuted"
            if refuted[display.label]
            else "NOT RUN"
        )
        print(f"{page}:{display.line}: {display.label}: {told}")
    left = [d for d in displays if not held[d.label] and not refuted[d.label]]
    print(f"{page}: {len(displays) - len(left)} of {len(displays)} labeled displays accounted for")
    return len(left)


if __name__ == "__main__":
    sys.exit(main())
