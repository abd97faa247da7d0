"""The Pi camera's shell against the source of the real library.

picamera2 imports only where libcamera is installed, so the library is not run here: its source is
parsed, and every name that the shell uses of it is looked up there with the arguments given.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

VERSION = "0.3.38"
SHELL = Path(__file__).parents[2] / "alprd" / "camera" / "picamera.py"
# What each name in the shell holds.
RECEIVERS = {"camera": "Picamera2", "request": "CompletedRequest", "mapped": "MappedArray", "job": "Job"}
MODULES = {
    "Picamera2": "picamera2/picamera2.py",
    "CompletedRequest": "picamera2/request.py",
    "MappedArray": "picamera2/request.py",
    "Job": "picamera2/job.py",
    "DmaAllocator": "picamera2/allocators/dmaallocator.py",
    "CameraManager": "picamera2/picamera2.py",
}


@pytest.fixture(scope="module")
def library(request: pytest.FixtureRequest) -> zipfile.ZipFile:
    """Return the library's own package, fetched once and kept with pytest's cache."""
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("picamera2")
    wheel = folder / f"picamera2-{VERSION}-py3-none-any.whl"
    if not wheel.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
        ]
        done = subprocess.run(
            [*command, "--dest", str(folder), f"picamera2=={VERSION}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert wheel.exists(), f"the source of picamera2 {VERSION} cannot be fetched: {done.stderr}"
    return zipfile.ZipFile(wheel)


def class_of(library: zipfile.ZipFile, name: str) -> ast.ClassDef:
    tree = ast.parse(library.read(MODULES[name]))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name]
    assert len(found) == 1
    return found[0]


def signature(cls: ast.ClassDef, method: str) -> ast.FunctionDef | None:
    """Return the last definition of ``method``: the ones before it are overloads for type checkers."""
    found = [node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == method]
    return found[-1] if found else None


def written(cls: ast.ClassDef, method: str) -> str:
    """Return the source of ``method``, as the parser writes it back."""
    found = signature(cls, method)
    assert found is not None
    return ast.unparse(found)


def attributes(cls: ast.ClassDef) -> set[str]:
    """Return the names that the methods of ``cls`` assign on ``self``."""
    return {
        node.attr
        for node in ast.walk(cls)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


class Use(NamedTuple):
    cls: str
    name: str
    call: ast.Call | None
    line: int


def receiver(node: ast.expr) -> str | None:
    """Return the library's class that ``node`` of the shell holds an instance of."""
    if isinstance(node, ast.Name):
        return RECEIVERS.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return RECEIVERS.get(node.attr.lstrip("_"))
    return None


