"""What is deployed: the files of two folders, which need nothing but the standard library and boto3."""

import ast
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LAMBDA = Path(__file__).resolve().parents[2] / "lambda"
FOLDERS = (LAMBDA / "common", LAMBDA / "guardian")
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.py"))
# boto3 and all that it needs, as the Lambda runtime brings it.
BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_only_python_files_lie_there(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    assert [path.name for path in files if path.suffix != ".py"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LAMBDA)))
def test_nothing_is_imported_but_the_standard_library_and_boto3(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    roots = {name.partition(".")[0] for name in names}
    assert roots <= {*sys.stdlib_module_names, "boto3", "botocore", "common", "guardian"}


def test_the_archive_imports_alone(tmp_path: Path):
    """In a process that sees neither site-packages nor the project: only the archive and boto3."""
    archive, runtime = tmp_path / "archive", tmp_path / "runtime"
    for folder in FOLDERS:
        shutil.copytree(folder, archive / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    runtime.mkdir()
    for name in BOTO3:
        spec = importlib.util.find_spec(name)
        assert spec
        assert spec.origin
        origin = Path(spec.origin)
        found = origin.parent if origin.name == "__init__.py" else origin
        (runtime / found.name).symlink_to(found)
    code = (
        f"import sys; sys.path[:0] = [{str(archive)!r}, {str(runtime)!r}]\n"
        "from guardian.handler import handle\n"
        "from common.errors import WrongEnvironmentError\n"
        "try:\n    handle({}, None)\n"
        "except WrongEnvironmentError as error:\n    print(len(error.problems))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", code],
        env={},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "15", "")


def test_the_program_deploys_exactly_these_files():
    from components import _guardian_code

    assert sorted(_guardian_code.FILES) == sorted(str(path.relative_to(LAMBDA)) for path in FILES)
    assert _guardian_code.HANDLER == "guardian.handler.handle"
