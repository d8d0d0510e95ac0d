"""The house holds: imports run one way, rooms keep one door, and nothing is left that nobody reads."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# room → the rooms it may import. docs/architecture.md draws the same picture.
LAW: dict[str, frozenset[str]] = {
    "exits": frozenset(),
    "filterpattern": frozenset(),
    "catalog": frozenset({"filterpattern"}),
    "settings": frozenset({"catalog", "filterpattern"}),
    "components": frozenset({"settings", "catalog", "filterpattern"}),
    "__main__": frozenset({"components", "settings", "catalog", "filterpattern"}),
    "account": frozenset({"filterpattern", "catalog", "settings"}),
    "operate": frozenset({"exits", "filterpattern", "catalog", "settings", "account"}),
    "wizard": frozenset({"exits", "filterpattern", "catalog", "settings", "account"}),
    "sandbox": frozenset({"exits", "settings", "filterpattern"}),
    "lambda": frozenset({"filterpattern"}),
}
# The functions of the room `lambda`, and what each may use of the others.
FUNCTIONS: dict[str, frozenset[str]] = {
    "common": frozenset(),
    "guardian": frozenset({"common"}),
    "explainer": frozenset({"common"}),
}
ROOMS = frozenset(LAW) | {"tests", "benchmarks", *FUNCTIONS}

# The verbs of the command line lie here. They alone reach the rooms that do the work, and only when a verb runs.
VERBS = Path("wizard/verbs")
REACHED_BY_VERBS = frozenset({"operate", "sandbox"})
# What the command line may load before a verb runs, besides its own modules and the standard library.
BEFORE_A_VERB = ("typer", "exits", "wizard.verbs", "wizard.questions")

# What a Lambda finds at run time besides its own archive: the runtime's library and boto3.
LAMBDA_MAY_IMPORT = frozenset({"boto3", "botocore", "filterpattern", *FUNCTIONS})


def sources(room: str) -> list[Path]:
    """The Python files of one room, relative to the root."""
    module = ROOT / f"{room}.py"
    found = [module] if module.exists() else sorted((ROOT / room).rglob("*.py"))
    return [path.relative_to(ROOT) for path in found]


def nodes(tree: ast.AST, *, at_import: bool) -> Iterator[ast.AST]:
    """Every node below; `at_import` without what only runs when a function is called, and what only a checker reads."""
    for node in ast.iter_child_nodes(tree):
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if at_import and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from nodes(node, at_import=at_import)


def modules(path: Path, *, at_import: bool = False) -> Iterator[tuple[str, int]]:
    """(what is imported, its line) for each absolute import in a file: `a.b.c` of `from a.b import c`."""
    for node in nodes(ast.parse((ROOT / path).read_text(encoding="utf-8")), at_import=at_import):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """(first name of an absolute import, its line) for each import in a file."""
    return ((module.partition(".")[0], line) for module, line in modules(path))


@pytest.mark.parametrize("room", [room for room in LAW if sources(room)])
def test_imports_run_one_way(room: str) -> None:
    allowed = LAW[room] | {room} | (set(FUNCTIONS) if room == "lambda" else set())
    broken = [
        f"{path}:{line} imports {name}"
        for path in sources(room)
        for name, line in imports(path)
        if name in ROOMS and name not in allowed and not (path.parent == VERBS and name in REACHED_BY_VERBS)
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if (ROOT / "lambda" / name).exists()])
def test_the_functions_share_only_what_is_common(function: str) -> None:
    allowed = FUNCTIONS[function] | {function, "filterpattern"}
    broken = [
        f"{path}:{line} imports {name}"
        for path in sources("lambda")
        if path.parts[1] == function
        for name, line in imports(path)
        if name in ROOMS and name not in allowed
    ]
    assert not broken, "\n".join(broken)


COMMAND_LINE = [Path("wizard/__main__.py"), *(path for path in sources("wizard") if path.parent == VERBS)]


@pytest.mark.parametrize("path", COMMAND_LINE, ids=str)
def test_a_verb_imports_its_room_when_it_runs(path: Path) -> None:
    broken = [
        f"{path}:{line} imports {module}"
        for module, line in modules(path, at_import=True)
        if not module.startswith(BEFORE_A_VERB) and module.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert not broken, "\n".join(broken)


def test_a_module_of_verbs_reaches_another_room() -> None:
    """Else the tests above would look at nothing."""
    reached = {name for path in COMMAND_LINE for name, _ in imports(path)}
    assert reached >= REACHED_BY_VERBS
    assert {Path("wizard/__main__.py"), VERBS / "setup.py"} < {*COMMAND_LINE}


def test_the_lambdas_need_only_what_their_archive_and_runtime_carry() -> None:
    broken = [
        f"{path}:{line} imports {name}"
        for path in sources("lambda")
        for name, line in imports(path)
        if name not in LAMBDA_MAY_IMPORT and name not in sys.stdlib_module_names
    ]
    assert not broken, "\n".join(broken)


def test_the_filter_pattern_language_is_standard_library_only() -> None:
    broken = [
        f"{path}:{line} imports {name}"
        for path in sources("filterpattern")
        for name, line in imports(path)
        if name != "filterpattern" and name not in sys.stdlib_module_names
    ]
    assert not broken, "\n".join(broken)


def is_export(node: ast.stmt) -> bool:
    """An import, a constant, or what exports a name that is loaded when it is first asked for (PEP 562)."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Assign():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.FunctionDef(name="__getattr__"):
            return True
    return False


@pytest.mark.parametrize("room", sorted(room for room in LAW if (ROOT / room / "__init__.py").exists()))
def test_a_room_has_one_door_that_says_what_it_is_for(room: str) -> None:
    tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{room}/__init__.py does not say what the room is for"
    others = [node for node in tree.body[1:] if not is_export(node)]
    assert not others, f"{room}/__init__.py does more than export names (line {others[0].lineno if others else 0})"


def test_an_illegal_import_would_be_seen() -> None:
    """The check itself is checked: it finds the import in this file, which no room would be allowed."""
    assert "pytest" in {name for name, _ in imports(Path(__file__).relative_to(ROOT))}
