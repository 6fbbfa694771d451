"""From an official workbook to the two files of a form, and the proof that they say the same."""
