"""Turn rendered Word files into PDF (转换): the only place that starts LibreOffice.

`Pool` holds warm processes and is handed the parts of a document; `Gotenberg` asks a service instead. `intake` looks
at each docx before LibreOffice may, `output` at each PDF before anyone else may.
"""

from app.convert.gotenberg import Gotenberg
from app.convert.interface import Converter, Observer
from app.convert.pool import Pool

__all__ = ["Converter", "Gotenberg", "Observer", "Pool"]
