"""Follow-up questions made to stand alone."""

from assistant.dialogue.standalone import standalone

__all__ = ["standalone"]
