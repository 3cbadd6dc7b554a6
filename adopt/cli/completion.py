"""`adopt completion`: the completion script of a shell."""

from typing import Annotated, Literal

from adopt.cli.frame import App, Argument, Context, screen
from adopt.cli.run import COMPLETE

app = App()


@app.command(
    epilog='eval "$(adopt completion bash)"      in ~/.bashrc\n'
    'eval "$(adopt completion zsh)"       in ~/.zshrc\n'
    "adopt completion fish | source       in ~/.config/fish/config.fish"
)
def completion(
    ctx: Context, shell: Annotated[Literal["bash", "zsh", "fish"], Argument(help="bash, zsh or fish.")]
) -> None:
    """Print the completion script of a shell."""
    from typer._completion_shared import get_completion_script

    screen(ctx).script(get_completion_script(prog_name="adopt", complete_var=COMPLETE, shell=shell))
