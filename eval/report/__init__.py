"""The report of a run: one HTML file in Chinese that a browser opens without a network."""

from __future__ import annotations

from eval.report.page import write_report

__all__ = ["write_report"]
