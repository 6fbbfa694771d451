"""The live checks of an issued workbook: what 填报检查 shows while the unit types."""
