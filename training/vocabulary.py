"""Cuts the multilingual vocabulary down to what Chinese policy texts need and makes a tokeniser of what is left."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from training.e5_weights import Piece, Weights

METASPACE = "\u2581"
HAN = (  # first and last code point of each block of Han characters
    (0x3005, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
FOREIGN_DIGITS = 0x0600  # digits and signs of other scripts lie between here and the general punctuation
GENERAL_PUNCTUATION = 0x2000
MAX_LATIN = 3
PREFIXES = ("query: ", "passage: ")
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")


def is_kept(text: str) -> bool:
    """Whether a piece is Han, digits, punctuation or at most three basic Latin letters."""
    bare = text.replace(METASPACE, "")
    if any(low <= ord(c) <= high for c in bare for low, high in HAN):
        return True
    if any(FOREIGN_DIGITS <= ord(c) < GENERAL_PUNCTUATION for c in bare):
        return False
    letters = [c for c in bare if unicodedata.category(c)[0] in "LM"]
    return all(c.isascii() for c in letters) and len(letters) <= MAX_LATIN


def prefix_pieces(pieces: Sequence[Piece]) -> set[str]:
    """The pieces that the whole vocabulary makes of the prefixes: they stand in front of every text."""
    whole = tokeniser(pieces, unk=_index(pieces, "<unk>"), max_tokens=None)
    return {token for prefix in PREFIXES for token in whole.encode(prefix, add_special_tokens=False).tokens}


def choose(weights: Weights) -> NDArray[np.int64]:
    """Ids of the kept pieces, ascending; the four special tokens keep their ids 0 to 3."""
    always = prefix_pieces(weights.pieces) | set(SPECIALS)
    kept = [
        i
        for i, piece in enumerate(weights.pieces)
        if piece.text in always or (piece.text != "<mask>" and is_kept(piece.text))
    ]
    if [weights.pieces[i].text for i in kept[:4]] != list(SPECIALS):
        raise ValueError("the special tokens do not stand first in the vocabulary")
    return np.asarray(kept, dtype=np.int64)


def tokeniser(pieces: Iterable[Piece], *, unk: int, max_tokens: int | None) -> Tokenizer:
    """A Unigram tokeniser over the pieces, adding <s> and </s> and cutting at `max_tokens`.

    As in the normaliser of the original, white space and control characters, and runs of them, become one blank and
    invisible marks nothing; a blank at the end goes too.
    """
    listed = [(piece.text, piece.score) for piece in pieces]
    made = Tokenizer(models.Unigram(listed, unk_id=unk, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"\p{Cf}"), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"[\s\p{Cc}]+"), " "),
            normalizers.Strip(left=False, right=True),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=METASPACE, prepend_scheme="always", split=False)
    made.decoder = decoders.Metaspace(replacement=METASPACE, prepend_scheme="always", split=False)
    ids = {text: i for i, (text, _) in enumerate(listed[:4])}
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[(name, ids[name]) for name in ("<s>", "</s>")]
    )
    if max_tokens is not None:
        made.enable_truncation(max_length=max_tokens)
    return made


def _index(pieces: Sequence[Piece], text: str) -> int:
    return next(i for i, piece in enumerate(pieces) if piece.text == text)
