"""The pages of the site by section: each function asks the released tables and gives pages for every language."""
