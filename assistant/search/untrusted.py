"""Texts from outside as data: nothing in a document or a question may steer the model or the reader."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from assistant.language.clean import is_blank
from assistant.language.segment import plain
from assistant.search.guard import commands_assistant

# Letters of other scripts that look like Latin ones, by which a command may hide.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһвмтнкАЕОРСУХІЈЅВМТНКαορνιτκ",
    "aeopcyxijsdhbmtnkAEOPCYXIJSBMTHKaopvitk",
)
_MARK = re.compile(r"[\[［【]\s*((?:资料|来源)?\s*\d{1,3}(?:\s*[,，、\-]\s*\d{1,3})*)\s*[\]］】]")
_FENCE = re.compile(r"[【】]|^-{3,}", re.MULTILINE)
# Tokens by which models tell their roles apart, as several families of models write them.
_ROLE = re.compile(
    r"(?i)<[|｜]{1,2}[^<>|｜\n]{1,40}[|｜]{1,2}>|<\|?/?\s*(?:s|im_start|im_end|system|user|assistant|tool|think|"
    r"(?:start|end)_of_turn)(?:\s[^<>\n]{0,20})?\|?>|\[/?INST\]|\[g?S?MASK\]|\[sop\]|<</?SYS>>"
)
_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What commands a writer rather than states something of a policy, beside the commands that questions hold.
_ORDERS = re.compile(
    r"(?i)(?:AI|智能|问答|语言模型|人工智能)?助[手理].{0,8}(?:回答|回复|必须|须|应当?)|(?:回答|回复|答复)(?:问题|本题|用户|时|中|末尾).{0,6}"
    r"(?:请|必须|须|附|加|写明?|注明)|(?:assistant|model|you)\s+(?:must|should|shall|will)\s+(?:answer|say|reply|output)"
    r"|【(?:问题|资料完?|对话完?|提示|最后一问)】|(?:指示|指令|规则|提示).{0,8}(?:忽略|无视)"
)
_FORBIDDEN = re.compile(r"(?:不得|严禁|禁止|不准|不可|不能|不许)(?:[^，。；！？\n]{0,12})")


def as_data(text: str) -> str:
    """A text as it may stand in a prompt: without invisible and control characters, false marks, fences and roles."""
    broken = _BREAK.sub("\n", text)
    shown = "".join(_shown(char) for char in broken)
    # What one rule takes away may have hidden something from another.
    while (bare := _fenced(shown)) != shown:
        shown = bare
    return shown


def _shown(char: str) -> str:
    """A character as it may be shown: blanks of any width as one of two, nothing for what shows nothing."""
    if char in "\n\t \u3000" or not is_blank(char):
        return char
    return " " if unicodedata.category(char) == "Zs" else ""


def _fenced(text: str) -> str:
    shown = _MARK.sub(r"〔\1〕", _ROLE.sub("", text))
    return _FENCE.sub(lambda found: {"【": "〖", "】": "〗"}.get(found[0], "—"), shown)


@lru_cache(maxsize=8192)
def is_command(text: str) -> bool:
    """Whether a text commands the assistant, however it is disguised; such a text proves nothing.

    What a document forbids its readers (不得绕过审批) is no command.
    """
    bare = "".join(char for char in unicodedata.normalize("NFKC", text) if char == " " or not is_blank(char))
    said = _FORBIDDEN.sub("", plain(bare.translate(_LOOKALIKES)))
    return bool(_ROLE.search(text) or _ORDERS.search(said)) or commands_assistant(said)
