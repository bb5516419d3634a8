"""One person once: which observations are the same person, and by what name.

`observed` standardises an observation, `candidates` says which pairs are compared, `levels` compares them, `scoring`
weighs them under a frozen `model`, `resolve` makes persons of them by a rule that does not depend on order, `naming`
and `person_ids` give ids and keep the ledger, `link` runs all of it for one load. `training` makes a model, once,
`rehearsing` says what it would change, `adopting` which model a load uses. `explaining` weighs one pair in the open,
`estimating` says how good the links are. Neither ethnicity, faith nor status is read by anything here.
"""

from pipelines.identity.adopting import model_of
from pipelines.identity.estimating import count_insufficient, estimate
from pipelines.identity.link import LinkCounts, link
from pipelines.identity.model import Model, load_model
from pipelines.identity.tables import create_views

__all__ = ["LinkCounts", "Model", "count_insufficient", "create_views", "estimate", "link", "load_model", "model_of"]
