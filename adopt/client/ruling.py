"""Rules: what they say, see, would have done, and what is doubtful about them."""

from collections.abc import Callable
from pathlib import Path

from adopt import policy as policies
from adopt.client.opening import Opens
from adopt.model import Heard, Hindsight, RuleReport, Span
from adopt.policy import Policy, Rule


class Ruling(Opens):
    """The rules of the account's policy, or of a file."""

    def check_rules(self, path: Path | None, runs: int) -> RuleReport:
        """What is doubtful about the rules of a policy file, the account's own without one."""
        from adopt.operations.ruling import check

        policy = policies.load(path) if path else self.policy()
        with self._store() as store:
            return check(store, self.settings.account, policy, runs)

    def test_rule(self, name: str) -> tuple[tuple[Heard, ...], str]:
        """What a rule sees of the last poll."""
        from adopt.operations.ruling import test

        with self._store() as store:
            return test(store, self.settings.require_account(), self.policy(), name)

    def backtest(self, policy: Policy, span: Span, tell: Callable[[int, int], None]) -> Hindsight:
        """What a policy would have done over the recorded polls; `tell` hears how many passes of how many are done."""
        from adopt.operations.backtesting import backtest

        with self._store() as store:
            return backtest(store, self.settings.require_account(), policy, span, tell)

    def policy_of(self, path: Path | None, rule: str | None) -> Policy:
        """The policy in a file, the account's own without one; with that rule alone, if one is named."""
        from adopt.operations.ruling import only

        policy = policies.load(path) if path else self.policy()
        return only(policy, rule) if rule else policy

    def score(self) -> Hindsight:
        """What was decided in shadow, by what came after."""
        from adopt.operations.shadowing import score

        with self._store() as store:
            return score(store, self.settings.require_account(), self.policy())

    def find_rule(self, name: str) -> tuple[Rule, str, str]:
        """A rule of the policy, its condition and its action as they are read."""
        from adopt.operations.ruling import find, says

        policy = self.policy()
        rule = find(policy, name)
        return (rule, *says(rule, policy))
