"""Texts from outside as data: nothing in a document or a question may steer the model or the reader."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from assistant.language.clean import is_blank
from assistant.search.guard import commands_assistant

# Letters of other scripts that look like Latin ones, by which a command may hide.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһвмтнкАЕОРСУХІЈЅВМТНКαορνιτκ",
    "aeopcyxijsdhbmtnkAEOPCYXIJSBMTHKaopvitk",
)
_MARK = re.compile(r"[\[［【]\s*((?:资料|来源)?\s*\d{1,3}(?:\s*[,，、\-]\s*\d{1,3})*)\s*[\]］】]")
_FENCE = re.compile(r"[【】]|^-{3,}", re.MULTILINE)
_ROLE = re.compile(
    r"(?i)<\|?/?\s*(?:im_start|im_end|system|user|assistant|tool|think)[^>]{0,20}>|\[/?INST\]|<<\/?SYS>>"
)


def as_data(text: str) -> str:
    """A text as it may stand in a prompt: without invisible and control characters, false marks, fences and roles."""
    shown = "".join(char for char in text if char in "\n\t" or char.isspace() or not is_blank(char))
    shown = _MARK.sub(r"〔\1〕", shown)
    shown = _FENCE.sub(lambda found: {"【": "〖", "】": "〗"}.get(found[0], "—"), shown)
    return _ROLE.sub("", shown)


@lru_cache(maxsize=8192)
def is_command(text: str) -> bool:
    """Whether a text commands the assistant, however it is disguised; such a text proves nothing."""
    bare = "".join(char for char in unicodedata.normalize("NFKC", text) if char == " " or not is_blank(char))
    return commands_assistant(bare.translate(_LOOKALIKES)) or bool(_ROLE.search(text))
