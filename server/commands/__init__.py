"""What operators and auditors do from the command line beside serving; `server.__main__` reads the words."""
