"""Names across scripts: what a part of a name may stand for, values of name fields, and their comparison.

`dictionary` keeps parts and values, `comparison` compares values set by set and `likeness` their parts; `parts` says
what is known of one part, from `scripts`, `readings` and `roots`; the tables stand beside the code. A script is read
off the letters; language, people and faith are never asked or inferred.
"""

from pipelines.identity.names.comparison import (
    LEVELS,
    Likeness,
    compare,
    compare_values,
    create_macros,
    levels_of,
)
from pipelines.identity.names.dictionary import add_values, create_dictionary
from pipelines.identity.names.likeness import SOUND

__all__ = [
    "LEVELS",
    "SOUND",
    "Likeness",
    "add_values",
    "compare",
    "compare_values",
    "create_dictionary",
    "create_macros",
    "levels_of",
]
