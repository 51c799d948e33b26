"""From settings to the chain: all wiring is here.

Question ─► standalone + understand ─► retrieve ─► answer ─► Answer
"""

from assistant.chain.answering import DECLINED, GREETING, AnswerChain, build

__all__ = ["DECLINED", "GREETING", "AnswerChain", "build"]
