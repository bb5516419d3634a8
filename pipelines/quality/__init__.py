"""Judging what came and what stands: Great Expectations on the engine, freshness, and the page of the night.

Single rows are judged at intake, not here; what must hold is written in `expectations/`. Importing this package
does not import Great Expectations.
"""

from pipelines.quality.attention import Matter, can_tell, grouped, read_matters
from pipelines.quality.freshness import refresh_freshness
from pipelines.quality.judging import blocking, judge, judge_registry, prepare
from pipelines.quality.outcome import RELEASE, Outcome, replace_outcomes
from pipelines.quality.report import write_report

__all__ = [
    "RELEASE",
    "Matter",
    "Outcome",
    "blocking",
    "can_tell",
    "grouped",
    "judge",
    "judge_registry",
    "prepare",
    "read_matters",
    "refresh_freshness",
    "replace_outcomes",
    "write_report",
]
