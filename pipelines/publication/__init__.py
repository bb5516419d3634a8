"""Publishing a load: from the build database to the files that people open.

What is published stands with what makes it: `meta.publish` of a dbt model names the file and the table; tables that
no model makes stand in `tables.yml`, table macros in `macros/`. No fact is computed here.
"""

from pipelines.publication.file import PublicationError
from pipelines.publication.publishing import publish

__all__ = ["PublicationError", "publish"]
