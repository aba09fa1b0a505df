"""What has been opened, pressed and seen in a life, and so what is wanted next."""

import re
from collections import Counter
from dataclasses import dataclass, field

from tests.builders.forms import Form

_NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d{6}(?=/|$)|(?<=/new/)[a-z_]+")


def pattern(path: str) -> str:
    """A path without the ids in it: what it is a page of."""
    return _NUMBER.sub("*", path.partition("?")[0])


# What has its own tests elsewhere is pressed now and then; the walk is about what comes back.
CHORES = re.compile(
    r"^/(region|account|subsidies|savings|recalls/calls|county/(treasury|programmes|certificates|labels"
    r"|freight|words|batches/closed-days|points|invoices|vehicles|stations|shops|statements/draw-up"
    r"|settlements/draw-up)|search|category|open|shop/(listings|invoices|people|papers|scenes|holiday)"
    r"|points|zone|notices|checkout/address|scenes|reviews)"
)

# What ends things, or stops everybody, comes seldom: else nothing ever gets anywhere.
ENDS = re.compile(
    r"/(withdraw|cancel|suspend|close|refuse|drop|failed|remove|lift|hazard|wipe-failed|pause|dismiss"
    r"|send-back|unreachable|lock|plan-again|reject|object|destroy|order-other)$"
)
# A buyer's only button while she waits: pressed like others, no order would ever leave the shop.
GIVES_UP = re.compile(r"^/(orders/[^/]+/cancel|shop/orders/[^/]+/decline)$")
# What begins things: more is begun than ever ends.
STARTS = re.compile(
    r"/(cart|recycle/new|listing|county/collection-points/[^/]+/(empty|edit)$|county/recyclers/[^/]+$)"
)
HELPS = re.compile(
    r"/(reopen|activate|confirm|hand-over|receive|release|start|done|approve|assess|pay-out|at-hub|inspect"
    r"|diagnose|finish|checkout|accept|posted|pickup|wipe|grade|investigate|publish|complete|choose|decide"
    r"|pay|hand-in|offer|take|take-in|claim|back|send|hand-out)$|/return/[a-z_/]+$|/repair$|/deposits$"
)


@dataclass(slots=True)
class Memory:
    """What has been opened, pressed and seen in a life: what is rare is tried more often."""

    opened: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    worth: dict[str, float] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)

    def link_weight(self, path: str) -> float:
        """Seldom opened, more wanted; where there was little to press, less."""
        name = pattern(path)
        return self.worth.get(name, 0.5) * _interest(path) / (1 + self.opened[name]) ** 0.3

    def form_weight(self, form: Form) -> float:
        """Seldom pressed, more wanted; often refused, less."""
        name = pattern(form.action)
        accepted, refused = self.accepted[name], self.refused[name]
        choosable = not name.endswith("/offer") or any(it.type == "checkbox" for it in form.controls)
        wanted = _interest(name) if choosable else 0.02
        return wanted / (1 + accepted) ** 0.4 / (1 + refused / (1 + accepted))

    def wish(self, path: str) -> float:
        """How likely somebody looks at where she is led: surely, where there is always something to press."""
        return 0.2 + self.worth.get(pattern(path), 0.5) ** 0.5

    def looked(self, path: str, forms: list[Form]) -> None:
        """What a page had to offer, remembered for all pages of its kind."""
        name, found = pattern(path), max((self.form_weight(form) for form in forms), default=0.0)
        self.opened[name] += 1
        self.worth[name] = 0.5 * self.worth.get(name, 0.5) + 0.5 * max(found, 0.05)


def _interest(path: str) -> float:
    if CHORES.match(path):
        return 0.08
    if GIVES_UP.search(path):
        return 0.003
    if STARTS.match(path):
        return 0.3
    return 0.2 if ENDS.search(path) else 3.0 if HELPS.search(path) else 1.0
