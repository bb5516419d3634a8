"""Names across scripts: keys of a name part, keys of a whole name, and the comparison of two names.

`dictionary` keeps one row per distinct part and keys whole names, `comparison` gives the SQL macros that compare them;
`parts` says what is known of one part, from `scripts`, `readings` and `roots`; the tables stand beside the code. A
script is read off the letters; language, people and faith are never asked or inferred.
"""

from pipelines.identity.names.comparison import LEVELS, create_macros
from pipelines.identity.names.dictionary import FIELDS, add_parts, create_dictionary, name_keys

__all__ = ["FIELDS", "LEVELS", "add_parts", "create_dictionary", "create_macros", "name_keys"]
