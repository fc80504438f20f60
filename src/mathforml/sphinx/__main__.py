"""Build a book, or serve it while it is written: ``python -m mathforml.sphinx build``."""

import argparse
import gc
import os
import sys
import traceback
from pathlib import Path

from mathforml.sphinx.publish import Book, build


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--source", type=Path, default=Path("docs"), help="the pages (docs)")
    common.add_argument("--config", type=Path, default=Path(), help="the folder of conf.py (.)")
    common.add_argument("--output", type=Path, default=Path("build/html"), help="the site")
    common.add_argument("-j", "--jobs", default="auto", help="pages at once (auto)")
    parser = argparse.ArgumentParser(prog="python -m mathforml.sphinx", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("build", parents=[common], help="build strictly, publish only what is whole")
    serve = verbs.add_parser("serve", parents=[common], help="build, serve, and follow changes")
    serve.add_argument("--port", type=int, default=8000)
    return parser.parse_args(words)


def build_once(book: Book) -> int:
    """Build, and say in the end what came of it."""
    try:
        result = build(book)
    except Exception as error:
        if category := getattr(error, "category", ""):  # Sphinx's errors, and ours
            print(f"{category}: {error}", file=sys.stderr)
        else:
            traceback.print_exc()
        return left(book)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        left(book)
        return 130
    if not result.good:
        return left(book)
    pages = f"{len(result.executed)} page{'' if len(result.executed) == 1 else 's'}"
    print(f"{pages} executed, {result.seconds:.1f} s")
    print(f"open {os.path.relpath(book.output / 'index.html')}")
    return 0


def left(book: Book) -> int:
    """Say that the site is as it was."""
    last = f"{os.path.relpath(book.output)} is still the last good site"
    site = last if book.output.exists() else "there is no good site yet"
    print(f"the build failed; {site}", file=sys.stderr)
    return 1


def main() -> int:
    """Run the command line."""
    given = arguments()
    jobs = (os.cpu_count() or 1) if given.jobs == "auto" else int(given.jobs)
    book = Book(given.source.resolve(), given.config.resolve(), given.output.resolve(), jobs)
    if given.verb == "build":
        gc.disable()  # pages are trees of many small objects, read at half the speed with it
        code = build_once(book)
        gc.freeze()  # else the end of Python searches them all
        return code
    from mathforml.sphinx.serve import serve  # which needs a server

    serve(book, given.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
