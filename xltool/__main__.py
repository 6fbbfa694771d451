"""`python -m xltool`."""

from xltool.cli.start import main

if __name__ == "__main__":
    main()
