"""Layout + values (+ findings) → .xlsx: the only part that uses XlsxWriter.

- `book` writes a workbook whole or not at all, and refuses what XlsxWriter would silently drop;
- `form_sheet` writes the official form, `printing` sets how it prints;
- `guide` writes 填报说明, `live` 填报检查, `pages` 退回修改 and the hidden sheet of the seal;
- `submission` puts these together: a workbook that is blank, filled, or returned with findings;
- `patterns` gives the same bytes quicker where many units get the same form, `series` makes them in
  several processes;
- `issuing` writes one for each unit, `filling` fills one from data, `returned` writes copies that
  go back;
- `tables` writes plain lists: the import file, 汇总表, 问题清单.
"""

from xltool.write.submission import write_submission
from xltool.write.tables import write_tables

__all__ = ["write_submission", "write_tables"]