@cache
def uses() -> tuple[Use, ...]:
    """Return every use that the shell makes of an object of the library."""
    tree = ast.parse(SHELL.read_text())
    calls = {node.func: node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found: list[Use] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (cls := receiver(node.value)):
            found.append(Use(cls, node.attr, calls.get(node), node.lineno))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "MappedArray":
            found.append(Use("MappedArray", "__init__", node, node.lineno))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open_camera":
            found.append(Use("Picamera2", "__init__", node, node.lineno))
    return tuple(found)


def accepts(method: ast.FunctionDef, call: ast.Call) -> bool:
    names = [argument.arg for argument in method.args.args][1:]
    given = names[: len(call.args)] + [keyword.arg for keyword in call.keywords]
    needed = names[: len(names) - len(method.args.defaults)]
    return len(call.args) <= len(names) and set(needed) <= set(given) <= set(names)


def test_the_shell_uses_what_this_test_believes_it_uses() -> None:
    found = {(use.cls, use.name) for use in uses()}
    assert found == {
        ("Picamera2", "__init__"),
        ("Picamera2", "allocator"),
        ("Picamera2", "camera_configuration"),
        ("Picamera2", "camera_controls"),
        ("Picamera2", "cancel_all_and_flush"),
        ("Picamera2", "capture_request"),
        ("Picamera2", "close"),
        ("Picamera2", "completed_requests"),
        ("Picamera2", "configure"),
        ("Picamera2", "create_video_configuration"),
        ("Picamera2", "post_callback"),
        ("Picamera2", "start"),
        ("Picamera2", "stop"),
        ("CompletedRequest", "get_metadata"),
        ("CompletedRequest", "release"),
        ("Job", "get_result"),
        ("MappedArray", "__init__"),
        ("MappedArray", "array"),
    }


def test_every_name_the_shell_uses_is_in_the_library_and_takes_its_arguments(
    library: zipfile.ZipFile,
) -> None:
    checked = 0
    for use in uses():
        cls = class_of(library, use.cls)
        method = signature(cls, use.name)
        place = f"line {use.line}: {use.cls}.{use.name}"
        if use.call is None:
            assert method is not None or use.name in attributes(cls), place
        else:
            assert method is not None, place
            assert accepts(method, use.call), place
        checked += 1
    assert checked == len(uses())


@pytest.mark.parametrize(
    ("cls", "source"),
    [
        ("Picamera2", "camera.capture_request(patience=3)"),
        ("MappedArray", "mapped.__exit__(None, None, None, None)"),
        ("MappedArray", "mapped.__exit__(None)"),
    ],
)
def test_a_call_the_library_would_refuse_is_seen(library: zipfile.ZipFile, cls: str, source: str) -> None:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    method = signature(class_of(library, cls), call.func.attr)
    assert method is not None
    assert not accepts(method, call)


def test_the_library_maps_its_buffers_where_the_shell_overwrites_them(library: zipfile.ZipFile) -> None:
    allocator = class_of(library, "DmaAllocator")
    assert "mapped_buffers" in attributes(allocator)
    assert "self.mapped_buffers[fb[-1]] = memory" in ast.unparse(allocator)


def test_an_array_can_be_had_flat_and_is_no_copy(library: zipfile.ZipFile) -> None:
    mapped = class_of(library, "MappedArray")
    init = signature(mapped, "__init__")
    assert init is not None
    assert [argument.arg for argument in init.args.args] == ["self", "request", "stream", "reshape", "write"]
    assert signature(mapped, "__exit__") is not None
    enter = written(mapped, "__enter__")
    assert "np.array(b, copy=False, dtype=np.uint8)" in enter
    assert "if self.__reshape:" in enter


def test_an_unclaimed_frame_passes_the_callback_while_it_is_listed_as_completed(
    library: zipfile.ZipFile,
) -> None:
    """The callback comes after the jobs took theirs and before the rest goes back to the driver."""
    body = written(class_of(library, "Picamera2"), "process_requests")
    steps = (
        "self.completed_requests += requests",
        "self._job_list[0].execute()",
        "self.post_callback(req)",
        "self.completed_requests.pop(0).release()",
    )
    places = [body.index(step) for step in steps]
    assert places == sorted(places)
    assert "self._max_queue_len = 0" in written(class_of(library, "Picamera2"), "configure_")


def test_the_request_that_a_job_took_is_no_longer_listed_as_completed(library: zipfile.ZipFile) -> None:
    taking = written(class_of(library, "Picamera2"), "capture_request_")
    assert "return (True, self.completed_requests.pop(0))" in taking


def test_a_time_out_is_pythons_own_and_leaves_the_job_waiting(library: zipfile.ZipFile) -> None:
    result = written(class_of(library, "Job"), "get_result")
    assert "self._future.result(timeout=timeout)" in result
    dispatch = written(class_of(library, "Picamera2"), "dispatch_functions")
    assert "return job.get_result(timeout=timeout) if wait else job" in dispatch


def test_the_stream_sizes_and_strides_are_said_back_under_the_names_the_shell_reads(
    library: zipfile.ZipFile,
) -> None:
    update = written(class_of(library, "Picamera2"), "_update_stream_config")
    for key in ("format", "size", "stride"):
        assert f"stream_config['{key}']" in update
