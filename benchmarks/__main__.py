"""Run the comparisons: all, or those of the modules named."""

from __future__ import annotations

import argparse
import sys
import warnings

from threadpoolctl import threadpool_limits

from benchmarks.cases import optional
from benchmarks.running import Result, comparisons, modules, run, write
from benchmarks.timing import keep_memory

WIDTHS = 8, 9, 10, 8


def main(words: list[str] | None = None) -> int:
    """Print the table, write the data, and return 1 if something is not as it should be."""
    options = parsed(words)
    if (torch := optional("torch")) is not None:
        torch.set_num_threads(1)
    keep_memory()
    with threadpool_limits(1):
        red = [shown(module, options.seconds, options.dry) for module in options.module]
    return int(any(red))


def parsed(words: list[str] | None) -> argparse.Namespace:
    """Return the options, with the names of modules that exist."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("module", nargs="*", help="such as neural/activations; all without")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each comparison")
    parser.add_argument("--dry", action="store_true", help="write no data")
    options = parser.parse_args(words)
    options.module = options.module or modules()
    if unknown := sorted({*options.module} - {*modules()}):
        parser.error(f"no comparisons of {', '.join(unknown)}; there are {', '.join(modules())}")
    return options


def shown(module: str, seconds: float, dry: bool) -> bool:
    """Run a module, print its part of the table, and return whether something is amiss."""
    print(f"\n{module}", flush=True)
    results = []
    for comparison in comparisons(module):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a peer may warn; ours may not, and is tested
            results.append(run(comparison, seconds))
        print(line(results[-1]), flush=True)
    if not dry:
        write(module, results)
    return any(result.problems for result in results)


def line(result: Result) -> str:
    """Return a line of the table, and below it what is not as it should be."""
    row = result.row
    name = row["function"].rpartition(".")[2]
    verdict = "missed" if result.problems else "met"
    if result.kind == "cases":
        goal = "" if row["goal"] is None else f"goal {row['goal']:g}"
        apart = "total" if row["difference"] is None else f"{row['difference']:.0e}"
        told = [verdict if goal or result.problems else "", f"×{row['ratio']:g}", goal, apart]
        text = f"{name}, {row['data']}: {row['call']}"
    elif result.kind == "right":
        told = [verdict, "", "", ""]
        text = f"{name}: {row['claim']}; ours {row['ours']}, {row['call']} {row['theirs']}"
    else:
        told = [verdict, f"n^{row['fitted']:g}", f"goal {row['derived']:g}", ""]
        text = f"{name}, n from {row['sizes'][0]} to {row['sizes'][-1]}"
    cells = [cell.ljust(width) for cell, width in zip(told, WIDTHS, strict=True)]
    problems = [f"  {'':{WIDTHS[0]}}{problem}" for problem in result.problems]
    return "\n".join(["  " + "".join([*cells, text]), *problems])


if __name__ == "__main__":
    sys.exit(main())
