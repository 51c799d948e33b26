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


class ServeError(AssistantError):
    """The page cannot be served."""
