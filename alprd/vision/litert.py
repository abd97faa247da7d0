"""The TFLite runtimes: the only module that imports one.

A model folder holds the model file and its ``manifest.toml``. The file's bytes are checked against the
manifest's sha256 before any of them reaches a runtime, and those same bytes are what is loaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import math
import os
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np

from alprd.address_space import BlocksApart
from alprd.errors import ModelError, RuntimeMissingError
from alprd.memory import clear_stack
from alprd.vision.manifest import MAX_BYTES, Manifest, Tensor, parse
from alprd.vision.runtime_memory import LEAST_BLOCK, RuntimeMemory, Search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

RuntimeName = Literal["litert", "tflite"]
RuntimeChoice = Literal["auto", "litert", "tflite"]
"""``auto``: LiteRT where it is installed, else tflite-runtime."""

_MAX_MODEL_BYTES: Final = 64 * 1024 * 1024
_MODULES: Final[dict[RuntimeName, str]] = {
    "litert": "ai_edge_litert.interpreter",
    "tflite": "tflite_runtime.interpreter",
}
_SCALE_TOLERANCE: Final = 1e-5


def default_folder(name: str) -> Path:
    """Return the folder of the model ``name`` that ships with the package, or the checkout's.

    Raises `ModelError` where neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_models" / name, package.parent / "models" / name):
        if (folder / "manifest.toml").is_file():
            return folder
    raise ModelError(f"no model named {name} is installed beside {package}")


def installed_runtimes() -> tuple[RuntimeName, ...]:
    """Return the names of the runtimes that can be imported here, the preferred one first."""
    return tuple(name for name, module in _MODULES.items() if find_spec(module.partition(".")[0]))


