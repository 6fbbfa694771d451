"""The language of statements: what must hold, written once as text.

`parser` reads a text into one tree (`nodes`). Four visitors make of it what is needed: `polars` the
check, `excel` the live check, `values` the verdict beside it, `words` what people read. All of them
draw on one table of functions and signs (`functions`). A statement (`statements`) is an `Equation`, a
`Claim`, or one of the statements on rows (`row_claims`). `formulas` knows how much of a formula Excel takes.
"""
