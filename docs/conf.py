"""Sphinx configuration: Markdown pages (MyST), the API reference from docstrings (autodoc), the furo theme.

`make docs` builds with warnings as errors; a link to a page, a heading or a file that is not there is a warning.
"""

from importlib.metadata import version as installed

project = "signs-edge"
author = "the signs-edge developers"
copyright = "the signs-edge developers"  # the name that Sphinx reads
version = release = installed("signs-edge")

root_doc = "index"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
suppress_warnings = ["epub.unknown_project_files"]

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

smartquotes = False  # `--option` stays what it is
default_role = "literal"  # docstrings write `name`, as Markdown does
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
# Training needs TensorFlow; its signatures do not, and the pages build in seconds without it.
autodoc_mock_imports = ["keras", "tensorflow"]
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"signs-edge {release}"
html_show_copyright = False
