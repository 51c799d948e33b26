"""How far answers depend on how a question is written: the development questions in other words and other spellings.

    python bench/robustness.py [--library DIR] [--questions N] [--json]

Each question is asked as it stands, in three paraphrases (eval/questions/paraphrases.jsonl), with a typing error, with
full-width digits, with Chinese numerals and in traditional characters; a spelling that changes nothing counts as the
question itself. Printed is the share answered right by the scoring rule, and the difference from the plain questions.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parent.parent))

from assistant.chain import AnswerChain, build
from assistant.exchange import answer_line
from assistant.language.resources import lines
from assistant.settings import Settings
from eval.dataset import read_items
from eval.metrics import why_wrong
from eval.types import Item

PARAPHRASES = ROOT / "eval" / "questions" / "paraphrases.jsonl"
MOST_LOST = 5.0  # points that the share answered right may fall by
_HAN = re.compile(r"[一-鿿]{2}")
_DIGITS = "零一二三四五六七八九"
_WIDE = str.maketrans("0123456789%", "０１２３４５６７８９％")


def typed(text: str, rng: random.Random) -> str:
    """One slip of the fingers: two characters exchanged, one doubled, or one left out."""
    places = [match.start() for match in _HAN.finditer(text)]
    if not places:
        return text
    at = rng.choice(places)
    pair = rng.choice((text[at + 1] + text[at], text[at] * 2 + text[at + 1], text[at]))
    return text[:at] + pair + text[at + 2 :]


def wide(text: str, _: random.Random) -> str:
    """Full-width digits."""
    return text.translate(_WIDE)


def spelt(text: str, _: random.Random) -> str:
    """Years digit by digit and small numbers in Chinese numerals: 2025年 → 二零二五年, 30天 → 三十天."""
    return re.sub(r"(?<![\d.])(\d{4}|\d{1,2})(?![\d.%])", lambda m: _numeral(m[1]), text)


def _numeral(digits: str) -> str:
    if len(digits) == 4 or digits.startswith("0"):
        return "".join(_DIGITS[int(d)] for d in digits)
    ten, one = divmod(int(digits), 10)
    tens = ("" if ten == 1 else _DIGITS[ten]) + "十" if ten else ""
    return tens + (_DIGITS[one] if one or not ten else "")


def traditional(text: str, _: random.Random) -> str:
    """Traditional characters, by the table that the assistant itself reads the other way round."""
    old, new = lines("simplified.txt")
    table = {simple: many for many, simple in zip(reversed(old), reversed(new), strict=True)}
    return "".join(table.get(char, char) for char in text)


SPELLINGS: dict[str, Callable[[str, random.Random], str]] = {
    "typing error": typed,
    "full-width digits": wide,
    "Chinese numerals": spelt,
    "traditional characters": traditional,
}


def variants(item: Item, paraphrases: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The question in each of its forms, by the name of the form."""
    rng = random.Random(item.id)
    told = {"plain": item.question.text}
    told |= {f"paraphrase {n}": text for n, text in enumerate(paraphrases.get(item.id, ()), 1)}
    return told | {name: spell(item.question.text, rng) for name, spell in SPELLINGS.items()}


def measure(chain: AnswerChain, items: Sequence[Item]) -> dict[str, float]:
    """The share of questions answered right, in percent, by form."""
    told = [json.loads(line) for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()]
    paraphrases = {row["id"]: row["paraphrases"] for row in told}
    right: dict[str, list[bool]] = {}
    for number, item in enumerate(items, 1):
        known: dict[str, bool] = {}
        for name, text in variants(item, paraphrases).items():
            if text not in known:
                known[text] = _right(chain, item, text)
            right.setdefault(name, []).append(known[text])
        print(f"\r{number}/{len(items)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return {name: round(100 * sum(found) / len(found), 1) for name, found in right.items()}


def _right(chain: AnswerChain, item: Item, text: str) -> bool:
    answer = chain.invoke(replace(item.question, text=text))
    return not why_wrong(answer_line(item.id, text, answer, 0.0), item)


def main() -> int:
    """Measure and print; non-zero where a form loses more than it may."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", type=Path, default=Settings().library)
    parser.add_argument("--questions", type=int, help="only so many of the questions, drawn evenly")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    items = read_items(ROOT / "eval" / "questions" / "dev.jsonl")
    step = max(1, len(items) // (arguments.questions or len(items)))
    chosen = list(items)[::step]
    shares = measure(build(Settings(library=arguments.library)), chosen)
    if arguments.json:
        print(json.dumps({"questions": len(chosen), "right": shares}, ensure_ascii=False))
    else:
        print(f"{len(chosen)} questions")
        for name, share in shares.items():
            print(f"{name:<24}{share:5.1f} %  {share - shares['plain']:+.1f}")
    return int(min(shares.values()) < shares["plain"] - MOST_LOST)


if __name__ == "__main__":
    raise SystemExit(main())
