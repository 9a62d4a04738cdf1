"""What fourierfield says when it cannot go on: one line that names what, why and what to do."""

__all__ = ["FieldFileError", "FourierFieldError", "Interrupted", "SettingsError", "SignalError", "TooLargeError"]


class FourierFieldError(ValueError):
    """Base of every error that a user can cause and mend. Its message is a single line."""


class SignalError(FourierFieldError):
    """A file or array does not hold a signal that can be fitted."""


class SettingsError(FourierFieldError):
    """An option or argument has a value that cannot be used."""


class FieldFileError(FourierFieldError):
    """A file is not a field, is damaged, or comes from a newer version."""


class TooLargeError(FourierFieldError):
    """The work would not fit in memory; the message holds the numbers."""


class Interrupted(Exception):  # noqa: N818 - an event, not an error
    """Training was asked to stop; the last checkpoint is kept.

    ``signal_number`` is the signal that asked (2 for Ctrl-C, 15 for SIGTERM), ``step`` the step reached.
    """

    def __init__(self, signal_number: int, step: int, checkpoint: str | None) -> None:
        super().__init__(f"interrupted at step {step}")
        self.signal_number = signal_number
        self.step = step
        self.checkpoint = checkpoint
