"""The report put together: templates filled, stylesheet and script put in, one file written."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.report.charts import meter
from eval.report.comparison import changes
from eval.report.figures import SetFigures, columns_of, set_figures
from eval.report.questions import QuestionList, question_lists
from eval.report.words import category_name, moment, percent, seconds, visible
from eval.scoring import Run
from eval.tokens import Price
from eval.types import CATEGORIES

HERE = Path(__file__).parent
NAME = "report.html"
SHADES = 4  # of the cells of the table of reasons


def write_report(
    run: Run, path: Path | None = None, earlier: Run | None = None, price: Price | None = None
) -> Path:
    """Write the report of a run, into its directory unless `path` says where, and give the file's path.

    With `earlier`, the report also compares the two; with `price`, it tells what a language model cost. The file is put
    in its place whole or not at all. Raises InputError when the two runs have no set in common.
    """
    data = render(run, earlier, price).encode()
    if path is None:
        return run.folder.write(NAME, data)
    return run.folder.write(str(path.resolve()), data)  # a whole path leads out of the directory


def render(run: Run, earlier: Run | None = None, price: Price | None = None) -> str:
    """The report as HTML. Raises as `write_report`."""
    lists, columns = question_lists(run), columns_of(run, price)
    style, script = _file("report.css"), _file("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            head=_head(run.record),
            sets=set_figures(run, columns),
            columns=columns,
            groups=[(name, len(list(group))) for name, group in groupby(columns, key=lambda one: one.group)],
            earlier=_head(earlier.record) if earlier else None,
            changes=changes(run, earlier) if earlier else [],
            lists=lists,
            filters=_filters(lists),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever is printed goes through here before it is escaped, so that no place can forget it.
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters |= {
        "percent": percent,
        "seconds": seconds,
        "shade": _shade,
        "meter": meter,
    }
    return environment


def _file(name: str) -> str:
    return (HERE / "static" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """A content security policy under which only this stylesheet and this script work, and nothing is loaded."""
    allowed = {"style-src": style, "script-src": script}
    own = [f"{kind} 'sha256-{_digest(text)}'" for kind, text in allowed.items()]
    return "; ".join(["default-src 'none'", *own, "img-src data:", "base-uri 'none'", "form-action 'none'"])


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _head(record: Mapping[str, Any]) -> dict[str, str]:
    machine = record.get("machine", {})
    packages = machine.get("packages", {})
    return {
        "when": moment(record.get("started")),
        "code": str(record.get("code", ""))[:12],
        "machine": f"{machine.get('system', '')}，{machine.get('cores', '?')} 核，Python {machine.get('python', '?')}",
        "packages": "，".join(f"{name} {version}" for name, version in packages.items()),
    }


def _filters(lists: list[QuestionList]) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen: values and names, by filter."""
    shown = [question for one in lists for question in one.questions]
    categories = {question.item.category for question in shown}
    documents = {question.document: question.document_name for question in shown}
    reasons = {question.reason for question in shown if question.reason}
    return {
        "set": [(one.name, one.title) for one in lists],
        "category": [(key, category_name(key)) for key in CATEGORIES if key in categories],
        "document": sorted(documents.items(), key=lambda pair: pair[1]),
        "reason": [(reason, reason) for reason in sorted(reasons)],
    }


def _shade(count: int, figures: SetFigures) -> int:
    """How dark a cell of the table of reasons is, 0 … SHADES."""
    most = figures.reasons.most if figures.reasons else 0
    return -(-SHADES * count // most) if most else 0
