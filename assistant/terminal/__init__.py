"""What every command line of the project shares: Chinese help, errors in one line, output that stays readable."""