class Model:
    """A checked model in an interpreter of its own; not for use by two threads at a time.

    Tensor views are live and must be dropped before the next `invoke` or `wipe`: a runtime refuses to
    run while one is held.
    """

    def __init__(self, manifest: Manifest, runtime: RuntimeName, interpreter: Any) -> None:  # noqa: ANN401 - the runtimes ship no types
        self.manifest = manifest
        self.runtime = runtime
        self._interpreter = interpreter
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        if len(inputs) != 1 or len(outputs) != len(manifest.outputs):
            raise ModelError(
                f"{manifest.file}: expected 1 input and {len(manifest.outputs)} outputs, "
                f"found {len(inputs)} and {len(outputs)}"
            )
        for promised, found in zip((manifest.input, *manifest.outputs), (*inputs, *outputs), strict=True):
            _compare(manifest.file, promised, found)
        self._input = interpreter.tensor(inputs[0]["index"])
        self._outputs = [interpreter.tensor(found["index"]) for found in outputs]
        self._index = {tensor.name: i for i, tensor in enumerate(manifest.outputs)}
        self._blank = _blank_value(manifest.input)
        self._has_run = False
        self._memory: RuntimeMemory | None = None
        self.wipe()

    @classmethod
    def open(cls, folder: Path, runtime: RuntimeChoice = "auto", threads: int = 1) -> Self:
        """Load and check the model of ``folder`` on ``threads`` threads, on one where tflite-runtime runs it.

        ``auto`` takes LiteRT where it is installed, else tflite-runtime. Raises `ModelError` where the
        folder does not hold what its manifest says, `RuntimeMissingError` where the runtime is not here.
        """
        manifest = parse(_read(folder / "manifest.toml", MAX_BYTES))
        content = _read(folder / manifest.file, _MAX_MODEL_BYTES)
        digest = hashlib.sha256(content).hexdigest()
        if digest != manifest.sha256:
            raise ModelError(f"{manifest.file}: expected sha256 {manifest.sha256}, found {digest}")
        name = _choose(runtime)
        if name == "tflite":
            threads = 1  # its helpers keep sums on their stacks, where no wipe reaches
        search = Search(math.prod(manifest.input.shape))
        with BlocksApart(LEAST_BLOCK) as apart:
            model = cls(manifest, name, _load(name, manifest.file, content, threads))
            apart.take_up_room()  # a runtime allocates most of what it works in when it is first run
            if model._find_memory(search):
                return model
        return cls(manifest, name, _load(name, manifest.file, content, threads))

    @property
    def input(self) -> NDArray[Any]:
        """A live, writable view of the input tensor, in the manifest's shape and dtype."""
        view: NDArray[Any] = self._input()
        return view

    def invoke(self) -> None:
        """Run the model on what the input tensor holds."""
        self._has_run = True
        self._interpreter.invoke()

    def output(self, which: int | str, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return a live view of an output, by place or by the manifest's name, or fill ``out`` with it.

        ``out`` has the output's shape and dtype and is returned. Raises `KeyError` or `IndexError` for
        an output that is not there.
        """
        view: NDArray[Any] = self._outputs[self._index[which] if isinstance(which, str) else which]()
        if out is None:
            return view
        np.copyto(out, view)
        return out

    def quantization(self, which: int | str | None = None) -> tuple[float, int]:
        """Return (scale, zero point) of an output, or of the input where ``which`` is None."""
        if which is None:
            tensor = self.manifest.input
        else:
            tensor = self.manifest.outputs[self._index[which] if isinstance(which, str) else which]
        return tensor.scale, tensor.zero_point

    def wipe(self) -> None:
        """Zero the input, the outputs and all that the runtime made of the one for the other.

        The blocks of memory in which that lies were found when the model was opened, see `runtime_memory`.
        Where they were not, the model runs once more on a blank input, which overwrites every copy: at the
        model's own cost.
        """
        self._input().fill(self._blank)
        if self._memory is not None:
            self._memory.wipe()
            clear_stack()
        elif self._has_run:
            self._interpreter.invoke()
        self._has_run = False
        for output in self._outputs:
            output().fill(0)
        self._input().fill(0)

    def _find_memory(self, search: Search) -> bool:
        """Let ``search`` find the runtime's memory; return whether it did. Where not, the model is spoilt."""
        if np.dtype(self.manifest.input.dtype).itemsize > 1:
            return False  # noise would be no number
        self._memory = search.find(self._run_on_noise, self._places())
        self.wipe()
        return self._memory is not None

    def _places(self) -> list[tuple[int, int]]:
        """Return start and size of each tensor that the runtime has, weights and what is in between too."""
        found = []
        for details in self._interpreter.get_tensor_details():
            try:
                tensor = self._interpreter.tensor(details["index"])()
            except ValueError:
                continue  # it has no memory of its own
            found.append((int(tensor.ctypes.data), tensor.nbytes))
        return [(start, size) for start, size in found if start and size]

    def _run_on_noise(self, noise: NDArray[np.uint8]) -> int:
        np.copyto(self._input().view(np.uint8).reshape(-1), noise)
        self.invoke()
        return zlib.crc32(b"".join(memoryview(output()) for output in self._outputs))


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise ModelError(f"{path.name}: cannot be read: {error.strerror}") from error
    if len(content) > limit:
        raise ModelError(f"{path.name}: expected at most {limit} bytes, found more")
    return content


def _choose(runtime: RuntimeChoice) -> RuntimeName:
    here = installed_runtimes()
    if runtime == "auto":
        if not here:
            raise RuntimeMissingError("expected ai-edge-litert or tflite-runtime, found neither")
        return here[0]
    if runtime not in here:
        raise RuntimeMissingError(f"expected the runtime {runtime}, found {', '.join(here) or 'none'}")
    return runtime


def _load(name: RuntimeName, file: str, content: bytes, threads: int) -> Any:  # noqa: ANN401 - the runtimes ship no types
    """Return an interpreter of the model's bytes with its tensors allocated."""
    try:
        module = importlib.import_module(_MODULES[name])
    except ImportError as error:
        raise RuntimeMissingError(f"the runtime {name} is installed but does not load: {error}") from error
    try:
        with _quiet_stderr():
            interpreter = module.Interpreter(model_content=content, num_threads=threads)
            interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{file}: the runtime {name} refuses it: {error}") from error
    return interpreter


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep the runtime's start-up notices, printed by native code, off the terminal and the journal.

    What goes wrong is raised as an exception as well, so nothing is lost.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    void = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(void, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(void)
        os.close(kept)


def _blank_value(tensor: Tensor) -> int:
    """Return the stored value of real zero."""
    return tensor.zero_point if tensor.dtype != "float32" else 0


def _compare(file: str, promised: Tensor, found: dict[str, Any]) -> None:
    """Raise `ModelError` unless the interpreter's tensor is what the manifest says."""
    scale, zero = found["quantization"]
    shape = tuple(int(size) for size in found["shape"])
    dtype = np.dtype(found["dtype"]).name
    close = abs(scale - promised.scale) <= _SCALE_TOLERANCE * max(abs(scale), abs(promised.scale))
    if shape != promised.shape or dtype != promised.dtype or not close or zero != promised.zero_point:
        raise ModelError(
            f"{file}: tensor {promised.name}: expected {promised.shape} {promised.dtype} "
            f"scale {promised.scale:g} zero point {promised.zero_point}, "
            f"found {shape} {dtype} scale {scale:g} zero point {zero}"
        )
