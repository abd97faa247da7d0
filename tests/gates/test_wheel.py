"""What an installer gets: a wheel with the three commands, the models and the documents inside."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.gates.tools import build_wheel, output

pytestmark = pytest.mark.slow

COMMANDS = ("alprd", "alprctl", "alpr-office")
MODELS = ("detector", "reader", "second_reader")


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, output(done)
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, and the libraries of the one that runs the tests."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    flags = ("--quiet", "--no-deps", "--no-index", "--no-cache-dir")
    run(sys.executable, "-m", "pip", "--python", python, "install", *flags, wheel, folder=folder)
    (packages,) = folder.glob("lib/python3.*/site-packages")
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "libraries.pth").write_text("\n".join(libraries) + "\n")
    return folder


def test_the_wheel_holds_models_documents_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for model in MODELS:
        for file in (f"{model}.tflite", "manifest.toml", "CARD.md"):
            assert f"alprd/_models/{model}/{file}" in names
    for document in ("install.md", "hardening.md", "exit-codes.md", "settings.md"):
        assert f"alprd/docs/{document}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "alprd/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "models/"))]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_from_an_installed_wheel(installed: Path, command: str) -> None:
    said = run(installed / "bin" / command, "--version", folder=installed).stdout
    assert said.startswith(f"{command} ")


def test_the_installed_package_finds_its_own_models(installed: Path) -> None:
    program = (
        "import alprd; from alprd.vision.litert import default_folder;"
        f"print(alprd.__file__, *(default_folder(name) for name in {MODELS}), sep='\\n')"
    )
    package, *folders = run(installed / "bin" / "python", "-c", program, folder=installed).stdout.splitlines()
    assert installed.resolve() in Path(package).resolve().parents, "the checkout answered, not the wheel"
    assert folders == [str(Path(package).parent / "_models" / name) for name in MODELS]
