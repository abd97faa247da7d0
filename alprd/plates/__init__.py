"""What a plate's text is: characters, normal form, packed keys. Pure."""
