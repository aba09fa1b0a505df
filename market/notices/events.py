"""What happens to notices."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TextWanted:
    """A notice was written for somebody who agreed to text messages."""

    kind: ClassVar[str] = "notices.text_wanted"
    notice_id: uuid.UUID
