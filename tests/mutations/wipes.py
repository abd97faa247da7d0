"""Finds every wipe in the source by itself, and takes one out of a module's syntax tree."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WIPING: Final = {"wipe", "wipe_frame", "wipe_packet", "memzero", "sodium_memzero", "forget", "clear_stack"}
"""Names of what zeroes memory; `forget` where it takes no argument: a guard forgets an entry, not pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wipe:
    """One wipe. ``where`` is the module's path and the function; ``which`` tells equal ones there apart.

    Of a call that wipes several things each is a wipe by itself: ``argument`` is its place.
    """

    where: str
    text: str
    which: int
    argument: int | None

    @property
    def name(self) -> str:
        """Its name in the table."""
        again = f" ({self.which + 1})" if self.which else ""
        return f"{self.where}: {self.text}{again}"


def find(path: Path, shown: str) -> Iterator[Wipe]:
    """Yield each wipe of the module at ``path``, which the names call ``shown``."""
    seen: dict[tuple[str, str], int] = {}
    for where, statement in _statements(ast.parse(path.read_text("utf-8")), shown):
        for argument, text in _parts(statement):
            which = seen.get((where, text), 0)
            seen[where, text] = which + 1
            yield Wipe(where=where, text=text, which=which, argument=argument)


def take_out(tree: ast.Module, shown: str, name: str) -> ast.Module:
    """Return ``tree`` without the wipe of that ``name``. Raises `LookupError` when it has none."""
    seen: dict[tuple[str, str], int] = {}
    for where, statement in _statements(tree, shown):
        for argument, text in _parts(statement):
            which = seen.get((where, text), 0)
            seen[where, text] = which + 1
            if Wipe(where=where, text=text, which=which, argument=argument).name == name:
                assert isinstance(statement.value, ast.Call)
                if argument is None:
                    statement.value = ast.copy_location(ast.Constant(None), statement)
                else:
                    del statement.value.args[argument]
                return tree
    raise LookupError(f"{shown} has no wipe {name}")


def _statements(tree: ast.Module, shown: str) -> Iterator[tuple[str, ast.Expr]]:
    """Yield each statement that is a wipe, with where it stands."""
    pending: list[tuple[str, ast.AST]] = [(shown, tree)]
    while pending:
        where, node = pending.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            where = f"{where} {node.name}" if where == shown else f"{where}.{node.name}"
        if isinstance(node, ast.Expr) and _is_wipe(node.value):
            yield where, node
        pending += [(where, child) for child in ast.iter_child_nodes(node)]


def _is_wipe(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in WIPING:
            return name != "forget" or not args
        case ast.Call(func=ast.Attribute(attr="fill"), args=[ast.Constant(value=0)]):
            return True
        case ast.Call(func=ast.Attribute(attr="fill"), args=[ast.Attribute(attr="_blank")]):
            return True
        case ast.Call(func=ast.Attribute(attr="callback"), args=[ast.Attribute(attr=name)]):
            return name in WIPING
    return False


def _parts(statement: ast.Expr) -> list[tuple[int | None, str]]:
    assert isinstance(statement.value, ast.Call)
    args = statement.value.args
    if len(args) < 2:
        return [(None, ast.unparse(statement))]
    function = ast.unparse(statement.value.func)
    return [(place, f"{function}(.. {ast.unparse(arg)} ..)") for place, arg in enumerate(args)]
