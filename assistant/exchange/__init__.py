"""The files that other programs write and read: question lines, answer lines, and answers that grow line by line."""

from assistant.exchange.lines import answer_line, dump_line, read_questions, read_records
from assistant.exchange.part import PartFile, fingerprint, only_writer, write_whole

__all__ = [
    "PartFile",
    "answer_line",
    "dump_line",
    "fingerprint",
    "only_writer",
    "read_questions",
    "read_records",
    "write_whole",
]
