"""The errors of fourierfield. The message of each is one line that states what happened, why, and what to do."""

__all__ = ["FieldFileError", "FourierFieldError", "Interrupted", "SettingsError", "SignalError", "TooLargeError"]


class FourierFieldError(ValueError):
    """The base of every error that a user can cause and correct; its message is a single line.

    Args:
        message: One line that states what happened, why, and what to do.

    >>> try:
    ...     raise SettingsError("the number of steps must be 1 or more, not 0")
    ... except FourierFieldError as problem:
    ...     print(problem)
    the number of steps must be 1 or more, not 0
    """


class SignalError(FourierFieldError):
    """A file or an array does not hold a signal that can be fitted.

    >>> issubclass(SignalError, FourierFieldError)
    True
    """


class SettingsError(FourierFieldError):
    """An option or an argument has a value that cannot be used.

    >>> issubclass(SettingsError, FourierFieldError)
    True
    """


class FieldFileError(FourierFieldError):
    """A file is not a field, is damaged, or comes from a newer version.

    >>> issubclass(FieldFileError, FourierFieldError)
    True
    """


class TooLargeError(FourierFieldError):
    """The work would not fit in memory; the message holds the numbers in GB.

    >>> issubclass(TooLargeError, FourierFieldError)
    True
    """


class Interrupted(BaseException):
    """A run was asked to stop; its last checkpoint is kept.

    It is no ``Exception``, like ``KeyboardInterrupt``: who catches whatever a decoder raises does not catch it.

    Args:
        signal_number: The number of the signal that asked (2 for Ctrl-C, 15 for SIGTERM).
        step: The number of steps done.
        checkpoint: The path of the checkpoint, or None if there is none.
        finished: Whether all was written before the run could stop.

    >>> str(Interrupted(2, 500, None))
    'interrupted at step 500'
    """

    def __init__(self, signal_number: int, step: int, checkpoint: str | None, finished: bool = False) -> None:
        super().__init__(f"interrupted at step {step}")
        self.signal_number = signal_number
        self.step = step
        self.checkpoint = checkpoint
        self.finished = finished
