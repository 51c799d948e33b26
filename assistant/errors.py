"""The one exception tree. Messages are Chinese: what is wrong, what to do. They become text at the edge.

AssistantError
├── InputError            what the user typed or passed cannot be used
│   ├── QuestionError     blank or over-long question
│   ├── DocumentError     a file that cannot be read as a document
│   └── FormatError       a malformed line in a question or answer file
├── LibraryError          the library folder cannot be used
│   ├── LibraryBusy       another process is writing
│   └── LibraryMissing    nothing has been ingested there yet
├── ModelError            a local model file is missing or damaged
├── PromptError           a prompt file is missing or malformed
├── RemoteError           a configured model server does not do what is asked of it
└── ServeError            the page cannot be served (port in use …)
"""


class AssistantError(Exception):
    """Anything this project raises on purpose."""


class InputError(AssistantError):
    """What the user typed or passed cannot be used."""


class QuestionError(InputError):
    """The question is blank or too long."""


class DocumentError(InputError):
    """A file cannot be read as a document."""


class FormatError(InputError):
    """A line of a question or answer file is malformed."""


class LibraryError(AssistantError):
    """The library folder cannot be used."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class LibraryMissing(LibraryError):
    """Nothing has been ingested into this library yet."""


class ModelError(AssistantError):
    """A local model file is missing or damaged."""


class PromptError(AssistantError):
    """A prompt file is missing or malformed, or a variable has no value."""


class RemoteError(AssistantError):
    """A configured model server does not do what is asked of it.

    `passing` says that trying again may help; `wait`, in seconds, is how long the server asked to be left alone.
    """

    def __init__(self, message: str, *, passing: bool = False, wait: float | None = None) -> None:
        super().__init__(message)
        self.passing = passing
        self.wait = wait


class ServeError(AssistantError):
    """The page cannot be served."""
