"""A harsh world for measuring identity: persons whose truth is known, as agencies of many scripts write them.

Records come in the columns of `intermediate.observation`, with the truth beside them. Spelling and errors follow this
package's own tables (`letters.csv`, `names.csv`); `pipelines.identity` may not import it, nor it `pipelines.identity`,
so that what is measured cannot know what it is measured by.
"""

from pipelines.simulation.identity_world.observing import collapse
from pipelines.simulation.identity_world.rates import Rates
from pipelines.simulation.identity_world.writing import OBSERVED, TRUTH, identity_records, write_records

__all__ = ["OBSERVED", "TRUTH", "Rates", "collapse", "identity_records", "write_records"]
