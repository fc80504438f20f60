"""Find functions of the book, and copy them so that they stand alone."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mathforml.snippets import SnippetError, snippet
from mathforml.snippets.finding import catalog, find, matching


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m mathforml", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    copy = verbs.add_parser("copy", help="print functions with all that they need but NumPy")
    copy.add_argument("names", nargs="+", metavar="NAME", help="such as softmax_vjp")
    copy.add_argument("--output", "-o", type=Path, metavar="FILE", help="write this file instead")
    found = verbs.add_parser("list", help="list what can be copied")
    found.add_argument("word", nargs="?", default="", metavar="WORD", help="in name or summary")
    return parser.parse_args(words)


def write(path: Path, text: str) -> None:
    """Write a whole file or none."""
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def copy(names: Sequence[str], output: Path | None) -> None:
    """Print a copy, or write it to a file."""
    entries = catalog()
    code = snippet(*(find(name, entries) for name in names)).code
    if output is None:
        sys.stdout.write(code)
    else:
        write(output, code)
        print(f"{output}: {', '.join(names)}, {code.count(chr(10))} lines")


def show(word: str) -> None:
    """Print the names and summaries in which a word occurs, below their modules."""
    entries = matching(word, catalog())
    if not entries:
        raise SnippetError(f"nothing has {word!r} in its name or summary")
    width = max(len(one.name) for one in entries)
    module = ""
    for one in entries:
        if one.module != module:
            print(f"{'' if not module else chr(10)}{one.module}")
            module = one.module
        print(f"  {one.name:{width}}  {one.summary}".rstrip())


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line; return what the shell is told."""
    given = arguments(words)
    try:
        if given.verb == "copy":
            copy(given.names, given.output)
        else:
            show(given.word)
        sys.stdout.flush()
    except BrokenPipeError:  # its reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (SnippetError, OSError) as error:
        print(
            f"{type(error).__name__}: {error}" if isinstance(error, OSError) else error,
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
