"""The doctor: what may keep adopt from its work."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from adopt.client.opening import Opens, utc_now
from adopt.errors import AdoptError
from adopt.model import Finding

if TYPE_CHECKING:
    from adopt.operations.doctor.patient import Patient


class Examining(Opens):
    """Finds what is wrong, and mends what it can."""

    def doctor(self) -> tuple[Finding, ...]:
        """What may keep adopt from doing its work; changes nothing."""
        from adopt.operations.doctor import diagnose

        with ExitStack() as opened:
            return diagnose(self._patient(opened))

    def mend(self) -> tuple[str, ...]:
        """What the doctor can mend by itself, mended; a sentence for each."""
        from adopt.operations.doctor.mending import mend

        with ExitStack() as opened:
            return mend(self._patient(opened))

    def make_rounds(self) -> int:
        """The token examined and the doctor's checks made, what changed told in the log; how many entries that is."""
        from adopt.operations import rounds
        from adopt.operations.connecting import examined

        account = self.settings.require_account()
        with self._telling("check"):
            examined(self.settings.graph_url, self.access.token().reveal())
        found = self.doctor()
        with self._store() as store:
            return rounds.tell(store, account, found, self.clock()[1])

    def _patient(self, opened: ExitStack) -> "Patient":
        """What can be opened and read without making anything that is not there."""
        from adopt.operations.doctor.patient import Patient, examined, laid_out

        settings, policy, broken = self.settings, None, None
        file = examined(settings.database)
        try:
            policy = self.policy() if settings.account else None
        except AdoptError as error:
            broken = error
        store = opened.enter_context(self._store()) if file and file.is_usable else None
        graph = opened.enter_context(self._graph()) if self.access.is_signed_in() else None
        known = laid_out(store, settings.account, policy) if store and settings.account and policy else None
        snapshot, headers = known or (None, ())
        now = self.clock()[1] if store else utc_now()
        return Patient(settings, now, policy, broken, store, graph, snapshot, headers, file)
