"""Which function evaluates which kind of node."""

from collections.abc import Callable
from typing import Any

from mathforml.equations import meaning as m
from mathforml.equations import syntax as s
from mathforml.equations.calculus import derivative
from mathforml.equations.calls import call
from mathforml.equations.conditions import choose, holds
from mathforml.equations.environments import Environment, Result
from mathforml.equations.expectations import expect
from mathforml.equations.functions import apply
from mathforml.equations.indices import indexed
from mathforml.equations.matrices import block
from mathforml.equations.quadrature import integral, limit
from mathforml.equations.reductions import reduce

__all__ = ["RULES"]

RULES: dict[type[s.Node], Callable[[m.Machine, Any, Environment], Result]] = {
    s.Apply: apply,
    s.Bag: m.evaluate_bag,
    s.Call: call,
    s.Cases: choose,
    s.Chain: holds,
    s.Derivative: derivative,
    s.EvaluatedAt: m.evaluate_evaluated_at,
    s.Expect: expect,
    s.Fraction: m.evaluate_fraction,
    s.Indexed: indexed,
    s.Integral: integral,
    s.Limit: limit,
    s.Matrix: block,
    s.Multiply: m.evaluate_multiply,
    s.Number: m.evaluate_number,
    s.Power: m.evaluate_power,
    s.Reduce: reduce,
    s.Ref: m.evaluate_ref,
    s.Sum: m.evaluate_sum,
    s.Transposed: m.evaluate_transposed,
}
