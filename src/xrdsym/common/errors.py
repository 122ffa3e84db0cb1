"""The two kinds of failure that a person is told about in one line."""


class XrdsymError(Exception):
    """The job could not be done: bad data, a missing file, no network. Exit status 1."""


class UsageError(XrdsymError):
    """The request itself was wrong: an unknown name, a bad value, a missing argument. Exit status 2."""


class MaterialError(XrdsymError):
    """One material cannot be used; the others can.

    Attributes:
        reason: Why, in one snake_case word by which such materials are counted.
    """

    def __init__(self, reason: str, message: str) -> None:
        # both, so that the error survives the way between processes
        super().__init__(reason, message)
        self.reason = reason

    def __str__(self) -> str:
        """The message alone."""
        return str(self.args[1])
