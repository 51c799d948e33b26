"""How a question and a passage become rows of pieces for the reader: `<s> question </s> place </s> passage </s>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_PIECES = 256
QUESTION, PLACE, PASSAGE = 0, 1, 2  # the parts of a row
_MOST_QUESTION, _MOST_PLACE = 64, 40
_SHARED = 48  # pieces that two windows of a long passage share
_MOST_WINDOWS = 4
_BEGIN, _END = 0, 2  # the pieces <s> and </s>
_CHARACTERS_A_PIECE = 16  # no piece has more; what lies behind the last need not be cut
_NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True)
class Pieces:
    """One row: ids and parts of equal length; `offsets` are characters of the passage, (0, 0) outside of it."""

    ids: tuple[int, ...]
    parts: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


def rows(tokeniser: Tokenizer, question: str, place: str, passage: str) -> list[Pieces]:
    """Rows of at most 256 pieces: one, or up to four that overlap where the passage is long.

    Of a long question the beginning and the end are kept, of a long place the end, of a passage that four rows do not
    hold the beginning.
    """
    asked = _cut(tokeniser, _ends(question)).ids
    if len(asked) > _MOST_QUESTION:
        asked = asked[: _MOST_QUESTION // 2] + asked[-_MOST_QUESTION // 2 :]
    at = _cut(tokeniser, place[-_MOST_PLACE * _CHARACTERS_A_PIECE :]).ids[-_MOST_PLACE:]
    room = MOST_PIECES - len(asked) - len(at) - 4
    most = room + (_MOST_WINDOWS - 1) * (room - _SHARED)
    read = _cut(tokeniser, passage[: most * _CHARACTERS_A_PIECE])
    before = (_BEGIN, *asked, _END, *at, _END)
    parts = (QUESTION,) * (len(asked) + 2) + (PLACE,) * (len(at) + 1)
    made = []
    for start in range(0, max(1, min(len(read.ids), most) - _SHARED), room - _SHARED):
        ids, offsets = read.ids[start : start + room], read.offsets[start : start + room]
        made.append(
            Pieces(
                (*before, *ids, _END),
                (*parts, *(PASSAGE,) * len(ids), QUESTION),
                (*(_NOWHERE,) * len(before), *offsets, _NOWHERE),
            )
        )
    return made


def _cut(tokeniser: Tokenizer, text: str) -> Any:
    # Half of a surrogate pair is no character, and the tokeniser would refuse it.
    return tokeniser.encode(text.encode("utf-8", "replace").decode("utf-8"), add_special_tokens=False)


def _ends(question: str) -> str:
    most = _MOST_QUESTION * _CHARACTERS_A_PIECE
    return question if len(question) <= most else question[: most // 2] + question[-most // 2 :]
