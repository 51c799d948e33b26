"""From blocks to chunks: passages that follow the structure and carry what a reader needs beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.language.clean import CleanText, clean, compact, is_blank
from assistant.language.dates import years_in
from assistant.language.regions import homes_in
from assistant.language.sentences import clauses, sentences
from assistant.language.tokens import count_tokens
from assistant.types import Block, BlockKind, Chunk, Document, Span

_CONTAINERS = (BlockKind.STATEMENT, BlockKind.TABLE, BlockKind.FURNITURE)
_LARGEST_HOLE = 12  # characters of furniture (a page number) that a chunk may run across
_HEADINGS = 0.25  # of the limit that the headings above a passage may add to it


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch that is not parted any further, with the block it comes from."""

    span: Span
    block: Block
    tokens: int


def chunk(document: Document, blocks: Sequence[Block], limit: int) -> list[Chunk]:
    """Cut a document into chunks of at most `limit` tokens, in the order of the text.

    Together they cover every non-blank character that is not furniture. A single clause longer than the limit is cut
    between characters. Headings above a passage that fills the limit alone may add a quarter to it; a row of a table
    stays whole.
    """
    furniture = [b.span for b in blocks if b.kind is BlockKind.FURNITURE]
    pieces = [p for block in _leaves(document, blocks) for p in _pieces(document, block, furniture, limit)]
    return [_chunk(document, pack) for pack in _packs(document, pieces, limit)]


def _leaves(document: Document, blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.kind is BlockKind.TABLE:
            first = next((b for b in blocks if b.kind is BlockKind.ROW and block.span.contains(b.span)), None)
            end = int(first.attributes["header_end"]) if first else block.span.end
            header = replace(block, span=Span(document.id, block.span.start, end))
            yield replace(header, text=clean(document.text, header.span.start, end).text)
        elif block.kind not in _CONTAINERS:
            yield block


def _pieces(document: Document, block: Block, furniture: Sequence[Span], limit: int) -> Iterator[_Piece]:
    tokens = count_tokens(block.text)
    if tokens <= limit or block.kind is BlockKind.ROW:
        yield _Piece(block.span, block, tokens)
        return
    cleaned = clean(document.text, block.span.start, block.span.end, furniture)
    for start, end in _cuts(cleaned, limit):
        yield _Piece(cleaned.span(document.id, start, end), block, count_tokens(cleaned.text[start:end]))


def _cuts(cleaned: CleanText, limit: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most `limit` tokens: whole sentences where they fit, else clauses, else characters."""
    for start, end in sentences(cleaned.text):
        if count_tokens(cleaned.text[start:end]) <= limit:
            yield start, end
            continue
        for a, b in clauses(cleaned.text[start:end]):
            yield from _halves(cleaned.text, start + a, start + b, limit)


def _halves(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    if count_tokens(text[start:end]) <= limit or end - start < 2:
        yield start, end
        return
    middle = (start + end) // 2
    yield from _halves(text, start, middle, limit)
    yield from _halves(text, middle, end, limit)


def _packs(document: Document, pieces: Sequence[_Piece], limit: int) -> Iterator[list[_Piece]]:
    """Put neighbours of one section and one speaker together while they fit; headings go with what follows them."""
    pack: list[_Piece] = []
    for piece in pieces:
        if pack and not (_fits(pack, piece, limit) and _belongs(document, pack[-1], piece)):
            yield pack
            pack = []
        pack.append(piece)
    if pack:
        yield pack


def _fits(pack: Sequence[_Piece], piece: _Piece, limit: int) -> bool:
    total = sum(p.tokens for p in pack)
    if total + piece.tokens <= limit:
        return True
    # A heading alone says nothing: let it run over a little rather than part it from its text.
    headings = all(p.block.kind in (BlockKind.HEADING, BlockKind.TITLE) for p in pack)
    return headings and total <= limit * _HEADINGS


def _belongs(document: Document, last: _Piece, piece: _Piece) -> bool:
    """Whether two neighbours may stand in one chunk, whatever their length."""
    hole = document.text[last.span.end : max(last.span.end, piece.span.start)]
    if sum(not is_blank(char) for char in hole) > _LARGEST_HOLE:
        return False
    above, below = last.block, piece.block
    if {above.kind, below.kind} & {BlockKind.ROW, BlockKind.TABLE}:
        return below.kind is BlockKind.TABLE and "caption" in above.attributes
    if above.attributes.get("speaker") != below.attributes.get("speaker"):
        return above.kind is BlockKind.TITLE
    if above.kind in (BlockKind.HEADING, BlockKind.TITLE) and "speaker" not in above.attributes:
        return True
    return below.kind not in (BlockKind.HEADING, BlockKind.TITLE) or "speaker" in below.attributes


def _chunk(document: Document, pack: Sequence[_Piece]) -> Chunk:
    span = Span(document.id, pack[0].span.start, max(p.span.end for p in pack))
    text = compact(document.slice(span))
    block = pack[-1].block if len(pack) < 3 else pack[1].block
    attributes = block.attributes
    context = context_of(document, block)
    own = attributes.get("organisation", "") or attributes.get("post", "")
    region = next(iter(homes_in(own)), "") or ("" if "、" in document.region else document.region)
    name = hashlib.sha256(f"{span.doc}\0{span.start}\0{span.end}\0{text}".encode()).hexdigest()[:24]
    return Chunk(
        id=name,
        span=span,
        text=text,
        context=context,
        heading_path=block.heading_path,
        speaker=attributes.get("speaker", ""),
        region=region,
        years=tuple(sorted(set(years_in(document.slice(span) + attributes.get("columns", ""))))),
        kind=block.kind,
        tokens=sum(p.tokens for p in pack),
    )


def context_of(document: Document, block: Block) -> str:
    """What a reader needs beside a block: title, headings, speaker and post, caption, group and columns of a table."""
    attributes = block.attributes
    speaker = " ".join(filter(None, (attributes.get("post", ""), attributes.get("speaker", ""))))
    table = [attributes.get(key, "") for key in ("caption", "group")] if block.kind is BlockKind.ROW else []
    columns = attributes.get("columns", "").replace("\t", " ") if block.kind is BlockKind.ROW else ""
    parts = [document.title, *block.heading_path, speaker, *table, columns]
    return "｜".join(part for part in parts if part)
