"""The rule language: text to checked trees; knows no numbers of an account, and loads nothing heavy."""
