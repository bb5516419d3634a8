"""Answers about single persons, from the restricted files: who it may be, and what is held of one.

`finding` ranks persons by what an officer knows of one, `statement` gathers what is held of a person, `showing` puts it
into words. None of them logs: whoever calls them has logged the look before.
"""

from pipelines.persons.finding import COLUMNS, Question, find
from pipelines.persons.records import read_records
from pipelines.persons.showing import Words, read_words, show
from pipelines.persons.statement import MinorError, NobodyError, Statement, gather

__all__ = [
    "COLUMNS",
    "MinorError",
    "NobodyError",
    "Question",
    "Statement",
    "Words",
    "find",
    "gather",
    "read_records",
    "read_words",
    "show",
]
