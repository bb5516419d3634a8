"""How many persons without a paper no list has ever named, estimated from how lists overlap.

`loglinear` has the statistics, `estimating` reads the counts of the registry and lays out the published rows. Which
lists there are and who stands on them is SQL (`models/intermediate/hidden`). Nobody is identified here.
"""

from pipelines.hidden.estimating import estimate

__all__ = ["estimate"]
