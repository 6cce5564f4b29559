"""Why the log says no. No text here carries a value from an entry, only the name of the place.

AuditError
├─ NotCanonical         bytes or values outside the canonical profile
├─ EntryRefused         an entry that the tables of fields do not know
├─ LogExists, LogMissing
├─ HeadMoved            someone appended in between: the caller did not hold the lock
├─ BadNote              not a checkpoint, or not signed by the key it should be
├─ ReceiptRefused       a receipt that its own verifier would not accept
└─ Alarm                the log is not what was signed before: nothing is signed until a human has looked
   ├─ CheckpointsMissing   the folder is empty although the log is not new
   ├─ WrongKey             the key is not one that the log names
   ├─ RolledBack           a kept checkpoint is larger than the log (回退)
   ├─ Forked               a kept checkpoint has another root than the log (分叉)
   └─ Altered              entries, tables or the newest kept checkpoint are not as they were written
"""


class AuditError(Exception):
    """Anything that this package refuses."""


class NotCanonical(AuditError):
    """Outside the canonical profile: another writer would make other bytes of the same value."""


class EntryRefused(AuditError):
    """An unknown action or field, a missing field, or a value that does not belong there."""


class LogExists(AuditError):
    """A log is created once; a second beginning would hide the first."""


class LogMissing(AuditError):
    """There is no log to append to or to read."""


class HeadMoved(AuditError):
    """The head changed under this transaction. Nothing was appended; roll back."""


class BadNote(AuditError):
    """A signed note that cannot be read, or is not signed as it must be."""


class ReceiptRefused(AuditError):
    """What was handed over does not belong to the entry."""


class Alarm(AuditError):
    """The log contradicts what was signed before. Never sign; keep both for a human."""


class CheckpointsMissing(Alarm):
    """No checkpoint is kept although the log has grown: the folder was lost, emptied or not mounted."""


class WrongKey(Alarm):
    """The signing key is not one that the log names for its present size."""


class RolledBack(Alarm):
    """The log is smaller than a checkpoint that was signed (回退)."""


class Forked(Alarm):
    """Two histories of the same log (分叉): the same size, another root."""


class Altered(Alarm):
    """What is stored does not hold together: an entry, a table, or the newest kept checkpoint."""
