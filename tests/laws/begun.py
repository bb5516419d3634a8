"""What every night of a new process begins with, done on import: the server of `in_child` imports this and forks.

Slow libraries, the parsed project, the verified extension and the context of Great Expectations.
"""

import signal

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

# A shell starts what is followed by `&` with interrupts ignored. Where Dagster has run in the worker before, that holds
# of the request to end too, and processes would inherit it from this one.
signal.signal(signal.SIGTERM, signal.SIG_DFL)
