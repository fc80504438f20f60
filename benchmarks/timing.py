"""Time two functions fairly: in turns, so that a slow moment of the machine falls on both."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Times", "fitted_exponent", "keep_memory", "least_times", "side_by_side"]

Clock = Callable[[], float]
SAMPLE = 2e-3  # seconds that one measurement lasts at least
ROUNDS = 7  # at least so many measurements of each


class Times(NamedTuple):
    """What was measured.

    Attributes
    ----------
    ours, theirs : float
        Medians, in seconds for one call.
    ratio : float
        The median, over the rounds, of ours over theirs.
    """

    ours: float
    theirs: float
    ratio: float


def keep_memory() -> None:
    """Let the allocator keep freed memory, as it does in a process that has worked for a while.

    glibc hands arrays back to the system until one of up to 32 MB has been freed; fetching them
    again can take longer than computing them, and would be counted for either side.
    """
    np.empty(31 * 2**17)  # made, and freed at once


def side_by_side(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    seconds: float = 1.0,
    clock: Clock = time.perf_counter,
) -> Times:
    """Time two functions in turns.

    Parameters
    ----------
    ours, theirs : callable
        Without arguments; called once before anything is timed.
    seconds : float
        About how long to measure.
    clock : callable
        The time in seconds.

    Returns
    -------
    Times
        Medians, and the median of the ratios: a pair shares the moment, so it shares what else
        the machine was doing.
    """
    repeats = [_repeats(call, clock) for call in (ours, theirs)]
    pairs: list[tuple[float, float]] = []
    start = clock()
    while len(pairs) < ROUNDS or clock() - start < seconds:
        order = (0, 1) if len(pairs) % 2 else (1, 0)  # neither is always first
        taken = {k: _sample((ours, theirs)[k], repeats[k], clock) for k in order}
        pairs.append((taken[0], taken[1]))
    mine, other = zip(*pairs, strict=True)
    return Times(median(mine), median(other), median(a / b for a, b in pairs))


def least_times(
    calls: Sequence[Callable[[], Any]], rounds: int = 7, clock: Clock = time.perf_counter
) -> list[float]:
    """Return the least time of one call of each function, in seconds.

    Parameters
    ----------
    calls : sequence of callable
        Without arguments; they take turns, so that a slow moment falls on all of them.
    rounds : int
        How often to measure each.
    clock : callable
        The time in seconds.

    Returns
    -------
    list of float
        The least of all rounds: what else the machine does can only add to it.
    """
    repeats = [_repeats(call, clock) for call in calls]
    pairs = [*zip(calls, repeats, strict=True)]
    taken = [[_sample(call, times, clock) for call, times in pairs] for _ in range(rounds)]
    return [min(each) for each in zip(*taken, strict=True)]


def fitted_exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Return the slope of the logarithm of time over the logarithm of size.

    Parameters
    ----------
    sizes : sequence of int
        The sizes.
    times : sequence of float
        What they took.

    Returns
    -------
    float
        The slope of the line that fits best.
    """
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def _repeats(call: Callable[[], Any], clock: Clock) -> int:
    """Return how many calls last long enough for the clock; the first calls warm up."""
    call()
    start = clock()
    call()
    return max(1, int(SAMPLE / max(clock() - start, 1e-9)))


def _sample(call: Callable[[], Any], repeats: int, clock: Clock) -> float:
    """Return the seconds of one call, the mean of some, without the garbage collector."""
    gc.collect(0)
    gc.disable()
    try:
        start = clock()
        for _ in range(repeats):
            call()
        return (clock() - start) / repeats
    finally:
        gc.enable()
