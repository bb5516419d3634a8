"""One person once: which observations are the same person, and by what name.

`evidence` finds pairs with hard evidence, `resolve` makes persons of them by a rule that does not depend on order,
`person_ids` gives ids and keeps the ledger, `link` runs all of it for one load. Readers of this package need `link`
alone.
"""

from pipelines.identity.link import LinkCounts, link

__all__ = ["LinkCounts", "link"]
