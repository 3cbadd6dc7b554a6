"""The program: run a command line, and say in two lines what went wrong."""

import sys


def main() -> int:
    """Run the command line of this process; gives its exit code."""
    argv = sys.argv[1:]
    if argv[:1] in (["--version"], ["-V"]):
        from adopt import __version__

        sys.stdout.write(f"adopt {__version__}\n")
        return 0
    try:
        from adopt.cli.run import run

        return run(argv)
    except KeyboardInterrupt:  # while modules are still being loaded
        return 130


if __name__ == "__main__":
    sys.exit(main())
