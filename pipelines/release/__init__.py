"""The public release: what it holds, how it is protected, how it is attacked before anybody sees it, how it is written.

Which tables there are stands in `designs.yml`. The pages of the site are made in `pipelines.site`; no fact is
computed here, and nothing here sees a person: all comes from the statistics of the build database.
"""
