"""The public site: static pages in three languages, made of the released tables and of nothing else.

Each figure stands with its numbers and with the query that gives them from the released files. Nothing here opens a
file of the centre or reaches a network.
"""

from pipelines.site.building import build

__all__ = ["build"]
