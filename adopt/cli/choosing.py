"""Choose the ad account to work on, out of those that a token sees."""

from adopt.cli.render import Screen
from adopt.errors import Invalid
from adopt.model import Account


def choose(out: Screen, accounts: tuple[Account, ...]) -> str:
    """The only account that the token sees, or the one a person picks."""
    if not accounts:
        raise Invalid("the token sees no ad account", try_next="a token of a person or system user with ad accounts")
    if len(accounts) == 1:
        return accounts[0].id
    known = ", ".join(f"{account.id} ({account.name})" for account in accounts)
    if out.said.no_input:
        raise Invalid(f"the token sees {len(accounts)} ad accounts: {known}", try_next=f"-a {accounts[0].id}")
    for number, account in enumerate(accounts, 1):
        out.say(f"{number}  {account.name} ({account.id}, {account.currency})")
    answer = out.ask("Which one? Its number", "1")
    if not answer.isdecimal() or not 1 <= int(answer) <= len(accounts):
        raise Invalid(f"{answer!r} is none of 1 to {len(accounts)}", try_next=f"1 to {len(accounts)}")
    return accounts[int(answer) - 1].id
