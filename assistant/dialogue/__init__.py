"""Follow-up questions made to stand alone."""

from assistant.dialogue.rewriting import rewritten
from assistant.dialogue.standalone import standalone

__all__ = ["rewritten", "standalone"]
