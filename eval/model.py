"""The chat server that the settings name, as `ours-model` and the judge need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.models.configured import chat_for
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.models.chat import ChatServer

_NEEDED = ("chat_url", "chat_model")


def unset(settings: Settings) -> str:
    """Which settings are missing for a chat server to be asked, in a line for people; empty when none is."""
    missing = [f"ASSISTANT_{name.upper()}" for name in _NEEDED if not getattr(settings, name)]
    return f"没有配置 {'、'.join(missing)}" if missing else ""


def chat_server(settings: Settings) -> ChatServer:
    """The chat server of the settings; nothing is asked of it yet. Raises InputError where none is configured."""
    if lacks := unset(settings):
        raise InputError(f"{lacks}：这里要用语言模型")
    return chat_for(settings)
