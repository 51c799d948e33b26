"""Batch evaluation: curated question sets, systems that answer them, scores, statistics, a report and a gate.

`python -m eval --help` lists the commands. The product never imports this package.
"""
