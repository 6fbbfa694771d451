"""Layout + values (+ findings) → .xlsx: the only part that uses XlsxWriter.

`book` opens a workbook and refuses what XlsxWriter would silently drop, `form_sheet` writes the
official form, `pages` our own sheets around it (填报说明, 填报检查, seal), `submission` puts them
together, and `tables` writes plain lists (import file, 汇总表).
"""

from xltool.write.submission import write_submission
from xltool.write.tables import write_tables

__all__ = ["write_submission", "write_tables"]
