"""How each file in assistant/models/weights/ was made; not needed at run time."""
