"""The sheets that a workbook has beside those of the official form, and the parts of their names."""

from __future__ import annotations

GUIDE = "填报说明"
CHECKS = "填报检查"
FRONT = "退回修改"
