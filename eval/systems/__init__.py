"""The table of systems: whatever answers questions, by one name, through one door."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from assistant.errors import InputError
from assistant.settings import Settings
from eval.model import unset
from eval.systems.base import Place, System

__all__ = ["ALL", "MODEL", "OURS", "SYSTEMS", "Entry", "Place", "System", "entry_of", "in_order"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A system that can be run: `door` is "module:function" of a function from Place to System.

    `sees_key` marks an upper bound, which is no contestant; `needs` names the module of an optional package; `model`
    says that a chat server must be configured.
    """

    name: str
    title: str
    door: str
    sees_key: bool = False
    needs: str = ""
    model: bool = False

    @property
    def lacks(self) -> str:
        """What keeps it from running here, a package or settings, in a line for people; empty when nothing does."""
        if self.needs and find_spec(self.needs) is None:
            return f"没有安装 {self.needs}"
        return unset(Settings()) if self.model else ""

    @property
    def installed(self) -> bool:
        """Whether all that it needs is there."""
        return not self.lacks

    def load(self) -> Callable[[Place], Any]:
        """The function behind the door. Raises InputError when there is none."""
        module, _, function = self.door.partition(":")
        try:
            found = getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            raise InputError(f"打不开系统 {self.door}：{error}") from None
        if not callable(found):
            raise InputError(f"{self.door} 不是函数")
        loaded: Callable[[Place], Any] = found
        return loaded


OURS = "ours"
MODEL = "ours-model"
ALL = "all"
SYSTEMS = {
    entry.name: entry
    for entry in (
        Entry(OURS, "本系统", "eval.systems.ours:whole"),
        Entry(MODEL, "本系统（语言模型）", "eval.systems.ours:with_model", model=True),
        Entry("ours-no-reader", "本系统（不用阅读模型）", "eval.systems.ours:without_reader"),
        Entry("ours-no-vectors", "本系统（不用向量）", "eval.systems.ours:without_vectors"),
        Entry("ours-no-structure", "本系统（不识结构）", "eval.systems.ours:without_structure"),
        Entry("ours-no-glossary", "本系统（不用词表）", "eval.systems.ours:without_glossary"),
        Entry("bm25-sentences", "BM25 最佳两句", "eval.systems.sentences:opened", needs="rank_bm25"),
        Entry(
            "langchain-quickstart",
            "LangChain 入门检索",
            "eval.systems.shipped:langchain_quickstart",
            needs="langchain_chroma",
        ),
        Entry(
            "langchain-bm25",
            "LangChain BM25Retriever",
            "eval.systems.shipped:langchain_bm25",
            needs="langchain_community",
        ),
        Entry(
            "haystack-bm25",
            "Haystack InMemoryBM25",
            "eval.systems.shipped:haystack_bm25",
            needs="haystack",
        ),
        Entry("oracle", "看答案者（上限）", "eval.systems.oracle:opened", sees_key=True),
    )
}


def in_order(names: Collection[str]) -> list[str]:
    """The names of systems: those of the table in its order, then others."""
    return [name for name in SYSTEMS if name in names] + sorted(set(names) - SYSTEMS.keys())


def entry_of(name: str) -> Entry:
    """The system of a name of the table, or of a "module:function". Raises InputError."""
    if name in SYSTEMS:
        return SYSTEMS[name]
    if ":" in name:
        return Entry(name, name, name)
    raise InputError(f"没有系统 {name}；可用：{'、'.join(SYSTEMS)}，或“模块:函数”")
