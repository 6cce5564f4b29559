"""Turn rendered Word files into PDF (转换): the only place that starts LibreOffice.

`Pool` holds warm processes and is handed the parts of a document; `intake` looks at each docx before LibreOffice
may, `output` at each PDF before anyone else may.
"""

from app.convert.pool import Pool

__all__ = ["Pool"]
