"""Arithmetic written in a card: numbers, names of quantities, and five functions, nothing else."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scaling_studies.errors import CardError

_BINARY: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARED: dict[type, Callable] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS = {
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
}
_FIX = f"use numbers, names of quantities, + - * / ** and {', '.join(_FUNCTIONS)}"
#: Longest expression that is read, in characters.
LONGEST = 400


def names_in(expression: str) -> set[str]:
    """Names of quantities that an expression uses.

    Raises
    ------
    CardError
        When it is not arithmetic.
    """
    tree = _parse(expression)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    with np.errstate(all="ignore"):
        _value(tree, {node.id: np.ones(1) for node in names})
    return {node.id for node in names if id(node) not in called}


def evaluate(expression: str, known: Mapping[str, np.ndarray]) -> np.ndarray:
    """Value of an expression.

    Parameters
    ----------
    expression
        For example ``"6 * params * tokens"``; ``**`` is a power, ``log`` the natural logarithm.
    known
        Quantity name -> array; all arrays of one shape.

    Returns
    -------
    numpy.ndarray
        Of the shape of the quantities; of shape (1,) when the expression uses none.

    Raises
    ------
    CardError
        When it is not arithmetic, or uses a name that is not known.
    """
    with np.errstate(all="ignore"):
        return np.atleast_1d(np.asarray(_value(_parse(expression), known), dtype=float))


def holds(expression: str, known: Mapping[str, float]) -> bool:
    """Whether a statement about numbers is true.

    Parameters
    ----------
    expression
        Comparisons of arithmetic, joined by ``and``, ``or`` and ``not``: ``"0.4 < a and a < b"``.
    known
        Values by name.

    Raises
    ------
    CardError
        When it is no such statement, or uses a name that is not known.

    Examples
    --------
    >>> holds("0.4 < a < 2 * b", {"a": 0.5, "b": 0.3})
    True
    """
    arrays = {name: np.float64(value) for name, value in known.items()}
    with np.errstate(all="ignore"):
        return _holds(_parse(expression), arrays)


def _holds(node: ast.expr, known: Mapping[str, Any]) -> bool:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all([_holds(part, known) for part in parts])
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any([_holds(part, known) for part in parts])
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return not _holds(part, known)
        case ast.Compare(left=first, ops=symbols, comparators=rest) if all(
            type(symbol) in _COMPARED for symbol in symbols
        ):
            values = [_value(side, known) for side in (first, *rest)]
            pairs = zip(symbols, values, values[1:], strict=False)
            return all([bool(_COMPARED[type(symbol)](a, b)) for symbol, a, b in pairs])
    raise CardError(
        f"{ast.unparse(node)!r} is no statement", fix="compare numbers: < <= > >=, and, or, not"
    )


def _parse(expression: str) -> ast.expr:
    if len(expression) > LONGEST:
        raise CardError(f"the expression has more than {LONGEST} characters", fix="divide it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of odd but harmless syntax, as a number that is called
            return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CardError(f"{expression!r} is not arithmetic", fix=_FIX) from None


def _value(node: ast.expr, known: Mapping[str, np.ndarray]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            try:
                return np.float64(number)
            except OverflowError:
                raise CardError("a number of an expression is too large", fix=_FIX) from None
        case ast.Name(id=name):
            if name not in known:
                raise CardError(
                    f"unknown quantity {name!r} in an expression",
                    fix=f"known: {', '.join(sorted(known)) or 'none'}",
                )
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known)
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in _BINARY:
            return _BINARY[type(symbol)](_value(left, known), _value(right, known))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, known))
    raise CardError(f"{ast.unparse(node)!r} is not arithmetic", fix=_FIX)
