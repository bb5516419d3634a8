"""Who is probably still here: how long silence lasts before it means that somebody has left.

`silence` names the classes of stays and counts what the registry has seen, `fitting` finds the model that explains it,
`curves` turns the model into a frozen table of probabilities, `model` keeps it as a folder, `adopting` says which one a
load uses. Applying it is SQL: the models of dbt and the published macros look the table up. Counting persons whom
no feed has ever named does not belong here (`hidden`).
"""

from pipelines.presence.adopting import bring_adopted, lay_out

__all__ = ["bring_adopted", "lay_out"]
