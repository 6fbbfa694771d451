"""The language of equations and claims: parsed once, then polars, plain values, Excel and words."""
