"""The version of xltool; pyproject.toml and the seal of a result take it from here."""

__version__ = "0.1.0"
