"""A synthetic state with known truth, which delivers to the centre as agencies do.

Everything is made from a seed, the rates of `calibration.yml` and the contracts in `sources/`; no real person is in
it. The centre's own pipeline never imports this package.
"""

from pipelines.simulation.world import World, create_state, simulate

__all__ = ["World", "create_state", "simulate"]
