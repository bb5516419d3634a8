"""Running the dbt project inside this process.

`build` runs models, seeds and tests; `write_sources` derives from the contracts what the project must know of the
feeds. The SQL itself lives in `dbt_project/`.
"""

from pipelines.modelling.calling import manifest_path
from pipelines.modelling.outcome import ModellingError, NodeResult, OtherModelsError
from pipelines.modelling.parsing import prepare
from pipelines.modelling.running import AFTER_LINKING, BEFORE_LINKING, build, demand_modelled, run_unit_tests
from pipelines.modelling.sources import write_sources

__all__ = [
    "AFTER_LINKING",
    "BEFORE_LINKING",
    "ModellingError",
    "NodeResult",
    "OtherModelsError",
    "build",
    "demand_modelled",
    "manifest_path",
    "prepare",
    "run_unit_tests",
    "write_sources",
]
