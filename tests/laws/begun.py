"""What every night of a new process begins with, done on import: the server of `in_child` imports this and forks.

Slow libraries, the parsed project, the verified extension and the context of Great Expectations.
"""

from pipelines.contracts import load_contracts
from pipelines.modelling.preparing import prepare_project
from pipelines.quality.engine import open_context
from pipelines.settings import CHECKOUT
from pipelines.storage.database import verify_extension
from tests.laws import nights as nights

prepare_project()
verify_extension()
open_context()
load_contracts(CHECKOUT / "sources")
