"""The rows of the design: what may import what, and who may touch the environment and the terminal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each row imports only rows above it. A name is a module, or a package with all that it holds.
ROWS: tuple[tuple[str, ...], ...] = (
    ("assistant.types", "assistant.errors"),
    (
        "assistant.settings",
        "assistant.exchange",
        "assistant.language",
        "assistant.prompts",
        "assistant.terminal",
    ),
    ("assistant.models", "assistant.documents"),
    ("assistant.index",),
    ("assistant.search",),
    ("assistant.answer", "assistant.dialogue"),
    ("assistant.chain",),
    ("assistant.web", "assistant.cli", "eval"),
    ("assistant.__main__", "app"),
)
ROW = {name: number for number, row in enumerate(ROWS) for name in row}
ONLY_IN = {
    "chromadb": "assistant.index",
    "tantivy": "assistant.index",
    "gradio": "assistant.web",
    "gradio_client": "assistant.web",
}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}


def sources() -> list[Path]:
    """Every Python file of the product and of its measurement."""
    return sorted(
        [*(ROOT / "assistant").rglob("*.py"), *(ROOT / "eval").rglob("*.py"), *ROOT.glob("app.py")],
    )


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported, wherever in the file it stands."""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = [*base, *([node.module] if node.module else [])]
            for alias in node.names:
                yield node.lineno, ".".join([*stem, alias.name])


def home(name: str) -> str | None:
    """The entry of ROWS that a dotted name belongs to; None for third parties and `assistant` itself."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if (entry := ".".join(parts[:length])) in ROW:
            return entry
    return None


def breaches(path: Path, text: str) -> list[str]:
    """What the file does against the rules, one line for each."""
    tree = ast.parse(text, str(path))
    here = home(module_of(path))
    found = []
    for line, name in imports(tree, path):
        there = home(name)
        if here and there and here != there and (ROW[there] >= ROW[here] or there == "eval"):
            found.append(f"{path.name}:{line}: {here} must not import {there}")
        owner = ONLY_IN.get(name.split(".")[0])
        if owner and here != owner:
            found.append(f"{path.name}:{line}: {name} belongs to {owner} alone")
    found += [f"{path.name}:{line}: {what}" for line, what in misuses(tree, here)]
    return found


def misuses(tree: ast.AST, here: str | None) -> Iterator[tuple[int, str]]:
    """Reads of the environment outside settings, and `print`."""
    written = set(environment_writes(tree)) if here == "assistant.web" else set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "print is for bench and training alone"
        if here == "assistant.settings":
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            for alias in node.names:
                if alias.name in ENVIRONMENT:
                    yield node.lineno, "settings.py alone reads the environment"
        if isinstance(node, ast.Attribute) and node not in written and reads_environment(node):
            yield node.lineno, "settings.py alone reads the environment"


def reads_environment(node: ast.Attribute) -> bool:
    return node.attr in ENVIRONMENT and isinstance(node.value, ast.Name) and node.value.id == "os"


def environment_writes(tree: ast.AST) -> Iterator[ast.expr]:
    """The `os.environ` of assignments and of `setdefault`, `update`, `pop` calls whose value goes nowhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from (target.value for target in node.targets if isinstance(target, ast.Subscript))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr in {"setdefault", "update", "pop"}:
                yield function.value


def test_there_is_something_to_check() -> None:
    assert {"types.py", "errors.py", "settings.py"} <= {path.name for path in sources()}


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_keeps_to_its_row(path: Path) -> None:
    assert breaches(path, path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_has_a_row(path: Path) -> None:
    if (name := module_of(path)) not in {"assistant", "eval"}:
        assert home(name), f"{name} stands in no row of the design"


@pytest.mark.parametrize(
    ("where", "text", "said"),
    [
        ("assistant/index/library.py", "from assistant.search import hybrid", "must not import"),
        ("assistant/index/library.py", "from ..chain import build", "must not import assistant.chain"),
        ("assistant/types.py", "def late():\n    import assistant.errors", "must not import"),
        ("assistant/cli/batch.py", "import eval.metrics", "must not import eval"),
        ("assistant/__main__.py", "from eval import run", "must not import eval"),
        ("assistant/web/page.py", "from assistant import cli", "must not import assistant.cli"),
        ("assistant/search/words.py", "import tantivy", "belongs to assistant.index"),
        ("assistant/chain.py", "import os\nos.environ['A'] = 'b'", "reads the environment"),
        ("assistant/chain.py", "from os import getenv", "reads the environment"),
        ("assistant/web/page.py", "import os\nx = os.environ.get('A')", "reads the environment"),
        ("assistant/web/page.py", "print('x')", "print"),
    ],
)
def test_the_check_finds_what_it_should(where: str, text: str, said: str) -> None:
    found = breaches(ROOT / where, text)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("assistant/chain.py", "from assistant.answer import extract\nfrom assistant.types import Answer"),
        ("assistant/index/__init__.py", "from .library import Library\nimport chromadb"),
        ("assistant/web/page.py", "import os\nos.environ['A'] = 'b'\nos.environ.setdefault('A', 'b')"),
        ("assistant/settings.py", "import os\nx = os.environ.get('A')"),
    ],
)
def test_the_check_lets_pass_what_is_right(where: str, text: str) -> None:
    assert breaches(ROOT / where, text) == []
