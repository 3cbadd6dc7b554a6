"""The operations as methods for every face, in process; what is heavy is imported when its method runs.

Each method opens what it needs and closes it again. Whatever may write to Meta
holds the account's lock, and settles first what an earlier run left in doubt.
"""

from pathlib import Path
from typing import NamedTuple

from adopt import policy as policies
from adopt.client.asking import Asking
from adopt.client.deciding import Deciding
from adopt.client.examining import Examining
from adopt.client.launches import Launches
from adopt.client.remembering import Remembering
from adopt.client.ruling import Ruling
from adopt.errors import Invalid
from adopt.policy import Target
from adopt.settings import save_config, write_private


class Written(NamedTuple):
    """The files that `init` wrote."""

    config: Path
    policy: Path


class Client(Deciding, Remembering, Launches, Ruling, Asking, Examining):
    """What a face can ask for, for one ad account."""

    def init(self, target: Target, *, force: bool = False) -> Written:
        """Write config.toml and the account's policy file; an existing policy is kept unless forced."""
        path = self.settings.policy_path
        if path.exists() and not force:
            raise Invalid(f"{path} exists already", try_next="edit it, or adopt init --force to write it anew")
        write_private(path, policies.render(self.settings.require_account(), target))
        return Written(save_config(self.settings), path)
