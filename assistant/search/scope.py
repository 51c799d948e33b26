"""Whether a passage speaks of the place, the year, the person and the document that a question restricts itself to."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence

from assistant.language.dates import years_in
from assistant.language.names import names_in
from assistant.language.regions import short_name, within
from assistant.types import Document, Scope

_TITLE = re.compile(r"《[^》]*》")  # the year in another paper's name is not that of the statement
AGREES, SILENT, DISAGREES = 1.0, 0.0, -1.0
EARLIER = -0.3  # a passage without a year of its own in a document of a later year
NAMES, LIES_WITHIN = (
    0.8,
    0.4,
)  # a passage of another place that names the one wanted; one of a place within it


def region_fit(
    wanted: Sequence[str],
    own: Iterable[str],
    text: str,
    around: Sequence[str] = (),
    homes: Container[str] = (),
) -> float:
    """How a passage about the regions `own` fits the regions wanted: best when it is about one of them itself.

    A place within the one wanted stands for it only in a document about it (`around` are the document's regions), or
    when no document is about it (`homes` are all documents' regions): a county's target is not its city's.
    """
    if not wanted:
        return SILENT
    regions = [region for region in own if region]
    if any(region in wanted for region in regions):
        return AGREES
    if any(short_name(region) in text for region in wanted):
        return NAMES
    if any(within(r, w) and (w in around or w not in homes) for r in regions for w in wanted):
        return LIES_WITHIN
    return DISAGREES if regions else SILENT


def organisation_fit(wanted: Sequence[str], own: str, text: str) -> float:
    """Whether a passage is spoken for an institution wanted, or names it."""
    if not wanted:
        return SILENT
    if any(name in text or (own and (name in own or own in name)) for name in wanted):
        return AGREES
    return DISAGREES if own else SILENT


def year_fit(wanted: Sequence[int], text: str, inherited: Sequence[int]) -> float:
    """How a passage fits the years wanted: by the years it names, else by those of its heading and document."""
    if not wanted:
        return SILENT
    named = years_in(_TITLE.sub("", text))
    if any(year in wanted for year in named):
        return AGREES
    if named:
        return SILENT if any(year in wanted for year in years_in(text)) else DISAGREES
    if not inherited or any(year in wanted for year in inherited):
        return SILENT
    # A document tells of years before its own, never of the time after.
    return DISAGREES if min(wanted) > max(inherited) else EARLIER


def person_fit(wanted: Sequence[str], speaker: str, text: str, around: str = "", whole: str = "") -> float:
    """Whether a passage is spoken by a person wanted, or names one; `around` is the paragraph that it stands in.

    Where the document as a `whole` names that person, a paragraph without a speaker and without any name may well be
    about the same (他说 …, or what a meeting decided).
    """
    if not wanted:
        return SILENT
    if any(name == speaker or name in text for name in wanted):
        return AGREES
    if speaker:
        return DISAGREES
    # Looking for names costs more than looking for one.
    if any(name in around for name in wanted) and all(found.text in wanted for found in names_in(text)):
        return AGREES
    near = any(name in whole for name in wanted) and not names_in(around or text)
    return SILENT if near else DISAGREES


def document_fit(scope: Scope, doc: str) -> float:
    """Whether a passage stands in a document that the question names."""
    if not scope.documents:
        return SILENT
    return AGREES if doc in scope.documents else DISAGREES


def document_regions(document: Document) -> tuple[str, ...]:
    """The regions that a document speaks of as a whole."""
    return tuple(filter(None, document.region.split("、")))


def document_years(document: Document) -> tuple[int, ...]:
    """The years that a document speaks of as a whole, by its title and its date."""
    return years_in(f"{document.title}。{document.date}")
