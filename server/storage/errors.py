"""What can go wrong with the store beyond `kernel.errors.Unavailable`. Must never carry any part of a document."""


class StorageError(Exception):
    """Base of the errors below."""


class DataDirectoryInUse(StorageError):
    """Another server, or the engine of one that is just ending, works on this data directory."""


class ForeignDirectory(StorageError):
    """The data directory was made by another user of the machine."""


class NoData(StorageError):
    """There is no store in this data directory, and what was asked for begins none."""


class EmbeddedEngineMissing(StorageError):
    """The embedded engine is not installed."""


class EngineStartFailed(StorageError):
    """The embedded engine ended, or did not answer, before it was ready."""


class StoreRefused(StorageError):
    """The store refused a command, for a reason that repeating it won't cure.

    The driver's own message and details hold the document, so nothing of them is kept but the number.

    Args:
        code: MongoDB's error code (121 is a failed validator), or None.
    """

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the store refused the command (code {code})")
        self.code = code


class StoreAway(StorageError):
    """The MongoDB that the settings name can't be used at the start."""


class SchemaConflict(StorageError):
    """What is in the database contradicts what is declared, and only a migration may change it."""


class MigrationsBusy(StorageError):
    """Another process has been migrating for longer than this one was willing to wait."""


class ArchiveUnusable(StorageError):
    """An archive can't be written or read. Says what is wrong with the file, never what is in it."""


class RestoreRefused(StorageError):
    """This archive may not be restored here, or not yet. Nothing was written."""


class RestoreUnfinished(StorageError):
    """The database holds a part of an archive: the restore has to be repeated before anything else uses it."""
