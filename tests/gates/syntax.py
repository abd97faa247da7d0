"""House rules that no linter knows, read from the syntax tree. A finding reads ``path:line: what``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

Finding = str
Rule = Callable[[Path], Iterator[Finding]]

TABLES = {("generate.py", "trust_cases"): "the cases of a format, one after the other"}
"""Functions that may be longer because they are a table, and of what."""

PIXEL_FOLDERS = ("alprd/camera", "alprd/vision")
_COPYING_METHODS = {"copy", "tobytes", "tolist", "flatten"}
_COPYING_NUMPY = {"array", "copy", "ascontiguousarray"}
EXCUSED = {
    ("rectify.py", "corners.tolist()"): "where the corners of a plate box are: places, not pixels",
    ("context.py", "corners.mean(axis=0).tolist()"): "where plate and cells are: places, not pixels",
    ("context.py", "corners.tolist()"): "where plate and cells are: places, not pixels",
    ("context.py", "(least - rim).tolist()"): "where plate and cells are: places, not pixels",
    ("context.py", "(most + rim).tolist()"): "where plate and cells are: places, not pixels",
    ("rectify.py", "np.ascontiguousarray(grid)"): "the sampling grid, made once",
}
"""Calls that copy what is neither pixels nor a plate read, and what it is."""

PLATE_NAMES = {"code", "codes", "plate", "plates", "read", "text", "entry", "keys"}
_LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_TELLING_FUNCTIONS = {"print", "status", "ready"}


def python_files(root: Path, *folders: str) -> list[Path]:
    """Return the Python files below ``folders`` of ``root``, sorted; every folder must hold one."""
    files: list[Path] = []
    for folder in folders:
        path = root / folder
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        assert found, f"{folder} holds no Python file: is the gate looking in the right place?"
        files += found
    return files


def check(rule: Rule, files: list[Path]) -> list[Finding]:
    """Return what ``rule`` finds in ``files``."""
    return [finding for path in files for finding in rule(path)]


def long_files(path: Path) -> Iterator[Finding]:
    """Find a file over the limit of lines."""
    lines = len(path.read_text("utf-8").splitlines())
    if lines > MAX_FILE_LINES:
        yield f"{path}:{lines}: {lines} lines, at most {MAX_FILE_LINES}"


def long_functions(path: Path) -> Iterator[Finding]:
    """Find functions over the limit of lines, from `def` to their last line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES and (path.name, node.name) not in TABLES:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most {MAX_FUNCTION_LINES}"


def pixel_copies(path: Path) -> Iterator[Finding]:
    """Find calls that copy an array: a copy outlives the wipe of the frame it was taken from.

    What a module makes as it is imported is a constant and holds no pixels.
    """
    tree = ast.parse(path.read_text("utf-8"))
    functions = [
        n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    ]
    for node in {inner for function in functions for inner in ast.walk(function)}:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, owner = node.func.attr, node.func.value
            of_numpy = isinstance(owner, ast.Name) and owner.id in {"np", "numpy"}
            is_copy = name in (_COPYING_NUMPY if of_numpy else _COPYING_METHODS)
            if is_copy and (path.name, ast.unparse(node)) not in EXCUSED:
                yield f"{path}:{node.lineno}: .{name}() copies; write into locked memory with out="


def told_plates(path: Path) -> Iterator[Finding]:
    """Find log calls, prints, states and raised messages that take what a plate read is held in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _tells(node):
            told: list[ast.expr] = [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            told = [*node.exc.args, *(keyword.value for keyword in node.exc.keywords)]
        else:
            continue
        for name in sorted(_named(told) & PLATE_NAMES):
            yield f"{path}:{node.lineno}: says {name}; a plate read is never put into words"


def _tells(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr=attr):
            return attr in _LOG_METHODS | {"status", "ready"}
        case ast.Name(id=name):
            return name in _TELLING_FUNCTIONS
    return False


def _named(expressions: list[ast.expr]) -> set[str]:
    """Return the names whose values the expressions show; `len(x)` and a type's name show none."""
    names: set[str] = set()
    pending: list[ast.AST] = list(expressions)
    while pending:
        node = pending.pop()
        match node:
            case ast.Call(func=ast.Name(id="len" | "type")):
                continue
            case ast.Attribute(attr="size" | "shape" | "dtype"):
                continue
            case ast.Name(id=name):
                names.add(name)
            case ast.Attribute(attr=name):
                names.add(name)
        pending += ast.iter_child_nodes(node)
    return names
