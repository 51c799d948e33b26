"""The project's vocabulary: frozen values that every room of the house speaks in.

Every offset is a code point in the decoded text of a file, as the file is; ends are exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


class BlockKind(StrEnum):
    """What a piece of a document is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # one member of a list: 一是 …, ■ …, 1. …
    STATEMENT = "statement"  # what one named (or unnamed) person says; holds paragraphs
    TABLE = "table"  # a whole table; holds rows
    ROW = "row"
    FURNITURE = "furniture"  # page numbers, contents pages, captions, repeated sidebars


class AnswerKind(StrEnum):
    """The kind of reply that a question wants."""

    FACT = "fact"
    PERSON = "person"
    NUMBER = "number"
    DATE = "date"
    LIST = "list"
    DEFINITION = "definition"
    COMPARISON = "comparison"
    SUMMARY = "summary"
    HOWTO = "howto"
    YES_NO = "yes_no"


class Status(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"  # the documents do not say it
    DECLINED = "declined"  # out of scope, or an attempt to misuse
    ERROR = "error"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one document's original text."""

    doc: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"span {self.start}:{self.end} is not a stretch of text")

    def overlap(self, other: Span) -> int:
        """Number of code points that both spans hold."""
        if self.doc != other.doc:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def contains(self, other: Span) -> bool:
        """Whether the other span lies wholly inside this one."""
        return self.doc == other.doc and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its text as decoded, never altered, and what is known about it."""

    id: str
    text: str
    title: str
    hash: str  # SHA-256 of the file's bytes
    issuer: str = ""
    number: str = ""  # 文号
    date: str = ""
    region: str = ""
    status: str = ""  # 现行, 征求意见稿, 新闻报道 …
    kind: str = ""
    source: str = ""  # where the file came from, relative to the folder that was ingested

    @property
    def reference(self) -> str:
        """The formal reference, 《title》（number）."""
        return f"《{self.title.strip('《》')}》" + (f"（{self.number}）" if self.number else "")

    def slice(self, span: Span) -> str:
        """The original characters of a span of this document."""
        if span.doc != self.id:
            raise ValueError(f"the span belongs to {span.doc}, not to {self.id}")
        return self.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class Block:
    """A structural piece of a document.

    `text` is the cleaned text. `attributes` may hold, depending on the kind: `speaker`, `post`, `region`
    (statements and what stands in them); `level` (headings: "1" is the highest); `marker` (headings and
    items, such as 一、 or 一是); `caption`, `group`, `indicator`, `unit`, `cells` (JSON object from column
    header to cell), `flag` (rows: what was repaired or is doubtful); `reason` (furniture).
    """

    kind: BlockKind
    span: Span
    text: str
    heading_path: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrievable passage. `text` equals the original of its span with white space removed.

    `context` is what a reader would need beside the passage to understand it (document title, heading path,
    speaker and post, table caption and headers); it is searched with the text but never cited.
    """

    id: str  # content hash of document id, span and text
    span: Span
    text: str
    context: str
    heading_path: tuple[str, ...] = ()
    speaker: str = ""
    region: str = ""
    years: tuple[int, ...] = ()
    kind: BlockKind = BlockKind.PARAGRAPH
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: str  # "user" or "assistant"
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What comes in: the text as typed, and the earlier turns, oldest first."""

    text: str
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of a question with the documents' words for it; `weight` says how much it matters."""

    text: str
    synonyms: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question restricts itself to; empty means no restriction."""

    regions: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    documents: tuple[str, ...] = ()  # ids of documents that the question names


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood."""

    text: str  # as asked
    standalone: str  # as it would be asked without the history
    kind: AnswerKind
    terms: tuple[Term, ...] = ()
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found, with its score and the parts that the score was made from."""

    chunk: Chunk
    score: float
    parts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact characters a statement rests on: `quote` equals the document's text at `span`."""

    span: Span
    quote: str
    label: str  # 《title》（number）heading path


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a language model read and wrote."""

    prompt: int
    completion: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out. `text` holds marks such as [1] that number `citations` from 1."""

    status: Status
    text: str
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()  # best first, at most 20
    record: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # versions: library, settings, code
    error: str = ""
    notice: str = ""  # what the reader should know of how it came about; empty without a language model
    usage: Usage | None = None  # of the language model, when one was asked
    confidence: float = 0.0  # 0 … 1, that the documents say it: how risky it would be to let the answer out
