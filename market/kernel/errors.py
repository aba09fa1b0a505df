"""What a use case raises when it will not do what was asked. A door turns each into a sentence."""


class Refused(Exception):
    """The rules do not allow it, and nothing was changed.

    `code` names the sentence (``"inventory.short"``; `market/web/messages.py` holds them all), `field` the
    form field it belongs beside, and `values` what the sentence mentions.
    """

    def __init__(self, code: str, field: str | None = None, **values: object) -> None:
        super().__init__(code, field, values)
        self.code = code
        self.field = field
        self.values = values


class NotFound(Exception):
    """There is no such thing, or it is not the actor's to see: the two look the same from outside."""
