"""What is worked out from the texts: contradictions between them."""
