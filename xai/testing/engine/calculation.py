"""The programs that the local server's model writes: calculations, and their results; pure."""

import ast
import operator
import re
from collections.abc import Callable
from typing import Final

import attrs

#: Numbers with operators between them, as they stand in a sentence.
_EXPRESSION: Final = re.compile(r"\(*-?\d[\d\s.,()+\-*/%^x\u00d7\u00f7]*\d\)*")
_OPERATORS: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_MOST_CHARACTERS: Final = 100
_MOST_EXPONENT, _MOST_BASE = 64, 10_000


@attrs.frozen
class Calculation:
    """A program of one line, and what it prints.

    Attributes:
        code: The program.
        result: What it prints.
    """

    code: str
    result: str


def calculation_in(text: str) -> Calculation | None:
    """Return the first calculation that a text asks for; None without one.

    Args:
        text: What was said, such as ``What is 12 * (3 + 4)?``.
    """
    for match in _EXPRESSION.finditer(text):
        written = match[0].strip()[:_MOST_CHARACTERS]
        code = written.replace("^", "**").replace("\u00d7", "*").replace("x", "*")
        code = code.replace("\u00f7", "/")
        try:
            tree = ast.parse(code.replace(",", ""), mode="eval").body
            if isinstance(tree, ast.BinOp):
                return Calculation(f"print({ast.unparse(tree)})", f"{_value(tree):.12g}")
        except (SyntaxError, ValueError, ArithmeticError, RecursionError, TypeError):
            continue
    return None


def words_in(text: str) -> Calculation:
    """Return the program that counts the words of a text: what is done where nothing was asked."""
    return Calculation(f"print(len({text!r}.split()))", str(len(text.split())))


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if not isinstance(node, ast.BinOp):
        raise ValueError("not a calculation")  # noqa: TRY004 - it is for the one who catches it
    left, right = _value(node.left), _value(node.right)
    # A few characters could ask for more digits than fit into memory.
    if isinstance(node.op, ast.Pow) and not (
        abs(right) <= _MOST_EXPONENT and abs(left) <= _MOST_BASE
    ):
        raise ValueError("too large")
    return _OPERATORS[type(node.op)](left, right)
