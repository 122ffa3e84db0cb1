"""Errors that the command line prints in one line."""


class XrdsymError(Exception):
    """The command failed: bad data, a missing file, no network. Exit status 1."""


class UsageError(XrdsymError):
    """The command or its parameters are wrong: an unknown name, a bad value, a missing argument. Exit status 2."""


class MaterialError(XrdsymError):
    """One material cannot be used; the others can.

    Attributes:
        reason: The kind of problem in snake_case; skipped materials are counted by it.
    """

    def __init__(self, reason: str, message: str) -> None:
        # both are arguments, so that the error can be pickled
        super().__init__(reason, message)
        self.reason = reason

    def __str__(self) -> str:
        """The message without the reason."""
        return str(self.args[1])
